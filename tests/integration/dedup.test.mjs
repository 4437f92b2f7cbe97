// The same message id twice is one event at Meta: within a batch, over requests, over kill -9 and restart.
import test from 'node:test';
import assert from 'node:assert/strict';
import { config, order, run, startDaemon, startSandbox, tempDir } from './lib.mjs';

async function ids(sandbox) {
  return (await sandbox.events()).map((e) => e.event_id).sort();
}

test('a repeated event is answered 2xx, counted as duplicate and not sent', async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox, { top: 'dedup: { size: 1MiB }' });
  let d = await startDaemon(t, ['--config', file]);
  const [a, c] = [order(), order()];
  const b = { ...order(), sentAt: '2026-01-01T00:00:00Z' };
  assert.equal((await d.post('/v1/batch', { batch: [a, b, a] })).status, 200);
  assert.equal((await d.post('/v1/track', { ...b, sentAt: '2026-01-01T00:00:09Z' })).status, 200);
  let s = await d.settled();
  assert.deepEqual([s.received, s.states.delivered, s.states.duplicate], [4, 2, 2]);
  assert.deepEqual(s.reasons, { duplicate: 2 });

  await d.stop('SIGKILL');
  d = await startDaemon(t, ['--config', file]);
  assert.equal((await d.post('/v1/batch', { batch: [a, c] })).status, 200);
  const other = { ...c, properties: { ...c.properties, revenue: 99 } };
  assert.equal((await d.post('/v1/batch', { batch: [other] })).status, 200);
  s = await d.settled();
  assert.deepEqual([s.received, s.states.delivered, s.states.duplicate], [7, 3, 4]);
  assert.deepEqual(s.reasons, { duplicate: 3, changed_duplicate: 1 });
  assert.match(await d.metrics(), /pixeld_journal_changed_duplicates_total 1\n/);
  assert.deepEqual(await ids(sandbox), [a, b, c].map((e) => e.messageId).sort());
});

test('switched off, nothing is a duplicate; another source never is', async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const more = 'sources:\n  - {name: app, write_key: app-key}\n  - {name: shop, write_key: test-key}\n';
  const file = config(dir, sandbox, { top: 'dedup: { size: 1MiB }' });
  const { readFileSync, writeFileSync } = await import('node:fs');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/sources:\n.*\n.*\n/, more));
  let d = await startDaemon(t, ['--config', file]);
  const a = order();
  await d.post('/v1/track', a);
  await d.post('/v1/track', a, { key: 'app-key' });
  let s = await d.settled();
  assert.deepEqual([s.states.delivered, s.states.duplicate], [2, 0]);
  await d.stop();
  writeFileSync(file, readFileSync(file, 'utf8').replace('{ size: 1MiB }', '{ enabled: false }'));
  assert.equal(run('check', ['--config', file]).code, 0);
  d = await startDaemon(t, ['--config', file]);
  await d.post('/v1/track', a);
  s = await d.settled();
  assert.deepEqual([s.states.delivered, s.states.duplicate], [3, 0]);
});

test('the same event in many requests at the same time goes once', async (t) => {
  const sandbox = await startSandbox(t);
  const d = await startDaemon(t, ['--config', config(tempDir(t), sandbox, { top: 'threads: 4\ndedup: { size: 1MiB }' })]);
  const events = Array.from({ length: 20 }, () => order());
  const answers = await Promise.all(Array.from({ length: 10 }, () => events).flat().map((event) => d.post('/v1/track', event)));
  assert.ok(answers.every((r) => r.status === 200));
  const s = await d.settled();
  assert.deepEqual([s.states.delivered, s.states.duplicate], [20, 180]);
  assert.deepEqual(await ids(sandbox), events.map((e) => e.messageId).sort());
});

test('a table that is too small says so', async (t) => {
  const d = await startDaemon(t, ['--config', config(tempDir(t), await startSandbox(t), { top: 'dedup: { size: 1MiB }', destination: '    filter: event = "Nothing"' })]);
  const alerts = async () => (await (await fetch(`${d.admin}/api/v1/alerts`)).json()).alerts.map((a) => a.kind);
  assert.deepEqual([(await d.status()).dedup.forgotten, (await alerts()).includes('dedup_small')], [0, false]);
  for (let n = 0; n < 70; n += 1) {
    const batch = Array.from({ length: 1000 }, (_, i) => ({ type: 'track', event: 'x', userId: 'u', messageId: `${n}-${i}` }));
    assert.equal((await d.post('/v1/batch', { batch })).status, 200);
  }
  const { forgotten, failed } = (await d.status()).dedup;
  assert.ok(forgotten > 4000 && forgotten < 20000, String(forgotten));
  assert.equal(failed, false);
  assert.ok((await alerts()).includes('dedup_small'));
  assert.match(run('status', ['--admin', d.admin]).out, new RegExp(`\\n${forgotten} message ids were forgotten`));
});
