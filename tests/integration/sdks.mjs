// The vendors' server SDKs, unchanged (constructor arguments only), behind one face for the tests:
// open(url) gives send(what, id), which sends one event of the plan below, and done(), which ends when the
// SDK says that it has nothing left to send. `failures` is what the SDK complained about.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
export const sha256 = (s) => createHash('sha256').update(s).digest('hex');

export const products = [
  { product_id: 'boot-2', price: 89.5, quantity: 1 },
  { product_id: 'sock-7', price: 18.9, quantity: 2 },
  { sku: 'lace-3', price: 9.5 },
];
const traits = {
  email: ' Jane.Doe@Example.com', firstName: 'Jane', lastName: 'Doe', phone: '+1 (650) 555-1212',
  address: { city: 'Menlo Park', state: 'CA', postalCode: '94025', country: 'US' },
};
const page = { url: 'https://shop.example/thanks?fbclid=IwAR0abc', referrer: 'https://www.facebook.com/' };
const ip = '8.8.4.4';
const userAgent = 'Mozilla/5.0 test';

// What is sent, and the Meta event each becomes (null: filtered).
export const plan = [
  ['identify', null], ['page', 'PageView'], ['Product Viewed', 'ViewContent'], ['Product Added', 'AddToCart'],
  ['Products Searched', 'Search'], ['Checkout Started', 'InitiateCheckout'], ['Order Completed', 'Purchase'],
  ['Newsletter Signed Up', 'Newsletter Signed Up'],
];
const properties = {
  'Product Viewed': { product_id: 'boot-2', name: 'Red Boots', category: 'boots', price: 89.5, currency: 'EUR' },
  'Product Added': { product_id: 'boot-2', name: 'Red Boots', price: 89.5, quantity: 2, currency: 'EUR' },
  'Products Searched': { query: 'red boots' },
  'Checkout Started': { revenue: 136.8, currency: 'EUR', products },
  'Order Completed': { order_id: '1001', revenue: 136.8, currency: 'EUR', products },
  'Newsletter Signed Up': { list: 'boots' },
};

// Segment's calls, which three of the SDKs share.
function call(analytics, what, messageId) {
  const common = {
    userId: 'customer-2', anonymousId: 'visitor-2', messageId, context: { traits, ip, userAgent, page },
  };
  if (what === 'identify') analytics.identify({ ...common, traits });
  else if (what === 'page') analytics.page({ ...common, name: 'Home' });
  else analytics.track({ ...common, event: what, properties: properties[what] });
}

function segmentLike(Analytics, url, failures) {
  const analytics = new Analytics({ writeKey: 'test-key', host: url, flushInterval: 200 });
  analytics.on('error', (e) => failures.push(e));
  return {
    send: (what, id) => call(analytics, what, id),
    done: () => analytics.closeAndFlush({ timeout: 60000 }),
  };
}

async function openSegment(url, failures) {
  return segmentLike((await import('@segment/analytics-node')).Analytics, url, failures);
}

async function openCustomerio(url, failures) {
  return segmentLike(require('@customerio/cdp-analytics-node').Analytics, url, failures);
}

async function openRudder(url, failures) {
  const RudderAnalytics = require('@rudderstack/rudder-sdk-node');
  const analytics = new RudderAnalytics('test-key', {
    dataPlaneUrl: url, flushAt: 10, flushInterval: 200, errorHandler: (e) => failures.push(e),
  });
  return { send: (what, id) => call(analytics, what, id), done: () => analytics.flush() };
}

// A client of Amplitude's SDK that is not yet told its key, and what to tell it besides.
export function amplitudeNode(url, options = {}, path = '/2/httpapi') {
  const amplitude = require('@amplitude/analytics-node');
  return {
    amplitude,
    client: amplitude.createInstance(),
    options: {
      serverUrl: url + path,
      flushIntervalMillis: 50,
      flushQueueSize: 20,
      logLevel: amplitude.Types.LogLevel.None,
      ...options,
    },
  };
}

// No flush() here: it would switch the SDK's retries off. What it promised is awaited instead.
async function openAmplitude(url, failures, path = '/2/httpapi') {
  const { amplitude, client, options } = amplitudeNode(url, {}, path);
  const results = [];
  await client.init('test-key', options).promise;
  const send = (what, id) => {
    const common = { user_id: 'customer-2', device_id: 'visitor-2', insert_id: id, ip };
    if (what === 'identify') {
      const identify = new amplitude.Identify();
      for (const [name, value] of Object.entries(traits)) identify.set(name, value);
      return results.push(client.identify(identify, common).promise);
    }
    return results.push(client.track({
      ...common,
      event_type: what === 'page' ? '[Amplitude] Page Viewed' : what,
      event_properties: { ...properties[what], '[Amplitude] Page Location': page.url },
      user_properties: traits,
      user_agent: userAgent,
    }).promise);
  };
  const done = async () => {
    for (const r of await Promise.all(results)) if (r.code !== 200) failures.push(r);
  };
  return { send, done };
}

// Its message ids are its own: the event's id goes along as a property.
async function openJitsu(url, failures, s2s = true) {
  const { jitsuAnalytics } = require('@jitsu/js');
  const analytics = jitsuAnalytics({ host: url, writeKey: 'test:key', s2s });
  const results = [];
  analytics.setAnonymousId('visitor-2');
  const send = (what, id) => {
    const payload = { ...properties[what], event_id: id, context: { traits, ip, userAgent, page } };
    if (what === 'identify') results.push(analytics.identify('customer-2', traits));
    else if (what === 'page') results.push(analytics.page(payload));
    else results.push(analytics.track(what, payload));
  };
  const done = async () => {
    for (const r of await Promise.allSettled(results)) if (r.status === 'rejected') failures.push(r.reason);
  };
  return { send, done };
}

// retries: the SDK sends again what was answered 503.
export const sdks = [
  { name: '@segment/analytics-node', protocol: 'segment', retries: true, open: openSegment },
  { name: '@rudderstack/rudder-sdk-node', protocol: 'rudderstack', retries: true, open: openRudder },
  { name: '@customerio/cdp-analytics-node', protocol: 'customerio', retries: true, open: openCustomerio },
  { name: '@amplitude/analytics-node', protocol: 'amplitude', retries: true, open: openAmplitude },
  {
    name: '@amplitude/analytics-node, batch',
    protocol: 'amplitude',
    retries: true,
    open: (url, failures) => openAmplitude(url, failures, '/batch'),
  },
  { name: '@jitsu/js, s2s', protocol: 'jitsu', key: 'test:key', retries: false, open: openJitsu },
  {
    name: '@jitsu/js',
    protocol: 'jitsu',
    key: 'test:key',
    retries: false,
    open: (url, failures) => openJitsu(url, failures, false),
  },
];
