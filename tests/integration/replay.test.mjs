// Events that the journal still has go to a destination again: what was delivered stays where it is, the
// sums add up, ids stay the same, and a killed server goes on where it was.
import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { config, order, run, startDaemon, startSandbox, tempDir, track, until } from './lib.mjs';
import { Api, Description } from './openapi.mjs';

async function started(t, extra = {}) {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox, { top: 'dedup: { size: 1MiB }', ...extra });
  const daemon = await startDaemon(t, ['--config', file]);
  return { dir, file, sandbox, daemon };
}
const replay = (daemon, ...more) => run('replay', ['--admin', daemon.admin, '--destination', 'meta', ...more]);
const replays = async (daemon) => (await (await fetch(`${daemon.admin}/api/v1/replays`)).json()).replays;
const last = async (daemon) => (await replays(daemon)).at(-1);

async function reconfigure(daemon, file, from, to) {
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
  daemon.child.kill('SIGHUP');
  await until('the reload', () => daemon.log.includes('configuration reloaded'));
}

test('what a rule had left out goes when the rule is gone, and nothing goes twice', async (t) => {
  const { daemon, sandbox, file } = await started(t, { destination: '    filter: event != "Order Completed"\n' });
  const [a, b] = [order(), order()];
  const other = track('Products Searched', { query: 'x' });
  await daemon.post('/v1/batch', { batch: [a, other, b, a] });
  let d = await daemon.settled();
  assert.deepEqual([d.states.delivered, d.states.filtered, d.states.duplicate], [1, 2, 1]);

  assert.equal(replay(daemon, '--dry-run').code, 0);
  let job = await last(daemon);
  assert.deepEqual([job.counts.queued, job.counts.filtered, job.counts.delivered, job.counts.duplicate], [0, 2, 1, 1]);

  await reconfigure(daemon, file, '    filter: event != "Order Completed"\n', '');
  const dry = replay(daemon, '--dry-run');
  assert.equal(dry.code, 0, dry.err);
  assert.match(dry.out, /2 +would be queued/);
  assert.equal((await daemon.settled()).states.delivered, 1, 'a dry run sends nothing');
  assert.equal(replay(daemon, '--event', 'Other').code, 0);
  assert.equal((await last(daemon)).counts.other, 4);
  assert.equal(replay(daemon, '--source', 'nobody').code, 0);
  assert.equal((await last(daemon)).counts.queued, 0);

  assert.equal(replay(daemon, '--event', 'Order Completed').code, 0);
  job = await last(daemon);
  assert.deepEqual([job.state, job.counts.queued, job.counts.duplicate, job.counts.other], ['done', 2, 1, 1]);
  d = await until('all to be delivered', async () => {
    const s = await daemon.settled();
    return s.states.delivered === 3 && s;
  });
  assert.deepEqual([d.received, d.states.filtered, d.states.duplicate], [4, 0, 1]);
  const ids = (await sandbox.events()).map((e) => e.event_id).sort();
  assert.deepEqual(ids, [a, b, other].map((e) => e.messageId).sort());

  assert.equal(replay(daemon).code, 0);
  assert.deepEqual([(await last(daemon)).counts.queued, (await last(daemon)).counts.delivered], [0, 3]);
  const before = (await sandbox.summary()).duplicates;
  assert.equal(replay(daemon, '--include-delivered').code, 0);
  assert.equal((await last(daemon)).counts.queued, 3);
  await until('the same ids to arrive again', async () => (await sandbox.inbox()).events.filter((e) => e.duplicate).length === 3);
  d = await daemon.settled();
  assert.deepEqual([d.received, d.states.delivered], [4, 3], `sums stay (${before})`);
});

test('dead letters and what is too old', async (t) => {
  const { daemon, file } = await started(t, { destination: '    events: { Order Completed: Purchase }\n' });
  const old = { ...order(), timestamp: new Date(Date.now() - 9 * 86400e3).toISOString() };
  const bad = order({ revenue: 'x' });
  await daemon.post('/v1/batch', { batch: [old, bad, order()] });
  let d = await daemon.settled();
  assert.deepEqual([d.states.dead, d.states.delivered], [2, 1]);
  replay(daemon, '--dry-run');
  let { counts } = await last(daemon);
  assert.deepEqual([counts.too_old, counts.would_fail, counts.delivered, counts.queued], [1, 1, 1, 0]);
  await reconfigure(daemon, file, 'Purchase }\n', 'OrderSeen }\n    custom_data: { value: null }\n');
  replay(daemon);
  ({ counts } = await last(daemon));
  assert.deepEqual([counts.too_old, counts.queued], [1, 1]);
  d = await until('the mended one to go', async () => {
    const s = await daemon.settled();
    return s.states.delivered === 2 && s;
  });
  assert.equal(d.states.dead, 1);
  const letters = (await (await fetch(`${daemon.admin}/api/v1/dead?destination=meta`)).json()).dead;
  assert.deepEqual(letters.map((l) => l.reason), ['event_too_old']);
});

test('a destination that came later has only its own events', async (t) => {
  const { daemon, file, sandbox } = await started(t);
  await daemon.post('/v1/batch', { batch: [order(), order()] });
  await daemon.settled();
  const later = `destinations:\n  - {name: later, pixel_id: "9", access_token: x, api_url: "${sandbox.url}/v26.0"}\n`;
  await reconfigure(daemon, file, 'destinations:\n', later);
  await daemon.post('/v1/track', order());
  await daemon.settled('later');
  assert.equal(run('replay', ['--admin', daemon.admin, '--destination', 'later', '--include-delivered']).code, 0);
  const { counts } = await last(daemon);
  assert.deepEqual([counts.before, counts.queued, counts.waiting], [2, 1, 0]);
});

test('a stretch of time, and what is refused', async (t) => {
  const { daemon } = await started(t);
  await daemon.post('/v1/track', order());
  await daemon.settled();
  replay(daemon, '--from', '1h', '--to', '30m', '--dry-run');
  assert.equal((await last(daemon)).counts.looked_at, 0);
  replay(daemon, '--from', '1h', '--dry-run');
  assert.equal((await last(daemon)).counts.looked_at, 1);
  assert.equal(replay(daemon, '--from', 'yesterday').code, 2);
  assert.equal(run('replay', ['--admin', daemon.admin]).code, 2);
  const nobody = run('replay', ['--admin', daemon.admin, '--destination', 'nobody']);
  assert.equal(nobody.code, 1);
  assert.match(nobody.err, /no destination "nobody"/);
  assert.equal(run('replay', ['--admin', daemon.admin, '--cancel', '99']).code, 1);
  const api = new Api(daemon.admin, await Description.of(daemon.admin));
  assert.equal((await api.call('get', '/api/v1/replays')).status, 200);
  assert.equal((await api.call('post', '/api/v1/replays', { body: { destination: 'meta', dry_run: true } })).status, 200);
  assert.equal((await api.call('post', '/api/v1/replays', { body: {} })).status, 400);
});

test('killed in the middle it goes on, and nothing is lost or sent under another id', async (t) => {
  const { daemon: first, sandbox, file } = await started(t, { destination: '    filter: type != "track"\n    batch: { events: 100 }\n' });
  let daemon = first;
  const events = Array.from({ length: 12000 }, (_, i) => ({ ...order(), messageId: `r-${i}` }));
  for (let i = 0; i < events.length; i += 1000) {
    assert.equal((await daemon.post('/v1/batch', { batch: events.slice(i, i + 1000) })).status, 200);
  }
  assert.equal((await daemon.settled()).states.filtered, 12000);
  await reconfigure(daemon, file, '    filter: type != "track"\n', '');
  await sandbox.fault({ kind: 'slow', ms: 30, count: 100000 });
  const started_ = await fetch(`${daemon.admin}/api/v1/replays`, { method: 'POST', body: JSON.stringify({ destination: 'meta' }) });
  assert.equal(started_.status, 200);
  for (let kill = 0; kill < 4; kill += 1) {
    const target = (kill + 1) * 1500;
    await until('some to be delivered', async () => (await daemon.destination('meta')).states.delivered >= target);
    await daemon.stop('SIGKILL');
    daemon = await startDaemon(t, ['--config', file]);
  }
  await sandbox.clearFaults();
  const d = await until('all to be delivered', async () => {
    const s = await daemon.settled();
    return s.states.delivered === 12000 && s;
  }, 60000);
  assert.equal(d.received, 12000);
  assert.equal((await last(daemon)).state, 'done');
  const ids = new Set();
  for (let since = 0; ;) {
    const page = await sandbox.inbox(`&since=${since}`);
    if (!page.events.length) break;
    for (const e of page.events) { ids.add(e.event.event_id); since = Math.max(since, e.n); }
  }
  assert.equal(ids.size, 12000);
});

test('two over the same stretch at the same time send each event once', async (t) => {
  const { daemon, sandbox, file } = await started(t, { destination: '    filter: event != "Order Completed"\n' });
  const batch = Array.from({ length: 900 }, () => order());
  for (let i = 0; i < 5; i += 1) await daemon.post('/v1/batch', { batch: batch.map((e) => ({ ...e, messageId: `${i}-${e.messageId}` })) });
  assert.equal((await daemon.settled()).states.filtered, 4500);
  await reconfigure(daemon, file, '    filter: event != "Order Completed"\n', '');
  const begin = () => fetch(`${daemon.admin}/api/v1/replays`, { method: 'POST', body: '{"destination":"meta"}' });
  assert.ok((await Promise.all([begin(), begin(), begin()])).every((r) => r.status === 200));
  const jobs = await until('all to be done', async () => {
    const all = await replays(daemon);
    return all.every((job) => job.state === 'done') && all;
  });
  assert.equal(jobs.reduce((n, job) => n + job.counts.queued, 0), 4500);
  for (const { counts } of jobs) assert.equal(counts.queued + counts.waiting + counts.delivered, 4500, JSON.stringify(counts));
  await until('all to be delivered', async () => (await daemon.settled()).states.delivered === 4500);
  assert.equal((await sandbox.summary()).duplicates, 0);
});

test('a paused destination holds a replay, which can be cancelled', async (t) => {
  const { daemon, sandbox, file } = await started(t, { destination: '    filter: type != "track"\n' });
  const events = Array.from({ length: 9000 }, () => order());
  for (let i = 0; i < 9; i += 1) await daemon.post('/v1/batch', { batch: events.slice(i * 1000, i * 1000 + 1000) });
  await daemon.settled();
  await reconfigure(daemon, file, '    filter: type != "track"\n', '');
  await sandbox.fault({ kind: 'error', code: 190, subcode: 463, count: 100000 });
  await fetch(`${daemon.admin}/api/v1/replays`, { method: 'POST', body: JSON.stringify({ destination: 'meta' }) });
  const job = await until('the queue to be full', async () => {
    const j = await last(daemon);
    return j.counts.queued >= 4000 && j;
  });
  assert.ok(job.counts.queued <= 6000, `${job.counts.queued} queued`);
  assert.equal(run('replay', ['--admin', daemon.admin, '--cancel', String(job.id)]).code, 0);
  assert.equal((await last(daemon)).state, 'cancelled');
  const d = await daemon.destination('meta');
  assert.equal(Object.values(d.states).reduce((a, b) => a + b), 9000);
  assert.match(run('replay', ['--admin', daemon.admin, '--list']).out, /cancelled/);
});
