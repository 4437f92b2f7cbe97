// Pictures of the console for the README, of a small shop with some trouble: `make screenshots`. Not a test.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { config, order, root, startDaemon, startSandbox, track } from './lib.mjs';
import { startBrowser } from './browser.mjs';
import { openConsole } from './console.mjs';

const to = join(root, 'docs/images');
const shots = [
  ['live', '/live', 'Order Completed', 'light'], ['live-dark', '/live', 'Order Completed', 'dark'], ['explain', '/explain/22', 'What the present rules make of it', 'light'],
  ['dead', '/dead', 'of trouble', 'light'], ['quality', '/quality', 'What would help most', 'light'],
  ['home', '/', 'Last hour', 'light'], ['first-steps', '/start?step=1', 'What came in', 'light'], ['sources', '/sources', 'event names', 'light'],
  ['person', '/destinations?name=meta&tab=Person', 'Events with it', 'light'], ['rules', '/rules?destination=acme-us', 'to pixel', 'light'],
];

// A destination that was made in the console.
const second = (sandbox) => ({
  pixel_id: '123456789012345', access_token: 'a-token', api_url: `${sandbox.url}/v26.0`, filter: 'event = "Order Completed"',
  actions: [{
    name: 'Big orders', trigger: 'type = "track" and properties.revenue >= 10', send: 'Purchase',
    custom_data: { value: 'properties.revenue | number | required', currency: 'properties.currency | upper | default("USD")' },
  }],
});

// What a test would do when it ends.
const ends = [];
const t = { after: (end) => ends.unshift(end) };

const visitor = (n) => ({
  userId: `customer-${n}`, anonymousId: `visitor-${n}`,
  context: {
    ip: '203.0.113.7', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0', traits: { email: `jane${n}@example.com` },
    page: { url: 'https://shop.example/boots?fbclid=IwAR0demo' },
  },
});
function shop(n) {
  const boots = { product_id: 'boot-1', price: 89, currency: 'EUR' };
  const kinds = [['Product Viewed', boots], ['Product Added', boots], ['Products Searched', { query: 'boots' }]];
  if (n % 23 === 22) return track('Order Completed', { revenue: 'x', currency: 'EUR' }, visitor(n % 17));
  if (n % 5 === 4) return { ...order(), ...visitor(n % 17) };
  return track(...kinds[n % kinds.length], visitor(n % 17));
}

async function take(daemon, browser, [name, path, text, colorScheme]) {
  const page = await openConsole(t, browser, daemon, path, { colorScheme });
  await page.getByText(text).first().waitFor();
  await page.screenshot({ path: join(to, `${name}.png`) });
}

const dir = mkdtempSync(join(tmpdir(), 'pixeld-screenshots-'));
t.after(() => rmSync(dir, { recursive: true, force: true }));
try {
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox)]);
  await fetch(`${daemon.admin}/api/v1/config/destinations/acme-us`, { method: 'PUT', body: JSON.stringify(second(sandbox)) });
  await sandbox.fault({ kind: 'status', status: 500, count: 1 });
  await sandbox.fault({ kind: 'error', code: 100, subcode: 2804003, event: 'Search', count: 12 });
  for (let n = 0; n < 400; n += 20) await daemon.post('/v1/batch', { batch: Array.from({ length: 20 }, (_, i) => shop(n + i)) });
  await daemon.settled();
  const browser = await startBrowser(t);
  mkdirSync(to, { recursive: true });
  for (const shot of shots) await take(daemon, browser, shot);
} finally {
  for (const end of ends) await end();
}
