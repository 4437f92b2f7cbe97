// The restart in place: the process becomes its own program anew, and nobody who talks to it notices.
import test from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  copyFileSync, readFileSync, readdirSync, readlinkSync, renameSync, writeFileSync,
} from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import net from 'node:net';
import { join } from 'node:path';
import {
  Daemon, binary, config, order, run, sleep, startDaemon, startSandbox, tempDir, until,
} from './lib.mjs';

const require = createRequire(import.meta.url);

const restarts = (daemon) => daemon.log.split('\n').filter((l) => l.includes('"msg":"restarted"')).map((l) => JSON.parse(l));

async function restart(daemon) {
  const before = restarts(daemon).length;
  daemon.child.kill('SIGUSR2');
  await until('the restart', () => daemon.exit || restarts(daemon).length > before);
  assert.equal(daemon.exit, undefined, daemon.log);
  return restarts(daemon).at(-1).paused_ms;
}

// One request with an agent of ours; resolves to the status, rejects when the connection fails.
function post(daemon, agent, event) {
  const url = new URL(daemon.url);
  const body = JSON.stringify(event);
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: url.hostname, port: url.port, path: '/v1/track', method: 'POST', agent, auth: 'test-key:',
      headers: { 'content-length': Buffer.byteLength(body) },
    }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
      answer.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

// Clients that never pause: some connect for each event, some keep their connection.
function load(daemon) {
  const state = { acknowledged: [], failures: [], on: true };
  const client = async (agent) => {
    while (state.on) {
      const event = order();
      try {
        const status = await post(daemon, agent, event);
        if (status === 200) state.acknowledged.push(event.messageId);
        else state.failures.push(`status ${status}`);
      } catch (e) {
        state.failures.push(String(e));
      }
    }
  };
  const agents = Array.from({ length: 8 }, (_, i) => new http.Agent({ keepAlive: i % 2 === 0, maxSockets: 1 }));
  const done = Promise.all(agents.map(client));
  state.stop = async () => {
    state.on = false;
    await done;
    agents.forEach((a) => a.destroy());
    return state;
  };
  return state;
}

// The ids of all events at the sandbox, page by page.
async function arrivedIds(sandbox) {
  const ids = [];
  for (let since = 0; ;) {
    const { events } = await sandbox.inbox(`&since=${since}`);
    if (!events.length) return ids;
    ids.push(...events.map((e) => e.event.event_id));
    since = Math.max(...events.map((e) => e.n));
  }
}

test('twenty restarts under load refuse nobody and lose nothing', async (t) => {
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(tempDir(t), sandbox, { top: 'threads: 2' })]);
  const pid = daemon.child.pid;
  const idle = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const others = [];
  const postIdle = () => {
    const event = order();
    others.push(event.messageId);
    return post(daemon, idle, event);
  };
  assert.equal(await postIdle(), 200);
  const [socket] = Object.values(idle.freeSockets)[0];
  const state = load(daemon);
  const pauses = [];
  for (let i = 0; i < 20; i += 1) {
    const seen = state.acknowledged.length;
    pauses.push(await restart(daemon));
    await until('the clients to go on', () => state.acknowledged.length > seen + 50);
  }
  await state.stop();
  assert.deepEqual(state.failures, []);
  assert.equal(daemon.child.pid, pid);
  // A connection that lay idle all the time is still the same one.
  assert.equal(await postIdle(), 200);
  assert.equal(Object.values(idle.freeSockets)[0][0], socket);
  idle.destroy();
  t.diagnostic(`${state.acknowledged.length} events; nobody accepted for ${pauses.sort((a, b) => a - b).join(', ')} ms`);
  await daemon.settled();
  const ids = (await arrivedIds(sandbox)).filter((id) => !others.includes(id));
  assert.deepEqual(ids.sort(), state.acknowledged.sort(), 'each acknowledged event once');
});

test('what cannot start is not started: a wrong configuration, a program that is gone', async (t) => {
  const dir = tempDir(t);
  const program = join(dir, 'pixeld');
  copyFileSync(binary, program);
  const file = config(dir, await startSandbox(t));
  const daemon = await startDaemon(t, ['--config', file], {}, { program });
  const good = readFileSync(file, 'utf8');
  const refused = async (words) => {
    daemon.child.kill('SIGUSR2');
    const line = await until('the refusal', () => daemon.logLine('not restarted, all goes on as before'));
    assert.match(line.error, words);
    const command = run('restart', ['--admin', daemon.admin]);
    assert.equal(command.code, 1);
    assert.match(command.err, words);
    daemon.log = '';
    assert.equal((await daemon.post('/v1/track', order())).status, 200);
  };
  writeFileSync(file, good.replace('pixel_id:', 'pixle_id:'));
  await refused(/pixeld\.yaml:\d+:\d+: .*pixle_id/);
  writeFileSync(file, good);
  renameSync(program, `${program}.old`);
  await refused(/cannot run .*pixeld: No such file/);
  // The file that is there now is what runs after the next restart.
  copyFileSync(binary, program);
  const restarted = run('restart', ['--admin', daemon.admin]);
  assert.equal(restarted.code, 0, restarted.err);
  assert.match(restarted.out, /^restarted in \d+ ms\n$/);
  assert.equal(readlinkSync(`/proc/${daemon.child.pid}/exe`), program);
  await daemon.stop();
});

test('a restart takes keys that a reload cannot: threads, addresses', async (t) => {
  const dir = tempDir(t);
  const file = config(dir, await startSandbox(t), { top: 'threads: 3' });
  const daemon = await startDaemon(t, ['--config', file]);
  const good = readFileSync(file, 'utf8');
  for (const threads of [1, 5, 2]) {
    writeFileSync(file, good.replace('threads: 3', `threads: ${threads}`));
    const state = load(daemon);
    await until('clients', () => state.acknowledged.length > 20);
    await restart(daemon);
    const seen = state.acknowledged.length;
    await until('the clients to go on', () => state.acknowledged.length > seen + 100);
    assert.deepEqual((await state.stop()).failures, [], `${threads} threads`);
  }
  // No descriptor stays behind.
  await restart(daemon);
  const before = descriptors(daemon.child.pid);
  for (let i = 0; i < 3; i += 1) await restart(daemon);
  assert.deepEqual(descriptors(daemon.child.pid), before);
  // Another address is another socket, and the old one closes.
  const port = await freePort();
  writeFileSync(file, good.replace('listen: 127.0.0.1:0', `listen: 127.0.0.1:${port}`));
  await restart(daemon);
  await assert.rejects(fetch(daemon.url));
  daemon.url = `http://127.0.0.1:${port}`;
  assert.equal((await daemon.post('/v1/track', order())).status, 200);
});

// What a process holds open, but for connections: those come and go with clients and deliveries, also while this
// looks, so the connections from before and from after do not count.
function descriptors(pid) {
  const listening = '0A';
  const connections = () => readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1)
    .map((line) => line.trim().split(/\s+/)).filter((row) => row[3] !== listening).map((row) => `socket:[${row[9]}]`);
  const before = connections();
  const names = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try { return readlinkSync(`/proc/${pid}/fd/${fd}`); } catch { return null; /* closed just now */ }
  });
  const coming = new Set([...before, ...connections(), null]);
  return names.filter((name) => !coming.has(name)).map((name) => name.replace(/\d+/g, 'N')).sort();
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

// As systemd does it: the listening socket is descriptor 3, and the unit's name its name.
async function activate(t, file, names, wanted = true) {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  if (wanted) writeFileSync(file, readFileSync(file, 'utf8').replace('listen: 127.0.0.1:0', `listen: 127.0.0.1:${port}`));
  const daemon = new Daemon(['--config', file], { LISTEN_FDS: '1', LISTEN_FDNAMES: names }, {
    program: '/bin/sh', before: ['-c', 'LISTEN_PID=$$ exec "$0" "$@"', binary], descriptors: [server._handle.fd],
  });
  t.after(() => daemon.stop('SIGKILL'));
  server.close(); // our copy: the socket lives on in the other process
  return { daemon, port };
}

for (const names of ['pixeld.socket', 'ingest']) {
  test(`takes the socket that systemd listens on (${names}), also over a restart`, async (t) => {
    const dir = tempDir(t);
    const sandbox = await startSandbox(t);
    const { daemon, port } = await activate(t, config(dir, sandbox, { top: 'threads: 2' }), names);
    daemon.url = `http://127.0.0.1:${port}`;
    // Before anybody accepts, clients wait instead of being refused.
    assert.equal((await daemon.post('/v1/track', order())).status, 200);
    await daemon.start();
    await restart(daemon);
    assert.equal((await daemon.post('/v1/track', order())).status, 200);
    assert.equal((await daemon.settled()).states.delivered, 2);
  });
}

test('a socket that nobody is configured for is closed, not left to keep clients waiting', async (t) => {
  const file = config(tempDir(t), await startSandbox(t));
  const { daemon, port } = await activate(t, file, 'other', false);
  await daemon.start();
  assert.notEqual(daemon.url, `http://127.0.0.1:${port}`);
  assert.equal((await daemon.post('/v1/track', order())).status, 200);
  assert.equal(daemon.logLine('a socket that was handed over is neither listen nor admin: closed').name, 'other');
  await assert.rejects(fetch(`http://127.0.0.1:${port}`));
});

// It drops a batch when a connection is refused or reset, and does not try again.
test('@amplitude/analytics-node loses nothing over restarts', async (t) => {
  const amplitude = require('@amplitude/analytics-node').createInstance();
  const sandbox = await startSandbox(t);
  const file = config(tempDir(t), sandbox, { source: '    protocol: amplitude\n', destination: '    preset: amplitude\n' });
  const daemon = await startDaemon(t, ['--config', file]);
  const ids = [];
  await amplitude.init('test-key', { serverUrl: `${daemon.url}/2/httpapi`, flushIntervalMillis: 20, flushQueueSize: 5, logLevel: 0 }).promise;
  let restarting = true;
  const results = [];
  const sending = (async () => {
    for (let n = 0; restarting || n < 20; n += 1) {
      const insert_id = `amp-${n}`;
      ids.push(insert_id);
      results.push(amplitude.track('Order Completed', { revenue: 5, currency: 'EUR' },
        { user_id: `user-${n}`, device_id: `device-${n}`, insert_id }).promise);
      await sleep(2);
    }
  })();
  for (let i = 0; i < 10; i += 1) {
    const seen = ids.length;
    await restart(daemon);
    await until('more events', () => ids.length > seen + 20);
  }
  restarting = false;
  await sending;
  await amplitude.flush().promise;
  const codes = (await Promise.all(results)).map((r) => r.code);
  assert.deepEqual(codes.filter((c) => c !== 200), []);
  await daemon.settled();
  assert.deepEqual((await arrivedIds(sandbox)).sort(), [...ids].sort());
});
