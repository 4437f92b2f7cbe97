// The admin API: answers as described, and nobody gets more than his role allows.
import test from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { config, order, run, startDaemon, startSandbox, tempDir, track } from './lib.mjs';
import { Api, Description } from './openapi.mjs';

async function started(t) {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox)]);
  const description = await Description.of(daemon.admin);
  return { dir, sandbox, daemon, api: new Api(daemon.admin, description), description };
}
const setupCode = (dir) => readFileSync(`${dir}/data/setup-link`, 'utf8').trim().split('#setup=')[1];

test('answers have the described shapes', async (t) => {
  const { daemon, api } = await started(t);
  await daemon.post('/v1/batch', { batch: [order(), order({ revenue: 'x' }), 7] });
  await daemon.settled();
  assert.equal((await api.call('get', '/api/v1/status')).json.destinations[0].states.dead, 2);
  const { json: page } = await api.call('get', '/api/v1/dead', { query: '?destination=meta&events=true' });
  assert.equal(page.dead.length, 2);
  const seq = page.dead[0].seq;
  await api.call('get', '/api/v1/dead/{destination}/{seq}', { params: { destination: 'meta', seq } });
  assert.equal((await api.call('get', '/api/v1/dead/{destination}/{seq}', { params: { destination: 'meta', seq: 99 } })).status, 404);
  assert.equal((await api.call('get', '/api/v1/dead', { query: '?limit=x' })).status, 400);
  const unknown = await Promise.all([
    api.call('get', '/api/v1/dead', { query: '?destination=mata' }),
    api.call('get', '/api/v1/dead/groups', { query: '?destination=mata' }),
    api.call('get', '/api/v1/dead/{destination}/{seq}', { params: { destination: 'mata', seq } }),
    ...['retry', 'discard'].map((verb) => api.call('post', `/api/v1/dead/${verb}`, { body: { destination: 'mata', seqs: [seq] } })),
    api.call('post', '/api/v1/dead/try', { body: { destination: 'mata', seq } }),
    api.call('get', '/api/v1/series', { query: '?metric=sent&destination=mata' }),
    api.call('get', '/api/v1/events/{id}', { params: { id: page.dead[0].message_id }, query: '?destination=mata' }),
  ]);
  for (const { status, json } of unknown) assert.deepEqual([status, json.error.message], [404, 'there is no such destination; say its name']);
  assert.equal((await api.call('post', '/api/v1/dead/retry', { body: { destination: 'meta' } })).status, 400);
  assert.equal((await api.call('post', '/api/v1/dead/discard', { body: { destination: 'meta', seqs: [seq] } })).json.done, 1);
  assert.equal((await api.call('get', '/healthz')).status, 200);
  assert.equal((await api.call('get', '/readyz')).status, 200);
  assert.equal((await fetch(`${daemon.admin}/api/v1/nothing`)).status, 404);
});

test('the first password, roles, tokens, signing out', async (t) => {
  const { dir, daemon, api } = await started(t);
  assert.equal(statSync(`${dir}/data/setup-link`).mode & 0o777, 0o600);
  const code = setupCode(dir);
  assert.deepEqual((await api.call('get', '/api/v1/me')).json, { name: 'local', role: 'admin', first_run: true });
  const first = { name: 'ann', password: 'correct horse' };
  assert.equal((await api.call('post', '/api/v1/setup', { body: { ...first, code: 'guess' } })).status, 403);
  assert.equal((await api.call('post', '/api/v1/setup', { body: { ...first, password: 'short', code } })).status, 400);
  const made = await api.call('post', '/api/v1/setup', { body: { ...first, code } });
  assert.equal(made.status, 200);
  assert.match(made.cookie, /^pixeld_session=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  assert.equal((await api.call('post', '/api/v1/setup', { body: { ...first, code } })).status, 409);

  // From now on nobody is let in without.
  assert.equal((await api.call('get', '/api/v1/status')).status, 401);
  assert.equal((await fetch(`${daemon.admin}/metrics`)).status, 200);
  const ann = api.as({ cookie: made.cookie.split(';')[0] });
  assert.equal((await ann.call('get', '/api/v1/status')).status, 200);
  assert.equal((await ann.call('put', '/api/v1/people/{name}', { params: { name: 'vic' }, body: { role: 'viewer', password: 'battery staple' } })).status, 200);
  const vic = api.as({ cookie: (await api.call('post', '/api/v1/login', { body: { name: 'vic', password: 'battery staple' } })).cookie.split(';')[0] });
  assert.equal((await vic.call('get', '/api/v1/status')).status, 200);
  assert.equal((await vic.call('post', '/api/v1/dead/retry', { body: { destination: 'meta', all: true } })).status, 403);
  assert.equal((await vic.call('get', '/api/v1/people')).status, 403);

  const { json: { token } } = await ann.call('post', '/api/v1/tokens', { body: { name: 'ci', role: 'viewer' } });
  assert.equal((await api.as({ authorization: `Bearer ${token}` }).call('get', '/api/v1/status')).status, 200);
  const refused = run('status', ['--admin', daemon.admin]);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /PIXELD_TOKEN/);
  assert.equal(run('status', ['--admin', daemon.admin], '', { PIXELD_TOKEN: token }).code, 0);

  // Another site's page can do nothing, even with the cookie.
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }]) {
    assert.equal((await ann.call('post', '/api/v1/logout', { headers })).status, 403);
  }
  assert.equal((await ann.call('post', '/api/v1/logout', { headers: { origin: daemon.admin } })).status, 200);
  assert.equal((await ann.call('get', '/api/v1/status')).status, 401);

  const { cookie } = await api.call('post', '/api/v1/login', { body: first });
  const again = api.as({ cookie: cookie.split(';')[0] });
  const { json: log } = await again.call('get', '/api/v1/audit');
  assert.deepEqual(log.audit.map((line) => line.what).slice(-3), ['changed a person', 'signed in', 'set the first password']);
  assert.equal((await again.call('delete', '/api/v1/tokens/{name}', { params: { name: 'ci' } })).status, 200);
  assert.equal((await again.call('delete', '/api/v1/people/{name}', { params: { name: 'vic' } })).status, 200);
  assert.equal((await vic.call('get', '/api/v1/status')).status, 401);
  assert.equal((await again.call('delete', '/api/v1/people/{name}', { params: { name: 'ann' } })).status, 400);
  assert.deepEqual((await again.call('get', '/api/v1/people')).json, { users: [{ name: 'ann', role: 'admin' }], tokens: [] });

  // A restart keeps people and sessions, and takes the link away.
  await daemon.stop();
  const after = await startDaemon(t, ['--config', `${dir}/pixeld.yaml`]);
  assert.equal((await new Api(after.admin, api.description, again.headers).call('get', '/api/v1/status')).status, 200);
  assert.equal(existsSync(`${dir}/data/setup-link`), false);
});

test('an admin address that others reach is shut until the first password', async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox);
  writeFileSync(file, readFileSync(file, 'utf8').replace('admin: 127.0.0.1:0', 'admin: 0.0.0.0:0'));
  const daemon = await startDaemon(t, ['--config', file]);
  assert.equal((await fetch(`${daemon.admin}/api/v1/status`)).status, 401);
  assert.equal((await fetch(`${daemon.admin}/readyz`)).status, 200);
  assert.equal((await fetch(`${daemon.admin}/api/v1/status`, { headers: { authorization: 'Bearer x' } })).status, 401);
  assert.equal(run('status', ['--admin', daemon.admin], '', { PIXELD_TOKEN: setupCode(dir) }).code, 0);
});

test('passwords cannot be guessed quickly', async (t) => {
  const { dir, api } = await started(t);
  await api.call('post', '/api/v1/setup', { body: { name: 'ann', password: 'correct horse', code: setupCode(dir) } });
  const tries = [];
  for (let i = 0; i < 6; i++) tries.push((await api.call('post', '/api/v1/login', { body: { name: 'ann', password: `wrong ${i}` } })).status);
  assert.deepEqual(tries, [401, 401, 401, 401, 401, 429]);
  assert.equal((await api.call('post', '/api/v1/login', { body: { name: 'ann', password: 'correct horse' } })).status, 429);
});

test('the console is served with a strict policy', async (t) => {
  const { daemon } = await started(t);
  for (const path of ['/', '/live', '/dead?destination=meta']) {
    const page = await fetch(daemon.admin + path);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<div id="app">/);
    assert.match(page.headers.get('content-security-policy'), /default-src 'none'; script-src 'self'; style-src 'self'/);
  }
  const script = await fetch(`${daemon.admin}/assets/console.js`);
  assert.match(script.headers.get('content-type'), /javascript/);
  const again = await fetch(`${daemon.admin}/assets/console.js`, { headers: { 'if-none-match': script.headers.get('etag') } });
  assert.equal(again.status, 304);
  const plain = await fetch(`${daemon.admin}/assets/console.js`, { headers: { 'accept-encoding': 'identity' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  assert.equal(await plain.text(), await script.text());
  assert.equal((await fetch(`${daemon.admin}/assets/none.js`)).status, 404);
});

test('events are listed and watched, masked and filtered', async (t) => {
  const { daemon, api } = await started(t);
  const stream = fetch(`${daemon.admin}/api/v1/live?after=0`);
  const batch = Array.from({ length: 30 }, (_, i) => track(i % 3 ? 'Product Viewed' : 'Order Completed', { revenue: i, currency: 'eur' },
    { userId: i % 2 ? `u${i}` : `person${i}@shop.example`, messageId: `id-${i}` }));
  await daemon.post('/v1/batch', { batch });
  await daemon.settled();
  // The stream that waited gets the events at once; the next one goes on behind them.
  const text = await (await stream).text();
  const rows = [...text.matchAll(/^id: (\d+)\ndata: (\{"seq".*)$/gm)].map((m) => ({ id: Number(m[1]), ...JSON.parse(m[2]) }));
  assert.ok(rows.length >= 1);
  assert.deepEqual(rows.map((r) => r.seq + 1), rows.map((r) => r.id));
  assert.equal(rows[0].person, 'p***@s***.example');
  assert.equal(rows[0].event, 'Order Completed');
  assert.equal(rows[0].currency, 'EUR');
  const last = Number(text.match(/id: (\d+)\nevent: ping/)[1]);
  assert.ok(last >= rows.length);

  const { json: page } = await api.call('get', '/api/v1/events', { query: '?limit=10' });
  assert.equal(page.events.length, 10);
  assert.equal(page.next, 30);
  assert.equal(page.events.at(-1).message_id, 'id-29');
  const { json: before } = await api.call('get', '/api/v1/events', { query: `?limit=100&before=${page.before}` });
  assert.equal(before.events.length, 20);
  assert.equal(before.before, undefined);
  const by = async (query) => (await api.call('get', '/api/v1/events', { query })).json.events.length;
  assert.equal(await by('?event=Order%20Completed'), 10);
  assert.equal(await by('?person=u7'), 1);
  assert.equal(await by('?person=person8@shop.example'), 1);
  assert.equal(await by('?source=other'), 0);
  assert.equal((await api.call('get', '/api/v1/events', { query: '?limit=x' })).status, 400);

  // More than can be looked at: thinned out, and it says so.
  for (let i = 0; i < 10; i++) await daemon.post('/v1/batch', { batch: Array.from({ length: 1000 }, () => track('Product Viewed')) });
  const much = await (await fetch(`${daemon.admin}/api/v1/live?after=30`)).text();
  const sampled = JSON.parse(much.match(/event: sampled\ndata: (.*)/)[1]);
  assert.equal(sampled.seen, 10000);
  assert.equal(sampled.shown, [...much.matchAll(/"seq"/g)].length);
  assert.ok(sampled.shown <= 100 && sampled.shown > 50, JSON.stringify(sampled));
  assert.match(much, /id: 10030\nevent: ping/);
});

test('every operation answers as it is described', async (t) => {
  const { daemon, api, description } = await started(t);
  await daemon.post('/v1/batch', { batch: [order(), order({ revenue: 'x' })] });
  await daemon.settled();
  const values = { destination: 'meta', seq: '1', name: 'meta', id: '1', page: '', source: 'shop' };
  const last = (o) => /restart|logout/.test(o.path); // what ends the daemon or the session
  const operations = description.operations().sort((a, b) => last(a) - last(b));
  for (const { path, method, operation } of operations) {
    const url = path.replace(/\{(\w+)\}/g, (_, name) => {
      assert.ok(name in values, `${path}: no value for {${name}}`);
      return values[name];
    });
    const query = (operation.parameters ?? []).filter((p) => p.in === 'query' && (p.required || p.name === 'after')).map((p) => `${p.name}=${values[p.name] ?? '0'}`);
    const response = await fetch(`${daemon.admin}${url}${query.length ? `?${query.join('&')}` : ''}`, {
      method: method.toUpperCase(), ...(operation.requestBody ? { body: '{}' } : {}),
    });
    const text = await response.text();
    assert.ok(response.status < 500 || response.status === 503, `${method} ${path}: ${response.status} ${text}`);
    const kind = Object.keys((operation.responses[response.status] ?? operation.responses.default).content)[0];
    if (kind === 'application/json') description.check(method, path, response.status, JSON.parse(text));
    else assert.ok(response.headers.get('content-type').startsWith(kind), `${method} ${path}: ${response.headers.get('content-type')}`);
  }
});
