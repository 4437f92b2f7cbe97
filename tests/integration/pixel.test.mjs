// The browser pixel in a real browser: what pages call, and what comes to the sandbox. Each test has a visitor of
// its own; cookies are in pixel_cookies.test.mjs.
import test from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { config, root, startDaemon, until } from './lib.mjs';
import { newPage, openPage, startBrowser, startSite } from './browser.mjs';
import { PIXEL, arrived, cookies, count, html, named, quiet, shop, snippet, startWorld } from './pixel.mjs';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

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

const posts = (world) => world.site.forwarded.filter((f) => f.method === 'POST');

// After this, nothing may come twice: what waited was sent, and pixeld knows what it had already.
async function exactlyOnce(world, page, names) {
  await quiet(world, page);
  const inbox = (await world.sandbox.inbox()).events;
  assert.deepEqual(inbox.map((e) => e.event.event_name).sort(), [...names].sort());
}

test('the server is busy three times, then restarts', async (t) => {
  const world = await startWorld(t, { '/': shop("fbq('track', 'PageView');") });
  world.site.fail(3, 503, (f) => f.method === 'POST');
  const page = await openPage(t, world.browser, world.site.at('shop.example'));
  await page.evaluate(() => fbq('track', 'Lead'));
  await arrived(world, 2);
  assert.deepEqual(posts(world).slice(0, 4).map((f) => f.status), [503, 503, 503, 200]);
  await world.daemon.stop();
  await page.evaluate(() => fbq('track', 'Purchase', { value: 1, currency: 'EUR' }));
  await until('it to be kept', () => page.evaluate(() => Object.keys(localStorage).some((k) => k.startsWith('_px.'))));
  world.daemon = await startDaemon(t, ['--config', world.file]);
  world.site.forward('/stats', world.daemon.url);
  await arrived(world, 3);
  await exactlyOnce(world, page, ['PageView', 'Lead', 'Purchase']);
});

test('offline, then online, on another page: the time is that of the call', async (t) => {
  const world = await startWorld(t, { '/': shop("fbq('track', 'PageView');"), '/next': shop('') });
  const page = await openPage(t, world.browser, world.site.at('shop.example'));
  await arrived(world, 1);
  world.site.down = true;
  await page.evaluate(() => fbq('track', 'Lead', { content_name: 'offline' }, { eventID: 'l-1' }));
  const called = Date.now() / 1000;
  await until('a failed request', () => posts(world).length > 1);
  await page.evaluate(() => new Promise((r) => setTimeout(r, 1100)));
  await page.context().setOffline(true);
  await page.evaluate(() => fbq('track', 'Contact'));
  await until('both kept', () => page.evaluate(() => Object.entries(localStorage).some(([k, v]) => k.startsWith('_px.') && JSON.parse(v).events.length === 2)));
  world.site.down = false;
  await page.context().setOffline(false);
  await page.goto(world.site.at('shop.example', '/next'));
  const list = await arrived(world, 3);
  const [lead] = named(list, 'Lead');
  assert.equal(lead.event_id, 'l-1');
  assert.ok(lead.event_time <= called + 1, 'the time of the call');
  assert.equal(lead.event_source_url, world.site.at('shop.example', '/'), 'and its page');
  await exactlyOnce(world, page, ['PageView', 'Lead', 'Contact']);
});

test('the page goes right after the call', async (t) => {
  const world = await startWorld(t, {
    '/': shop("fbq('track', 'PageView');"), '/thanks': shop(''), '/plain': '<!doctype html>bye',
  });
  const page = await openPage(t, world.browser, world.site.at('shop.example'));
  await arrived(world, 1);
  await page.evaluate(() => {
    fbq('track', 'Purchase', { value: 5, currency: 'EUR' }, { eventID: 'o-5' });
    location.href = '/thanks';
  });
  await page.waitForURL('**/thanks');
  await arrived(world, 2);
  await exactlyOnce(world, page, ['PageView', 'Purchase']);
  // The same, and the server is busy just then: the next page brings it.
  // (A browser may end the request as the page goes, and then its image comes too.)
  world.site.fail(20, 503, (f) => f.method === 'POST' || f.url.startsWith('/stats?'));
  await page.evaluate(() => {
    fbq('track', 'Lead');
    location.href = '/plain';
  });
  await page.waitForURL('**/plain');
  await until('the refused beacon', () => posts(world).some((f) => f.status === 503));
  assert.equal((await world.sandbox.events()).length, 2);
  world.site.failures.length = 0;
  await page.goto(world.site.at('shop.example', '/thanks'));
  await arrived(world, 3);
  await exactlyOnce(world, page, ['PageView', 'Purchase', 'Lead']);
  // A closed tab.
  const last = await newPage(page.context(), world.site.at('shop.example', '/thanks'));
  await last.waitForFunction(() => fbq.callMethod);
  await last.evaluate(() => fbq('track', 'Contact'));
  await last.close({ runBeforeUnload: true });
  await arrived(world, 4);
});

test('a request that the browser ended once does not make it images from then on', async (t) => {
  const world = await startWorld(t, { '/': shop("fbq('track', 'PageView');") });
  const page = await openPage(t, world.browser, world.site.at('shop.example'));
  await arrived(world, 1);
  await page.route((url) => url.pathname === '/stats', (route) => route.abort(), { times: 1 });
  await page.evaluate(() => fbq('track', 'Lead'));
  await arrived(world, 2);
  assert.equal(posts(world).length, 1, 'it came as an image');
  await page.evaluate(() => { fbq('track', 'Contact'); fbq('track', 'Donate'); });
  await arrived(world, 4);
  assert.equal(posts(world).length, 2, 'and the next two in one request');
});

test('a strict content security policy', async (t) => {
  const own = `${snippet('/stats.js')}\nfbq('init', '${PIXEL}');\nfbq('track', 'PageView');`;
  const world = await startWorld(t, {
    '/': '<!doctype html><script src="/own.js"></script>',
    '/own.js': { body: own, type: 'text/javascript' },
  });
  world.site.headers['content-security-policy'] = "default-src 'none'; script-src 'self'; connect-src 'self'";
  const page = await openPage(t, world.browser, world.site.at('shop.example', '/?pixeld_debug=1'));
  await arrived(world, 1);
  await until('the debug overlay', () => page.evaluate(() => document.querySelector('#pixeld-debug')?.shadowRoot.textContent.includes('sent (200)')));
  assert.deepEqual(page.problems, []);
  // Nothing but images may leave.
  world.site.headers['content-security-policy'] = "default-src 'none'; script-src 'self'; img-src 'self'";
  const other = await openPage(t, world.browser, world.site.at('shop.example'));
  await arrived(world, 2);
  await other.evaluate(() => { fbq('track', 'Lead'); fbq('track', 'Contact', { words: ['ü&=', '+ %41'], on: true }); });
  const list = await arrived(world, 4);
  assert.deepEqual(named(list, 'Contact')[0].custom_data, { words: ['ü&=', '+ %41'], on: true });
  assert.equal(posts(world).length, 1);
  world.site.fail(1, 503, (f) => f.url.startsWith('/stats?'));
  await other.evaluate(() => fbq('track', 'Donate'));
  await arrived(world, 5);
});

test('pixeld under a name of its own', async (t) => {
  const world = await startWorld(t, {
    '/': shop("fbq('track', 'PageView');", 'ORIGIN/stats.js?k=test-key'),
  });
  const site = await startSite(t, {});
  site.forward('/', world.daemon.url);
  const page = (host) => ({ body: world.site.pages['/'].replace('ORIGIN', site.origin(host)) });
  world.site.pages['/same-site'] = page('t.shop.example');
  world.site.pages['/cross-site'] = page('collect.example');
  const same = await openPage(t, world.browser, world.site.at('www.shop.example', '/same-site'));
  await arrived(world, 1);
  const cross = await openPage(t, world.browser, world.site.at('www.shop.example', '/cross-site'));
  const list = await arrived(world, 2);
  assert.deepEqual([...same.problems, ...cross.problems], []);
  const asked = site.forwarded.filter((f) => f.method === 'POST');
  await until('both answers', () => asked.every((f) => f.answer));
  const answers = asked.map((f) => f.answer['set-cookie'] ?? []);
  assert.deepEqual(answers.map((a) => a.length), [1, 0], 'another site\'s cookies would be a third party\'s');
  assert.match(answers[0][0], /Domain=shop\.example$/);
  assert.equal(site.forwarded.filter((f) => f.method === 'OPTIONS').length, 0, 'no preflights');
  for (const [i, p] of [same, cross].entries()) assert.equal(list[i].user_data.fbp, (await cookies(p))._fbp.value);
  // Who may not send is told so once, and does not try again.
  await world.daemon.stop();
  const file = config(world.dir, world.sandbox, { source: '    protocol: pixel\n    pixel: /stats\n    origins: [https://elsewhere.example]', destination: '    preset: pixel' });
  const strict = await startDaemon(t, ['--config', file]);
  site.forward('/', strict.url);
  const before = site.forwarded.length;
  await same.evaluate(() => fbq('track', 'Lead'));
  await until('the refusal', () => site.forwarded.slice(before).some((f) => f.status === 403));
  await until('nothing to be kept', () => same.evaluate(() => !Object.keys(localStorage).some((k) => k.startsWith('_px.'))));
});

// As fbevents.js does it: takes the queue, is called from then on, and wants one function under both names.
const metaStub = `(function () {
  var f = window.fbq, seen = window.metaSaw = [];
  if (window._fbq !== window.fbq) seen.push(['conflict']);
  f.callMethod = function () { seen.push(Array.prototype.slice.call(arguments)); };
  while (f.queue.length) f.callMethod.apply(f, f.queue.shift());
  history.pushState = (function (before) {
    return function () { before.apply(history, arguments); if (!f.disablePushState) seen.push(['automatic']); };
  })(history.pushState);
})();`;

test('both paths share their ids', async (t) => {
  const meta = 'https://connect.facebook.net/en_US/fbevents.js';
  const world = await startWorld(t, { '/': html(`${snippet('/stats.js?meta=1')}
fbq('init', '${PIXEL}', {em: 'a@b.example'});
fbq('track', 'PageView');
fbq('track', 'Purchase', {value: 7, currency: 'EUR'}, {eventID: 'o-7'});
fbq('trackCustom', 'Waved');`) });
  const page = await openPage(t, world.browser);
  let asked = 0;
  await page.route(meta, (route) => {
    asked += 1;
    return route.fulfill({ contentType: 'text/javascript', body: metaStub });
  });
  await page.goto(world.site.at('shop.example'));
  await page.waitForFunction(() => window.metaSaw && fbq === _fbq);
  await page.evaluate(() => {
    fbq('trackSingle', '1234567890', 'Lead', { a: 1 });
    history.pushState({}, '', '/two');
    fbq('track', 'Contact');
  });
  const list = await arrived(world, 6);
  const saw = await page.evaluate(() => metaSaw);
  assert.equal(asked, 1);
  assert.deepEqual(saw.filter((c) => c[0] === 'conflict' || c[0] === 'automatic'), []);
  const theirs = saw.filter((c) => c[0].startsWith('track'))
    .map((c) => (c[0] === 'trackSingle' ? [c[2], c[4].eventID] : [c[1], c[3].eventID]));
  assert.deepEqual(theirs.sort(), list.map((e) => [e.event_name, e.event_id]).sort());
  assert.deepEqual(saw[0], ['init', PIXEL, { em: 'a@b.example' }]);
  assert.equal(named(list, 'Purchase')[0].event_id, 'o-7');
  assert.deepEqual(page.problems, []);
});

test('what Meta\'s own script sends to /tr, and its image without script', async (t) => {
  const world = await startWorld(t, {
    '/': '<!doctype html>',
    '/noscript': `<!doctype html><noscript><img height="1" width="1" style="display:none" src="/tr?id=${PIXEL}&ev=PageView&noscript=1&cd[content_name]=a%20b&ud[em]=${sha256('x@y.example')}"/></noscript>`,
  });
  const page = await openPage(t, world.browser, world.site.at('shop.example'));
  const send = (how) => page.evaluate(how);
  await send(async () => {
    const q = new URLSearchParams({ id: '1234567890', ev: 'ViewContent', dl: location.href, rl: '', if: 'false', ts: Date.now(), 'cd[value]': '12.50', 'cd[currency]': 'EUR', 'cd[content_ids]': '["a","b"]', 'ud[external_id]': 'u1', fbp: 'fb.1.1700000000000.55', eid: 'get-1', rqm: 'GET' });
    const image = new Image();
    await new Promise((done, failed) => { image.onload = done; image.onerror = failed; image.src = `/tr/?${q}`; });
    const form = new FormData();
    for (const [k, v] of [...q, ['rqm', 'SB']]) form.set(k, k === 'eid' ? 'beacon-1' : k === 'ev' ? 'AddToCart' : v);
    if (!navigator.sendBeacon('/tr/', form)) throw new Error('no beacon');
    q.set('eid', 'form-1');
    q.set('ev', 'Lead');
    await fetch('/tr/', { method: 'POST', body: q });
  });
  const bare = await openPage(t, world.browser, '', { javaScriptEnabled: false });
  await bare.context().addCookies([{ name: '_fbp', value: 'fb.1.1700000000000.77', domain: 'shop.example', path: '/' }, { name: '_fbc', value: 'fb.1.1700000000000.Click', domain: 'shop.example', path: '/' }]);
  await bare.goto(world.site.at('shop.example', '/noscript'));
  const list = await arrived(world, 4);
  assert.deepEqual(list.map((e) => e.event_name).sort(), ['AddToCart', 'Lead', 'PageView', 'ViewContent']);
  for (const e of list.filter((x) => x.event_name !== 'PageView')) {
    assert.deepEqual(e.custom_data, { value: 12.5, currency: 'EUR', content_ids: ['a', 'b'] });
    assert.equal(e.user_data.fbp, 'fb.1.1700000000000.55');
    assert.equal([e.user_data.external_id].flat()[0], sha256('u1'));
  }
  const [view] = named(list, 'PageView');
  assert.equal(view.custom_data.content_name, 'a b');
  assert.equal([view.user_data.em].flat()[0], sha256('x@y.example'));
  assert.equal(view.user_data.fbp, 'fb.1.1700000000000.77', 'from the cookie');
  assert.equal(view.user_data.fbc, 'fb.1.1700000000000.Click');
  assert.equal(view.event_source_url, world.site.at('shop.example', '/noscript'), 'from the Referer');
  assert.deepEqual(page.problems, []);
});

test('the package for bundlers', async (t) => {
  const world = await startWorld(t, {
    '/': `<!doctype html><script type="module">
import { start } from '/package.js';
const fbq = start({ url: '/stats', key: 'test-key' });
fbq('init', '${PIXEL}');
fbq('track', 'PageView');
window.fbq('track', 'Lead');</script>`,
    '/package.js': { body: readFileSync(join(root, 'pixel', 'package', 'index.js')), type: 'text/javascript' },
  });
  const page = await openPage(t, world.browser, world.site.at('shop.example'));
  const list = await arrived(world, 2);
  assert.deepEqual(list.map((e) => e.event_name), ['PageView', 'Lead']);
  assert.equal(posts(world)[0].url, '/stats?k=test-key');
  assert.deepEqual(page.problems, []);
});
