// pixeld send against a server that counts, stalls, refuses and is killed: every line arrives, under the same id.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { binary, config, order, run, startDaemon, startSandbox, tempDir, until } from './lib.mjs';

// A server that keeps the batches it acknowledged. answer(n) may return {status, headers} for the nth request,
// or a promise of it; without, it takes the batch.
async function startCounter(t, answer = () => null) {
  const counter = { requests: [], batches: [] };
  const server = createServer(async (req, res) => {
    const parts = [];
    for await (const part of req) parts.push(part);
    const body = Buffer.concat(parts);
    counter.requests.push({ path: req.url, headers: req.headers, bytes: body.length, at: Date.now() });
    const other = await answer(counter.requests.length);
    if (!other) counter.batches.push(JSON.parse(req.headers['content-encoding'] ? gunzipSync(body) : body));
    res.writeHead(other?.status ?? 200, other?.headers).end('{}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => { server.closeAllConnections(); server.close(); });
  counter.url = `http://127.0.0.1:${server.address().port}`;
  counter.events = () => counter.batches.flatMap((b) => b.batch ?? b.events);
  return counter;
}

// run() would block this process, and with it the server.
function send(args, { input, env = {} } = {}) {
  const child = spawn(binary, ['send', ...args], { env: { ...process.env, ...env } });
  const r = { child, out: '', err: '' };
  child.stdout.on('data', (d) => { r.out += d; });
  child.stderr.on('data', (d) => { r.err += d; });
  if (input !== undefined) child.stdin.on('error', () => {}).end(input);
  else child.stdin.end();
  r.done = new Promise((resolve) => child.on('exit', (code) => { r.code = code; resolve(r); }));
  return r;
}

const lines = (n) => Array.from({ length: n }, (_, i) => `${JSON.stringify({ event: 'Signed Up', userId: `u${i}` })}\n`).join('');
const users = (counter) => counter.events().map((e) => e.userId);
const wanted = (n) => Array.from({ length: n }, (_, i) => `u${i}`);

for (const how of ['a file', 'standard input']) {
  test(`killed at any moment it goes on where it was: ${how}`, async (t) => {
    let after = 0;
    let hang = false;
    const counter = await startCounter(t, (n) => (hang && n > after ? new Promise(() => {}) : null));
    const dir = tempDir(t);
    const file = join(dir, 'events.ndjson');
    const state = how === 'a file' ? `${file}.pixeld-sent` : join(dir, 'state');
    writeFileSync(file, lines(1500));
    const begin = () => (how === 'a file'
      ? send(['--url', counter.url, '--key', 'k', file])
      : send(['--url', counter.url, '--key', 'k', '--resume', state], { input: readFileSync(file) }));
    for (const batches of [0, 1, 3]) { // acknowledged before the kill, which meets the next one in flight
      hang = true;
      after = counter.requests.length + batches;
      const seen = counter.requests.length;
      const killed = begin();
      await until('the batch that hangs', () => counter.requests.length === seen + batches + 1);
      killed.child.kill('SIGKILL');
      await killed.done;
    }
    hang = false;
    const last = await begin().done;
    assert.equal(last.code, 0, last.err);
    assert.match(last.err, /going on after line 800 /);
    assert.deepEqual(users(counter), wanted(1500), 'each line acknowledged once');
    assert.equal(new Set(counter.events().map((e) => e.messageId)).size, 1500);
    assert.ok(!existsSync(state), 'nothing is left behind');
  });
}

test('a batch that the server took but could not answer goes again under the same ids', async (t) => {
  const counter = await startCounter(t, (n) => {
    if (n === 1) counter.batches.push('taken');
    return n === 1 ? { status: 503 } : null;
  });
  const bodies = [];
  const file = join(tempDir(t), 'events.ndjson');
  writeFileSync(file, lines(3));
  for (let i = 0; i < 2; i += 1) {
    assert.equal((await send(['--url', counter.url, '--key', 'k', file]).done).code, 0);
    bodies.push(counter.batches.at(-1).batch.map((e) => e.messageId));
  }
  assert.deepEqual(bodies[0], bodies[1], 'a line of a file is the same event whenever it is sent');
  // Two days' standard input may look alike without being the same.
  const input = lines(3);
  const ids = [];
  for (let i = 0; i < 2; i += 1) {
    assert.equal((await send(['--url', counter.url, '--key', 'k'], { input }).done).code, 0);
    ids.push(...counter.batches.at(-1).batch.map((e) => e.messageId));
  }
  assert.equal(new Set(ids).size, 6);
});

test('waits as long as it is asked to, and tells refusals from trouble', async (t) => {
  const counter = await startCounter(t, (n) => [
    null, { status: 429, headers: { 'retry-after': '2' } }, { status: 503 }, { status: 500 },
  ][n]);
  const file = join(tempDir(t), 'events.ndjson');
  writeFileSync(file, lines(1));
  const good = await send(['--url', counter.url, '--key', 'k', file]).done;
  assert.equal(good.code, 0, good.err);
  assert.equal(JSON.parse(good.out).retries, 3);
  const gaps = counter.requests.slice(1).map((r, i) => r.at - counter.requests[i].at);
  assert.ok(gaps[0] >= 2000, `${gaps}`);
  assert.ok(gaps[1] >= 1000 && gaps[1] < 2000, `${gaps}`);
  const refusing = await startCounter(t, (n) => (n > 1 ? { status: 400 } : null));
  writeFileSync(file, lines(450));
  const bad = await send(['--url', refusing.url, '--key', 'k', file]).done;
  assert.equal(bad.code, 1);
  assert.match(bad.err, /the server answered 400/);
  assert.match(bad.err, /goes on after line 200/);
  assert.equal(refusing.requests.length, 2);
  assert.equal(JSON.parse(bad.out).sent, 200);
  // Another file under that name is not mixed up with the one that was begun.
  writeFileSync(file, lines(450).replace('u7"', 'v7"'));
  const other = await send(['--url', counter.url, '--key', 'k', file]).done;
  assert.equal(other.code, 1);
  assert.match(other.err, /not the one that was begun; remove .*pixeld-sent/);
  writeFileSync(file, lines(20));
  assert.equal((await send(['--url', counter.url, '--key', 'k', file]).done).code, 1, 'a shorter one');
  writeFileSync(`${file}.pixeld-sent`, 'something else\n');
  assert.match((await send(['--url', counter.url, '--key', 'k', file]).done).err, /is not what an earlier pixeld send left/);
});

test('Amplitude events, compressed bodies, a key from the environment', async (t) => {
  const counter = await startCounter(t);
  const input = Array.from({ length: 300 }, (_, i) => `${JSON.stringify({ event_type: 'Sign Up', user_id: `user-${i}` })}\n`).join('');
  const r = await send(['--url', counter.url, '--protocol', 'amplitude', '--gzip'], { input, env: { PIXELD_WRITE_KEY: 'amp-key' } }).done;
  assert.equal(r.code, 0, r.err);
  assert.deepEqual(counter.requests.map((q) => q.path), ['/batch', '/batch']);
  assert.ok(counter.requests.every((q) => q.headers['content-encoding'] === 'gzip' && !q.headers.authorization));
  assert.ok(counter.requests[0].bytes < 8000, `${counter.requests[0].bytes} bytes`);
  assert.ok(counter.batches.every((b) => b.api_key === 'amp-key' && Date.parse(b.client_upload_time)));
  assert.equal(new Set(counter.events().map((e) => e.insert_id)).size, 300);
  assert.ok(counter.events().every((e) => !('type' in e)));
  assert.equal((await send(['--url', counter.url, '--key', 'k', '--protocol', 'nonsense']).done).code, 2);
  assert.equal((await send(['--url', counter.url]).done).code, 2);
});

test('several CSV files, each with its own header', async (t) => {
  const counter = await startCounter(t);
  const dir = tempDir(t);
  const a = join(dir, 'a.csv');
  const b = join(dir, 'b.csv');
  writeFileSync(a, 'event,userId,properties.plan\nSigned Up,u1,pro\n"Signed\nUp",u2,\n');
  writeFileSync(b, 'userId,event\nu3,Signed Up\n');
  const r = await send(['--url', counter.url, '--key', 'k', a, b]).done;
  assert.equal(r.code, 0, r.err);
  assert.deepEqual(users(counter), ['u1', 'u2', 'u3']);
  assert.deepEqual(counter.events().map((e) => e.event), ['Signed Up', 'Signed\nUp', 'Signed Up']);
  assert.deepEqual(counter.events()[0].properties, { plan: 'pro' });
});

test('CSV columns come in any order, and no value is lost unsaid', async (t) => {
  const counter = await startCounter(t);
  const file = join(tempDir(t), 'orders.csv');
  const attempt = (text) => {
    writeFileSync(file, text);
    return send(['--url', counter.url, '--key', 'k', '--resume', join(tempDir(t), 'state'), file]).done;
  };
  const r = await attempt('properties.revenue,event,context.traits.email,properties.currency,userId,context.ip,\n'
    + '5,Order Completed,a@b.example,EUR,u1,192.0.2.1,\n');
  assert.equal(r.code, 0, r.err);
  const { messageId, ...event } = counter.events()[0];
  assert.match(messageId, /^send-/);
  assert.deepEqual(event, {
    type: 'track', event: 'Order Completed', userId: 'u1', properties: { revenue: '5', currency: 'EUR' },
    context: { traits: { email: 'a@b.example' }, ip: '192.0.2.1' },
  });
  for (const [text, message] of [
    ['event,userId\n"a"b,c\n', /orders\.csv:2: text behind a closing quote/],
    ['event,userId\na,"b\n', /orders\.csv:2: a quote is never closed/],
    ['event,userId\na,b,c\n', /orders\.csv:2: more cells/],
    ['event,,userId\na,b,c\n', /orders\.csv:2: .*no name/],
    ['event,userId,event\na,b,c\n', /column "event"/],
    ['properties,properties.a\na,b\n', /column "properties\.a"/],
    ['properties.a.b,properties.a\na,b\n', /column "properties\.a"/],
    [`${'a,'.repeat(600)}\n`, /too many columns/],
  ]) {
    const wrong = await attempt(text);
    assert.equal(wrong.code, 1, text);
    assert.match(wrong.err, message);
  }
  assert.equal(counter.events().length, 1);
});

test('what is no event is told, but not a thousand times', async (t) => {
  const counter = await startCounter(t);
  const r = await send(['--url', counter.url, '--key', 'k'], { input: `${'nonsense\n'.repeat(1000)}[]\n\n${lines(2)}` }).done;
  assert.equal(r.code, 1);
  assert.deepEqual({ ...JSON.parse(r.out), seconds: 0 }, { sent: 2, skipped: 1001, retries: 0, seconds: 0 });
  assert.match(r.err, /^<stdin>:1: not an event: /);
  assert.ok(r.err.split('\n').length < 30);
  const none = await send(['--url', counter.url, '--key', 'k', '/nowhere.ndjson']).done;
  assert.equal(none.code, 1);
  assert.match(none.err, /nowhere\.ndjson: No such file/);
  assert.ok(!existsSync('/nowhere.ndjson.pixeld-sent'));
});

test('on a terminal it shows how far it is', async (t) => {
  const counter = await startCounter(t, (n) => (n === 8 ? { status: 503 } : null));
  const file = join(tempDir(t), 'events.ndjson');
  writeFileSync(file, lines(2000));
  const child = spawn('script', ['-qec', `${binary} send --url ${counter.url} --key k ${file}`, '/dev/null']);
  let screen = '';
  child.stdout.on('data', (d) => { screen += d; });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  assert.equal(code, 0, screen);
  assert.match(screen, /\[=*> *\] +\d+ %  .*\d+ events/);
  assert.match(screen, /2000 events in \d+\.\d s \(\d+\/s\)/);
});

test('a large input does not grow the process', async (t) => {
  const sandbox = await startSandbox(t);
  const dir = tempDir(t);
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox)]);
  const file = join(dir, 'many.ndjson');
  const event = { ...order(), messageId: undefined, properties: { revenue: 1, currency: 'EUR', text: 'x'.repeat(900) } };
  writeFileSync(file, Array.from({ length: 20000 }, (_, i) => `${JSON.stringify({ ...event, userId: `u${i}` })}\n`).join(''));
  const r = spawnSync('/bin/sh', ['-c', 'ulimit -v 400000; exec "$0" send --url "$1" --key test-key "$2"', binary, daemon.url, file], { encoding: 'utf8' });
  assert.equal(r.status, 0, r.stderr);
  assert.equal(JSON.parse(r.stdout).sent, 20000);
  assert.equal((await daemon.settled()).states.delivered, 20000);
  // The same file again is the same events.
  assert.equal(run('send', ['--url', daemon.url, '--key', 'test-key', file]).code, 0);
});
