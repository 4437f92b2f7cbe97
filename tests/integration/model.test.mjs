// Everything at once against a simple model: events of all kinds, faults, kills, restarts in place, reloads,
// holds, retries of dead letters and replays in random order. In the end each way of telling what became of events
// must tell the same: the sums, each event's story, its requests, the letters, and what Meta got. STEPS and SEED choose.
import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { config, sleep, startDaemon, startSandbox, tempDir, track, until } from './lib.mjs';

const STEPS = Number(process.env.STEPS ?? 60);
const SEED = Number(process.env.SEED ?? Date.now() % 1e6);
const CONVERSION = '601010101010101';

// mulberry32: small, and the same everywhere.
function random(seed) {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const faults = [
  { kind: 'status', status: 500 }, { kind: 'error', code: 2 }, { kind: 'error', code: 100 },
  { kind: 'reset' }, { kind: 'lost_answer' }, { kind: 'garbage' }, { kind: 'truncate' }, { kind: 'fewer' },
  { kind: 'error', code: 190, subcode: 463 }, { kind: 'slow', ms: 300 },
  { kind: 'error', code: 100, subcode: 33, pixel: CONVERSION },
];

class World {
  constructor(t) {
    this.t = t;
    this.next = random(SEED);
    this.sent = new Map(); // message id -> event
    this.acknowledged = new Set();
    this.discarded = new Set(); // numbers
    this.refused = 0;
    this.filtering = true;
    this.holding = true;
    this.held = this.next() < 0.5; // all the time: then nothing may leave unconfirmed
    this.orders = 0;
  }
  pick(list) { return list[Math.floor(this.next() * list.length)]; }
  below(n) { return Math.floor(this.next() * n); }

  write() {
    this.file = config(this.dir, this.sandbox, {
      top: 'dedup: { size: 1MiB }',
      destination: `
    batch: { linger: 10ms, timeout: 1s, events: 40 }
    enabled: ${!this.off}
    when_disabled: keep
    ${this.filtering ? 'filter: properties.skip != true' : ''}
    ${this.holding ? 'hold: [{ name: until paid, trigger: event = "Order", key: properties.order, until: event = "Paid", cancel: event = "Cancelled" }]' : ''}
    events:
      Order: Purchase
      Paid: drop
      Cancelled: drop
      Plan Bought: Purchase
      Trial Begun: { send: StartTrial, pixel_id: "${CONVERSION}" }
    actions:
      - { name: both, trigger: 'event = "Both"', send: Lead }
      - { name: both too, trigger: 'event = "Both"', send: Contact, pixel_id: "${CONVERSION}" }
`,
    });
  }
  async open() {
    this.dir = tempDir(this.t);
    this.sandbox = await startSandbox(this.t);
    this.write();
    this.daemon = await startDaemon(this.t, ['--config', this.file]);
  }

  event() {
    const name = this.pick(['Plan Bought', 'Plan Bought', 'Trial Begun', 'Both', 'Order', 'Order', 'Paid', 'Cancelled']);
    const properties = { value: 1 + this.below(100), currency: 'EUR' };
    if (name === 'Order') properties.order = this.orders += 1;
    else if (name === 'Paid' || name === 'Cancelled') properties.order = 1 + this.below(this.orders + 20); // also of what is to come
    if (this.next() < 0.1) properties.skip = true;
    if (this.next() < 0.05) properties.currency = 'no currency';
    const e = track(name, properties);
    if (this.next() < 0.03) e.timestamp = new Date(Date.now() - 9 * 86400e3).toISOString();
    return e;
  }
  changed(e) { return { ...e, properties: { order: e.properties.order, value: 7, currency: 'EUR' } }; }
  async send() {
    const batch = Array.from({ length: 1 + this.below(60) }, () => this.event());
    const known = [...this.sent.values()];
    if (known.length && this.next() < 0.3) batch.push(this.pick(known));
    if (known.length && this.next() < 0.2) batch.push(this.changed(this.pick(known)));
    for (const e of batch) if (!this.sent.has(e.messageId)) this.sent.set(e.messageId, e);
    if (this.refused < 40) {
      this.refused += 1; // that one is refused until the faults end
      await this.sandbox.fault({ kind: 'error', code: 100, event: this.pick(batch).messageId, count: 1000 });
    }
    const r = await this.daemon.post('/v1/batch', { batch }).catch(() => null);
    if (r?.ok) for (const e of batch) this.acknowledged.add(e.messageId);
  }
  async kill() {
    await this.daemon.stop('SIGKILL');
    this.check();
    this.daemon = await startDaemon(this.t, ['--config', this.file]);
  }
  async restart() {
    const count = () => this.daemon.log.split('"msg":"restarted"').length;
    const before = count();
    this.daemon.child.kill('SIGUSR2');
    await until('the restart', () => this.daemon.exit || count() > before);
    assert.equal(this.daemon.exit, undefined, this.daemon.log);
  }
  check() { assert.doesNotMatch(this.daemon.log, /do not add up|assert/i); }
  async reload() {
    this.write();
    const before = this.daemon.log.split('configuration reloaded').length;
    this.daemon.child.kill('SIGHUP');
    await until('the reload', () => this.daemon.log.split('configuration reloaded').length > before);
  }
  api(path, options) { return fetch(`${this.daemon.admin}/api/v1/${path}`, options).then((r) => r.json()); }
  post(path, body) { return this.api(path, { method: 'POST', body: JSON.stringify({ destination: 'meta', ...body }) }); }
  async letter() {
    const { dead } = await this.api('dead?destination=meta&limit=50');
    return dead.length ? this.pick(dead).seq : null;
  }
  async try() {
    const seq = await this.letter();
    if (seq != null) await this.post('dead/try', { seq, send: true });
  }
  async discard() {
    const seq = await this.letter();
    if (seq == null) return;
    this.discarded.add(Number(seq));
    await this.post('dead/discard', { seqs: [seq] });
  }

  async step() {
    const steps = [
      [8, () => this.send()], [3, () => this.sandbox.fault({ ...this.pick(faults), count: 1 + this.below(4) })],
      [2, () => sleep(this.below(200))], [2, () => this.kill()],
      [1, () => { this.filtering = !this.filtering; return this.reload(); }],
      [1, () => { this.holding = this.held || !this.holding; return this.reload(); }],
      [1, () => { this.off = this.next() < 0.3; return this.reload(); }],
      [2, () => this.post('dead/retry', { all: true })], [1, () => this.try()], [1, () => this.discard()], [1, () => this.restart()],
      [2, () => this.post('replays', { include_delivered: this.next() < 0.3 })],
      [1, () => this.api(`replays/${1 + this.below(20)}`, { method: 'DELETE' })],
    ];
    let at = this.below(steps.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, run] of steps) {
      if ((at -= weight) < 0) return run();
    }
    return null;
  }

  async end() {
    await this.sandbox.clearFaults();
    this.off = this.filtering = false;
    await this.reload();
    await until('the replays to end', async () => (await this.api('replays')).replays.every((r) => r.state !== 'running'), 60000);
    let last = '';
    return until('peace', async () => {
      const d = await this.daemon.settled('meta', 60000);
      const now = JSON.stringify([d.reasons, d.requests]);
      await sleep(600); // retries count as what they were until they are read
      return JSON.stringify((await this.daemon.destination('meta')).reasons) === JSON.stringify(d.reasons) && last === now ? d : (last = now, null);
    }, 60000);
  }
}

async function inbox(sandbox) {
  const ids = new Map();
  for (let since = 0; ;) {
    const page = await sandbox.inbox(`&since=${since}`);
    if (!page.events.length) return ids;
    for (const e of page.events) {
      const key = `${e.event.event_id} ${e.event.event_name}`;
      ids.set(key, (ids.get(key) ?? 0) + 1);
      since = Math.max(since, e.n);
    }
  }
}

test(`${STEPS} random steps (SEED=${SEED})`, { timeout: 120000 + STEPS * 2000 }, async (t) => {
  const w = new World(t);
  await w.open();
  for (let i = 0; i < STEPS; i += 1) await w.step();
  const d = await w.end();
  w.check();

  const told = {};
  const letters = new Map();
  for (let from = 0; from != null;) {
    const page = await w.api(`dead?destination=meta&limit=1000&from=${from}`);
    for (const l of page.dead) letters.set(Number(l.seq), l);
    from = page.next ?? null;
  }
  const got = await inbox(w.sandbox);
  const said = (name) => new Set([...w.sent.values()].filter((e) => e.event === name).map((e) => e.properties.order));
  const surely = new Set([...w.sent.values()].filter((e) => ['Paid', 'Cancelled'].includes(e.event) && w.acknowledged.has(e.messageId)).map((e) => e.properties.order));
  const paid = said('Paid');
  const names = { Order: ['Purchase'], 'Plan Bought': ['Purchase'], 'Trial Begun': ['StartTrial'], Both: ['Lead', 'Contact'] };
  const verdicts = new Map();
  for (let seq = 0; seq < d.received; seq += 1) {
    const { event } = await w.api(`events/${seq}`);
    const [part] = event.destinations;
    told[part.reason] = (told[part.reason] ?? 0) + 1;
    const letter = letters.get(seq)?.reason;
    if (!w.discarded.has(seq)) assert.equal(letter, part.state === 'dead' ? part.reason : undefined, `event ${seq} is ${part.state} (${part.reason})`);
    if (part.state === 'delivered') {
      assert.ok(part.attempts.some((a) => a.status === 200), `event ${seq} was delivered without a request`);
      for (const name of names[w.sent.get(event.message_id).event])
        assert.ok(got.has(`${event.message_id} ${name}`), `event ${seq} counts as delivered but ${name} is not at Meta`);
    }
    const { event: name, properties } = w.sent.get(event.message_id);
    if (part.state === 'held') assert.equal(name, 'Order');
    if (part.state === 'held' && w.held) assert.ok(!surely.has(properties.order), `event ${seq} is held, but order ${properties.order} was paid or cancelled`);
    if (part.reason === 'hold_cancelled') assert.ok(said('Cancelled').has(properties.order), `nothing cancelled order ${properties.order}`);
    if (event.duplicate_of == null) verdicts.set(event.message_id, part.state);
  }
  const counted = Object.fromEntries(Object.entries({ none: d.states.delivered, ...d.reasons }).filter(([, n]) => n > 0));
  assert.deepEqual(told, counted, 'stories and sums');
  for (const id of w.acknowledged) assert.ok(verdicts.has(id), `${id} was acknowledged and is not there`);
  for (const key of got.keys()) {
    const { event: name, properties } = w.sent.get(key.split(' ')[0]) ?? {};
    if (w.held && name === 'Order') assert.ok(paid.has(properties.order), `order ${properties.order} is at Meta, and was not paid`);
  }
  for (const key of got.keys()) assert.ok(w.sent.has(key.split(' ')[0]), `an id of our own making: ${key}`);
  console.log(`# ${d.received} events, ${w.held ? '' : 'not '}held all the time, ${JSON.stringify(counted)}, ${d.requests} requests since the last start`);
});
