// What the admin API tells of the stream: rows with their destinations' states, event names, series, match
// quality, pairing, delivery, the system, and the built-in sandbox's own routes.
import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { config, order, run, startDaemon, startSandbox, tempDir, track, until } from './lib.mjs';
import { Api, Description } from './openapi.mjs';

async function started(t, extra = {}, args = []) {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox, { top: 'dedup: { size: 1MiB }', ...extra });
  const daemon = await startDaemon(t, ['--config', file, ...args]);
  const description = await Description.of(daemon.admin);
  return { dir, file, sandbox, daemon, api: new Api(daemon.admin, description) };
}
const ask = async (api, path, query = '', params = {}) => {
  const { status, json } = await api.call('get', path, { query, params });
  assert.equal(status, 200, JSON.stringify(json));
  return json;
};

test('rows say what became of the event at each destination', async (t) => {
  const { daemon, api } = await started(t);
  const [good, bad] = [order(), order()];
  bad.properties.revenue = 'x';
  await daemon.post('/v1/batch', { batch: [good, bad, good, track('Nothing Known')] });
  await daemon.settled();
  const rows = (await ask(api, '/api/v1/events')).events;
  const fates = rows.map((row) => row.destinations.map((d) => `${d.name} ${d.state} ${d.meta_event}`));
  assert.deepEqual(fates[0], ['meta delivered Purchase']);
  assert.match(fates[1][0], /^meta dead /);
  assert.deepEqual(fates[2], ['meta duplicate ']);
  const states = rows.map((row) => row.destinations[0].state);
  for (const state of ['delivered', 'dead', 'duplicate']) {
    const found = (await ask(api, '/api/v1/events', `?state=${state}`)).events.map((row) => row.seq);
    assert.deepEqual(found, rows.filter((_, i) => states[i] === state).map((row) => row.seq), state);
  }
  assert.deepEqual((await ask(api, '/api/v1/events', '?state=nonsense')).events, []);
});

test('rows asked for by number are told as they are now', async (t) => {
  const { daemon, api, sandbox } = await started(t, { token: 'test-token' });
  await sandbox.fault({ kind: 'error', code: 190, subcode: 463 });
  await daemon.post('/v1/batch', { batch: [order(), order(), order()] });
  await until('the pause', async () => (await daemon.destination()).paused);
  const before = (await ask(api, '/api/v1/events', '?seqs=2,0')).events;
  assert.deepEqual(before.map((row) => [row.seq, row.destinations[0].state]), [[2, 'waiting'], [0, 'waiting']]);
  await sandbox.clearFaults();
  daemon.child.kill('SIGHUP');
  await daemon.settled();
  const after = (await ask(api, '/api/v1/events', '?seqs=2,0')).events;
  assert.deepEqual(after.map((row) => row.destinations[0].state), ['delivered', 'delivered']);
  assert.deepEqual((await ask(api, '/api/v1/events', '?seqs=99')).events, [], 'not there yet');
  for (const bad of ['x', '1,', '1,,2', Array(101).fill(1).join(',')])
    assert.equal((await api.call('get', '/api/v1/events', { query: `?seqs=${bad}` })).status, 400, bad);
});

// A person in a browser: Segment's library sends the page's Origin along.
const browser = { headers: { origin: 'https://shop.example', 'sec-fetch-mode': 'cors' } };
const points = (series) => series.points.reduce((a, b) => a + b, 0);
const total = async (api, query) => points(await ask(api, '/api/v1/series', `?range=1h&${query}`));

test('event names: how often, what Meta gets, and what is probably meant', async (t) => {
  const { daemon, api, file } = await started(t);
  const batch = [order(), order(), track('Newsletter Signup'), track('Checkout  started!'), track('ödd "name" \t\n')];
  await daemon.post('/v1/batch', { batch });
  await daemon.post('/v1/track', order(), browser);
  const find = async () => (await ask(api, '/api/v1/names')).names;
  const names = await until('the names', async () => {
    const all = await find();
    return all.length === 4 && all.find((n) => n.event === 'Order Completed').count === 3 && all;
  });
  const by = Object.fromEntries(names.map((n) => [n.event, n]));
  assert.deepEqual([by['Order Completed'].source, by['Order Completed'].meta_event, by['Order Completed'].from_browser], ['shop', 'Purchase', 1]);
  assert.equal(by['Newsletter Signup'].suggestion, 'CompleteRegistration');
  assert.ok(by['Order Completed'].first <= by['Order Completed'].last);
  assert.deepEqual((await ask(api, '/api/v1/names', '?source=nobody')).names, []);
  // Rules that change change what is told, without a new event.
  const action = 'actions:\n      - name: News\n        trigger: event = "Newsletter Signup"\n        send: Lead\n    api_url:';
  writeFileSync(file, readFileSync(file, 'utf8').replace('api_url:', action));
  assert.notEqual(by['Newsletter Signup'].meta_event, 'Lead');
  daemon.child.kill('SIGHUP');
  await until('the new rule', async () => /Lead/.test((await find()).find((n) => n.event === 'Newsletter Signup').meta_event));
});

test('series add up with the states, and survive a restart', async (t) => {
  const { daemon, api, file } = await started(t);
  const bad = order();
  bad.properties.revenue = 'x';
  const twice = order();
  await daemon.post('/v1/batch', { batch: [order(), order({ revenue: 10.05 }), twice, twice, bad] });
  await daemon.post('/v1/track', order(), browser);
  const d = await daemon.settled();
  await until('the series', async () => (await total(api, 'metric=received')) === 6 && (await total(api, 'metric=sent')) === 4
    && (await total(api, 'metric=delivered')) === 4);
  const all = async (a) => ({
    received: await total(a, 'metric=received'), browser: await total(a, 'metric=received&path=browser'),
    delivered: await total(a, 'metric=delivered&destination=meta'), dead: await total(a, 'metric=dead'),
    duplicate: await total(a, 'metric=duplicate'), sent: await total(a, 'metric=sent&event=Purchase'),
    sent_browser: await total(a, 'metric=sent&event=Purchase&path=browser'), other: await total(a, 'metric=sent&event=Other'),
    purchases: await total(a, 'metric=purchases&currency=EUR'), value: Math.round(100 * await total(a, 'metric=value&currency=EUR')),
  });
  const expected = { received: 6, browser: 1, delivered: d.states.delivered, dead: 1, duplicate: 1, sent: 4, sent_browser: 1,
    other: 0, purchases: 4, value: 3 * 1990 + 1005 };
  assert.deepEqual(await until('the states', async () => { const a = await all(api); return a.duplicate && a.dead && a; }), expected);
  for (const range of ['1h', '24h', '7d', '30d']) {
    const s = await ask(api, '/api/v1/series', `?metric=received&range=${range}`);
    assert.equal(points(s), 6, range);
    assert.ok(s.points.at(-1) + s.points.at(-2) === 6, `${range}: the newest are last`);
  }
  assert.equal((await api.call('get', '/api/v1/series', { query: '?metric=x&range=1y' })).status, 400);
  const names = (await ask(api, '/api/v1/names')).names;
  await daemon.stop();
  const again = await startDaemon(t, ['--config', file]);
  const api2 = new Api(again.admin, await Description.of(again.admin));
  assert.deepEqual(await all(api2), expected);
  assert.deepEqual((await ask(api2, '/api/v1/names')).names.map((n) => [n.event, n.count, n.first]), names.map((n) => [n.event, n.count, n.first]));
  assert.equal((await ask(api2, '/api/v1/quality')).events[0].count, 4);
});

test('match quality: coverage of what was really sent, and advice by gain', async (t) => {
  const { daemon, api } = await started(t);
  const without = order();
  delete without.context.traits.email;
  await daemon.post('/v1/batch', { batch: [order(), order(), order(), without] });
  await daemon.settled();
  const q = await until('the quality', async () => {
    const { events } = await ask(api, '/api/v1/quality');
    return events[0]?.count === 4 && events[0];
  });
  assert.deepEqual([q.destination, q.event, q.keys.em, q.keys.external_id], ['meta', 'Purchase', 0.75, 1]);
  assert.equal(q.keys.ph, undefined);
  assert.ok(Math.abs(q.estimate - (0.75 * 2.8 + 1.2)) < 0.11, String(q.estimate));
  const gains = q.advice.map((a) => a.gain);
  assert.deepEqual(gains, gains.toSorted((a, b) => b - a));
  assert.deepEqual(q.advice[0].key, 'ph');
  assert.match((await ask(api, '/api/v1/quality')).formula, /not Meta's/);
});

test('pairing: copies of browser and server, and why others do not meet', async (t) => {
  const { daemon, api } = await started(t, { more: '' , source: '  - name: pages\n    write_key: pages-key' });
  const both = order();
  const [onlyServer, onlyBrowser, renamed] = [order(), order(), order()];
  const [oneWay, otherWay] = [order({ order_id: 'o-77' }), order({ order_id: 'o-77' })];
  await daemon.post('/v1/batch', { batch: [both, onlyServer, renamed, oneWay] });
  const pages = { ...browser, key: 'pages-key' };
  await daemon.post('/v1/batch', { batch: [both, onlyBrowser, { ...renamed, event: 'Product Added' }, otherWay] }, pages);
  await daemon.post('/v1/track', { ...both, properties: { revenue: 1, currency: 'EUR' } }); // same source, other content
  await daemon.settled();
  const rows = await until('the pairs', async () => {
    const { events } = await ask(api, '/api/v1/pairing');
    return events.reduce((n, e) => n + 2 * e.both + e.server_only + e.browser_only, 0) === 8 && events;
  });
  const purchase = rows.find((r) => r.event === 'Purchase');
  const added = rows.find((r) => r.event === 'AddToCart');
  assert.deepEqual([purchase.both, purchase.server_only, purchase.browser_only], [1, 3, 2]);
  assert.deepEqual(purchase.reasons, { other_name: 1, other_id: 1 });
  assert.deepEqual([added.both, added.server_only, added.browser_only, added.reasons], [0, 0, 1, { other_name: 1 }]);
  const { repeated, suppressed, one_in: oneIn } = await until('the repeated id', async () => {
    const answer = await ask(api, '/api/v1/pairing');
    return answer.repeated.length && answer;
  });
  assert.deepEqual([repeated[0].source, repeated[0].message_id, repeated[0].times, repeated[0].first_seq], ['shop', both.messageId, 1, 0]);
  assert.deepEqual([suppressed, oneIn], [1, 1]);
});

test('delivery: times, sizes, and errors with their cause and cure', async (t) => {
  const { daemon, api, sandbox } = await started(t);
  await sandbox.fault({ kind: 'status', status: 500, count: 1 });
  await daemon.post('/v1/batch', { batch: [order(), order(), order()] });
  await daemon.settled();
  await sandbox.fault({ kind: 'error', code: 190, subcode: 463 });
  await daemon.post('/v1/track', order());
  const d = await until('the errors', async () => {
    const [one] = (await ask(api, '/api/v1/delivery')).destinations;
    return one.errors.length === 2 && one.latency_ms.p50 !== undefined && one;
  });
  assert.deepEqual([d.errors[0].code, d.errors[0].subcode, d.errors[0].title, d.errors[0].count], [190, 463, 'code 190/463', 1]);
  assert.match(d.errors[0].cure, /token/);
  assert.equal(d.errors[1].title, 'HTTP 500');
  assert.ok(d.errors[1].cause && d.errors[1].cure);
  assert.ok(d.latency_ms.p50 <= d.latency_ms.p99);
  assert.equal(d.batches.reduce((n, b) => n + b.count, 0), d.attempts);
  const cli = run('status', ['--admin', daemon.admin]);
  assert.match(cli.out, /confirmation: half within \d+ ms/);
  const { alerts } = await ask(api, '/api/v1/alerts');
  assert.deepEqual(alerts.filter((a) => a.kind === 'paused').map((a) => [a.severity, a.destination]), [['critical', 'meta']]);
  assert.match(alerts[0].message, /token/);
});

test('a destination that comes while it runs is counted from its first event on', async (t) => {
  const { daemon, api, file } = await started(t);
  await daemon.post('/v1/track', order());
  await daemon.settled('meta');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text + text.slice(text.indexOf('  - name: meta')).replace('name: meta', 'name: second'));
  daemon.child.kill('SIGHUP');
  await until('the second destination', () => daemon.destination('second'));
  await daemon.post('/v1/batch', { batch: Array.from({ length: 7 }, () => order()) });
  await daemon.settled('second');
  const delivered = (name) => total(api, `metric=delivered&destination=${name}`);
  await until('all of its events in the series', async () => await delivered('second') === 7);
  await until('the others', async () => await delivered('meta') === 8);
});

test('the system says what it is and what it uses', async (t) => {
  const { daemon, api, file } = await started(t);
  await daemon.post('/v1/track', order());
  await daemon.settled();
  const s = await ask(api, '/api/v1/system');
  assert.deepEqual(s.config_files, [file]);
  assert.ok(s.memory_bytes > 1e6 && s.threads >= 4 && s.state_bytes > 0 && s.disk_total_bytes >= s.disk_free_bytes);
  assert.deepEqual([s.journal.events, s.journal.first_seq, s.journal.next_seq], [1, 0, 1]);
  for (const { name, value, used } of s.limits) assert.ok(used <= value, name);
});

test("the sandbox's desk through the admin address", async (t) => {
  const { api } = await started(t);
  const none = await api.call('get', '/api/v1/sandbox/events');
  assert.deepEqual([none.status, none.json.error.code], [404, 'no_sandbox']);

  const { api: own, daemon } = await started(t, {}, ['--sandbox', '127.0.0.1:0']);
  const { sandbox } = await daemon.status();
  const fault = await own.call('post', '/api/v1/sandbox/faults', { body: { kind: 'status', status: 503, count: 1 } });
  assert.deepEqual([fault.status, fault.json.faults.length], [200, 1]);
  assert.equal((await ask(own, '/api/v1/sandbox/faults')).faults[0].kind, 'status');
  assert.equal((await own.call('delete', '/api/v1/sandbox/faults')).status, 200);
  assert.equal((await ask(own, '/api/v1/sandbox/faults')).faults.length, 0);
  const bad = await own.call('post', '/api/v1/sandbox/faults', { body: { kind: 'nonsense' } });
  assert.deepEqual([bad.status, bad.json.error.code], [400, 'bad_fault']);
  const event = { event_name: 'Lead', event_time: Math.floor(Date.now() / 1000), action_source: 'website',
    event_source_url: 'https://shop.example/', event_id: 'e-1', user_data: { client_user_agent: 'x', fbp: 'fb.1.1.1' } };
  const sent = await fetch(`${sandbox}/v26.0/123/events`, { method: 'POST', body: JSON.stringify({ data: [event] }) });
  assert.equal(sent.status, 200);
  assert.equal((await ask(own, '/api/v1/sandbox/events', '?limit=10&name=Lead')).events.length, 1);
  assert.equal((await own.call('get', '/api/v1/sandbox/events', { query: '?limit=x' })).status, 400);
  assert.ok((await ask(own, '/api/v1/sandbox/requests')).total >= 1);
  assert.ok(await ask(own, '/api/v1/sandbox/summary'));
  await own.call('delete', '/api/v1/sandbox/events');
  assert.equal((await ask(own, '/api/v1/sandbox/events')).events.length, 0);
});
