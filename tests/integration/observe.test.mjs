// What the admin API tells of the stream: rows with their destinations' states, event names, series, match
// quality, pairing, delivery, the system, and the built-in sandbox's own routes.
import test from 'node:test';
import assert from 'node:assert/strict';
import { config, order, startDaemon, startSandbox, tempDir, track, until } from './lib.mjs';
import { Api, Description } from './openapi.mjs';

async function started(t, extra = {}, args = []) {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox, { top: 'dedup: { size: 1MiB }', ...extra });
  const daemon = await startDaemon(t, ['--config', file, ...args]);
  const description = await Description.of(daemon.admin);
  return { dir, file, sandbox, daemon, api: new Api(daemon.admin, description) };
}
const ask = async (api, path, query = '', params = {}) => {
  const { status, json } = await api.call('get', path, { query, params });
  assert.equal(status, 200, JSON.stringify(json));
  return json;
};

test('rows say what became of the event at each destination', async (t) => {
  const { daemon, api } = await started(t);
  const [good, bad] = [order(), order()];
  bad.properties.revenue = 'x';
  await daemon.post('/v1/batch', { batch: [good, bad, good, track('Nothing Known')] });
  await daemon.settled();
  const rows = (await ask(api, '/api/v1/events')).events;
  const fates = rows.map((row) => row.destinations.map((d) => `${d.name} ${d.state} ${d.meta_event}`));
  assert.deepEqual(fates[0], ['meta delivered Purchase']);
  assert.match(fates[1][0], /^meta dead /);
  assert.deepEqual(fates[2], ['meta duplicate ']);
  const states = rows.map((row) => row.destinations[0].state);
  for (const state of ['delivered', 'dead', 'duplicate']) {
    const found = (await ask(api, '/api/v1/events', `?state=${state}`)).events.map((row) => row.seq);
    assert.deepEqual(found, rows.filter((_, i) => states[i] === state).map((row) => row.seq), state);
  }
  assert.deepEqual((await ask(api, '/api/v1/events', '?state=nonsense')).events, []);
});

test('rows asked for by number are told as they are now', async (t) => {
  const { daemon, api, sandbox } = await started(t, { token: 'test-token' });
  await sandbox.fault({ kind: 'error', code: 190, subcode: 463 });
  await daemon.post('/v1/batch', { batch: [order(), order(), order()] });
  await until('the pause', async () => (await daemon.destination()).paused);
  const before = (await ask(api, '/api/v1/events', '?seqs=2,0')).events;
  assert.deepEqual(before.map((row) => [row.seq, row.destinations[0].state]), [[2, 'waiting'], [0, 'waiting']]);
  await sandbox.clearFaults();
  daemon.child.kill('SIGHUP');
  await daemon.settled();
  const after = (await ask(api, '/api/v1/events', '?seqs=2,0')).events;
  assert.deepEqual(after.map((row) => row.destinations[0].state), ['delivered', 'delivered']);
  assert.deepEqual((await ask(api, '/api/v1/events', '?seqs=99')).events, [], 'not there yet');
  for (const bad of ['x', '1,', '1,,2', Array(101).fill(1).join(',')])
    assert.equal((await api.call('get', '/api/v1/events', { query: `?seqs=${bad}` })).status, 400, bad);
});
