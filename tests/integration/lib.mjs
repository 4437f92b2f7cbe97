// Starts real processes for whole-daemon tests: pixeld, its sandbox, and whatever speaks to them.
// Everything lives in a temporary directory and on free ports, and is stopped when a test ends.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const binary = process.env.PIXELD || join(root, 'build', 'pixeld');

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// until(what, check): polls check() until it returns something truthy; says what it waited for.
export async function until(what, check, ms = 20000) {
  const start = Date.now();
  let last;
  for (;;) {
    try {
      last = await check();
      if (last) return last;
    } catch (e) {
      last = e;
    }
    if (Date.now() - start > ms) throw new Error(`waited ${ms} ms for ${what}; last: ${last}`);
    await sleep(20);
  }
}

// A temporary directory that goes away with the test.
export function tempDir(t) {
  const dir = mkdtempSync(join(tmpdir(), 'pixeld-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

// run('map', [...], input): a command to its end.
export function run(command, args = [], input = '', env = {}) {
  const r = spawnSync(binary, [command, ...args], {
    input, encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 256 << 20, timeout: 60000,
  });
  return { code: r.status, out: r.stdout, err: r.stderr };
}

class Process {
  // Options: another program, words before the arguments, descriptors to hand over from 3 on.
  constructor(args, env = {}, { program = binary, before = [], descriptors = [] } = {}) {
    this.log = '';
    this.out = '';
    this.child = spawn(program, [...before, ...args], {
      env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
    });
    this.child.stderr.on('data', (d) => { this.log = (this.log + d).slice(-200000); });
    this.child.stdout.on('data', (d) => { this.out += d; });
    this.exited = new Promise((resolve) => this.child.on('exit', (code, signal) => {
      this.exit = { code, signal };
      resolve(this.exit);
    }));
  }

  // The first log line with this message, as an object.
  logLine(message) {
    for (const line of this.log.split('\n')) {
      if (!line.includes(message)) continue;
      try {
        const o = JSON.parse(line);
        if (o.msg === message) return o;
      } catch { /* half a line */ }
    }
    return null;
  }

  async stop(signal = 'SIGTERM') {
    if (!this.exit) this.child.kill(signal);
    return this.exited;
  }
}

async function json(url, options) {
  const r = await fetch(url, options);
  const text = await r.text();
  if (!r.ok) throw new Error(`${url} answered ${r.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

export class Sandbox extends Process {
  constructor(rule, more = []) {
    super(['sandbox', '--listen', '127.0.0.1:0', '--inbox', '1000000', '--batch-rule', rule, ...more]);
  }
  async start() {
    await until('the sandbox to start', () => this.out.includes('\n') || this.exit);
    if (this.exit) throw new Error(`the sandbox did not start: ${this.log}`);
    this.url = JSON.parse(this.out.split('\n')[0]).listen;
    return this;
  }
  fault(fault) {
    return json(`${this.url}/sandbox/faults`, { method: 'POST', body: JSON.stringify(fault) });
  }
  async clearFaults() { await fetch(`${this.url}/sandbox/faults`, { method: 'DELETE' }); }
  async reset() { await fetch(`${this.url}/sandbox/events`, { method: 'DELETE' }); }
  summary() { return json(`${this.url}/sandbox/summary`); }
  requests() { return json(`${this.url}/sandbox/requests`); }
  inbox(query = '') { return json(`${this.url}/sandbox/events?limit=10000${query}`); }
  // All events in the inbox, each once however often it was sent.
  async events() { return (await this.inbox()).events.filter((e) => !e.duplicate).map((e) => e.event); }
}

export async function startSandbox(t, rule = 'all') {
  const s = new Sandbox(rule);
  t.after(() => s.stop('SIGKILL'));
  return s.start();
}

export class Daemon extends Process {
  constructor(args, env, options) { super(['serve', '--log', 'json', ...args], env, options); }
  async start() {
    await until('pixeld to be ready', () => this.exit || this.logLine('ready'));
    if (this.exit) throw new Error(`pixeld did not start: ${this.log}`);
    const ready = this.logLine('ready');
    this.url = `http://127.0.0.1:${ready.port}`;
    this.admin = `http://127.0.0.1:${ready.admin_port}`;
    return this;
  }
  status() { return json(`${this.admin}/api/v1/status`); }
  async destination(name) {
    const all = (await this.status()).destinations;
    return name ? all.find((d) => d.name === name) : all[0];
  }
  async metrics() { return (await fetch(`${this.admin}/metrics`)).text(); }
  post(path, body, { key = 'test-key', headers = {} } = {}) {
    return fetch(this.url + path, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`, ...headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    });
  }
  // Waits until a destination has nothing left to do, and checks that its states add up.
  settled(name, ms = 30000) {
    return until('all events to be settled', async () => {
      const d = await this.destination(name);
      const sum = Object.values(d.states).reduce((a, b) => a + b, 0);
      if (sum !== d.received) throw new Error(`states do not add up: ${JSON.stringify(d)}`);
      return d.received > 0 && d.states.waiting === 0 && d;
    }, ms);
  }
}

// config({...}) writes a configuration with one source and one destination at the sandbox.
export function config(dir, sandbox, extra = {}) {
  const text = `
listen: 127.0.0.1:0
admin: 127.0.0.1:0
data: ${dir}/data
${extra.top ?? ''}
sources:
  - name: shop
    write_key: test-key
${extra.source ?? ''}
destinations:
  - name: meta
    pixel_id: "1234567890"
    access_token: ${extra.token ?? 'test-token'}
    api_url: ${sandbox.url}/v26.0
${extra.destination ?? ''}
${extra.more ?? ''}
`;
  const file = join(dir, 'pixeld.yaml');
  writeFileSync(file, text);
  return file;
}

export async function startDaemon(t, args, env, options) {
  const d = new Daemon(args, env, options);
  t.after(() => d.stop('SIGKILL'));
  return d.start();
}

// A track event as Segment's server libraries send it, with enough about the person for Meta.
let counter = 0;
export function track(event, properties = {}, more = {}) {
  counter += 1;
  return {
    type: 'track', event, properties, userId: `user-${counter}`, messageId: `m-${process.pid}-${counter}`,
    timestamp: new Date().toISOString(),
    context: { traits: { email: `user${counter}@example.com` } },
    ...more,
  };
}
export const order = (more = {}) => track('Order Completed', { revenue: 19.9, currency: 'EUR', ...more });
