// Delivery in a whole daemon against a sandbox that fails in every way it knows: nothing is lost, nothing
// arrives under a second id, the sums add up; and what a person sees of a pause. EVENTS sets how many
// (make soak: 100,000).
import test from 'node:test';
import assert from 'node:assert/strict';
import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox, config, order, run, startDaemon, startSandbox, tempDir, until } from './lib.mjs';

const EVENTS = Number(process.env.EVENTS ?? 3000);

const quick = 'batch: { events: 100, timeout: 2s }';

async function send(daemon, events) {
  for (let i = 0; i < events.length; i += 500) {
    const answer = await daemon.post('/v1/batch', { batch: events.slice(i, i + 500) });
    assert.equal(answer.status, 200);
  }
}

async function idsOf(sandbox) {
  const ids = new Map();
  for (let since = 0, more = true; more;) {
    const page = await sandbox.inbox(`&since=${since}`);
    for (const e of page.events) ids.set(e.event.event_id, (ids.get(e.event.event_id) ?? 0) + (e.duplicate ? 0 : 1));
    more = page.events.length > 0 && page.next !== since;
    since = page.next;
  }
  return ids;
}

test(`${EVENTS} events through a sandbox that fails 30 % of requests`, { timeout: 120000 + EVENTS * 20 }, async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox, { destination: `    ${quick}` })]);
  const share = { probability: 0.03 };
  for (const fault of [
    { kind: 'status', status: 500 }, { kind: 'status', status: 503 }, { kind: 'error', code: 2 },
    { kind: 'error', code: 1, subcode: 99 }, { kind: 'reset' }, { kind: 'garbage' }, { kind: 'truncate' },
    { kind: 'lost_answer' }, { kind: 'fewer' }, { kind: 'hang', ms: 2500 },
  ]) await sandbox.fault({ ...fault, ...share });
  await sandbox.fault({ kind: 'slow', ms: 50, probability: 0.1 });
  const events = Array.from({ length: EVENTS }, () => order());
  const bad = events.filter((_, i) => i % 150 === 7).slice(0, 20);
  await sandbox.fault(bad.map((e) => ({ kind: 'error', code: 100, subcode: 2804009, event: e.messageId })));
  await send(daemon, events);
  const d = await until('all to be settled', async () => {
    const now = await daemon.destination();
    return now.states.waiting === 0 && now;
  }, 100000 + EVENTS * 20);
  const refused = bad.length;
  assert.equal(d.received, EVENTS);
  assert.deepEqual([d.states.delivered, d.reasons.refused ?? 0], [EVENTS - refused, refused]);
  assert.ok(d.requests_failed > 0);
  const ids = await idsOf(sandbox);
  // A refused one may be there too: it was stored by a request whose answer was lost.
  const missing = events.filter((e) => !ids.has(e.messageId)).map((e) => e.messageId);
  assert.deepEqual(missing.filter((id) => !bad.some((e) => e.messageId === id)), []);
  for (const [id, distinct] of ids) assert.equal(distinct, 1, `${id} arrived as ${distinct} events`);
  const metrics = await daemon.metrics();
  assert.match(metrics, new RegExp(`pixeld_settled_events_total\\{destination="meta",source="shop",event="Order Completed",state="delivered",reason="none"\\} ${EVENTS - refused}`));
});

test('a refused token gives way to the next; the app secret is proven', { timeout: 60000 }, async (t) => {
  const dir = tempDir(t);
  const sandbox = new Sandbox('all', ['--token', 'new-token', '--app-secret', 'shh']);
  t.after(() => sandbox.stop('SIGKILL'));
  await sandbox.start();
  const file = config(dir, sandbox, { token: '[old-token, new-token]', destination: '    app_secret: shh' });
  const daemon = await startDaemon(t, ['--config', file]);
  await send(daemon, [order(), order()]);
  const d = await daemon.settled();
  assert.equal(d.states.delivered, 2);
  assert.deepEqual([d.token, d.tokens], [2, 2]);
  const text = run('status', ['--admin', daemon.admin]).out;
  assert.match(text, /uses access token 2 of 2/);
  assert.ok(!text.includes('new-token') && !daemon.log.includes('new-token') && !daemon.log.includes('shh'));
});

test('a paused destination counts down, and a conversion pixel pauses alone', { timeout: 60000 }, async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  await sandbox.fault({ kind: 'error', code: 100, subcode: 33, pixel: '601010101010101' });
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox, {
    destination: '    events: { Signed Up: { send: CompleteRegistration, pixel_id: "601010101010101" } }',
  })]);
  await send(daemon, [order(), { ...order(), event: 'Signed Up' }, order()]);
  let d = await until('the pixel to pause', async () => {
    const now = await daemon.destination();
    return now.states.delivered === 2 && now.reasons.pixel_paused === 1 && now;
  });
  assert.equal(d.paused, false);
  assert.deepEqual(d.paused_pixels.map((p) => [p.pixel_id, p.code, p.subcode]), [['601010101010101', 100, 33]]);
  assert.match(run('status', ['--admin', daemon.admin]).out, /pixel 601010101010101 PAUSED \(code 100\/33\).*Tried again in/);
  await sandbox.clearFaults();
  await sandbox.fault({ kind: 'error', code: 190, subcode: 463 });
  daemon.child.kill('SIGHUP'); // the pixel is tried at once; now the token is bad
  await send(daemon, [order({ late: true }), { ...order(), timestamp: new Date(Date.now() - 6.5 * 86400e3).toISOString() }]);
  d = await until('the pause', async () => {
    const now = await daemon.destination();
    return now.paused && now.at_risk === 1 && now;
  });
  const left = Date.parse(d.first_loss) - Date.now();
  assert.ok(left > 11 * 3600e3 && left < 12.1 * 3600e3, `${left} ms`);
  assert.match(run('status', ['--admin', daemon.admin]).out, /no more in 11 h \d+ min; 1 have less than a day/);
  await sandbox.clearFaults();
  daemon.child.kill('SIGHUP');
  d = await daemon.settled();
  assert.equal(d.states.delivered, 5);
});

test('a lost store is told loudly, and start: TIME fetches what it forgot', { timeout: 60000 }, async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const since = new Date(Date.now() - 60000).toISOString();
  let daemon = await startDaemon(t, ['--config', config(dir, sandbox)]);
  await send(daemon, [order(), order()]);
  await daemon.settled();
  await daemon.stop();
  rmSync(join(dir, 'data', 'store'), { recursive: true });
  daemon = await startDaemon(t, ['--config', config(dir, sandbox)]);
  assert.ok(daemon.log.includes('the state store is new but the journal is not'));
  assert.equal((await daemon.status()).state_lost, true);
  const d = await daemon.destination();
  assert.deepEqual([d.received, d.skipped], [0, 2]);
  assert.match(run('status', ['--admin', daemon.admin]).out, /THE STATE STORE WAS REMOVED/);
  config(dir, sandbox, { destination: `    start: ${since}` });
  daemon.child.kill('SIGHUP');
  assert.equal((await daemon.settled()).states.delivered, 2);
  assert.equal((await sandbox.summary()).duplicates, 2, 'the same ids again');
});

test('a store that was cut off is a message, not a crash', { timeout: 60000 }, async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox);
  const daemon = await startDaemon(t, ['--config', file]);
  await send(daemon, [order()]);
  await daemon.settled();
  await daemon.stop();
  const data = join(dir, 'data', 'store', 'data.mdb');
  truncateSync(data, statSync(data).size / 2);
  const r = run('serve', ['--config', file]);
  assert.equal(r.code, 3);
  assert.match(r.err, /cut off: data.mdb has \d+ of \d+ bytes/);
  writeFileSync(data, '');
});
