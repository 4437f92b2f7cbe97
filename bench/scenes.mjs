// What bench/run measures of the whole daemon: each scene starts pixeld anew in a directory of its own, with
// the receivers and load that it needs, and returns figures. Times are of this machine, which all of them
// share; CPU times are of one process and say more.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemon, Sandbox, binary, config, root, sleep, until } from '../tests/integration/lib.mjs';

export const bin = (name) => join(root, 'build', 'bench', name);
const scratch = mkdtempSync(join(tmpdir(), 'pixeld-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const RECORD_BYTES = 1950; /* an event of bench/corpus.h in the journal */
export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

// CPU time of a process so far, and the memory that is its own, from /proc.
function usage(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    cpu_us: (Number(stat[11]) + Number(stat[12])) * 1e4,
    private_mib: Number((status.match(/RssAnon:\s+(\d+)/) || [0, 0])[1]) / 1024,
  };
}

// The most private memory of a process from now until it is asked, looked at ten times a second.
function watchMemory(pid) {
  let most = 0;
  const look = () => { most = Math.max(most, usage(pid).private_mib); };
  const timer = setInterval(look, 100);
  return () => { clearInterval(timer); look(); return most; };
}

// corpus(count, bytes): a file of events, made once; without bytes, the mix of bench/corpus.h.
export function corpus(count, bytes) {
  const file = join(scratch, `corpus-${count}-${bytes ?? 'mix'}.ndjson`);
  const args = bytes ? [count, 1, Date.now(), bytes] : [count, 1];
  writeFileSync(file, execFileSync(bin('corpus'), args.map(String), { maxBuffer: 1 << 30 }));
  return file;
}

function output(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args.map(String), { stdio: ['ignore', 'pipe', 'inherit'], ...options });
    let text = '';
    child.stdout.on('data', (d) => { text += d; });
    child.on('error', reject);
    child.on('exit', (code) => (code ? reject(new Error(`${command} ended with ${code}`)) : resolve(text)));
  });
}

// load(port, {corpus, connections, perRequest, seconds, rate}): see bench/load.c.
async function load(port, o) {
  const args = [port, 'test-key', o.corpus, o.connections ?? 16, o.perRequest ?? 100, o.seconds];
  return JSON.parse(await output(bin('load'), o.rate ? [...args, o.rate] : args));
}

// --- receivers --------------------------------------------------------------------------------------

// A certificate for 127.0.0.1, for as long as the bench runs.
function certificate() {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(scratch, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key, cert };
}
let tls;

// bench/sink.c: Meta's place over TLS, counting only.
class Sink {
  async start() {
    tls ??= certificate();
    this.child = spawn(bin('sink'), [tls.cert, tls.key], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = [];
    let rest = '';
    this.child.stdout.on('data', (d) => {
      const lines = (rest + d).split('\n');
      rest = lines.pop();
      this.lines.push(...lines);
    });
    await until('the sink to listen', () => this.lines.length);
    this.url = JSON.parse(this.lines.shift()).listen;
    return this;
  }
  // What came since it was asked last.
  async report() {
    this.child.stdin.write('\n');
    await until('the sink to tell', () => this.lines.length);
    return JSON.parse(this.lines.shift());
  }
  async stop() { this.child.kill('SIGKILL'); }
}

// The daemon takes its trusted roots from the system's file; in a mount namespace of its own that file is the
// sink's certificate.
function trusting() {
  const script = 'mount --bind "$0" /etc/ssl/certs/ca-certificates.crt && exec "$@"';
  return { program: 'unshare', before: [process.getuid() ? '-rm' : '-m', 'sh', '-c', script, tls.cert, binary] };
}

// destinations(n, lines): what config() needs for n destinations at the receiver, all alike.
function destinations(n, lines, receiver) {
  let more = '';
  for (let i = 1; i < n; i += 1) {
    more += `  - name: meta-${i}\n    pixel_id: "${1234567890 + i}"\n    access_token: test-token\n` +
      `    api_url: ${receiver.url}/v26.0\n${lines}`;
  }
  return { destination: lines, more };
}

// withDaemon(o, work): o.sandbox instead of the sink, o.destinations, o.lines of each, o.top of the file.
export async function withDaemon(o, work) {
  const dir = mkdtempSync(join(scratch, 'run-'));
  const receiver = o.sandbox ? await new Sandbox('all').start() : await new Sink().start();
  const file = config(dir, receiver, { top: o.top, ...destinations(o.destinations ?? 1, o.lines ?? '', receiver) });
  const start = () => new Daemon(['--config', file], {}, o.sandbox ? {} : trusting()).start();
  const world = { dir, file, receiver, start, daemon: await start() };
  try {
    return await work(world);
  } finally {
    await world.daemon.stop();
    await receiver.stop('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
}

const port = (world) => new URL(world.daemon.url).port;

// --- scenes -----------------------------------------------------------------------------------------

// HTTP in, durable, answered; the destination is off and keeps its backlog, so nothing else runs.
export function toJournal(o) {
  return withDaemon({ lines: '    enabled: false\n' }, async (world) => {
    const before = usage(world.daemon.child.pid);
    const r = await load(port(world), o);
    const cpu = usage(world.daemon.child.pid).cpu_us - before.cpu_us;
    return { ...r, rate: r.events_per_s, cpu_us: cpu / r.events, load_cpu_us: r.cpu_us, receiver_cpu_us: 0 };
  });
}

// When the last event of every destination was confirmed, in seconds of process.hrtime: the sink knows it, and
// pixeld is asked but seldom, because asking takes time from what is measured.
async function deliveredAt(world, all) {
  await until('the last event to be delivered', async () => {
    if ((await all()).every((d) => d.states.waiting === 0)) return true;
    await sleep(world.receiver instanceof Sink ? 150 : 0);
    return false;
  }, 600000);
  const asked = Number(process.hrtime.bigint()) / 1e9;
  return world.receiver instanceof Sink ? (await world.receiver.report()).last_us / 1e6 : asked;
}

// The whole way: until the receiver has confirmed the last event of every destination.
export function wholeWay(o) {
  return withDaemon(o, async (world) => {
    const pid = world.daemon.child.pid, sink = world.receiver.child.pid, n = o.destinations ?? 1;
    const before = usage(pid), sinkBefore = usage(sink), memory = watchMemory(pid);
    const start = Number(process.hrtime.bigint()) / 1e9;
    const r = await load(port(world), o);
    const all = async () => (await world.daemon.status()).destinations;
    const took = await deliveredAt(world, all) - start;
    const after = usage(pid), list = await all(), received = list[0].received;
    // The load ends with requests under way, so a little more was received than it counted.
    const bad = list.find((d) => d.states.delivered !== d.received);
    if (bad) throw new Error(`not all was delivered: ${JSON.stringify(bad)}`);
    return {
      ...r, rate: received / took, cpu_us: (after.cpu_us - before.cpu_us) / received,
      load_cpu_us: r.cpu_us, receiver_cpu_us: (usage(sink).cpu_us - sinkBefore.cpu_us) / received / n,
      private_mib: memory(), batch: received / list[0].requests,
    };
  });
}

// The same in a straight line, one thread and nothing but what cannot be left out: bench/straight.c.
export async function straightWay(o) {
  const receiver = await new Sink().start();
  const child = spawn(bin('straight'), [scratch, new URL(receiver.url).port], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const line = await new Promise((resolve) => { child.stdout.once('data', resolve); });
    const before = usage(child.pid), sinkBefore = usage(receiver.child.pid), r = await load(JSON.parse(line).listen, o);
    const cpu = (pid, from) => (usage(pid).cpu_us - from.cpu_us) / r.events;
    return { ...r, rate: r.events_per_s, cpu_us: cpu(child.pid, before), load_cpu_us: r.cpu_us, receiver_cpu_us: cpu(receiver.child.pid, sinkBefore) };
  } finally {
    child.kill('SIGKILL');
    await receiver.stop();
  }
}

// Few events: how long from the first byte sent to the receiver's having read it.
export function lowLoad(o) {
  return withDaemon({}, async (world) => {
    await load(port(world), { ...o, seconds: 1 }); /* connections to the receiver are made */
    await sleep(500);
    await world.receiver.report();
    const r = await load(port(world), o);
    await until('the last event', async () => (await world.daemon.destination()).states.waiting === 0);
    const there = await world.receiver.report();
    return { answer_p50_us: r.p50_us, answer_p99_us: r.p99_us, meta_p50_us: there.p50_us, meta_p99_us: there.p99_us };
  });
}

// The disk alone, which keeps what so many events a request are, at the same pace: see bench/disk.c.
export async function disk(o) {
  const bytes = (o.perRequest ?? 1) * RECORD_BYTES;
  return JSON.parse(await output(bin('disk'), [scratch, bytes, o.seconds, ...(o.rate ? [Math.round(o.rate / o.perRequest)] : [])]));
}

// A backlog of so many small events for 50 destinations: what a start takes, what memory, and how long a
// client waits at most while something heavy goes on beside it.
export function backlog(o) {
  const probe = { corpus: o.small, connections: 8, perRequest: 1, seconds: 4, rate: 200 };
  return withDaemon({ destinations: 50, lines: '    enabled: false\n', top: 'journal: { max_size: 40GiB }' }, async (world) => {
    const fills = [];
    let events = 0;
    while (events < o.events) {
      fills.push(await load(port(world), { corpus: o.small, connections: 16, perRequest: 500, seconds: 2 }));
      events += fills.at(-1).events;
    }
    const result = { events, fill_rate: median(fills.map((f) => f.events_per_s)) };
    const text = readFileSync(world.file, 'utf8');
    await world.daemon.stop();
    writeFileSync(world.file, text.replaceAll('enabled: false', 'enabled: true'));
    const began = Date.now();
    world.daemon = await world.start();
    result.ready_ms = Date.parse(world.daemon.logLine('ready').time) - began;
    const reload = async () => {
      for (let i = 0; i < 3; i += 1) {
        await sleep(800);
        world.daemon.child.kill('SIGHUP');
      }
    };
    const memory = watchMemory(world.daemon.child.pid);
    result.drain = await load(port(world), probe);
    [result.reload] = await Promise.all([load(port(world), probe), reload()]);
    result.full = await load(port(world), { corpus: o.corpus, connections: 16, perRequest: 100, seconds: 4 });
    result.private_mib = memory();
    await world.daemon.stop();
    // What nobody needs goes as soon as the limit says so.
    const off = 'enabled: false\n    when_disabled: drop';
    writeFileSync(world.file, text.replaceAll('enabled: false', off));
    world.daemon = await world.start();
    const trim = async () => {
      await sleep(500);
      writeFileSync(world.file, text.replaceAll('enabled: false', off).replace('40GiB', '192MiB'));
      world.daemon.child.kill('SIGHUP');
    };
    const size = () => Number(execFileSync('du', ['-sm', join(world.dir, 'data', 'journal')], { encoding: 'utf8' }).split('\t')[0]);
    result.before_mib = size();
    [result.trim] = await Promise.all([load(port(world), { ...probe, seconds: 8 }), trim()]);
    result.after_mib = size();
    return result;
  });
}

// --- nginx ------------------------------------------------------------------------------------------

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port: free } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return free;
}

// Debian's nginx, unpacked and not installed, because installing it would start it on port 80.
export function nginxProgram() {
  const dir = join(root, 'build', 'peers', 'nginx'), program = join(dir, 'usr', 'sbin', 'nginx');
  try {
    execFileSync(program, ['-v'], { stdio: 'ignore' });
  } catch {
    mkdirSync(dir, { recursive: true });
    try {
      execFileSync('sh', ['-c', 'apt-get download -q nginx && dpkg -x nginx_*.deb .'], { cwd: dir, stdio: 'ignore' });
    } catch { return null; }
  }
  return program;
}

// The same requests, read and answered with an empty 200 by as many processes as pixeld has ingest threads.
export async function nginx(program, o) {
  const dir = mkdtempSync(join(scratch, 'nginx-')), at = await freePort();
  writeFileSync(join(dir, 'nginx.conf'), `worker_processes 1; daemon off; pid ${dir}/pid; error_log ${dir}/log;
${process.getuid() ? '' : 'user root;'}
events { worker_connections 12000; }
http { access_log off; keepalive_requests 100000000; client_max_body_size 64m; client_body_buffer_size 1m;
client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/p; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u;
scgi_temp_path ${dir}/s; server { listen 127.0.0.1:${at}; location / { return 200; } } }`);
  const child = spawn(program, ['-p', dir, '-c', join(dir, 'nginx.conf')], { stdio: 'ignore' });
  try {
    await until('nginx to listen', async () => (await fetch(`http://127.0.0.1:${at}/`)).ok);
    const worker = execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' }).trim();
    const before = usage(worker), r = await load(at, o);
    return { ...r, rate: r.events_per_s, cpu_us: (usage(worker).cpu_us - before.cpu_us) / r.events, load_cpu_us: r.cpu_us, receiver_cpu_us: 0 };
  } finally {
    child.kill('SIGTERM');
  }
}
