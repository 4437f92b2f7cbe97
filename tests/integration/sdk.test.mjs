// The vendors' own server SDKs, unchanged, through pixeld to the sandbox: everything they send arrives
// once, mapped right; also when pixeld is told to be busy, restarts, or is to be found behind a prefix.
import test from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { config, sleep, startDaemon, startSandbox, tempDir, until } from './lib.mjs';
import { amplitudeNode, plan, sdks, sha256 } from './sdks.mjs';

// A value of user_data may be a scalar or a list.
const one = (v) => (Array.isArray(v) ? v[0] : v);

async function setup(t, sdk) {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox, { source: `    protocol: ${sdk.protocol}\n` });
  if (sdk.key) writeFileSync(file, readFileSync(file, 'utf8').replace('write_key: test-key', `write_key: ${sdk.key}`));
  const daemon = await startDaemon(t, ['--config', file]);
  return { sandbox, daemon };
}

function checkPurchase(e, messageId) {
  assert.equal(e.event_name, 'Purchase');
  assert.equal(e.event_id, messageId);
  assert.ok(Number.isInteger(e.event_time) && Math.abs(e.event_time - Date.now() / 1000) < 60);
  assert.equal(one(e.user_data.em), sha256('jane.doe@example.com'));
  assert.equal(one(e.user_data.fn), sha256('jane'));
  assert.equal(one(e.user_data.ln), sha256('doe'));
  assert.equal(one(e.user_data.ph), sha256('16505551212'));
  assert.equal(one(e.user_data.ct), sha256('menlopark'));
  assert.equal(one(e.user_data.st), sha256('ca'));
  assert.equal(one(e.user_data.zp), sha256('94025'));
  assert.equal(one(e.user_data.country), sha256('us'));
  assert.equal(e.user_data.client_ip_address, '8.8.4.4');
  assert.equal(e.user_data.client_user_agent, 'Mozilla/5.0 test');
  assert.match(e.user_data.fbc, /^fb\.1\.\d{13}\.IwAR0abc$/);
  assert.equal(e.event_source_url.split('?')[0], 'https://shop.example/thanks');
  assert.equal(e.custom_data.value, 136.8);
  assert.equal(e.custom_data.currency, 'EUR');
  assert.equal(e.custom_data.content_type, 'product');
  assert.deepEqual(e.custom_data.content_ids, ['boot-2', 'sock-7', 'lace-3']);
  assert.deepEqual(e.custom_data.contents, [
    { id: 'boot-2', quantity: 1, item_price: 89.5 },
    { id: 'sock-7', quantity: 2, item_price: 18.9 },
    { id: 'lace-3', quantity: 1, item_price: 9.5 },
  ]);
  assert.ok(!JSON.stringify(e).toLowerCase().includes('jane'), 'nothing personal in the clear');
}

async function checkArrival({ sandbox, daemon }, rounds) {
  const wanted = plan.filter(([, meta]) => meta).length * rounds;
  await until(`${wanted} events at the sandbox`, async () => (await sandbox.events()).length >= wanted);
  const d = await daemon.settled();
  assert.equal(d.received, plan.length * rounds);
  assert.equal(d.states.delivered, wanted);
  assert.equal(d.states.filtered, rounds);
  const inbox = await sandbox.inbox();
  assert.equal(inbox.duplicates, 0);
  assert.equal(inbox.refused, 0);
  for (let n = 0; n < rounds; n += 1) {
    plan.forEach(([what, meta], i) => {
      const found = inbox.events.filter((e) => e.event.event_id === `msg-${n}-${i}`);
      assert.equal(found.length, meta ? 1 : 0, `${what} round ${n}`);
      if (meta) assert.equal(found[0].event.event_name, meta);
      if (meta === 'Purchase') checkPurchase(found[0].event, `msg-${n}-${i}`);
    });
  }
}

// Sends `rounds` of the plan.
async function send(sdk, url, rounds, failures, between = () => {}) {
  const client = await sdk.open(url, failures);
  for (let n = 0; n < rounds; n += 1) {
    plan.forEach(([what], i) => client.send(what, `msg-${n}-${i}`));
    await between(n);
  }
  await client.done();
}

// A reverse proxy that answers 503 by itself to the first requests.
async function startFront(t, daemon, busy) {
  const state = { refused: 0, passed: 0 };
  const server = http.createServer((req, res) => {
    if (state.refused < busy) {
      state.refused += 1;
      req.resume().on('end', () => res.writeHead(503, { 'content-type': 'application/json' }).end('{"code":503}'));
      return;
    }
    state.passed += 1;
    const on = http.request(daemon.url + req.url, { method: req.method, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode, answer.headers);
      answer.pipe(res);
    });
    on.on('error', () => res.destroy());
    req.pipe(on);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => { server.closeAllConnections(); server.close(); });
  state.url = `http://127.0.0.1:${server.address().port}`;
  return state;
}

const rounds = 20;

for (const sdk of sdks) {
  test(sdk.name, async (t) => {
    const s = await setup(t, sdk);
    const failures = [];
    await send(sdk, s.daemon.url, rounds, failures);
    await checkArrival(s, rounds);
    assert.deepEqual(failures, []);
  });

  test(`${sdk.name}, behind a prefix`, async (t) => {
    const s = await setup(t, sdk);
    const failures = [];
    await send(sdk, `${s.daemon.url}/some/prefix`, 1, failures);
    await checkArrival(s, 1);
    assert.deepEqual(failures, []);
  });

  test(`${sdk.name}, while pixeld restarts`, async (t) => {
    const s = await setup(t, sdk);
    const failures = [];
    const restarts = () => s.daemon.log.split('"msg":"restarted"').length - 1;
    await send(sdk, s.daemon.url, rounds, failures, async (n) => {
      if (n % 5 === 2) s.daemon.child.kill('SIGUSR2');
      await sleep(50); /* a stream of events, not a heap */
    });
    await until('a restart', () => restarts() > 0);
    await checkArrival(s, rounds);
    assert.deepEqual(failures, []);
  });
}

for (const sdk of sdks.filter((x) => x.retries)) {
  test(`${sdk.name}, after three answers of 503`, async (t) => {
    const s = await setup(t, sdk);
    const front = await startFront(t, s.daemon, 3);
    const failures = [];
    await send(sdk, front.url, 2, failures);
    await checkArrival(s, 2);
    assert.equal(front.refused, 3);
    assert.deepEqual(failures, []);
  });
}

// Amplitude's SDK goes by the answer's body: a wrong key ends it at once, a batch that is too long is halved.
test('@amplitude/analytics-node, a key that nobody has', async (t) => {
  const { daemon } = await setup(t, { protocol: 'amplitude' });
  const amplitude = amplitudeNode(daemon.url, { flushMaxRetries: 12 });
  await amplitude.client.init('wrong-key', amplitude.options).promise;
  const result = await amplitude.client.track('x', {}, { user_id: 'u' }).promise;
  assert.equal(result.code, 400);
  assert.match(result.message, /^Invalid API key/);
});

test('@amplitude/analytics-node, more than one request may have', async (t) => {
  const { sandbox, daemon } = await setup(t, { protocol: 'amplitude' });
  const amplitude = amplitudeNode(daemon.url, { flushQueueSize: 3000 });
  await amplitude.client.init('test-key', amplitude.options).promise;
  const sent = Array.from({ length: 3000 }, (_, i) => amplitude.client.track('Signed Up', {}, {
    user_id: `u${i}`, insert_id: `a-${i}`, user_properties: { email: `u${i}@example.com` },
  }).promise);
  for (const r of await Promise.all(sent)) assert.equal(r.code, 200);
  const d = await daemon.settled();
  assert.equal(d.received, 3000);
  assert.equal(d.states.delivered, 3000);
  const summary = await sandbox.summary();
  assert.equal(summary.duplicates ?? 0, 0);
});
