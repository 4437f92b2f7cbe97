// The vendors' browser SDKs, unchanged, in a real browser on another site's page: each event of a known list
// arrives once and is mapped right; also when pixeld restarts meanwhile, answers 503 at first, or the page
// goes away right after the call.
import test from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { config, root, startDaemon, startSandbox, tempDir, until } from './lib.mjs';
import { newPage, openPage, startBrowser, startSite } from './browser.mjs';

const sha256 = (s) => createHash('sha256').update(s).digest('hex');
const one = (v) => (Array.isArray(v) ? v[0] : v);
const here = join(root, 'tests/integration');

async function scriptOf(sdk) {
  if (sdk.script) return readFileSync(join(here, 'node_modules', sdk.script), 'utf8');
  const options = { bundle: true, write: false, format: 'iife', platform: 'browser', logLevel: 'silent' };
  return (await build({ ...options, stdin: { contents: sdk.bundle, resolveDir: here } })).outputFiles[0].text;
}

const product = { product_id: 'boot-2', name: 'Red Boots', price: 89.5, currency: 'EUR' };
const order = {
  order_id: '1001', revenue: 136.8, currency: 'EUR', products: [{ product_id: 'boot-2', price: 89.5, quantity: 1 }],
};
const traits = { email: ' Jane.Doe@Example.com', firstName: 'Jane' };
// What the page does, and what Meta gets.
const calls = [
  ['identify', 'customer-2', traits], ['page'], ['track', 'Product Viewed', product],
  ['track', 'Product Added', { ...product, quantity: 2 }], ['track', 'Order Completed', order],
  ['track', 'Newsletter Signed Up', { list: 'boots' }],
];
const wanted = ['AddToCart', 'Newsletter Signed Up', 'PageView', 'Purchase', 'ViewContent'];

// The calls as all of Segment's relatives take them, on window.sdk.
const segmentCalls = `window.go = () => Promise.all(${JSON.stringify(calls)}.map(([what, ...args]) => sdk[what](...args)));`;

// script: as the vendor ships it; start(url): what the page says. traits: does every event carry them?
// again: is a 503 sent again? forgets: what is not sent when the page goes is lost, by the SDK's own doing.
const sdks = {
  '@segment/analytics-next': {
    protocol: 'segment',
    script: '@segment/analytics-next/dist/umd/index.js',
    start: (url, how) => `sdk = AnalyticsNext.AnalyticsBrowser.load({ writeKey: 'test-key', cdnURL: '${url}' }, ${how === 'leave' ? '{ integrations: { "Segment.io": { deliveryStrategy: { strategy: "batching", config: { size: 100, timeout: 60000 } } } } }' : '{}'});${segmentCalls}`,
    ready: 'sdk.ready()',
    again: true,
  },
  'analytics.min.js, as Segment\'s snippet loads it': {
    protocol: 'segment',
    script: '@segment/analytics-next/dist/umd/standalone.js',
    before: (url) => `window.analytics = []; analytics._writeKey = 'test-key'; analytics._cdn = '${url}';`,
    start: () => segmentCalls,
    ready: `new Promise((done) => {
      const look = () => (analytics.ready ? analytics.ready(() => { sdk = analytics; done(); }) : setTimeout(look, 10));
      look();
    })`,
    forgets: true, // with the standard strategy, unless it sends in time
  },
  '@rudderstack/analytics-js': {
    protocol: 'rudderstack',
    script: '@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js',
    start: (url, how) => `sdk = new rudderanalytics.RudderAnalytics(); sdk.load('test-key', '${url}', { configUrl: '${url}'${
      how === 'leave' ? ', useBeacon: true, beaconQueueOptions: { maxItems: 100, flushQueueInterval: 60000 }' : ''} });${segmentCalls}`,
    ready: 'new Promise((r) => sdk.ready(r))',
    traits: true,
    again: true,
  },
  '@amplitude/analytics-browser': {
    protocol: 'amplitude',
    script: '@amplitude/analytics-browser/lib/scripts/amplitude-min.js',
    start: (url, how) => `sdk = amplitude; amplitude.init('test-key', 'customer-2', {
        serverUrl: '${url}/2/httpapi', autocapture: false, remoteConfig: { fetchRemoteConfig: false }, flushIntervalMillis: ${how === 'leave' ? 60000 : 200},
      });
      ${how === 'leave' ? "addEventListener('pagehide', () => { amplitude.setTransport('beacon'); amplitude.flush(); });" : ''}
      window.go = () => {
        const identify = new amplitude.Identify();
        for (const [name, value] of Object.entries(${JSON.stringify(traits)})) identify.set(name, value);
        amplitude.identify(identify);
        amplitude.track('[Amplitude] Page Viewed', { '[Amplitude] Page Location': location.href });
        for (const [what, event, properties] of ${JSON.stringify(calls.slice(2))}) {
          amplitude.track(event, { ...properties, '[Amplitude] Page Location': location.href });
        }
      };`,
    ready: 'Promise.resolve()',
    again: true,
  },
  '@customerio/cdp-analytics-browser': {
    protocol: 'customerio',
    script: '@customerio/cdp-analytics-browser/dist/umd/index.js',
    start: (url, how) => `sdk = AnalyticsNext.AnalyticsBrowser.load({ writeKey: 'test-key', cdnURL: '${url}' }, ${how === 'leave' ? '{ integrations: { "Customer.io Data Pipelines": { deliveryStrategy: { strategy: "batching", config: { size: 100, timeout: 60000 } } } } }' : '{}'});${segmentCalls}`,
    ready: 'sdk.ready()',
  },
  '@jitsu/js': {
    protocol: 'jitsu',
    key: 'test:key',
    // Its script of the same name sends to where it was loaded from; this is how a site bundles it.
    bundle: "import { jitsuAnalytics } from '@jitsu/js'; window.jitsuAnalytics = jitsuAnalytics;",
    start: (url) => `sdk = jitsuAnalytics({ host: '${url}', writeKey: 'test:key' });${segmentCalls}`,
    ready: 'Promise.resolve()',
    traits: true,
    forgets: true,
  },
};

let browser;
const closing = [];
test.before(async () => { browser = await startBrowser({ after: (close) => closing.push(close) }); });
test.after(() => Promise.all(closing.map((close) => close())));

function shopPage(sdk, url, how = 'stay') {
  return `<!doctype html><title>shop</title><script>var sdk; ${sdk.before?.(url) ?? ''}</script>
<script src="/sdk.js" async onload="sdkLoaded()"></script>
<script>function sdkLoaded() { ${sdk.start(url, how).replaceAll('</', '<\\/')} window.loaded = true; }</script>`;
}

async function world(t, sdk) {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const key = sdk.key ?? 'test-key';
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox, {
    top: 'threads: 2\ntrusted_proxies: [127.0.0.1]',
    source: `    protocol: ${sdk.protocol}\n    write_keys: ["${key}"]\n`.replace(/ {4}write_keys: \["test-key"\]\n/, ''),
  })]);
  const site = await startSite(t, { '/sdk.js': { body: await scriptOf(sdk), type: 'text/javascript' } });
  // Another site's name for pixeld: straight to it, or through the test's site, which can fail.
  const direct = `http://events.other.example:${new URL(daemon.url).port}`;
  const through = site.origin('events.other.example');
  for (const path of ['/v1/', '/2/', '/api/', '/sourceConfig', '/beacon/']) site.forward(path, daemon.url, 'events.other.example');
  return { sandbox, daemon, site, direct, through };
}

async function open(t, w, sdk, url, how) {
  w.site.pages['/'] = shopPage(sdk, url, how);
  const page = await openPage(t, browser, w.site.at('shop.example', '/?fbclid=IwAR0abc'));
  await page.waitForFunction(() => window.loaded);
  await page.evaluate(sdk.ready);
  return page;
}

async function checkArrived(w, sdk, rounds = 1) {
  const { sandbox, daemon } = w;
  const want = wanted.length * rounds;
  await until(`${want} events at the sandbox`, async () => (await sandbox.events()).length >= want);
  const d = await daemon.settled();
  const { events, duplicates, refused } = await sandbox.inbox();
  assert.deepEqual([duplicates, refused], [0, 0]);
  const names = events.map((e) => e.event.event_name).sort();
  assert.deepEqual(names, Array.from({ length: rounds }, () => wanted).flat().sort());
  assert.equal(d.states.filtered, rounds, 'the identify call');
  for (const { event } of events) {
    assert.match(event.user_data.client_user_agent, /Chrome\//);
    assert.match(event.event_source_url, /^http:\/\/shop\.example:\d+\//);
    assert.equal(event.action_source, 'website');
    assert.ok(Math.abs(event.event_time - Date.now() / 1000) < 60);
    if (sdk.traits) assert.equal(one(event.user_data.em), sha256('jane.doe@example.com'), event.event_name);
    assert.equal([event.user_data.external_id].flat().includes(sha256('customer-2')), true);
  }
  const purchase = events.find((e) => e.event.event_name === 'Purchase').event;
  assert.equal(purchase.custom_data.value, 136.8);
  assert.equal(purchase.custom_data.currency, 'EUR');
  assert.equal(purchase.custom_data.contents[0].id, 'boot-2');
  assert.match(purchase.user_data.fbc, /^fb\.1\.\d{13}\.IwAR0abc$/);
}

async function restart(daemon) {
  const count = () => daemon.log.split('"msg":"restarted"').length;
  const before = count();
  daemon.child.kill('SIGUSR2');
  await until('the restart', () => count() > before);
}

for (const [name, sdk] of Object.entries(sdks)) {
  test(`${name}: every event once, mapped right, over restarts`, async (t) => {
    const w = await world(t, sdk);
    const page = await open(t, w, sdk, w.direct);
    await page.evaluate(() => window.go());
    await checkArrived(w, sdk);
    for (let round = 2; round <= 4; round += 1) { // with connections that are kept
      const gone = page.evaluate(() => window.go());
      await restart(w.daemon);
      await gone;
      await checkArrived(w, sdk, round);
    }
    assert.deepEqual(page.problems, []);
  });

  if (sdk.again) {
    test(`${name}: sends again what was answered 503`, async (t) => {
      const w = await world(t, sdk);
      const page = await open(t, w, sdk, w.through);
      w.site.fail(3, 503, (r) => r.method === 'POST');
      await page.evaluate(() => window.go());
      await checkArrived(w, sdk);
      assert.equal(w.site.forwarded.filter((r) => r.status === 503).length, 3);
    });
  }

  if (sdk.forgets) continue;
  test(`${name}: the page goes away right after the call`, async (t) => {
    const w = await world(t, sdk);
    const page = await open(t, w, sdk, w.direct, 'leave');
    w.site.pages['/next'] = '<!doctype html><title>thanks</title>';
    // As soon as the SDK has looked at the calls; nothing is awaited of what it sends.
    await page.evaluate(() => { Promise.resolve(window.go()).then(() => { location.href = '/next'; }); });
    await page.waitForURL('**/next');
    const back = await newPage(page.context(), w.site.at('shop.example', '/?fbclid=IwAR0abc'));
    await back.waitForFunction(() => window.loaded); // what was kept for the next visit goes now
    await checkArrived(w, sdk);
  });
}
