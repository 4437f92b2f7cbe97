// The daemon seen from outside: no configuration, health, metrics, reload, restart, Meta in trouble.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  binary, config, order, run, sleep, startDaemon, startSandbox, tempDir, track, until,
} from './lib.mjs';

test('a start without configuration shows the first event at once', async (t) => {
  const dir = tempDir(t);
  const daemon = await startDaemon(t, ['--data', dir]).catch((e) => {
    if (String(e).includes('8080')) throw new Error('port 8080 or 8081 is taken on this machine');
    throw e;
  });
  const demo = run('demo', ['--admin', daemon.admin]);
  assert.equal(demo.code, 0, demo.err);
  assert.match(demo.out, /three products +delivered as Purchase, 136\.8 EUR/);
  assert.match(demo.out, /page view, home +delivered as PageView/);
  assert.match(demo.out, /Newsletter Signed Up, a custom event +delivered as Newsletter Signed Up/);
  assert.match(demo.out, /broken: no amount +dead: /);
  assert.match(demo.out, /identify +filtered/);
  // The key stays the same over a restart, so pasted snippets go on working.
  const key = (await daemon.status()).write_key;
  await daemon.stop();
  assert.equal(daemon.exit.code, 0);
  const again = await startDaemon(t, ['--data', dir]);
  assert.equal((await again.status()).write_key, key);
});

test('what stands in the way of a start is told whole, and with its exit code', (t) => {
  const dir = tempDir(t);
  const good = config(dir, { url: 'http://127.0.0.1:9' });
  const few = spawnSync('sh', ['-c', `ulimit -n 40; exec "${binary}" serve --config "${good}"`], { encoding: 'utf8' });
  assert.equal(few.status, 3);
  assert.match(few.stderr, /only 40 files and sockets may be open/);
  const wrong = join(dir, 'wrong.yaml');
  writeFileSync(wrong, Array.from({ length: 40 }, (_, i) => `nonsense_${i}: 1\n`).join(''));
  const problems = run('serve', ['--config', wrong]);
  assert.equal(problems.code, 1);
  for (let i = 0; i < 40; i += 1) assert.match(problems.err, new RegExp(`wrong\\.yaml:${i + 1}:1: .*nonsense_${i}"`));
  const taken = join(dir, 'file');
  writeFileSync(taken, '');
  const place = run('serve', ['--config', good, '--data', taken]);
  assert.equal(place.code, 3);
  assert.match(place.err, /data directory: .*Not a directory/);
});

test('as many ingest threads as the configuration says', async (t) => {
  const dir = tempDir(t);
  const daemon = await startDaemon(t, ['--config', config(dir, { url: 'http://127.0.0.1:9' }, { top: 'threads: 20' })]);
  const tasks = `/proc/${daemon.child.pid}/task`;
  const names = () => readdirSync(tasks).map((id) => readFileSync(`${tasks}/${id}/comm`, 'utf8').trim());
  await until('all threads to have their names', () => names().filter((name) => name === 'ingest').length === 20);
});

test('no name that a client sends can spoil the metrics', async (t) => {
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(tempDir(t), sandbox)]);
  const batch = ['a\0b', 'a\r\nb', 'a"b\\c', '\x7f\u0085\u2028', 'ä'.repeat(300)].map((name) => track(name));
  assert.equal((await daemon.post('/v1/batch', { batch })).status, 200);
  await daemon.settled();
  const lines = (await daemon.metrics()).split('\n').filter((l) => l.includes('event="'));
  assert.equal(lines.length, batch.length);
  for (const line of lines) assert.match(line, /^pixeld_[a-z_]+\{([a-z]+="([^"\\\x00-\x1f\x7f]|\\["\\])*",?)+\} \d+$/u);
  assert.match(lines.join(), /event="a␀b"/);
  assert.match(lines.join(), /event="a␍␊b"/);
});

test('health and metrics', async (t) => {
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(tempDir(t), sandbox)]);
  for (const path of ['/healthz', '/readyz']) assert.equal((await fetch(daemon.admin + path)).status, 200);
  await daemon.post('/v1/batch', { batch: [order(), order({ revenue: 'x' }), { type: 'identify', userId: 'u', traits: {} }, 7] });
  const d = await daemon.settled();
  assert.deepEqual(d.states, { waiting: 0, delivered: 1, filtered: 1, duplicate: 0, held: 0, dead: 2 });
  const text = await daemon.metrics();
  assert.ok(text.endsWith('# EOF\n'));
  const value = (pattern) => Number(text.match(pattern)?.[1]);
  const states = ['waiting', 'delivered', 'filtered', 'duplicate', 'held', 'dead']
    .map((s) => value(new RegExp(`pixeld_events\\{destination="meta",state="${s}"\\} (\\d+)`)));
  assert.equal(states.reduce((a, b) => a + b, 0), value(/pixeld_destination_received\{destination="meta"\} (\d+)/));
  assert.equal(states.reduce((a, b) => a + b, 0), 4);
  // OpenMetrics: every sample belongs to a family that was announced, and none comes twice.
  const families = new Set();
  for (const line of text.split('\n')) {
    const type = line.match(/^# TYPE (\S+)/);
    if (type) {
      assert.ok(!families.has(type[1]), `${type[1]} announced twice`);
      families.add(type[1]);
    }
    const sample = line.match(/^([a-z_]+)[{ ]/);
    if (sample && !line.startsWith('#')) {
      assert.ok(families.has(sample[1].replace(/_(total|info)$/, '')) || families.has(sample[1]), line);
    }
  }
});

test('wrong keys, wrong bodies and browsers get clear answers', async (t) => {
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(tempDir(t), sandbox)]);
  assert.equal((await daemon.post('/v1/track', order(), { key: 'nope' })).status, 401);
  assert.equal((await daemon.post('/v1/track', '{broken')).status, 400);
  assert.equal((await daemon.post('/v1/batch', 'x'.repeat(5 << 20))).status, 413);
  assert.equal((await fetch(`${daemon.url}/nothing`)).status, 404);
  const gz = gzipSync(JSON.stringify({ batch: [order()] }));
  assert.equal((await daemon.post('/v1/batch', gz, { headers: { 'content-encoding': 'gzip' } })).status, 200);
  const preflight = await fetch(`${daemon.url}/v1/t`, {
    method: 'OPTIONS',
    headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,x-retry-count' },
  });
  assert.ok([200, 204].includes(preflight.status));
  assert.match(preflight.headers.get('access-control-allow-headers'), /authorization,\s*x-retry-count/);
  const refused = await daemon.post('/v1/t', order(), { key: 'nope', headers: { origin: 'https://shop.example' } });
  assert.equal(refused.status, 401);
  assert.ok(['*', 'https://shop.example'].includes(refused.headers.get('access-control-allow-origin')));
  assert.match(refused.headers.get('access-control-expose-headers'), /retry-after/i);
});

test('reload takes a good configuration and keeps the old one otherwise', async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox);
  const daemon = await startDaemon(t, ['--config', file]);
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, good.replace('write_key: test-key', 'write_key: other-key\n    nonsense: 1'));
  daemon.child.kill('SIGHUP');
  await until('the refusal', () => daemon.log.includes('nonsense'));
  assert.equal((await daemon.post('/v1/track', order())).status, 200, 'the old key still works');
  writeFileSync(file, good.replace('write_key: test-key', 'write_key: other-key'));
  daemon.child.kill('SIGHUP');
  await until('the reload', () => daemon.logLine('configuration reloaded'));
  assert.equal((await daemon.post('/v1/track', order())).status, 401);
  assert.equal((await daemon.post('/v1/track', order(), { key: 'other-key' })).status, 200);
  await daemon.settled();
  assert.doesNotMatch(daemon.log, /test-token|other-key|example\.com/, 'no secrets or people in the log');
});

test('nothing is lost or sent again over a restart', async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox);
  const first = await startDaemon(t, ['--config', file]);
  await first.post('/v1/batch', { batch: Array.from({ length: 100 }, () => order()) });
  const before = await first.settled();
  await first.stop();
  assert.equal(first.exit.code, 0, first.log);
  const second = await startDaemon(t, ['--config', file]);
  const after = await second.destination();
  assert.deepEqual(after.states, before.states);
  await second.post('/v1/track', order());
  assert.equal((await second.settled()).states.delivered, 101);
  assert.equal((await sandbox.inbox()).duplicates, 0);
});

for (const rule of ['all', 'valid']) {
  test(`a poison event costs no other event anything (batch rule ${rule})`, async (t) => {
    const sandbox = await startSandbox(t, rule);
    const daemon = await startDaemon(t, ['--config', config(tempDir(t), sandbox)]);
    const batch = Array.from({ length: 300 }, () => order());
    await sandbox.fault({ kind: 'error', code: 100, subcode: 2804017, event: batch[123].messageId });
    assert.equal((await daemon.post('/v1/batch', { batch })).status, 200);
    const d = await daemon.settled();
    assert.equal(d.states.delivered, 299);
    assert.equal(d.states.dead, 1);
    assert.deepEqual(Object.keys(d.reasons), ['refused']);
    const ids = new Set((await sandbox.events()).map((e) => e.event_id));
    assert.equal(ids.size, 299);
    assert.ok(!ids.has(batch[123].messageId));
    const letter = JSON.parse(run('dead', ['show', run('dead', ['list', '--admin', daemon.admin]).out.split(/\s+/)[0], '--admin', daemon.admin]).out);
    assert.equal(letter.message_id, batch[123].messageId);
    assert.equal(letter.code, 100);
    assert.ok(d.requests <= 30, `${d.requests} requests for one culprit among 300`);
  });
}

test('a bad token pauses, keeps and resumes; the other destination does not notice', async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const more = `  - name: second
    pixel_id: "222"
    access_token: good
    api_url: ${sandbox.url}/v26.0
`;
  const file = config(dir, sandbox, { more });
  const daemon = await startDaemon(t, ['--config', file]);
  await sandbox.fault({ kind: 'error', code: 190, subcode: 463, pixel: '1234567890' });
  await daemon.post('/v1/batch', { batch: Array.from({ length: 50 }, () => order()) });
  const second = await daemon.settled('second');
  assert.equal(second.states.delivered, 50);
  const paused = await until('the pause', async () => {
    const d = await daemon.destination('meta');
    return d.paused && d;
  });
  assert.equal(paused.states.waiting, 50);
  assert.ok(paused.pause_reason.length > 10);
  await daemon.post('/v1/track', order());
  await sleep(300);
  assert.equal((await daemon.destination('meta')).states.waiting, 51);
  await sandbox.clearFaults();
  writeFileSync(file, readFileSync(file, 'utf8').replace('test-token', 'new-token'));
  daemon.child.kill('SIGHUP');
  const resumed = await daemon.settled('meta');
  assert.equal(resumed.states.delivered, 51);
  assert.equal(resumed.paused, false);
});

test('Meta failing in every way costs only time', { timeout: 120000 }, async (t) => {
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(tempDir(t), sandbox, {
    destination: '    batch: { linger: 10ms, timeout: 1s }\n',
  })]);
  const faults = [
    { kind: 'status', status: 500, count: 1 }, { kind: 'status', status: 429, count: 1 },
    { kind: 'error', code: 2, count: 1 }, { kind: 'hang', ms: 2000, count: 1 }, { kind: 'reset', count: 1 },
    { kind: 'garbage', count: 1 }, { kind: 'truncate', count: 1 }, { kind: 'lost_answer', count: 1 },
  ];
  let sent = 0;
  for (const fault of faults) {
    await sandbox.fault(fault);
    await daemon.post('/v1/batch', { batch: Array.from({ length: 20 }, () => order()) });
    sent += 20;
    const d = await daemon.settled(undefined, 60000);
    assert.equal(d.states.delivered, sent, JSON.stringify(fault));
  }
  assert.equal((await sandbox.events()).length, sent);
  // What was stored although the answer was lost came again with the same id, never with another.
  const inbox = await sandbox.inbox();
  assert.equal(new Set(inbox.events.map((e) => e.event.event_id)).size, sent);
});
