// SPDX-License-Identifier: Apache-2.0
// Words of Meta's that forms offer: its standard events, and the parameters about a person in the order in
// which vendors' set-up pages list them. https://developers.facebook.com/docs/meta-pixel/reference
export const standardEvents = [
  'AddPaymentInfo', 'AddToCart', 'AddToWishlist', 'CompleteRegistration', 'Contact', 'CustomizeProduct', 'Donate', 'FindLocation',
  'InitiateCheckout', 'Lead', 'PageView', 'Purchase', 'Schedule', 'Search', 'StartTrial', 'SubmitApplication', 'Subscribe', 'ViewContent',
];

// https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters
export interface Parameter { name: string; label: string; hashed: boolean; hint: string }
const hashed = (name: string, label: string, hint: string): Parameter => ({ name, label, hashed: true, hint });
const plain = (name: string, label: string, hint: string): Parameter => ({ name, label, hashed: false, hint });
export const userData: Parameter[] = [
  hashed('external_id', 'External ID', 'your own id of the person, the same on every channel'),
  hashed('em', 'Email', 'the parameter that finds most people'),
  hashed('ph', 'Phone number', 'with country code'),
  hashed('fn', 'First name', ''),
  hashed('ln', 'Last name', ''),
  hashed('db', 'Date of birth', ''),
  hashed('ge', 'Gender', ''),
  hashed('ct', 'City', ''),
  hashed('st', 'State', ''),
  hashed('zp', 'Zip code', ''),
  hashed('country', 'Country', ''),
  plain('client_ip_address', 'Client IP address', 'the person’s own, never a server’s'),
  plain('client_user_agent', 'Client user agent', 'expected of website events'),
  plain('fbc', 'Click ID', 'the _fbc cookie'),
  plain('fbp', 'Browser ID', 'the _fbp cookie'),
  plain('subscription_id', 'Subscription ID', ''),
  plain('fb_login_id', 'Facebook Login ID', ''),
  plain('lead_id', 'Lead ID', 'from Meta’s lead ads'),
];

export const states: [string, string][] = [
  ['0', 'Meta finds out'], ['1000', 'California'], ['1001', 'Colorado'], ['1002', 'Connecticut'], ['1003', 'Florida'], ['1004', 'Oregon'],
  ['1005', 'Texas'], ['1006', 'Montana'], ['1007', 'Delaware'], ['1008', 'Nebraska'], ['1009', 'New Hampshire'], ['1010', 'New Jersey'],
  ['1011', 'Minnesota'], ['1012', 'Maryland'], ['1013', 'Rhode Island'],
];

export const testEventsPage = 'https://business.facebook.com/events_manager2/list/dataset/{pixel}/test_events';
