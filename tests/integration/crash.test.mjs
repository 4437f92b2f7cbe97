// kill -9 at random moments while events stream in and Meta misbehaves: whatever got a 2xx is at the
// sandbox in the end, and the same event is never there under two event_ids. KILLS sets how often, BATCH how
// many events a request carries at most (make soak: enough for a million).
import test from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { config, sleep, startDaemon, startSandbox, tempDir, until, Daemon } from './lib.mjs';

const kills = Number(process.env.KILLS || 20);
const batchMax = Number(process.env.BATCH || 20);

// Ports that stay the same over restarts.
function freePort() {
  return new Promise((resolve) => {
    const s = createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
}

const faults = [
  { kind: 'status', status: 500, count: 3 },
  { kind: 'error', code: 4, count: 2 },
  { kind: 'error', code: 2, count: 2 },
  { kind: 'status', status: 429, count: 2 },
  { kind: 'hang', ms: 3000, count: 1 },
  { kind: 'reset', count: 2 },
  { kind: 'lost_answer', count: 2 },
  { kind: 'slow', ms: 200, count: 5 },
  { kind: 'garbage', count: 1 },
  { kind: 'error', code: 190, subcode: 463, count: 1 },
];

test(`${kills} kills while events stream in`, { timeout: 60000 + kills * 20000 }, async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const [port, adminPort] = [await freePort(), await freePort()];
  const file = config(dir, sandbox, {
    destination: '    batch: { linger: 20ms, timeout: 2s }\n',
  });
  const { readFileSync, writeFileSync } = await import('node:fs');
  writeFileSync(file, readFileSync(file, 'utf8')
    .replace('listen: 127.0.0.1:0', `listen: 127.0.0.1:${port}`)
    .replace('admin: 127.0.0.1:0', `admin: 127.0.0.1:${adminPort}`));

  const acknowledged = new Set();
  let sent = 0;
  let sending = true;
  const url = `http://127.0.0.1:${port}/v1/batch`;
  const authorization = `Basic ${Buffer.from('test-key:').toString('base64')}`;

  // A batch that got no answer is given up, never counted.
  async function client(name) {
    while (sending) {
      const batch = [];
      for (let i = 0; i < 1 + Math.floor(Math.random() * batchMax); i += 1) {
        sent += 1;
        batch.push({
          type: 'track', event: 'Order Completed', userId: `u${sent}`, messageId: `${name}-${sent}`,
          timestamp: new Date().toISOString(), properties: { revenue: 1 + sent / 100, currency: 'EUR' },
          context: { traits: { email: `u${sent}@example.com` } },
        });
      }
      try {
        const r = await fetch(url, {
          method: 'POST', headers: { authorization }, body: JSON.stringify({ batch }),
          signal: AbortSignal.timeout(5000),
        });
        await r.text();
        if (r.ok) batch.forEach((e) => acknowledged.add(e.messageId));
        else await sleep(20);
      } catch {
        await sleep(20);
      }
      await sleep(Math.random() * 10);
    }
  }

  // Reads the inbox as it fills, because it keeps the latest only, until all is settled.
  let settled = false;
  async function watch() {
    const ids = new Set();
    const byPerson = new Map();
    const twice = [];
    for (let since = 0; ;) {
      const last = settled;
      const page = await sandbox.inbox(`&since=${since}`);
      for (const e of page.events) {
        const id = e.event.event_id;
        const person = JSON.stringify(e.event.user_data.external_id);
        ids.add(id);
        if ((byPerson.get(person) ?? id) !== id) twice.push([person, byPerson.get(person), id]);
        byPerson.set(person, id);
        since = Math.max(since, e.n);
      }
      if (!page.events.length) {
        if (last) return { ids, twice };
        await sleep(50);
      }
    }
  }
  const seen = watch();

  let daemon = await startDaemon(t, ['--config', file]);
  const clients = ['a', 'b', 'c', 'd'].map(client);
  for (let i = 0; i < kills; i += 1) {
    if (i % 2 === 0) await sandbox.fault(faults[(i / 2) % faults.length]);
    await sleep(100 + Math.random() * 700);
    await daemon.stop('SIGKILL');
    daemon = new Daemon(['--config', file]);
    const mine = daemon;
    t.after(() => mine.stop('SIGKILL'));
    await daemon.start();
    if ((i + 1) % 10 === 0) console.log(`# ${i + 1} kills, ${sent} sent, ${acknowledged.size} acknowledged`);
  }
  sending = false;
  await Promise.all(clients);
  await sandbox.clearFaults();
  // A pause for a bad token is lifted by a reload, as an operator would do it.
  daemon.child.kill('SIGHUP');
  const d = await daemon.settled(undefined, 120000);
  console.log(`# ${sent} sent, ${acknowledged.size} acknowledged, ${JSON.stringify(d.states)}`);
  assert.ok(acknowledged.size > kills * 10, 'events got through between the kills');

  settled = true;
  const { ids, twice } = await seen;
  assert.deepEqual(twice, [], 'one event, one id');
  const lost = [...acknowledged].filter((id) => !ids.has(id));
  assert.deepEqual(lost.slice(0, 5), [], `${lost.length} acknowledged events are not at the sandbox`);
  assert.equal(d.states.dead, 0);
});
