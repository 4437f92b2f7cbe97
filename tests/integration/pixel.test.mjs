// The browser pixel in a real browser: pages as people write them, at sites of the test, the events at the
// sandbox. Each test has a visitor of its own.
import test from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { config, startDaemon, startSandbox, tempDir, until } from './lib.mjs';
import { newPage, openPage, startBrowser, startSite } from './browser.mjs';

const PIXEL = '1234567890';
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

// Meta's own snippet with another address, as its page gives it out.
const snippet = (src) => `!function(f,b,e,v,n,t,s)
{if(f.fbq)return;n=f.fbq=function(){n.callMethod?
n.callMethod.apply(n,arguments):n.queue.push(arguments)};
if(!f._fbq)f._fbq=n;n.push=n;n.loaded=!0;n.version='2.0';
n.queue=[];t=b.createElement(e);t.async=!0;
t.src=v;s=b.getElementsByTagName(e)[0];
s.parentNode.insertBefore(t,s)}(window, document,'script','${src}');`;

const html = (script, body = '') => `<!doctype html><title>shop</title><body>${body}<script>${script}</script>`;
const shop = (calls, src = '/stats.js') => html(`${snippet(src)}\nfbq('init', '${PIXEL}');\n${calls}`);

// World: sandbox, pixeld and a site that is a shop with pixeld behind /stats, and pixeld under its own name.
async function startWorld(t, pages, { source = '', more = '', browser, args } = {}) {
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

const named = (list, name) => list.filter((e) => e.event_name === name);
const count = (list, name) => named(list, name).length;

async function arrived(world, n, what = 'the events') {
  const list = await until(`${what} (${n}) at the sandbox`, async () => {
    const events = await world.sandbox.events();
    return events.length >= n && events;
  });
  assert.deepEqual(list.map((e) => e.event_name).length, n, JSON.stringify(list.map((e) => e.event_name)));
  return list;
}

// Waits until nothing more can come: the page has nothing waiting and pixeld has delivered all.
async function quiet(world, page) {
  await until('the page to have sent all', () => page.evaluate(() => !Object.keys(localStorage).some((k) => k.startsWith('_px.'))));
  await world.daemon.settled();
}

const cookies = async (page) => Object.fromEntries((await page.context().cookies()).map((c) => [c.name, c]));

test('what a shop sends, in the words of the pixel page', async (t) => {
  const calls = `
fbq('track', 'PageView');
fbq('track', 'ViewContent', {content_ids: ['sku-1'], content_type: 'product', content_name: 'Mug', value: 12.5, currency: 'EUR'});
fbq('track', 'Search', {search_string: 'blue mug', content_ids: ['sku-1']});
fbq('track', 'AddToWishlist', {content_name: 'Mug', value: 12.5, currency: 'EUR', content_ids: ['sku-1']});
fbq('track', 'AddToCart', {content_ids: ['sku-1'], content_type: 'product', contents: [{id: 'sku-1', quantity: 2}], value: 25, currency: 'EUR'});
fbq('track', 'AddPaymentInfo', {value: 25, currency: 'EUR', content_category: 'cups'});
fbq('track', 'Purchase', {value: 25, currency: 'EUR', contents: [{id: 'sku-1', quantity: 2, item_price: 12.5}], num_items: 2, order_id: 'o-1'}, {eventID: 'o-1'});
fbq('track', 'CompleteRegistration', {content_name: 'newsletter', status: true, value: 0, currency: 'EUR'});
fbq('trackCustom', 'ShareDiscount', {promotion: 'share_discount_10%'});`;
  const world = await startWorld(t, { '/': shop(calls) });
  const page = await openPage(t, world.browser, world.site.at('www.shop.example', '/?fbclid=IwAR0_Ab-Cd&x=1'));
  const list = await arrived(world, 9);
  assert.deepEqual(page.problems, []);
  const fbp = (await cookies(page))._fbp.value;
  for (const e of list) {
    assert.equal(e.action_source, 'website');
    assert.equal(e.event_source_url, world.site.at('www.shop.example', '/?fbclid=IwAR0_Ab-Cd&x=1'));
    assert.ok(Math.abs(e.event_time - Date.now() / 1000) < 60);
    assert.equal(e.user_data.fbp, fbp);
    assert.match(e.user_data.fbc, /^fb\.1\.\d{13}\.IwAR0_Ab-Cd$/);
    assert.match(e.user_data.client_user_agent, /Chrome/);
  }
  assert.equal(new Set(list.map((e) => e.event_id)).size, 9);
  const [purchase] = named(list, 'Purchase');
  assert.equal(purchase.event_id, 'o-1');
  assert.deepEqual(purchase.custom_data, {
    value: 25, currency: 'EUR', contents: [{ id: 'sku-1', quantity: 2, item_price: 12.5 }], num_items: 2, order_id: 'o-1',
  });
  assert.deepEqual(named(list, 'ShareDiscount')[0].custom_data, { promotion: 'share_discount_10%' });
  assert.equal(named(list, 'Search')[0].custom_data.search_string, 'blue mug');
  assert.deepEqual(named(list, 'ViewContent')[0].custom_data.content_ids, ['sku-1']);
  assert.equal(world.site.forwarded.filter((f) => f.method === 'POST').length, 1, 'one request for all of a page');
});

test('every command', async (t) => {
  const world = await startWorld(t, { '/': html(`${snippet('/stats.js')}
fbq('dataProcessingOptions', ['LDU'], 1, 1000);
fbq('init', '${PIXEL}', {em: 'Ada@Example.com', ph: '+1 650 555 1212', external_id: 'u-1'}, {agent: 'plshop'});
fbq('init', '${PIXEL}', {em: 'other@example.com', fn: 'Ada'});
fbq('set', 'autoConfig', false, '${PIXEL}');
fbq('track', 'Lead');
fbq('set', 'userData', {ln: 'Byron'});
fbq('trackSingle', '${PIXEL}', 'Contact', {}, {event_id: 'c-1'});
fbq('trackSingleCustom', '${PIXEL}', 'Waved', {hand: 'left'});
fbq('trackSingle', '999', 'Lost');
fbq('nonsense', 1, 2);
fbq();
fbq('track');
fbq('track', '');
fbq(['track', 'Schedule']);
_fbq.push(['track', 'Donate']);
fbq('dataProcessingOptions', []);
fbq('track', 'Subscribe', {currency: 'USD', value: '9.90', predicted_ltv: 100});`) });
  const page = await openPage(t, world.browser, world.site.at('shop.example'));
  const list = await arrived(world, 6);
  assert.deepEqual(page.problems, []);
  const [lead] = named(list, 'Lead');
  assert.deepEqual([lead.data_processing_options, lead.data_processing_options_country, lead.data_processing_options_state], [['LDU'], 1, 1000]);
  const { em, fn, external_id } = lead.user_data;
  assert.equal([em].flat()[0], sha256('ada@example.com'));
  assert.ok(fn && external_id, 'the second init fills what the first lacks');
  assert.equal(lead.user_data.ln, undefined);
  assert.ok(named(list, 'Contact')[0].user_data.ln);
  assert.equal(named(list, 'Contact')[0].event_id, 'c-1');
  assert.deepEqual(named(list, 'Waved')[0].custom_data, { hand: 'left' });
  assert.deepEqual(named(list, 'Subscribe')[0].data_processing_options ?? [], []);
  assert.equal(named(list, 'Subscribe')[0].custom_data.value, 9.9);
  const sent = JSON.parse(world.site.forwarded.find((f) => f.method === 'POST').body);
  assert.equal(sent.e[0].a, 'plshop');
  assert.equal(sent.e[0].ud.em, 'Ada@Example.com', 'the first init counts');
});

test('single-page sites, the back button, and pages kept for it', async (t) => {
  const pages = {
    '/': shop("fbq('track', 'PageView');", '/stats.js'),
    '/other': '<!doctype html><title>other</title>',
    '/quiet': html(`${snippet('/stats.js')}\nfbq.disablePushState = true;\nfbq('init', '${PIXEL}');\nfbq('track', 'PageView');`),
    '/silent': shop("fbq('track', 'Lead');"),
  };
  const world = await startWorld(t, pages, { browser: await startBrowser(t, { bfcache: true }) });
  const at = (path) => world.site.at('shop.example', path);
  const page = await openPage(t, world.browser, at('/'));
  await arrived(world, 1);
  await page.evaluate(() => history.pushState({}, '', '/p/1?fbclid=SECOND'));
  await arrived(world, 2);
  await page.evaluate(() => { fbq('track', 'PageView'); history.replaceState({}, '', location.href); });
  await page.evaluate(() => history.replaceState({}, '', '/p/2'));
  await arrived(world, 3);
  await page.evaluate(() => history.back());
  const list = await arrived(world, 4);
  assert.deepEqual(list.map((e) => e.event_source_url), [at('/'), at('/p/1?fbclid=SECOND'), at('/p/2'), at('/')]);
  assert.match(list[1].user_data.fbc, /^fb\.1\.\d+\.SECOND$/);
  assert.equal(list[3].user_data.fbc, list[1].user_data.fbc, 'a click counts until the next');
  assert.equal(list[2].referrer_url, at('/p/1?fbclid=SECOND'));
  // Away and back: the browser kept the page alive, its script did not run again.
  await page.goto(at('/other'));
  await page.goBack({ waitUntil: 'commit' });
  await arrived(world, 5, 'the page that came back');
  assert.equal(world.site.forwarded.filter((f) => f.url === '/stats.js').length, 1, 'its script did not run again');
  await page.goto(at('/quiet'));
  await arrived(world, 6);
  await page.evaluate(() => history.pushState({}, '', '/quiet/2'));
  await page.goto(at('/silent'));
  await page.evaluate(() => history.pushState({}, '', '/silent/2'));
  await page.evaluate(() => fbq('track', 'Contact'));
  const all = await arrived(world, 8);
  assert.equal(count(all, 'PageView'), 6, 'no automatic PageView where it is off, or where there was none before');
});

test('two pixels, each with its own events', async (t) => {
  const world = await startWorld(t, { '/': html(`${snippet('/stats.js')}
fbq('init', '${PIXEL}');
fbq('init', '2222222222');
fbq('track', 'PageView');
fbq('track', 'Purchase', {value: 3, currency: 'EUR'}, {eventID: 'o-2'});
fbq('trackSingle', '2222222222', 'Lead');`) }, { more: `  - name: second
    pixel_id: "2222222222"
    access_token: t
    preset: pixel
    api_url: SANDBOX/v26.0` });
  const page = await openPage(t, world.browser, world.site.at('shop.example'));
  await until('all events', async () => (await world.sandbox.inbox()).events.length >= 5);
  await quiet(world, page);
  const inbox = (await world.sandbox.inbox()).events.map((e) => [e.pixel_id, e.event.event_name, e.event.event_id]).sort();
  assert.deepEqual(inbox.map(([id, name]) => `${id} ${name}`), [
    '1234567890 PageView', '1234567890 Purchase', '2222222222 Lead', '2222222222 PageView', '2222222222 Purchase',
  ]);
  assert.equal(inbox[0][2], inbox[3][2], 'one call, one id');
});

test('consent: nothing before it, nothing after it', async (t) => {
  const world = await startWorld(t, { '/': html(`${snippet('/stats.js')}
fbq('consent', 'revoke');
fbq('init', '${PIXEL}', {em: 'a@b.example'});
fbq('track', 'PageView');`), '/again': shop("fbq('track', 'PageView');") });
  const page = await openPage(t, world.browser, world.site.at('shop.example', '/?fbclid=LANDED'));
  await page.waitForFunction(() => fbq.callMethod);
  await page.evaluate(() => { fbq('track', 'Lead'); history.pushState({}, '', '/form'); });
  // A page of the same visitor that has no word of consent is free to send; this one still waits.
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide')));
  await page.evaluate(() => new Promise((r) => setTimeout(r, 300)));
  assert.deepEqual(await cookies(page), {});
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  assert.equal(world.site.forwarded.filter((f) => f.method === 'POST').length, 0);
  await page.evaluate(() => fbq('consent', 'grant'));
  const list = await arrived(world, 3);
  assert.deepEqual(list.map((e) => e.event_name).sort(), ['Lead', 'PageView', 'PageView']);
  for (const e of list) assert.match(e.user_data.fbc, /\.LANDED$/, 'the click of the landing page');
  assert.ok((await cookies(page))._fbp);
  await page.evaluate(() => { fbq('consent', 'revoke'); fbq('track', 'Contact'); });
  assert.deepEqual(await cookies(page), {});
  await page.evaluate(() => new Promise((r) => setTimeout(r, 300)));
  assert.equal(world.site.forwarded.filter((f) => f.method === 'POST').length, 1);
  await page.evaluate(() => fbq('consent', 'grant'));
  await arrived(world, 4);
});

test('consent taken back while an answer with cookies is on its way', async (t) => {
  const world = await startWorld(t, { '/': shop("fbq('track', 'PageView');") });
  let release;
  const held = new Promise((r) => { release = r; });
  const pass = world.site.pass.bind(world.site);
  world.site.pass = async (target, req, res, host) => {
    if (req.method === 'POST') await held;
    return pass(target, req, res, host);
  };
  const page = await openPage(t, world.browser, world.site.at('shop.example'));
  await until('the request', () => page.evaluate(() => document.cookie.includes('_fbp')));
  await page.evaluate(() => fbq('consent', 'revoke'));
  release();
  await arrived(world, 1);
  await until('the cookies to go', async () => !Object.keys(await cookies(page)).length);
});

test('cookies: Meta\'s values stay, the newest click wins, the server makes them last', async (t) => {
  const world = await startWorld(t, { '/': shop("fbq('track', 'PageView');") });
  const page = await openPage(t, world.browser);
  const five = { fbp: 'fb.1.1700000000000.123456789.AQQCAQMC', fbc: 'fb.1.1700000000000.OldClick.AQQCAQMC' };
  await page.context().addCookies(Object.entries(five).map(([n, value]) => ({ name: `_${n}`, value, domain: '.shop.example', path: '/' })));
  const visit = async (path, n) => {
    await page.goto(world.site.at('www.shop.example', path));
    return (await arrived(world, n)).at(-1).user_data;
  };
  const first = await visit('/', 1);
  assert.deepEqual([first.fbp, first.fbc], [five.fbp, five.fbc]);
  assert.equal((await visit('/?fbclid=OldClick', 2)).fbc, five.fbc);
  const third = await visit('/?a=1&fbclid=NewClick_-9#x', 3);
  assert.match(third.fbc, /^fb\.1\.\d{13}\.NewClick_-9$/);
  assert.equal((await visit('/?fbclid=NewClick_-9', 4)).fbc, third.fbc, 'the time of the first sight');
  assert.equal((await visit(`/?fbclid=${'x'.repeat(600)}`, 5)).fbc, third.fbc);
  const jar = await cookies(page);
  assert.deepEqual([jar._fbp.domain, jar._fbp.sameSite, jar._fbp.httpOnly, jar._fbp.path], ['.shop.example', 'Lax', false, '/']);
  assert.ok(Math.abs(jar._fbp.expires - Date.now() / 1000 - 90 * 86400) < 600);
  const lines = world.site.forwarded.filter((f) => f.method === 'POST').map((f) => f.answer['set-cookie']);
  assert.equal(lines[0][0], `_fbp=${five.fbp}; Max-Age=7776000; Path=/; SameSite=Lax; Domain=shop.example`);
  assert.match(lines[2][1], /^_fbc=fb\.1\.\d+\.NewClick_-9; /);
});

test('a broken _fbp is replaced, blocked cookies cost no event', async (t) => {
  const world = await startWorld(t, { '/': shop("fbq('track', 'PageView');"), '/blocked': html(`
Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set: () => {} });
Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });
Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no', 'SecurityError'); } });
${snippet('/stats.js')}
fbq('init', '${PIXEL}', {em: 'a@b.example'});
fbq('track', 'PageView');
fbq('track', 'Lead');`) });
  const page = await openPage(t, world.browser);
  await page.context().addCookies([{ name: '_fbp', value: 'nonsense', domain: '.shop.example', path: '/' }]);
  await page.goto(world.site.at('shop.example'));
  assert.match((await arrived(world, 1))[0].user_data.fbp, /^fb\.1\.\d{13}\.\d{9,18}$/);
  const other = await openPage(t, world.browser, world.site.at('shop.example', '/blocked?fbclid=Blocked1'));
  const list = (await arrived(world, 3)).slice(1);
  assert.deepEqual(other.problems, []);
  for (const e of list) {
    assert.equal(e.user_data.fbp, undefined, 'a name that would be another one on the next page is none');
    assert.match(e.user_data.fbc, /^fb\.1\.\d{13}\.Blocked1$/);
  }
  assert.equal(list[0].user_data.fbc, list[1].user_data.fbc);
});
