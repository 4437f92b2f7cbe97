// The cookies of the browser pixel, in a real browser. Each test has a visitor of its own.
import test from 'node:test';
import assert from 'node:assert/strict';
import { until } from './lib.mjs';
import { openPage } from './browser.mjs';
import { PIXEL, arrived, cookies, html, shop, snippet, startWorld } from './pixel.mjs';

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
