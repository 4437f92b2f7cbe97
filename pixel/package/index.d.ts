// SPDX-License-Identifier: Apache-2.0
// The pixel for bundlers. start() takes over window.fbq, or makes it; every call then goes to your server.

/** Meta's standard events. Their parameters: https://developers.facebook.com/docs/meta-pixel/reference */
export type StandardEvent =
  | 'AddPaymentInfo' | 'AddToCart' | 'AddToWishlist' | 'CompleteRegistration' | 'Contact' | 'CustomizeProduct'
  | 'Donate' | 'FindLocation' | 'InitiateCheckout' | 'Lead' | 'PageView' | 'Purchase' | 'Schedule' | 'Search'
  | 'StartTrial' | 'SubmitApplication' | 'Subscribe' | 'ViewContent';

export interface EventData {
  value?: number | string;
  currency?: string;
  content_ids?: (string | number)[];
  content_type?: 'product' | 'product_group' | (string & {});
  content_name?: string;
  content_category?: string;
  contents?: { id: string | number; quantity?: number; item_price?: number; [key: string]: unknown }[];
  num_items?: number;
  order_id?: string;
  predicted_ltv?: number;
  search_string?: string;
  status?: boolean | string;
  [key: string]: unknown;
}

/** Advanced matching, in the clear or as SHA-256 in hex; the server normalises and hashes. */
export interface UserData {
  em?: string;
  ph?: string;
  fn?: string;
  ln?: string;
  ge?: string;
  db?: string;
  ct?: string;
  st?: string;
  zp?: string;
  country?: string;
  external_id?: string;
}

export interface EventOptions {
  /** The event's id: the same one from a server makes both one event to Meta. Made when left out. */
  eventID?: string;
}

export interface Fbq {
  (command: 'init', pixelId: string, user?: UserData, options?: { agent?: string }): void;
  (command: 'track', event: StandardEvent, data?: EventData, options?: EventOptions): void;
  (command: 'trackCustom', event: string, data?: EventData, options?: EventOptions): void;
  (command: 'trackSingle', pixelId: string, event: StandardEvent, data?: EventData, options?: EventOptions): void;
  (command: 'trackSingleCustom', pixelId: string, event: string, data?: EventData, options?: EventOptions): void;
  (command: 'consent', what: 'grant' | 'revoke'): void;
  (command: 'dataProcessingOptions', options: string[], country?: number, state?: number): void;
  (command: 'set', key: 'userData', user: UserData, pixelId?: string): void;
  (command: 'set', key: 'agent', agent: string, pixelId?: string): void;
  (command: 'set', key: 'firstPartyCookies', on: boolean): void;
  (command: 'set', key: 'autoConfig', on: boolean, pixelId?: string): void;
  /** True: no PageView when the address changes without a load. */
  disablePushState?: boolean;
  /** True: PageView again although the address is the same. */
  allowDuplicatePageViews?: boolean;
}

export interface Options {
  /** Where events go: the source's path at your host, "https://t.shop.example/pixel". */
  url: string;
  /** The source's write key, where the path does not say whose events they are. */
  key?: string;
  /** Hand every call, with its event id, to Meta's own script too, which is then loaded. */
  both?: boolean;
}

/** Starts the pixel; once a page, in a browser. Returns window.fbq. */
export function start(options: Options): Fbq;
