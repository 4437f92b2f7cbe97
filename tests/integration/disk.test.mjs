// A disk that is full: clients get 503 with Retry-After, never a lie; when there is room again the
// daemon goes on by itself, and everything it acknowledged arrives.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { config, order, startDaemon, startSandbox, tempDir, until } from './lib.mjs';

const mount = (...args) => spawnSync('mount', args, { encoding: 'utf8' });
const canMount = process.getuid() === 0;

test('a full disk is 503, and heals', { skip: !canMount && 'needs root to mount a small tmpfs', timeout: 120000 }, async (t) => {
  // Hooks run in the order they were made: the file system has to go before its directory.
  let mounted = null;
  t.after(() => mounted && spawnSync('umount', ['-l', mounted]));
  const dir = tempDir(t);
  const data = join(dir, 'data');
  mkdirSync(data);
  const r = mount('-t', 'tmpfs', '-o', 'size=100m', 'tmpfs', data);
  if (r.status !== 0) return t.skip(`cannot mount a tmpfs here: ${r.stderr}`);
  mounted = data;
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox)]);
  const acknowledged = new Set();
  let refused = null;
  const padding = 'x'.repeat(100 * 1024);
  for (let i = 0; i < 40 && !refused; i += 1) {
    // Padding that does not go to Meta, so that only the journal grows.
    const batch = Array.from({ length: 30 }, () => order({ products: [], note: { padding: [[padding]] } }));
    const answer = await daemon.post('/v1/batch', { batch });
    if (answer.status === 200) batch.forEach((e) => acknowledged.add(e.messageId));
    else refused = answer;
  }
  assert.ok(refused, 'the disk filled up');
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.ok((await refused.text()).length > 10);
  assert.equal((await fetch(`${daemon.admin}/healthz`)).status, 200, 'it lives');
  assert.equal(mount('-o', 'remount,size=600m', data).status, 0);
  const healed = order();
  await until('the daemon to take events again', async () => (await daemon.post('/v1/track', healed)).status === 200);
  acknowledged.add(healed.messageId);
  const d = await daemon.settled(undefined, 60000);
  assert.equal(d.states.dead, 0);
  const ids = new Set((await sandbox.events()).map((e) => e.event_id));
  assert.deepEqual([...acknowledged].filter((id) => !ids.has(id)), []);
});

test('a destination that stands still does not fill the journal for the others', { timeout: 120000 }, async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox, {
    top: 'journal: { max_size: 128MiB }',
    more: `  - name: asleep
    pixel_id: "222"
    access_token: t
    api_url: ${sandbox.url}/v26.0
    enabled: false
`,
  })]);
  const padding = 'x'.repeat(100 * 1024);
  let sent = 0;
  for (let i = 0; i < 100; i += 1) {
    const batch = Array.from({ length: 20 }, () => order({ products: [], note: { padding: [[padding]] } }));
    // The journal may be full for the moment it takes to make room; an SDK would try again as well.
    await until('room in the journal', async () => (await daemon.post('/v1/batch', { batch })).status === 200);
    sent += 20;
  }
  const meta = await daemon.settled('meta', 60000);
  assert.equal(meta.states.delivered, sent);
  const asleep = await until('the sleeper to be told', async () => {
    const d = await daemon.destination('asleep');
    return d.states.dead > 0 && d;
  });
  assert.deepEqual(Object.keys(asleep.reasons), ['trimmed']);
  assert.equal(asleep.received, sent);
  assert.equal(asleep.states.dead + asleep.states.waiting, sent);
  assert.ok(asleep.states.waiting > 0, 'the newest are kept');
});
