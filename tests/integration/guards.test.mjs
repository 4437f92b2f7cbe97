// What guards the stream, in a whole daemon: events of bots, alerts.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcp } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { binary, config, order, run, startDaemon, startSandbox, tempDir, until } from './lib.mjs';

const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0' };
const agent = (userAgent) => ({ context: { userAgent, traits: { email: 'jane@example.com' } } });

async function send(daemon, event, headers = {}) {
  const answer = await daemon.post('/v1/track', event, { headers });
  assert.equal(answer.status, 200);
}

test('a bot is filtered by name, unless its source or a destination keeps bots', { timeout: 60000 }, async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const more = `  - { name: all, bots: keep, pixel_id: "77", access_token: t, api_url: "${sandbox.url}/v26.0" }`;
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox, { more })]);
  const crawled = { ...order(), ...agent('facebookexternalhit/1.1') };
  await send(daemon, crawled);
  await send(daemon, { ...order(), ...agent(browser['user-agent']) });
  // What the connection says counts when it was the person's browser, and only then.
  const headless = { 'user-agent': 'Mozilla/5.0 HeadlessChrome/120.0', origin: 'https://shop.example' };
  await send(daemon, order(), headless);
  await send(daemon, order(), { 'user-agent': 'Googlebot/2.1' });
  const meta = await daemon.settled('meta');
  assert.deepEqual([meta.states.filtered, meta.reasons.bot, meta.states.delivered], [2, 2, 2]);
  assert.deepEqual((await daemon.settled('all')).states.delivered, 4);
  assert.match(await daemon.metrics(), /destination="meta",state="filtered",reason="bot"} 2\n/);
  const story = run('explain', ['--admin', daemon.admin, '--destination', 'meta', crawled.messageId]);
  assert.match(story.out, /the user agent has "facebookexternalhit": a crawler of Meta's own/);
});

// A receiver of alerts: refuses the first ones, and keeps what it took with its signature's verdict.
async function receiver(t, secret, refusals) {
  const alerts = [];
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (d) => { body += d; });
    req.on('end', () => {
      if (refusals-- > 0) return res.writeHead(500).end();
      const [, at, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(req.headers['x-pixeld-signature']) ?? [];
      const right = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex') === mac;
      alerts.push({ right, ...JSON.parse(body) });
      res.end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { alerts, url: `http://127.0.0.1:${server.address().port}/hook` };
}

test('an alert is raised once and cleared once: webhook, command, API, metrics, log', { timeout: 90000 }, async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const hook = await receiver(t, 'key-of-the-hook', 1);
  const top = `alerts:
  webhook: { url: "${hook.url}", secret: key-of-the-hook }
  command: [/bin/sh, -c, 'echo "$0" >> ${dir}/told']
  paused: 1s
  clear_after: 1s`;
  const file = config(dir, sandbox, { top });
  const daemon = await startDaemon(t, ['--config', file]);
  assert.equal(run('alerts', ['--admin', daemon.admin]).out, 'no alerts\n');
  await sandbox.fault({ kind: 'error', code: 190 });
  await send(daemon, order());
  const list = async () => (await (await fetch(`${daemon.admin}/api/v1/alerts`)).json()).raised;
  const [alert] = await until('an alert', async () => { const l = await list(); return l.length && l; });
  assert.deepEqual([alert.alert, alert.subject], ['paused', 'meta']);
  assert.match(await daemon.metrics(), /pixeld_alert{alert="paused",subject="meta"} 1\n/);
  assert.match(run('alerts', ['--admin', daemon.admin]).out, / {2}paused of meta: it is paused: /);
  await sandbox.clearFaults();
  daemon.child.kill('SIGHUP'); // tries it at once
  await until('the alert to be over', async () => (await list()).length === 0);
  await until('both to be told', () => hook.alerts.length >= 2, 30000);
  assert.deepEqual(hook.alerts.map((a) => [a.alert, a.subject, a.state, a.right]),
    [['paused', 'meta', 'raised', true], ['paused', 'meta', 'cleared', true]]);
  const told = () => readFileSync(join(dir, 'told'), 'utf8').trim().split('\n').map((l) => JSON.parse(l).state);
  await until('the command to have both', () => told().length >= 2);
  assert.deepEqual(told(), ['raised', 'cleared']); // the webhook's repetition was not the command's
  await until('both to be counted', async () => /pixeld_alerts_told_total 2\n/.test(await daemon.metrics()));
  assert.ok(daemon.logLine('alert') && daemon.logLine('alert is over'));
  const { stdout } = await promisify(execFile)(binary, ['alerts', 'test', '--admin', daemon.admin]);
  assert.equal(stdout, 'the webhook took it\nthe command took it\n');
  assert.equal(hook.alerts[2].state, 'test');
});

test('a receiver that never answers keeps nobody waiting', { timeout: 60000 }, async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const open = new Set();
  const hole = createTcp((socket) => { open.add(socket); });
  await new Promise((resolve) => hole.listen(0, '127.0.0.1', resolve));
  t.after(() => { for (const s of open) s.destroy(); hole.close(); });
  const top = `alerts: { webhook: "http://127.0.0.1:${hole.address().port}/", disk_free: 1TiB }`;
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox, { top })]);
  await until('the webhook to be called', () => open.size > 0);
  await send(daemon, order());
  const start = Date.now();
  assert.equal((await daemon.settled()).states.delivered, 1);
  assert.equal((await (await fetch(`${daemon.admin}/api/v1/alerts`)).json()).raised[0].alert, 'disk_free');
  assert.ok(Date.now() - start < 8000);
  assert.equal(run('alerts', ['tset', '--admin', daemon.admin]).code, 2);
});

test('what to look at now goes by the bounds of alerts, as what is raised does', { timeout: 60000 }, async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox, { top: 'alerts: { disk_free: 1PiB, backlog: 1s }' })]);
  const kinds = async () => (await (await fetch(`${daemon.admin}/api/v1/alerts`)).json()).alerts.map((a) => a.kind);
  assert.deepEqual(await kinds(), ['disk_low']);
  await sandbox.fault({ kind: 'status', status: 503 });
  await send(daemon, order());
  await until('a backlog of a second', async () => (await kinds()).includes('behind'));
  config(dir, sandbox, { top: 'alerts: { disk_free: 1KiB, backlog: 0s }' });
  daemon.child.kill('SIGHUP');
  await until('neither', async () => (await kinds()).length === 0);
});
