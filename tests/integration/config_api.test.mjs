// The configuration changed through the API: tried first, written readably, taken at once, kept, taken back.
import test from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { config, order, run, startDaemon, startSandbox, tempDir, track, until } from './lib.mjs';
import { Api, Description } from './openapi.mjs';

async function started(t, args) {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, args?.(dir) ?? ['--config', config(dir, sandbox)]);
  const api = new Api(daemon.admin, await Description.of(daemon.admin));
  return { dir, sandbox, daemon, api };
}
const at = (list, name) => ({ params: { name }, ...list });
const destination = '/api/v1/config/destinations/{name}';
const source = '/api/v1/config/sources/{name}';

test('a destination is added, delivers, is changed, taken back and removed', async (t) => {
  const { dir, sandbox, daemon, api } = await started(t);
  const managed = `${dir}/data/managed.yaml`;
  const settings = {
    pixel_id: '777', access_token: 'a-secret-token', api_url: `${sandbox.url}/v26.0`, preset: 'rudderstack',
    events: { 'Plan Bought': 'Purchase', 'Debug Ping': 'drop' }, user_data: { external_id: 'userId || anonymousId' },
  };
  const dry = await api.call('put', destination, at({ body: settings, query: '?dry=true' }, 'second'));
  assert.equal(dry.status, 200);
  assert.match(dry.json.diff, /^\+ {2}- name: second$/m);
  assert.equal(existsSync(managed), false);
  assert.ok(!dry.json.diff.includes('a-secret-token'));

  const done = await api.call('put', destination, at({ body: settings }, 'second'));
  assert.equal(done.status, 200, JSON.stringify(done.json));
  const text = readFileSync(managed, 'utf8');
  assert.match(text, /^# Written by the console/);
  assert.match(text, /^ {2}- name: second\n {4}pixel_id: 777$/m);
  assert.match(text, /Debug Ping: drop$/m);
  assert.match(text, /access_token: file:secrets\/second\.access_token/);
  assert.equal(readFileSync(`${dir}/data/secrets/second.access_token`, 'utf8'), 'a-secret-token');
  assert.equal(statSync(`${dir}/data/secrets/second.access_token`).mode & 0o777, 0o600);
  assert.equal(run('check', ['--config', `${dir}/pixeld.yaml`, '--managed', managed]).code, 0);

  await daemon.post('/v1/batch', { batch: [order()] });
  assert.equal((await daemon.settled('second')).states.delivered, 1);

  const { json: shown } = await api.call('get', '/api/v1/config');
  assert.ok(!JSON.stringify(shown).includes('a-secret-token') && !JSON.stringify(shown).includes('test-token'));
  assert.deepEqual(shown.destinations.map((d) => [d.name, d.locked]), [['meta', true], ['second', false]]);
  assert.equal(shown.destinations[1].settings.events['Debug Ping'], 'drop');
  assert.equal(shown.sources[0].settings.write_key, 'test-key');

  // What was not typed in again stays.
  const second = await api.call('put', destination, at({ body: { ...shown.destinations[1].settings, access_token: '***', enabled: false } }, 'second'));
  assert.equal(second.status, 200, JSON.stringify(second.json));
  assert.match(second.json.diff, /^\+ {4}enabled: false$/m);
  assert.match(readFileSync(managed, 'utf8'), /access_token: file:secrets\/second\.access_token/);
  // Delivery takes a new configuration when it next turns round.
  await until('the destination to be off', async () => (await daemon.destination('second')).enabled === false);

  const { json: { history } } = await api.call('get', '/api/v1/config/history');
  assert.equal(history.length, 2);
  const back = await api.call('post', '/api/v1/config/rollback', { body: { id: history[1].id } });
  assert.equal(back.status, 200);
  assert.equal(readFileSync(managed, 'utf8'), text);
  assert.equal((await api.call('get', '/api/v1/config/history/{id}', { params: { id: history[1].id } })).json.text, text);
  assert.equal((await api.call('post', '/api/v1/config/rollback', { body: { id: '../../etc/passwd' } })).status, 404);

  // A restart takes it as well.
  await daemon.stop();
  const again = await startDaemon(t, ['--config', `${dir}/pixeld.yaml`]);
  await until('the destination to be on', async () => (await again.destination('second')).enabled);
  const after = new Api(again.admin, api.description);
  assert.equal((await after.call('delete', destination, at({}, 'second'))).status, 200);
  await until('the destination to be gone', async () => !(await again.destination('second')));
  assert.equal((await after.call('delete', destination, at({}, 'second'))).status, 404);
});

test('what is wrong changes nothing and says where', async (t) => {
  const { dir, daemon, api } = await started(t);
  const good = { pixel_id: '777', access_token: 'one', api_url: 'http://127.0.0.1:1/v26.0' };
  assert.equal((await api.call('put', destination, at({ body: good }, 'second'))).status, 200);
  const before = readFileSync(`${dir}/data/managed.yaml`, 'utf8');
  const wrong = await api.call('put', destination, at({ body: { ...good, access_token: 'two', filter: 'type = ' } }, 'second'));
  assert.equal(wrong.status, 400);
  assert.match(wrong.json.problems[0].file, /managed\.yaml$/);
  assert.ok(wrong.json.problems[0].line > 1 && wrong.json.problems[0].text.includes('filter'));
  assert.equal(readFileSync(`${dir}/data/secrets/second.access_token`, 'utf8'), 'one');
  const misspelt = await api.call('put', destination, at({ body: { ...good, acess_token: 'x' } }, 'second'));
  assert.match(misspelt.json.problems[0].message, /did you mean "access_token"/);
  assert.equal((await api.call('put', destination, at({ body: good }, 'meta'))).status, 409);
  assert.equal((await api.call('put', source, at({ body: { write_key: 'test-key' } }, 'other'))).status, 400);
  assert.equal((await api.call('put', source, at({ body: [] }, 'other'))).status, 400);
  assert.equal((await api.call('put', destination, at({ body: { ...good, access_token: '***' } }, 'third'))).status, 400);
  assert.equal((await api.call('put', destination, at({ body: good }, '../x'))).status, 400);
  assert.equal(readFileSync(`${dir}/data/managed.yaml`, 'utf8'), before);
  assert.deepEqual(readdirSync(`${dir}/data/secrets`), ['second.access_token']);

  // Who looks at an older configuration does not overwrite.
  const { generation } = (await api.call('get', '/api/v1/config')).json;
  assert.equal((await api.call('put', source, at({ body: { write_key: 'w1' }, query: `?generation=${generation}` }, 'a'))).status, 200);
  assert.equal((await api.call('put', source, at({ body: { write_key: 'w2' }, query: `?generation=${generation}` }, 'b'))).status, 409);
  assert.equal((await daemon.post('/v1/track', order(), { key: 'w1' })).status, 200);
  assert.equal((await daemon.post('/v1/track', order(), { key: 'w2' })).status, 401);

  const check = await api.call('post', '/api/v1/check', { body: { text: 'destinations:\n  - name: x\n    preset: segmnt\n' } });
  assert.equal(check.json.ok, false);
  assert.ok(check.json.problems.some((p) => p.message.includes('"segment"')));

  // By hand, with a mistake: a start tells, a reload keeps what was.
  writeFileSync(`${dir}/data/managed.yaml`, `${before}\nlisten: x\n`);
  daemon.child.kill('SIGHUP');
  assert.equal((await daemon.destination('second')).name, 'second');
});

test('an editor may not read files through a token, a viewer may change nothing', async (t) => {
  const { dir, api } = await started(t);
  const code = readFileSync(`${dir}/data/setup-link`, 'utf8').trim().split('#setup=')[1];
  const admin = api.as({ cookie: (await api.call('post', '/api/v1/setup', { body: { code, name: 'ann', password: 'correct horse' } })).cookie.split(';')[0] });
  const token = async (role) => api.as({ authorization: `Bearer ${(await admin.call('post', '/api/v1/tokens', { body: { name: role, role } })).json.token}` });
  const editor = await token('editor');
  const viewer = await token('viewer');
  writeFileSync(`${dir}/secret.txt`, 'private');
  const body = { pixel_id: '7', access_token: `file:${dir}/secret.txt`, api_url: 'http://127.0.0.1:1/v26.0' };
  assert.equal((await editor.call('put', destination, at({ body }, 'x'))).status, 400);
  assert.equal((await editor.call('put', destination, at({ body: { ...body, access_token: '${HOME}' } }, 'x'))).status, 400);
  assert.equal((await admin.call('put', destination, at({ body }, 'x'))).status, 200);
  assert.equal((await editor.call('put', destination, at({ body: { ...body, enabled: false } }, 'x'))).status, 200);
  assert.equal((await viewer.call('put', destination, at({ body }, 'x'))).status, 403);
  const { json: shown } = await viewer.call('get', '/api/v1/config');
  assert.equal(shown.sources[0].settings.write_key, '***');
});

test('the first destination takes the place of the sandbox that stood in', async (t) => {
  const { dir, sandbox, daemon, api } = await started(t, (d) => ['--data', `${d}/data`]);
  const key = (await daemon.status()).write_key;
  assert.deepEqual((await api.call('get', '/api/v1/config')).json.destinations.map((d) => d.name), ['sandbox']);
  const body = { pixel_id: '42', access_token: 't', api_url: `${sandbox.url}/v26.0` };
  assert.equal((await api.call('put', destination, at({ body }, 'shop'))).status, 200);
  await until('the sandbox to go', async () => (await daemon.status()).destinations.map((d) => d.name).join() === 'shop');
  await daemon.post('/v1/track', order(), { key });
  assert.equal((await daemon.settled('shop')).states.delivered, 1);
  assert.equal((await sandbox.events()).length, 1);
  await daemon.stop();
  const again = await startDaemon(t, ['--data', `${dir}/data`]);
  assert.deepEqual((await again.status()).destinations.map((d) => d.name), ['shop']);
  await again.stop();
});

test('rules are tried on one event and on the last ones', async (t) => {
  const { daemon, api } = await started(t);
  const event = order({ revenue: 20 });
  const present = await api.call('post', '/api/v1/try', { body: { destination: 'meta', event } });
  assert.equal(present.json.verdict, 'send');
  assert.equal(present.json.result.send[0].event.event_name, 'Purchase');
  assert.match(present.json.rules, /custom_data\.value = 20/);
  const rules = { pixel_id: '9', preset: 'standard', access_token: '***', filter: 'properties.revenue >= 25' };
  const tried = await api.call('post', '/api/v1/try', { body: { destination: rules, event } });
  assert.equal(tried.json.verdict, 'filtered');
  assert.equal(tried.json.reason, 'filter');
  const wrong = await api.call('post', '/api/v1/try', { body: { destination: { ...rules, filter: 'propertes.x = 1' }, event } });
  assert.equal(wrong.status, 400);
  assert.match(wrong.json.problems[0].text, /propertes/);
  assert.equal((await api.call('post', '/api/v1/try', { body: { destination: 'none', event } })).status, 400);
  assert.equal((await api.call('post', '/api/v1/try', { body: { destination: 'meta' } })).status, 400);

  await daemon.post('/v1/batch', { batch: Array.from({ length: 40 }, (_, i) => order({ revenue: i })) });
  await daemon.settled();
  const last = await api.call('post', '/api/v1/try/last', { body: { destination: rules, compare: 'meta', count: 30 } });
  // Of the last 30 (10 to 39) fifteen are below 25 now; the others go to another pixel.
  assert.equal(last.json.total, 30);
  assert.equal(last.json.newly_filtered, 15);
  assert.equal(last.json.changed, 15);
  assert.equal(last.json.same, 0);
  assert.equal(last.json.samples.length, 10);
  assert.deepEqual(last.json.samples[0].after, { filtered: 'filter' });
  assert.equal((await daemon.status()).destinations.length, 1);
});

test('a destination is verified without an event', async (t) => {
  const { sandbox, api } = await started(t);
  const good = await api.call('post', '/api/v1/verify', { body: { destination: 'meta' } });
  assert.deepEqual(good.json.checks.map((c) => [c.check, c.ok]), [['address', true], ['token', true], ['pixel', true]]);
  assert.equal(good.json.ok, true);
  const url = `${sandbox.url}/v26.0`;
  await sandbox.fault({ kind: 'error', code: 190, count: 1 });
  const token = await api.call('post', '/api/v1/verify', { body: { pixel_id: '5', access_token: 'x', api_url: url } });
  assert.deepEqual(token.json.checks.map((c) => [c.check, c.ok]), [['address', true], ['token', false]]);
  assert.ok(token.json.checks[1].cure.length > 10);
  await sandbox.fault({ kind: 'error', code: 100, subcode: 33, count: 1 });
  const pixel = await api.call('post', '/api/v1/verify', { body: { pixel_id: '5', access_token: 'x', api_url: url } });
  assert.deepEqual(pixel.json.checks.map((c) => [c.check, c.ok]), [['address', true], ['token', true], ['pixel', false]]);
  const nobody = await api.call('post', '/api/v1/verify', { body: { pixel_id: '5', access_token: 'x', api_url: 'http://127.0.0.1:1/v26.0' } });
  assert.equal(nobody.json.checks[0].ok, false);
  assert.equal((await api.call('post', '/api/v1/verify', { body: {} })).status, 400);
  assert.equal((await sandbox.events()).length, 0);
});

test('the demo shop comes from inside', async (t) => {
  const { daemon, api } = await started(t);
  assert.equal((await api.call('post', '/api/v1/demo')).json.done, 10);
  const d = await daemon.settled();
  assert.equal(d.received, 10);
  assert.ok(d.states.delivered >= 7 && d.states.dead === 1);
});

test('a new configuration is compared over what came in', async (t) => {
  const { dir, daemon, api } = await started(t);
  await daemon.post('/v1/batch', { batch: Array.from({ length: 40 }, (_, i) => order({ revenue: i })) });
  await daemon.settled();
  const text = readFileSync(`${dir}/pixeld.yaml`, 'utf8');
  writeFileSync(`${dir}/new.yaml`, `${text}\n    filter: properties.revenue >= 10\n`);
  const r = run('diff', [`${dir}/new.yaml`, '--since', '1h', '--admin', daemon.admin]);
  assert.equal(r.code, 1, r.err);
  assert.match(r.out, /^ +40 events compared$/m);
  assert.match(r.out, /^ +30 come out the same$/m);
  assert.match(r.out, /^ +10 would be filtered now$/m);
  assert.match(r.out, /^meta, event 0:\n.*becomes nothing\n  filtered: was nothing, becomes "filter"$/m);
  const same = run('diff', [`${dir}/pixeld.yaml`, '--since', '1h', '--admin', daemon.admin]);
  assert.equal(same.code, 0, same.err);
  writeFileSync(`${dir}/wrong.yaml`, `${text}\n    filtr: x\n`);
  assert.equal(run('diff', [`${dir}/wrong.yaml`, '--since', '1h', '--admin', daemon.admin]).code, 1);
  assert.equal(run('diff', [`${dir}/new.yaml`, '--since', 'yesterday', '--admin', daemon.admin]).code, 2);
  // In stretches: the whole is the sum of its parts.
  for (let i = 0; i < 25; i++) await daemon.post('/v1/batch', { batch: Array.from({ length: 1000 }, () => track('Product Viewed')) });
  const long = run('diff', [`${dir}/new.yaml`, '--since', '1h', '--admin', daemon.admin]);
  assert.match(long.out, /^ +25040 events compared$/m);
  const { json } = await api.call('post', '/api/v1/diff', { body: { text, from: 25000 } });
  assert.equal(json.destinations[0].total, 40);
  assert.equal(json.next, undefined);
  assert.equal((await api.call('post', '/api/v1/diff', { body: { text } })).status, 400);
});
