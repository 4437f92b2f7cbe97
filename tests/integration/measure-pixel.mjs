// Measures what the browser pixel costs a page, in a real browser, and writes the table in docs/pixel.md:
//   node tests/integration/measure-pixel.mjs
// The pages are typical ones; what they ask for is counted where it arrives.
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { config, root, startDaemon, startSandbox, tempDir, until } from './lib.mjs';
import { openPage, startBrowser, startSite } from './browser.mjs';

const page = (calls) => `<!doctype html><script>!function(f,b,e,v,n,t,s){if(f.fbq)return;n=f.fbq=function(){
n.callMethod?n.callMethod.apply(n,arguments):n.queue.push(arguments)};if(!f._fbq)f._fbq=n;n.push=n;n.loaded=!0;
n.version='2.0';n.queue=[];t=b.createElement(e);t.async=!0;t.src=v;s=b.getElementsByTagName(e)[0];
s.parentNode.insertBefore(t,s)}(window,document,'script','/stats.js');fbq('init','1');${calls}</script>`;

const PAGES = [
  ['PageView', "fbq('track','PageView');", 1],
  ['PageView and ViewContent with a product', "fbq('track','PageView');fbq('track','ViewContent',{content_ids:['sku-1'],value:12.5,currency:'EUR'});", 2],
  ['PageView and Purchase with five products', `fbq('track','PageView');fbq('track','Purchase',{value:50,currency:'EUR',contents:[1,2,3,4,5].map(function(i){return{id:'sku-'+i,quantity:1,item_price:10}})},{eventID:'o-1'});`, 2],
];

function size(name) {
  const bytes = readFileSync(join(root, 'pixel', 'dist', name));
  return `${bytes.length.toLocaleString('en-US')} bytes, ${gzipSync(bytes, { level: 9 }).length.toLocaleString('en-US')} packed`;
}

async function visit(world, calls, events) {
  const from = world.site.forwarded.length, before = (await world.sandbox.events()).length;
  await openPage(world.t, world.browser, world.site.at('shop.example', `/?${encodeURIComponent(calls)}`));
  await until('the events', async () => (await world.sandbox.events()).length === before + events);
  const asked = world.site.forwarded.slice(from);
  const sent = asked.filter((f) => f.method === 'POST');
  return `${asked.length - sent.length} | ${sent.length} | ${sent.reduce((n, f) => n + f.body.length, 0)}`;
}

test('measure', async (t) => {
  const sandbox = await startSandbox(t);
  const file = config(tempDir(t), sandbox, { source: '    protocol: pixel\n    pixel: /stats', destination: '    preset: pixel' });
  const daemon = await startDaemon(t, ['--config', file]);
  const site = await startSite(t, { '/': (req) => page(decodeURIComponent(req.url.slice(2))) });
  site.forward('/stats', daemon.url);
  const world = { t, sandbox, site, browser: await startBrowser(t) };
  const rows = [];
  for (const [name, calls, events] of PAGES) rows.push(`| ${name} | ${events} | ${await visit(world, calls, events)} |`);
  const table = `| page | events | script requests (first visit) | event requests | bytes of events |
|---|---|---|---|---|
${rows.join('\n')}

The script: ${size('pixel.js')}. The debug overlay, only when asked for: ${size('debug.js')}.`;
  const doc = join(root, 'docs', 'pixel.md');
  const text = readFileSync(doc, 'utf8');
  writeFileSync(doc, text.replace(/(<!-- measured: .*?-->\n)[\s\S]*?(\n<!-- end -->)/, `$1\n${table}\n$2`));
});
