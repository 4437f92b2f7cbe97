// What strangers, lying servers and operators in a hurry may try: nothing of it may stop the daemon,
// make it grow without bound, or cost anyone else an event.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import {
  binary, config, Daemon, order, sleep, startDaemon, startSandbox, tempDir, until,
} from './lib.mjs';

const portOf = (url) => Number(new URL(url).port);

// Sends bytes as they are; gives what came back until the other side closed or fell silent.
function raw(port, bytes, ms = 300) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let out = '';
    let timer = setTimeout(() => socket.destroy(), ms);
    socket.on('data', (d) => {
      out += d;
      clearTimeout(timer);
      timer = setTimeout(() => socket.destroy(), 50);
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(out));
    socket.write(bytes);
  });
}

async function start(t, extra) {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox, extra);
  return { dir, sandbox, file, daemon: await startDaemon(t, ['--config', file]) };
}

test('the admin API survives impossible names and tells nothing to other sites', async (t) => {
  const { daemon } = await start(t);
  const port = portOf(daemon.admin);
  const get = (path, host = 'localhost', more = '') => raw(port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`);
  const post = (path, body) => fetch(daemon.admin + path, { method: 'POST', body: JSON.stringify(body) });
  for (const name of ['', 'a'.repeat(65), 'a'.repeat(4000)]) {
    for (const path of [`dead?destination=${name}`, `dead/groups?destination=${name}`, `dead/${name}/1`]) {
      assert.match(await get(`/api/v1/${path}`), /^HTTP\/1\.1 404 .*there is no such destination/s);
    }
    for (const action of ['retry', 'discard']) {
      const answer = await post(`/api/v1/dead/${action}`, { destination: name, all: true });
      assert.equal(answer.status, name ? 404 : 400);
    }
  }
  assert.match(await get('/api/v1/status', 'evil.example'), /^HTTP\/1\.1 421 /);
  const cross = await get('/api/v1/status', 'localhost', 'Origin: https://evil.example\r\n');
  assert.doesNotMatch(cross, /access-control-allow/i);
  const forged = await fetch(`${daemon.admin}/api/v1/dead/discard`, {
    method: 'POST', headers: { origin: 'https://evil.example' }, body: '{"destination":"meta","all":true}',
  });
  assert.equal(forged.status, 403);
});

test('many large bodies at a time hold little memory', async (t) => {
  const { daemon } = await start(t);
  const body = `{"type":"track","event":"x","p":[${'1,'.repeat(1900000)}1]}`;
  const answers = await Promise.all(Array.from({ length: 32 }, () => daemon.post('/v1/track', body).then((r) => r.status)));
  assert.ok(answers.every((s) => s === 200 || s === 503), answers.join(' '));
  const peak = Number(readFileSync(`/proc/${daemon.child.pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1]);
  assert.ok(peak < 600000, `${peak} KB`);
});

test('a port that is taken is an error, also when several threads share it', async (t) => {
  const { daemon, dir, sandbox } = await start(t);
  const other = tempDir(t);
  const file = config(other, sandbox);
  const text = readFileSync(file, 'utf8').replace('listen: 127.0.0.1:0', `threads: 3\nlisten: 127.0.0.1:${portOf(daemon.url)}`);
  writeFileSync(file, text);
  const second = new Daemon(['--config', file]);
  t.after(() => second.stop('SIGKILL'));
  assert.equal((await second.exited).code, 3);
  assert.match(second.log, /address already in use/);
  const third = new Daemon(['--config', config(other, sandbox), '--data', `${dir}/data`]);
  t.after(() => third.stop('SIGKILL'));
  assert.equal((await third.exited).code, 3);
  assert.match(third.log, /another pixeld/);
});

test('clients cannot take the descriptors that the rest needs', async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox);
  const child = spawn('sh', ['-c', `ulimit -n 200; exec "${binary}" serve --log json --config "${file}"`], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let log = '';
  child.stderr.on('data', (d) => { log += d; });
  const ready = await until('pixeld to be ready', () => log.split('\n').find((l) => l.includes('"ready"')));
  const { port, admin_port: admin } = JSON.parse(ready);
  assert.match(log, /few file descriptors/);
  const send = () => fetch(`http://127.0.0.1:${port}/v1/track`, {
    method: 'POST', headers: { authorization: `Basic ${btoa('test-key:')}` }, body: JSON.stringify(order()),
  });
  assert.equal((await send()).status, 200);
  const sockets = Array.from({ length: 400 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await sleep(300);
  // The client that was there before still gets its events to Meta, over a connection of its own.
  assert.equal((await send()).status, 200);
  await until('the delivery', async () => {
    const s = await (await fetch(`http://127.0.0.1:${admin}/api/v1/status`)).json();
    return s.destinations[0].states.delivered === 2;
  });
  sockets.forEach((s) => s.destroy());
  assert.doesNotMatch(log, /"level":"error"/);
});

test('closed standard files do not let the log into the data', async (t) => {
  const dir = tempDir(t);
  const file = config(dir, { url: 'http://127.0.0.1:9' });
  const child = spawn('sh', ['-c', `exec "${binary}" serve --log json --config "${file}" <&- >&- 2>&-`]);
  t.after(() => child.kill('SIGKILL'));
  await until('pixeld to open its data', () => existsSync(`${dir}/data/journal`));
  for (const fd of [0, 1, 2]) assert.equal(readlinkSync(`/proc/${child.pid}/fd/${fd}`), '/dev/null');
});

test('a stop does not wait for slow clients one after the other', async (t) => {
  const { daemon } = await start(t);
  const slow = [daemon.url, daemon.admin].map((url) => {
    const socket = connect(portOf(url), '127.0.0.1').on('error', () => {});
    socket.write('POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
    return socket;
  });
  await sleep(200);
  const start_ms = Date.now();
  await daemon.stop();
  assert.equal(daemon.exit.code, 0);
  assert.ok(Date.now() - start_ms < 8000, `${Date.now() - start_ms} ms`);
  slow.forEach((s) => s.destroy());
});

test('a reload says which keys need a restart', async (t) => {
  const { daemon, file } = await start(t);
  writeFileSync(file, readFileSync(file, 'utf8').replace('listen: 127.0.0.1:0', 'listen: 127.0.0.1:1'));
  daemon.child.kill('SIGHUP');
  const line = await until('the warning', () => daemon.log.split('\n').find((l) => l.includes('needs a restart')));
  assert.equal(JSON.parse(line).key, 'listen');
});

test('endless answers and redirects cost nobody else anything, and no token', async (t) => {
  const stolen = [];
  const meta = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      if (request.url.includes('/111/')) {
        response.writeHead(200);
        const more = () => { while (!response.destroyed && response.write(Buffer.alloc(1 << 20, 32))); };
        response.on('drain', more);
        more();
      } else if (request.url.includes('/222/')) {
        response.writeHead(307, { location: '/elsewhere' }).end();
      } else {
        stolen.push(request.headers.authorization);
        response.end('{}');
      }
    });
  });
  await new Promise((resolve) => { meta.listen(0, '127.0.0.1', resolve); });
  t.after(() => { meta.closeAllConnections(); meta.close(); });
  const destination = (name, pixel) => `  - name: ${name}
    pixel_id: "${pixel}"
    access_token: secret
    api_url: http://127.0.0.1:${meta.address().port}/v26.0
`;
  const { daemon } = await start(t, { more: destination('endless', '111') + destination('away', '222') });
  await daemon.post('/v1/track', order());
  assert.equal((await daemon.settled('meta')).states.delivered, 1);
  const endless = await until('the end of the endless answer', async () => {
    const d = await daemon.destination('endless');
    return d.requests_failed > 0 && d;
  }, 5000);
  assert.equal(endless.states.waiting, 1);
  assert.equal((await until('the pause', async () => {
    const d = await daemon.destination('away');
    return d.paused && d;
  })).states.waiting, 1);
  assert.deepEqual(stolen, []);
});
