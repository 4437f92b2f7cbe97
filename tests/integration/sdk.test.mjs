// The vendors' own SDKs, unchanged (constructor arguments only), through pixeld to the sandbox:
// everything they send arrives once, mapped right.
import test from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { config, startDaemon, startSandbox, tempDir, until } from './lib.mjs';

const require = createRequire(import.meta.url);
const sha256 = (s) => createHash('sha256').update(s).digest('hex');
// A value of user_data may be a scalar or a list.
const one = (v) => (Array.isArray(v) ? v[0] : v);

async function setup(t, protocol) {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox, { source: `    protocol: ${protocol}\n` });
  const daemon = await startDaemon(t, ['--config', file]);
  return { sandbox, daemon };
}

const products = [
  { product_id: 'boot-2', price: 89.5, quantity: 1 },
  { product_id: 'sock-7', price: 18.9, quantity: 2 },
  { sku: 'lace-3', price: 9.5 },
];
const traits = {
  email: ' Jane.Doe@Example.com', firstName: 'Jane', lastName: 'Doe', phone: '+1 (650) 555-1212',
  address: { city: 'Menlo Park', state: 'CA', postalCode: '94025', country: 'US' },
};
const context = {
  traits, ip: '8.8.4.4', userAgent: 'Mozilla/5.0 test',
  page: { url: 'https://shop.example/thanks?fbclid=IwAR0abc', referrer: 'https://www.facebook.com/' },
};

function checkPurchase(e, messageId) {
  assert.equal(e.event_name, 'Purchase');
  assert.equal(e.event_id, messageId);
  assert.ok(Number.isInteger(e.event_time) && Math.abs(e.event_time - Date.now() / 1000) < 60);
  assert.equal(one(e.user_data.em), sha256('jane.doe@example.com'));
  assert.equal(one(e.user_data.fn), sha256('jane'));
  assert.equal(one(e.user_data.ln), sha256('doe'));
  assert.equal(one(e.user_data.ph), sha256('16505551212'));
  assert.equal(one(e.user_data.ct), sha256('menlopark'));
  assert.equal(one(e.user_data.st), sha256('ca'));
  assert.equal(one(e.user_data.zp), sha256('94025'));
  assert.equal(one(e.user_data.country), sha256('us'));
  assert.equal(e.user_data.client_ip_address, '8.8.4.4');
  assert.equal(e.user_data.client_user_agent, 'Mozilla/5.0 test');
  assert.match(e.user_data.fbc, /^fb\.1\.\d{13}\.IwAR0abc$/);
  assert.equal(e.event_source_url.split('?')[0], 'https://shop.example/thanks');
  assert.equal(e.custom_data.value, 136.8);
  assert.equal(e.custom_data.currency, 'EUR');
  assert.equal(e.custom_data.content_type, 'product');
  assert.deepEqual(e.custom_data.content_ids, ['boot-2', 'sock-7', 'lace-3']);
  assert.deepEqual(e.custom_data.contents, [
    { id: 'boot-2', quantity: 1, item_price: 89.5 },
    { id: 'sock-7', quantity: 2, item_price: 18.9 },
    { id: 'lace-3', quantity: 1, item_price: 9.5 },
  ]);
  assert.ok(!JSON.stringify(e).toLowerCase().includes('jane'), 'nothing personal in the clear');
}

// The known list: what is sent, and the Meta event each becomes (null: filtered).
const plan = [
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

async function checkArrival({ sandbox, daemon }, rounds) {
  const wanted = plan.filter(([, meta]) => meta).length * rounds;
  await until(`${wanted} events at the sandbox`, async () => (await sandbox.events()).length >= wanted);
  const d = await daemon.settled();
  assert.equal(d.received, plan.length * rounds);
  assert.equal(d.states.delivered, wanted);
  assert.equal(d.states.filtered, rounds);
  const inbox = await sandbox.inbox();
  assert.equal(inbox.duplicates, 0);
  assert.equal(inbox.refused, 0);
  for (let n = 0; n < rounds; n += 1) {
    plan.forEach(([what, meta], i) => {
      const found = inbox.events.filter((e) => e.event.event_id === `msg-${n}-${i}`);
      assert.equal(found.length, meta ? 1 : 0, `${what} round ${n}`);
      if (meta) assert.equal(found[0].event.event_name, meta);
      if (meta === 'Purchase') checkPurchase(found[0].event, `msg-${n}-${i}`);
    });
  }
}

test('@segment/analytics-node', async (t) => {
  const { Analytics } = await import('@segment/analytics-node');
  const s = await setup(t, 'segment');
  const analytics = new Analytics({ writeKey: 'test-key', host: s.daemon.url, flushInterval: 200 });
  const failures = [];
  analytics.on('error', (e) => failures.push(e));
  const rounds = 20;
  for (let n = 0; n < rounds; n += 1) {
    plan.forEach(([what], i) => {
      const common = { userId: 'customer-2', anonymousId: 'visitor-2', messageId: `msg-${n}-${i}`, context };
      if (what === 'identify') analytics.identify({ ...common, traits });
      else if (what === 'page') analytics.page({ ...common, name: 'Home' });
      else analytics.track({ ...common, event: what, properties: properties[what] });
    });
  }
  await analytics.closeAndFlush({ timeout: 10000 });
  assert.deepEqual(failures, []);
  await checkArrival(s, rounds);
});

test('@rudderstack/rudder-sdk-node', async (t) => {
  const RudderAnalytics = require('@rudderstack/rudder-sdk-node');
  const s = await setup(t, 'rudderstack');
  const failures = [];
  const analytics = new RudderAnalytics('test-key', {
    dataPlaneUrl: s.daemon.url, flushAt: 10, flushInterval: 200, errorHandler: (e) => failures.push(e),
  });
  const rounds = 20;
  for (let n = 0; n < rounds; n += 1) {
    plan.forEach(([what], i) => {
      const common = { userId: 'customer-2', anonymousId: 'visitor-2', messageId: `msg-${n}-${i}`, context };
      if (what === 'identify') analytics.identify({ ...common, traits });
      else if (what === 'page') analytics.page({ ...common, name: 'Home' });
      else analytics.track({ ...common, event: what, properties: properties[what] });
    });
  }
  await analytics.flush();
  await checkArrival(s, rounds);
  assert.deepEqual(failures, []);
});
