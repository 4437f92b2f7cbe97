// What the tests of the browser pixel share: pages as people write them, at sites of the test, and the events at
// the sandbox.
import assert from 'node:assert/strict';
import { config, startDaemon, startSandbox, tempDir, until } from './lib.mjs';
import { startBrowser, startSite } from './browser.mjs';

export const PIXEL = '1234567890';

// Meta's own snippet with another address, as its page gives it out.
export const snippet = (src) => `!function(f,b,e,v,n,t,s)
{if(f.fbq)return;n=f.fbq=function(){n.callMethod?
n.callMethod.apply(n,arguments):n.queue.push(arguments)};
if(!f._fbq)f._fbq=n;n.push=n;n.loaded=!0;n.version='2.0';
n.queue=[];t=b.createElement(e);t.async=!0;
t.src=v;s=b.getElementsByTagName(e)[0];
s.parentNode.insertBefore(t,s)}(window, document,'script','${src}');`;

export const html = (script, body = '') => `<!doctype html><title>shop</title><body>${body}<script>${script}</script>`;
export const shop = (calls, src = '/stats.js') => html(`${snippet(src)}\nfbq('init', '${PIXEL}');\n${calls}`);

// World: sandbox, pixeld and a site that is a shop with pixeld behind /stats, and pixeld under its own name.
export async function startWorld(t, pages, { source = '', more = '', browser, args } = {}) {
  const sandbox = await startSandbox(t);
  const dir = tempDir(t);
  const file = config(dir, sandbox, {
    top: 'trusted_proxies: [127.0.0.1]',
    source: `    protocol: pixel\n    pixel: /stats\n${source}`,
    destination: '    preset: pixel',
    more: more.replace('SANDBOX', sandbox.url),
  });
  const daemon = await startDaemon(t, ['--config', file]);
  const site = await startSite(t, pages);
  site.forward('/stats', daemon.url);
  site.forward('/tr', daemon.url);
  return { sandbox, dir, file, daemon, site, browser: browser ?? await startBrowser(t, args) };
}

export const named = (list, name) => list.filter((e) => e.event_name === name);
export const count = (list, name) => named(list, name).length;

export async function arrived(world, n, what = 'the events') {
  const list = await until(`${what} (${n}) at the sandbox`, async () => {
    const events = await world.sandbox.events();
    return events.length >= n && events;
  });
  assert.deepEqual(list.map((e) => e.event_name).length, n, JSON.stringify(list.map((e) => e.event_name)));
  return list;
}

// Waits until nothing more can come: the page has nothing waiting and pixeld has delivered all.
export async function quiet(world, page) {
  await until('the page to have sent all', () => page.evaluate(() => !Object.keys(localStorage).some((k) => k.startsWith('_px.'))));
  await world.daemon.settled();
}

export const cookies = async (page) => Object.fromEntries((await page.context().cookies()).map((c) => [c.name, c]));
