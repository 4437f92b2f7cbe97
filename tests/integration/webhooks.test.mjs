// Webhooks as their senders sign them, Meta's own Business SDK with nothing but another host, keys on
// their way out, and rates: through the whole daemon to the sandbox.
import test from 'node:test';
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, config, order, root, startDaemon, startSandbox, tempDir, until } from './lib.mjs';

const require = createRequire(import.meta.url);
const sha256 = (s) => createHash('sha256').update(s).digest('hex');
const one = (v) => (Array.isArray(v) ? v[0] : v);
const hmac = (key, text, encoding) => createHmac('sha256', key).update(text).digest(encoding);
const now = () => Math.floor(Date.now() / 1000);

const sources = `
  - name: shopify
    protocol: webhook
    webhook: {preset: shopify, secret: [shopify-new, shopify-old]}
  - name: stripe
    protocol: webhook
    webhook: {preset: stripe, secret: whsec_1}
  - name: cio
    protocol: webhook
    webhook: {preset: customerio, secret: cio-key}
  - name: own
    protocol: webhook
    webhook:
      secret: own-secret
      header: X-Api-Key
      each: data.list
      id: [no]
      event: {type: "('track')", event: kind, userId: user, timestamp: at, properties: data}
  - name: plain
    protocol: webhook
    write_key: plain-key
`;

async function setup(t, extra = {}) {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox, { source: sources, ...extra });
  const daemon = await startDaemon(t, ['--config', file]);
  return { sandbox, daemon, file };
}

function post(daemon, path, body, headers = {}) {
  return fetch(daemon.url + path, {
    method: 'POST', body, headers: { 'content-type': 'application/json', ...headers },
  });
}

// --- the senders --------------------------------------------------------------------------------

let counter = 0;
function shopifyOrder(more = {}) {
  counter += 1;
  return JSON.stringify({
    id: 820982911946154000 + counter, admin_graphql_api_id: `gid://shopify/Order/${counter}`,
    email: 'Jon@Example.com', created_at: new Date().toISOString(), currency: 'EUR',
    total_price: '238.47', landing_site: '/?fbclid=IwAR2F4', customer: { id: 7 },
    client_details: { browser_ip: '216.191.105.146', user_agent: 'Mozilla/5.0 (X11)' },
    line_items: [{ product_id: 788, quantity: 2, price: '119.00', title: 'Shirt' }],
    note_attributes: [{ name: '_fbp', value: 'fb.1.1700000000000.123' }], ...more,
  });
}
const shopify = (daemon, body, { secret = 'shopify-new', headers = {} } = {}) =>
  post(daemon, '/webhook/shopify', body, {
    'X-Shopify-Topic': 'orders/paid', 'X-Shopify-Webhook-Id': sha256(body),
    'X-Shopify-Hmac-Sha256': hmac(secret, body, 'base64'), ...headers,
  });

function stripeEvent(more = {}) {
  counter += 1;
  return JSON.stringify({
    id: `evt_${counter}`, object: 'event', type: 'checkout.session.completed', created: now(),
    data: { object: {
      id: `cs_${counter}`, amount_total: 1999, currency: 'eur', payment_status: 'paid',
      customer_details: { email: 'a@b.de' }, ...more,
    } },
  });
}
function stripe(daemon, body, { time = now(), secret = 'whsec_1', header } = {}) {
  const mac = hmac(secret, `${time}.${body}`, 'hex');
  return post(daemon, '/webhook/stripe', body,
    { 'Stripe-Signature': header ?? `t=${time},v1=${'0'.repeat(64)},v1=${mac},v0=ab` });
}

function metric(more = {}) {
  counter += 1;
  return JSON.stringify({
    event_id: `01E4C4CT6YDC7Y5M7FE1GWWPQ${counter}`, object_type: 'email', metric: 'clicked',
    timestamp: now(), data: { customer_id: '42', recipient: 'x@y.de', campaign_id: 9 }, ...more,
  });
}
const cio = (daemon, body, { time = now(), key = 'cio-key' } = {}) =>
  post(daemon, '/webhook/cio', body, {
    'X-CIO-Timestamp': String(time), 'X-CIO-Signature': hmac(key, `v0:${time}:${body}`, 'hex'),
  });

async function refused(answer, status, code) {
  const response = await answer;
  assert.equal(response.status, status);
  assert.equal((await response.json()).code, code);
}

test('signed deliveries of Shopify, Stripe and Customer.io arrive once, mapped', async (t) => {
  const { sandbox, daemon } = await setup(t);
  const paid = shopifyOrder();
  assert.equal((await shopify(daemon, paid)).status, 200);
  assert.equal((await shopify(daemon, paid)).status, 200); // delivered again
  assert.equal((await shopify(daemon, shopifyOrder(), { secret: 'shopify-old' })).status, 200);
  assert.equal((await stripe(daemon, stripeEvent())).status, 200);
  assert.equal((await stripe(daemon, stripeEvent({ currency: 'jpy' }))).status, 200);
  assert.equal((await cio(daemon, metric())).status, 200);
  const d = await daemon.settled();
  assert.deepEqual([d.states.delivered, d.states.duplicate, d.states.dead], [5, 1, 0]);
  const events = await sandbox.events();
  assert.equal(events.length, 5);
  const e = events.find((x) => x.event_id === JSON.parse(paid).admin_graphql_api_id);
  assert.equal(e.event_name, 'Purchase');
  assert.equal(e.action_source, 'website');
  assert.equal(one(e.user_data.em), sha256('jon@example.com'));
  assert.equal(e.user_data.client_ip_address, '216.191.105.146');
  assert.equal(e.user_data.fbp, 'fb.1.1700000000000.123');
  assert.match(e.user_data.fbc, /^fb\.1\.\d{13}\.IwAR2F4$/);
  assert.equal(e.custom_data.value, 238.47);
  assert.deepEqual(e.custom_data.contents, [{ id: '788', quantity: 2, item_price: 119 }]);
  const amounts = events.map((x) => `${x.custom_data.value} ${x.custom_data.currency}`).sort();
  assert.deepEqual(amounts, ['19.99 EUR', '1999 JPY', '238.47 EUR', '238.47 EUR',
    'undefined undefined']);
  assert.ok(events.some((x) => x.event_name === 'email clicked' && x.custom_data.campaign_id === 9));
});

test('what is not signed, signed wrongly or too old is refused and not kept', async (t) => {
  const { daemon } = await setup(t);
  const body = shopifyOrder();
  await refused(shopify(daemon, body, { secret: 'other' }), 401, 'bad_signature');
  await refused(shopify(daemon, `${body} `, { headers: { 'X-Shopify-Hmac-Sha256': hmac('shopify-new', body, 'base64') } }), 401, 'bad_signature');
  await refused(shopify(daemon, body, { headers: { 'X-Shopify-Hmac-Sha256': hmac('shopify-new', body, 'hex') } }), 401, 'bad_signature');
  await refused(shopify(daemon, body, { headers: { 'X-Shopify-Hmac-Sha256': 'AAAA' } }), 401, 'bad_signature');
  await refused(post(daemon, '/webhook/shopify', body), 401, 'no_write_key');
  await refused(post(daemon, '/webhook/nobody', body), 401, 'invalid_write_key');
  await refused(post(daemon, '/webhook/shop', body), 401, 'invalid_write_key');
  await refused(stripe(daemon, stripeEvent(), { time: now() - 400 }), 401, 'stale_request');
  await refused(stripe(daemon, stripeEvent(), { time: now() + 400 }), 401, 'stale_request');
  await refused(stripe(daemon, stripeEvent(), { secret: 'whsec_2' }), 401, 'bad_signature');
  // A time that was not the signed one.
  const old = stripeEvent();
  const mac = hmac('whsec_1', `${now() - 400}.${old}`, 'hex');
  await refused(stripe(daemon, old, { header: `t=${now()},v1=${mac}` }), 401, 'bad_signature');
  for (const header of ['', 't', 't=,v1=', 'v1=,,,=', `t=99999999999999999999,v1=${mac}`]) {
    assert.equal((await stripe(daemon, old, { header })).status, 401, header);
  }
  await refused(cio(daemon, metric(), { key: 'x' }), 401, 'bad_signature');
  await refused(cio(daemon, metric(), { time: now() - 400 }), 401, 'stale_request');
  await refused(shopify(daemon, '{"id":'), 400, 'invalid_json');
  await refused(shopify(daemon, '"text"'), 400, 'invalid_json');
  const metrics = await daemon.metrics();
  assert.match(metrics, /pixeld_ingest_refused_total\{source="shopify",reason="bad_signature"\} 4/);
  assert.match(metrics, /pixeld_ingest_refused_total\{source="stripe",reason="stale_request"\} 2/);
  assert.match(metrics, /pixeld_ingest_refused_total\{source="",reason="invalid_write_key"\} 2/);
  assert.equal((await daemon.status()).ingest.events, 0);
});

test('a webhook of one\'s own: lists, ids, a secret in a header, a key', async (t) => {
  const { sandbox, daemon } = await setup(t);
  const at = new Date().toISOString();
  const list = [1, 2, 3].map((no) => ({
    no: `n-${no}`, kind: 'Lead', user: `u-${no}`, at, data: { plan: 'pro' },
  }));
  const body = JSON.stringify({ data: { list } });
  const key = { 'X-Api-Key': 'own-secret' };
  await refused(post(daemon, '/webhook/own', body, { 'X-Api-Key': 'own-secret2' }), 401, 'invalid_write_key');
  assert.equal((await post(daemon, '/webhook/own', body, key)).status, 200);
  assert.equal((await post(daemon, '/webhook/own', body, key)).status, 200);
  // Without the list the body is one event; a list at the top is one as well.
  assert.equal((await post(daemon, '/webhook/own', JSON.stringify({ ...list[0], no: 'n-4' }), key)).status, 200);
  assert.equal((await post(daemon, '/webhook/own', JSON.stringify([{ ...list[0], no: 5 }]), key)).status, 200);
  assert.equal((await post(daemon, '/webhook/own', '[]', key)).status, 200);
  const segment = { type: 'track', event: 'Lead', userId: 'u-9', messageId: 'x', timestamp: at };
  assert.equal((await post(daemon, '/webhook/plain?writeKey=plain-key', JSON.stringify(segment))).status, 200);
  await refused(post(daemon, '/webhook/plain?writeKey=test-key', JSON.stringify(segment)), 401, 'invalid_write_key');
  const d = await daemon.settled();
  assert.deepEqual([d.states.delivered, d.states.duplicate], [6, 3]);
  const events = await sandbox.events();
  assert.deepEqual(events.map((e) => e.event_id).sort(), ['5', 'n-1', 'n-2', 'n-3', 'n-4', 'x']);
});

test('deliveries survive a restart and a sender that is told 503 first', async (t) => {
  const { sandbox, daemon, file } = await setup(t);
  await sandbox.fault({ kind: 'status', status: 503, count: 3 });
  const bodies = Array.from({ length: 5 }, () => shopifyOrder());
  for (const body of bodies) assert.equal((await shopify(daemon, body)).status, 200);
  await daemon.stop('SIGKILL');
  await sandbox.clearFaults();
  const again = await startDaemon(t, ['--config', file]);
  for (const body of bodies) assert.equal((await shopify(again, body)).status, 200); // sent again
  const d = await again.settled();
  assert.equal(d.states.delivered, 5);
  assert.equal(d.states.duplicate, 5);
  assert.equal((await sandbox.events()).length, 5);
});

// --- Meta's own shape ---------------------------------------------------------------------------

test('Meta\'s Business SDK needs another host and nothing else', async (t) => {
  const { sandbox, daemon } = await setup(t);
  const sdk = require('facebook-nodejs-business-sdk');
  Object.defineProperty(sdk.FacebookAdsApi, 'GRAPH', { get: () => daemon.url });
  sdk.FacebookAdsApi.init('test-key', 'en_US', false);
  const { Content, CustomData, EventRequest, ServerEvent, UserData, DeliveryCategory } = sdk;
  const person = (n) => new UserData().setEmails([`user${n}@example.com`]).setPhones(['16505551212'])
    .setClientIpAddress('8.8.4.4').setClientUserAgent('Mozilla/5.0').setFbp('fb.1.1558571054389.1098115397');
  const content = new Content().setId('boot-2').setQuantity(2).setItemPrice(89.5)
    .setDeliveryCategory(DeliveryCategory.HOME_DELIVERY);
  const data = new CustomData().setContents([content]).setCurrency('eur').setValue(179.004)
    .setCustomProperties({ plan: 'pro' });
  const events = Array.from({ length: 20 }, (_, i) => new ServerEvent()
    .setEventName(i ? 'My Event' : 'Purchase').setEventTime(now()).setEventId(`b-${i}`)
    .setUserData(person(i)).setCustomData(data).setActionSource('website')
    .setEventSourceUrl('https://shop.example/thanks'));
  const response = await new EventRequest('test-key', '1234567890').setEvents(events).execute();
  assert.equal(response.events_received, 20);
  assert.deepEqual(response.messages, []);
  assert.ok(response.fbtrace_id);
  await daemon.settled();
  const got = await sandbox.events();
  assert.equal(got.length, 20);
  const e = got.find((x) => x.event_id === 'b-0');
  assert.equal(e.event_name, 'Purchase');
  assert.equal(one(e.user_data.em), sha256('user0@example.com'));
  assert.equal(one(e.user_data.ph), sha256('16505551212'));
  assert.equal(e.user_data.client_ip_address, '8.8.4.4');
  assert.equal(e.custom_data.value, 179);
  assert.equal(e.custom_data.plan, 'pro');
  assert.equal(e.custom_data.contents[0].delivery_category, 'home_delivery');
  await assert.rejects(new EventRequest('wrong', '1234567890').setEvents(events).execute(), (err) => {
    assert.equal(err.response.code ?? err.response.error.code, 190);
    return true;
  });
});

test('Meta\'s shape in all its encodings', async (t) => {
  const { sandbox, daemon } = await setup(t);
  const event = (id) => ({
    event_name: 'Lead', event_time: now(), event_id: id, action_source: 'website',
    user_data: { em: [sha256('a@b.de')] },
  });
  const path = '/v26.0/1234567890/events';
  const send = (p, body, headers = {}) => fetch(daemon.url + p, { method: 'POST', body, headers });
  const form = (id) => new URLSearchParams({ data: JSON.stringify([event(id)]), access_token: 'test-key' });
  const multipart = new FormData();
  multipart.set('data', JSON.stringify([event('multi')]));
  multipart.set('access_token', 'test-key');
  const answers = await Promise.all([
    send(`${path}?access_token=test-key`, JSON.stringify({ data: [event('query')] })),
    send('/v19.0/5/events', JSON.stringify({ data: [event('body')], access_token: 'test-key' })),
    send(path, JSON.stringify({ data: [event('bearer')] }), { authorization: 'Bearer test-key' }),
    send(path, JSON.stringify({ data: JSON.stringify([event('text')]), access_token: 'test-key' })),
    send(path, form('form')),
    send(path, multipart),
  ]);
  for (const a of answers) assert.deepEqual([a.status, (await a.json()).events_received], [200, 1]);
  const wrong = async (p, body, headers, status, code) => {
    const a = await send(p, body, headers);
    assert.deepEqual([a.status, (await a.json()).error.code], [status, code]);
  };
  await wrong(path, JSON.stringify({ data: [event('x')] }), {}, 401, 190);
  await wrong(path, JSON.stringify({ data: [event('x')], access_token: 'nobody' }), {}, 401, 190);
  await wrong(`${path}?access_token=test-key`, '{', {}, 400, 100);
  await wrong(`${path}?access_token=test-key`, '{"data":"x"}', {}, 400, 100);
  await wrong(`${path}?access_token=test-key`, '{"data":[]}', {}, 400, 100);
  await wrong(`${path}?access_token=test-key`, 'data=%5B', { 'content-type': 'application/x-www-form-urlencoded' }, 400, 100);
  assert.equal((await send('/v26/5/events', '{}')).status, 404);
  assert.equal((await send('/v26.0/abc/events', '{}')).status, 404);
  await daemon.settled();
  const ids = (await sandbox.events()).map((e) => e.event_id).sort();
  assert.deepEqual(ids, ['bearer', 'body', 'form', 'multi', 'query', 'text']);
});

test('the commands of docs/webhooks.md do what the page says', async (t) => {
  const page = readFileSync(join(root, 'docs', 'webhooks.md'), 'utf8');
  const blocks = (kind) => [...page.matchAll(new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\``, 'gm'))].map((m) => m[1]);
  const crm = blocks('yaml').find((b) => b.includes('name: crm'));
  const env = { CRM_SECRET: 'crm-secret', WRITE_KEY: 'test-key' };
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox, { source: crm });
  const daemon = await startDaemon(t, ['--config', file], env);
  const answers = blocks('sh').map((script) => execFileSync('sh', ['-c', script
    .replaceAll('http://127.0.0.1:8080', daemon.url).replaceAll('pixeld.yaml', file)
    .replaceAll('pixeld map', `${binary} map`)],
  { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ...env } }));
  assert.equal(answers.length, 3);
  assert.match(answers[0], /^HTTP\/1.1 200[^]*{"success":true}/);
  assert.match(answers[1], /"event_name":"Lead"|"event_too_old"/);
  assert.match(answers[2], /^{"events_received":1,/);
});

// --- keys and rates -----------------------------------------------------------------------------

test('a key on its way out counts until its time, a new one at once', async (t) => {
  const soon = new Date(Date.now() + 3000).toISOString();
  const past = new Date(Date.now() - 1000).toISOString();
  const { daemon, file } = await setup(t, { source: `
    old_keys:
      - {key: soon-key, expires: ${soon}}
      - {key: past-key, expires: ${past}}
` });
  assert.equal((await daemon.post('/v1/track', order())).status, 200);
  assert.equal((await daemon.post('/v1/track', order(), { key: 'soon-key' })).status, 200);
  assert.equal((await daemon.post('/v1/track', order(), { key: 'past-key' })).status, 401);
  await until('the old key to expire', async () =>
    (await daemon.post('/v1/track', order(), { key: 'soon-key' })).status === 401);
  writeFileSync(file, readFileSync(file, 'utf8').replace('write_key: test-key', 'write_key: next-key'));
  daemon.child.kill('SIGHUP');
  await until('the new key', async () =>
    (await daemon.post('/v1/track', order(), { key: 'next-key' })).status === 200);
  assert.equal((await daemon.post('/v1/track', order())).status, 401);
});

test('rates: 429 with Retry-After in the vendor\'s shape, per source and per address', async (t) => {
  const { daemon, sandbox } = await setup(t, { top: 'trusted_proxies: [127.0.0.1]', source: `
    rate: {events: 5, address_requests: 2, burst: 1s}
  - name: closed
    write_key: closed-key
    allow_from: [203.0.113.0/24, 2001:db8::/32]
` });
  const from = (address, more = {}) => ({ headers: { 'x-forwarded-for': address }, ...more });
  const batch = (n) => ({ batch: Array.from({ length: n }, () => order()) });
  // A batch that no bucket holds passes once, and is paid for later.
  assert.equal((await daemon.post('/v1/batch', batch(20), from('198.51.100.1'))).status, 200);
  const second = await daemon.post('/v1/batch', batch(1), from('198.51.100.2'));
  assert.equal(second.status, 429);
  const wait = Number(second.headers.get('retry-after'));
  assert.ok(wait >= 2 && wait <= 4, `Retry-After ${wait}`);
  assert.deepEqual((await second.json()).code, 'rate_limited');
  const amplitude = await fetch(`${daemon.url}/2/httpapi`, {
    method: 'POST', body: JSON.stringify({ api_key: 'test-key', events: [{ event_type: 'x', user_id: 'user-1' }] }),
  });
  assert.deepEqual([amplitude.status, (await amplitude.json()).code], [429, 429]);
  await until('the bucket to fill', async () =>
    (await daemon.post('/v1/batch', batch(1), from('198.51.100.3'))).status === 200);
  // Of one address only so many requests, of the others still.
  await until('a full bucket', async () =>
    (await daemon.post('/v1/batch', batch(0), from('198.51.100.4'))).status === 200);
  const many = [];
  for (let i = 0; i < 6; i += 1) many.push((await daemon.post('/v1/batch', batch(0), from('198.51.100.5'))).status);
  assert.ok(many.includes(429), many.join());
  assert.equal((await daemon.post('/v1/batch', batch(0), from('198.51.100.6'))).status, 200);
  // Addresses.
  const closed = (address) => daemon.post('/v1/track', order(), from(address, { key: 'closed-key' }));
  assert.equal((await closed('203.0.113.9')).status, 200);
  assert.equal((await closed('2001:db8::7')).status, 200);
  assert.equal((await closed('198.51.100.1')).status, 403);
  const metrics = await daemon.metrics();
  assert.match(metrics, /pixeld_ingest_refused_total\{source="shop",reason="rate_limited"\} [1-9]/);
  assert.match(metrics, /pixeld_ingest_refused_total\{source="closed",reason="address_not_allowed"\} 1/);
  await daemon.settled();
  assert.equal((await sandbox.events()).length, 23);
});
