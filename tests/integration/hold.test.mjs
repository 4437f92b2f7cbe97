// Holds in the whole daemon: orders that are paid later, visits that wait for consent. Nothing leaves before it
// is confirmed, and everything that is leaves once, whatever stops in between.
import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { config, root, run, startDaemon, startSandbox, tempDir, track, until } from './lib.mjs';

const untilPaid = (more = '') => `
    batch: { linger: 10ms }
    hold:
      - name: until paid
        trigger: event = "Order Completed" and properties.payment = "cod"
        key: properties.order_id
        until: event = "Order Paid"
        until_key: properties.order.id
        cancel: event = "Order Cancelled"
        within: 3d
${more}
    events: { Order Paid: drop, Order Cancelled: drop }
`;

const cod = (id, more = {}) => track('Order Completed', { order_id: id, payment: 'cod', revenue: 20, currency: 'EUR' }, more);
const paid = (id) => track('Order Paid', { order: { id } });
const cancelled = (id) => track('Order Cancelled', { order: { id } });

async function world(t, destination = untilPaid(), extra = {}) {
  const w = { dir: tempDir(t), sandbox: await startSandbox(t) };
  w.configure = (text) => { w.file = config(w.dir, w.sandbox, { destination: text, ...extra }); };
  w.configure(destination);
  w.start = async () => { w.daemon = await startDaemon(t, ['--config', w.file]); };
  w.reload = async (text) => {
    const before = w.daemon.log.split('configuration reloaded').length;
    w.configure(text);
    w.daemon.child.kill('SIGHUP');
    await until('the reload', () => w.daemon.log.split('configuration reloaded').length > before);
  };
  w.send = async (...batch) => {
    const r = await w.daemon.post('/v1/batch', { batch });
    assert.equal(r.status, 200, await r.text());
  };
  // Waits until the states are these (others do not matter); the sums add up at each look.
  w.states = (wanted) => until(JSON.stringify(wanted), async () => {
    const d = await w.daemon.destination();
    assert.equal(Object.values(d.states).reduce((a, b) => a + b, 0), d.received, JSON.stringify(d));
    if (!Object.entries(wanted).every(([k, n]) => (d.states[k] ?? d.reasons[k] ?? 0) === n)) throw new Error(JSON.stringify([d.states, d.reasons]));
    return d;
  });
  w.ids = async () => (await w.sandbox.inbox()).events.map((e) => e.event.event_id);
  w.story = async (seq) => (await (await fetch(`${w.daemon.admin}/api/v1/events/${seq}`)).json()).event.destinations[0];
  await w.start();
  return w;
}

test('an order is sent when it is paid, and its story says so', async (t) => {
  const w = await world(t);
  await w.send(cod(1), cod(2), cod(3), track('Order Completed', { order_id: 4, payment: 'card', revenue: 1, currency: 'EUR' }));
  const d = await w.states({ held: 3, delivered: 1, waiting: 0 });
  assert.ok(Date.parse(d.oldest_held) > Date.now() - 60000);
  let story = await w.story(0);
  assert.equal(story.state, 'held');
  assert.equal(story.holds.length, 1);
  assert.equal(story.holds[0].state, 'waiting');
  assert.equal(Date.parse(story.holds[0].until) - Date.parse(story.holds[0].since), 3 * 86400e3);
  assert.match(run('explain', ['0', '--admin', w.daemon.admin]).out, /hold "until paid": waits since .* until .*, then: dead/);
  assert.match(await w.daemon.metrics(), /pixeld_events\{destination="meta",state="held"\} 3/);
  await w.send(paid(1), cancelled(2));
  await w.states({ held: 1, delivered: 2, hold_cancelled: 1, dropped: 2, waiting: 0 });
  story = await w.story(0);
  assert.equal(story.state, 'delivered');
  assert.deepEqual([story.holds[0].state, story.holds[0].by], ['confirmed', 4]);
  assert.ok(Date.parse(story.holds[0].at) > Date.now() - 60000);
  assert.match(run('explain', ['0', '--admin', w.daemon.admin]).out, /hold "until paid": confirmed .* by event 4/);
  assert.equal((await w.story(1)).holds[0].state, 'cancelled');
  assert.match(run('status', ['--admin', w.daemon.admin]).out, /1 held/);
});

test('offline commands say what would be held', async (t) => {
  const dir = tempDir(t);
  const file = config(dir, { url: 'http://127.0.0.1:1' }, { destination: untilPaid() });
  const line = JSON.stringify(cod(17, { timestamp: '2026-11-21T12:00:00Z' }));
  const told = run('explain', ['--config', file, '--now', '2026-11-21T13:00:00Z'], line);
  assert.match(told.out, /Verdict: held, then send 1 Meta event\n {2}by "until paid", until another event confirms the key "17", at most until 2026-11-24T13:00:00/);
  const mapped = JSON.parse(run('map', ['--config', file, '--now', '2026-11-21T13:00:00Z'], line).out);
  assert.equal(mapped.send.length, 1);
  assert.deepEqual(mapped.hold, { name: 'until paid', until: '2026-11-24T13:00:00.000Z', then: 'dead' });
  assert.match(run('explain', ['--config', file], JSON.stringify(paid(17))).out, /confirms what waits with its key/);
  const wrong = config(dir, { url: 'http://127.0.0.1:1' }, { destination: untilPaid().replace('within: 3d', 'within: 8d') });
  const check = run('check', ['--config', wrong]);
  assert.equal(check.code, 1);
  assert.match(check.err + check.out, /pixeld\.yaml:\d+:\d+: hold "until paid": `within` is longer than 7d/);
});

test('the guide\'s examples are right', (t) => {
  const examples = readFileSync(join(root, 'docs', 'holds.md'), 'utf8').matchAll(/```yaml\n(.*?)```/gs);
  const holds = [...examples].map((e) => e[1].slice(e[1].indexOf('    hold:')));
  assert.equal(holds.length, 2);
  for (const destination of holds) {
    const check = run('check', ['--config', config(tempDir(t), { url: 'http://127.0.0.1:1' }, { destination })]);
    assert.equal(check.code, 0, check.out + check.err);
  }
});

test('a visit waits for consent, and goes at once afterwards', async (t) => {
  const w = await world(t, `
    batch: { linger: 10ms }
    hold:
      - name: until consent
        trigger: context.consent.ads != true
        key: anonymousId
        until: context.consent.ads = true
        cancel: event = "Consent Denied"
        then: drop
`);
  const visit = (anonymousId, ads) => track('Product Viewed', { product_id: 'p' }, { anonymousId, context: { consent: { ads }, traits: { email: `${anonymousId}@example.com` } } });
  await w.send(visit('ann'), visit('ann', false), visit('bob'));
  await w.states({ held: 3 });
  await w.send(visit('ann', true));
  await w.states({ held: 1, delivered: 3, waiting: 0 });
  await w.send(visit('ann'), track('Consent Denied', {}, { anonymousId: 'bob' }));
  await w.states({ held: 0, hold_cancelled: 2, delivered: 4, waiting: 0 });
});

// `then`, after a second.
for (const [then, wanted] of [['dead', { dead: 2, hold_expired: 2 }], ['drop', { hold_dropped: 2, dead: 0 }], ['send', { delivered: 2 }]]) {
  test(`nothing came in time, then: ${then}`, async (t) => {
    const w = await world(t, untilPaid(`        then: ${then}`).replace('within: 3d', 'within: 1s'));
    await w.send(cod(1), cod(2));
    await w.states({ held: 0, waiting: 0, ...wanted });
    if (then !== 'dead') return;
    const r = await fetch(`${w.daemon.admin}/api/v1/dead/retry`, { method: 'POST', body: JSON.stringify({ destination: 'meta', all: true }) });
    assert.equal(r.status, 200);
    await w.states({ held: 0, dead: 0, delivered: 2 });
  });
}

test('an order from before Meta\'s deadline is not kept beyond it', async (t) => {
  const w = await world(t);
  const soon = new Date(Date.now() - 7 * 86400e3 + 4000).toISOString();
  await w.send(cod(1, { timestamp: soon }), cod(2));
  await w.states({ held: 2 });
  await w.states({ held: 1, hold_expired: 1 });
});

test('payments that come first, from another source', async (t) => {
  const w = await world(t, untilPaid(), { source: '  - name: bank\n    write_key: bank-key' });
  await w.daemon.post('/v1/batch', { batch: [paid(1), cancelled(2)] }, { key: 'bank-key' });
  await w.states({ dropped: 2 });
  await w.daemon.stop('SIGKILL');
  await w.start();
  await w.send(cod(1), cod(2), cod(3));
  await w.states({ delivered: 1, hold_cancelled: 1, held: 1 });
});

test('without the rule everything goes, with another one it is judged anew', async (t) => {
  const w = await world(t);
  await w.send(cod(1), cod(2), cod(3), cod(4));
  await w.states({ held: 4 });
  await w.reload(untilPaid().replace('properties.payment = "cod"', 'properties.order_id > 2'));
  await w.states({ held: 2, delivered: 2 });
  await w.send(paid(3));
  await w.states({ held: 1, delivered: 3 });
  await w.reload('    batch: { linger: 10ms }\n');
  await w.states({ held: 0, waiting: 0, delivered: 4 });
  const ids = await w.ids();
  assert.equal(new Set(ids).size, ids.length);
});

test('a paused destination keeps what it holds, and a restart in place too', async (t) => {
  const w = await world(t);
  await w.send(cod(1), cod(2));
  await w.states({ held: 2 });
  await w.sandbox.fault({ kind: 'error', code: 190, subcode: 463, count: 1000 });
  await w.send(track('Plan Bought'));
  await until('the pause', async () => (await w.daemon.destination()).paused);
  await w.send(paid(1));
  await w.daemon.stop('SIGTERM');
  await w.start();
  await until('the pause', async () => (await w.daemon.destination()).paused);
  assert.equal((await w.daemon.destination()).states.held, 2);
  await w.sandbox.clearFaults();
  const before = w.daemon.log.split('"msg":"restarted"').length;
  w.daemon.child.kill('SIGUSR2');
  await until('the restart', () => w.daemon.log.split('"msg":"restarted"').length > before);
  await w.states({ held: 1, delivered: 2, waiting: 0 });
});

// Orders, payments and cancellations in many small requests; killed again and again, at any moment.
test('kill -9 between every two steps: none lost, none unconfirmed, none twice', { timeout: 180000 }, async (t) => {
  const w = await world(t);
  const fate = new Map(); // order -> what came for it
  const ids = new Map(); // event_id -> order
  let next = 0;
  for (let round = 0; round < 12; round += 1) {
    const work = (async () => {
      for (let i = 0; i < 40; i += 1) {
        const batch = [];
        for (let k = 0; k < 25; k += 1) {
          const id = (next += 1);
          const order = cod(id);
          ids.set(order.messageId, id);
          const come = ['paid', 'paid', 'cancelled', 'nothing'][id % 4];
          const word = come === 'paid' ? [paid(id)] : come === 'cancelled' ? [cancelled(id)] : [];
          fate.set(id, come);
          batch.push(...(id % 3 ? [order, ...word] : [...word, order]));
        }
        const r = await w.daemon.post('/v1/batch', { batch }).catch(() => null);
        if (!r?.ok) { // not acknowledged: sent again after the restart, with the same message ids
          w.again = batch;
          return;
        }
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 30 + 37 * round));
    await w.daemon.stop('SIGKILL');
    await work;
    assert.doesNotMatch(w.daemon.log, /do not add up|assert/i);
    await w.start();
    if (w.again) await w.send(...w.again);
    w.again = null;
  }
  const of = (word) => [...fate.keys()].filter((id) => fate.get(id) === word);
  // What a kill leaves unacknowledged is sent again and may count twice, with one event_id.
  const got = new Map();
  const look = async () => {
    for (let since = Math.max(0, ...[...got.values()].map((g) => g.n)); ;) {
      const page = await w.sandbox.inbox(`&since=${since}`);
      if (!page.events.length) return;
      for (const e of page.events) {
        got.set(e.event.event_id, { n: e.n, times: (got.get(e.event.event_id)?.times ?? 0) + 1 });
        since = Math.max(since, e.n);
      }
    }
  };
  const peace = (word) => until(word, async () => {
    const d = await w.daemon.destination();
    if (d.states.waiting || got.size < of('paid').length) await look();
    return d.states.waiting === 0 && got.size === of('paid').length && d;
  }, 60000);
  const d = await peace('all that was paid to be sent');
  for (const id of got.keys()) assert.equal(fate.get(ids.get(id)), 'paid', `order ${ids.get(id)} was sent`);
  assert.ok(d.states.held >= of('nothing').length, `${d.states.held} held`);
  assert.equal(d.states.dead, 0);
  for (const id of of('nothing')) fate.set(id, 'paid'); // none of those that wait is lost
  const late = [...ids.values()].filter((id) => id % 4 === 3);
  for (let i = 0; i < late.length; i += 500) await w.send(...late.slice(i, i + 500).map(paid));
  await peace('the rest to be sent');
  const left = () => w.daemon.destination().then((now) => now.states.held === 0 && now); // those that count twice too
  assert.equal((await until('nothing to be held', left)).states.dead, 0);
  console.log(`# ${next} orders in ${d.received} events, ${[...got.values()].filter((g) => g.times > 1).length} sent again after a kill, with their event_id`);
});

test('100,000 held orders, and one that is paid', { timeout: 240000 }, async (t) => {
  const w = await world(t);
  let id = 0;
  for (let i = 0; i < 200; i += 1) await w.send(...Array.from({ length: 500 }, () => cod((id += 1))));
  await until('all to be held', async () => (await w.daemon.destination()).states.held === id, 120000);
  const start = Date.now();
  await w.send(paid(77777));
  await w.states({ delivered: 1, held: id - 1 });
  const took = Date.now() - start;
  assert.ok(took < 3000, `${took} ms`);
  await w.daemon.stop('SIGKILL');
  await w.start();
  await w.send(paid(77778));
  await w.states({ delivered: 2, held: id - 2 });
  const reload = Date.now();
  await w.reload('    batch: { linger: 10ms }\n');
  await until('all to be sent', async () => (await w.daemon.destination()).states.delivered === id, 120000);
  console.log(`# a payment among ${id} held orders: ${took} ms; without the rule all are sent in ${Date.now() - reload} ms`);
});
