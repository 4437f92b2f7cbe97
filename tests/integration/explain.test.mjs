// The story of one event of a running server: by message id, by number, by searching the journal.
import test from 'node:test';
import assert from 'node:assert/strict';
import { config, order, run, startDaemon, startSandbox, tempDir, track, until } from './lib.mjs';
import { Api, Description } from './openapi.mjs';

async function started(t, extra = {}) {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox, { top: 'dedup: { size: 1MiB }', ...extra });
  const daemon = await startDaemon(t, ['--config', file]);
  return { dir, file, sandbox, daemon, api: new Api(daemon.admin, await Description.of(daemon.admin)) };
}
const explain = (daemon, id, ...more) => run('explain', [id, '--admin', daemon.admin, ...more]);

test('delivered, duplicate and dead, each with its requests', async (t) => {
  const { daemon, api } = await started(t);
  const [good, bad] = [order(), { ...order(), messageId: 'odd/id ä?&' }];
  bad.properties.revenue = 'x';
  assert.equal((await daemon.post('/v1/batch', { batch: [good, bad, good] })).status, 200);
  await daemon.settled();

  const story = async (id) => (await api.call('get', '/api/v1/events/{id}', { params: { id } })).json;
  const first = (await story(good.messageId)).event;
  assert.equal(first.seq, 0);
  assert.equal(first.message_id, good.messageId);
  assert.match(first.address, /^127\.0\.0\.\*$/);
  const [part] = first.destinations;
  assert.deepEqual([part.name, part.state, part.reason], ['meta', 'delivered', 'none']);
  assert.equal(part.attempts.length, 1);
  assert.equal(part.attempts[0].status, 200);
  assert.match(part.attempts[0].fbtrace_id, /^A/);
  assert.match(part.rules, /Purchase/);
  assert.doesNotMatch(JSON.stringify(first), /@example\.com/, 'personal data is masked');

  const repeated = (await story('2')).event;
  assert.equal(repeated.duplicate_of, 0);
  assert.equal(repeated.destinations[0].state, 'duplicate');
  assert.deepEqual(repeated.destinations[0].attempts, []);

  const dead = (await story(bad.messageId)).event;
  assert.equal(dead.destinations[0].state, 'dead');
  assert.match(dead.destinations[0].dead.path, /value/);
  assert.equal((await story('no such event')).found, false);

  const cli = explain(daemon, good.messageId);
  assert.equal(cli.code, 0, cli.err);
  assert.match(cli.out, /meta: delivered/);
  assert.match(cli.out, /HTTP 200/);
  assert.equal(JSON.parse(explain(daemon, '2', '--json').out).event.seq, 2);
  const none = explain(daemon, 'nothing');
  assert.equal(none.code, 1);
  assert.match(none.err, /no event with the message id or number "nothing"/);
});

test('any id that a client can give can be asked for', async (t) => {
  const { daemon, api } = await started(t);
  const ids = ['a/b/c', '../../etc/passwd', '7', '18446744073709551616', '-1', 'ä😀', '?scan=1&x', '"', 'a\nb', 'x.json', 'x'.repeat(255), 'x'.repeat(256), 'ä'.repeat(1500)];
  for (const messageId of ids) assert.equal((await daemon.post('/v1/track', { ...order(), messageId })).status, 200);
  await daemon.settled();
  for (const [seq, id] of ids.entries()) {
    const { json } = await api.call('get', '/api/v1/events/{id}', { params: { id } });
    assert.equal(json.event?.seq, seq, id);
    const cli = run('explain', ['--admin', daemon.admin, '--json', '--', id]);
    assert.equal(cli.code, 0, cli.err);
    assert.equal(JSON.parse(cli.out).event.seq, seq, id);
  }
});

test('what a stranger wrote cannot speak to the terminal', async (t) => {
  const { daemon } = await started(t);
  const e = { ...order(), event: 'Order Completed', messageId: 'm\u001b[2J\u009b2J', properties: { revenue: 'no\u009bamount\u007f' } };
  await daemon.post('/v1/track', e);
  await daemon.settled();
  for (const r of [explain(daemon, '0'), run('dead', ['list', '--admin', daemon.admin])]) {
    assert.equal(r.code, 0, r.err);
    assert.ok(r.out.length > 40, r.out);
    assert.doesNotMatch(r.out, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  }
});

test('each try is told, with what Meta said', async (t) => {
  const { daemon, sandbox } = await started(t);
  await sandbox.fault({ kind: 'status', status: 500, count: 1 });
  const e = order();
  await daemon.post('/v1/track', e);
  await daemon.settled();
  const { event } = JSON.parse(explain(daemon, e.messageId, '--json').out);
  assert.deepEqual(event.destinations[0].attempts.map((a) => a.status), [500, 200]);
  assert.equal(event.destinations[0].state, 'delivered');
});

test('an id that is no longer remembered is searched for', async (t) => {
  const { daemon } = await started(t, { top: 'dedup: { enabled: false }' });
  const events = Array.from({ length: 500 }, () => order());
  await daemon.post('/v1/batch', { batch: events });
  await daemon.settled();
  const cli = explain(daemon, events[321].messageId, '--json');
  assert.equal(cli.code, 0, cli.err);
  assert.equal(JSON.parse(cli.out).event.seq, 321);
  assert.equal(explain(daemon, 'nothing').code, 1);
});

test('what the journal has trimmed is told from its dead letter, or as trimmed', async (t) => {
  const { daemon } = await started(t, { top: 'journal: { max_size: 128MiB }\ndedup: { size: 1MiB }', destination: '    filter: event != "Filler"' });
  const [good, bad] = [order(), order({ revenue: 'x' })];
  await daemon.post('/v1/batch', { batch: [good, bad] });
  await daemon.settled();
  const oldest = async () => (await (await fetch(`${daemon.admin}/api/v1/system`)).json()).journal.first_seq;
  await until('the journal to be trimmed', async () => {
    await daemon.post('/v1/batch', { batch: Array.from({ length: 20 }, () => track('Filler', { text: 'x'.repeat(100000) })) });
    return await oldest() > 1;
  }, 60000);
  for (const id of [bad.messageId, '1']) {
    const { event } = JSON.parse(explain(daemon, id, '--json').out);
    assert.deepEqual([event.seq, event.message_id, event.stored, event.destinations[0].state, event.destinations[0].reason], [1, bad.messageId, null, 'dead', 'invalid_value']);
  }
  for (const id of [good.messageId, '0']) assert.match(explain(daemon, id).err, /received as event 0, which the journal no longer has: it keeps events from \d+ on/);
  assert.match(explain(daemon, 'never').err, /no event with the message id/);
});

test('what waits is told as waiting, and a later destination knows what it missed', async (t) => {
  const { daemon, sandbox, file } = await started(t);
  await sandbox.fault({ kind: 'error', code: 190, subcode: 463, count: 1000 });
  const e = order();
  await daemon.post('/v1/track', e);
  const { readFileSync, writeFileSync } = await import('node:fs');
  writeFileSync(file, readFileSync(file, 'utf8').replace('destinations:\n', 'destinations:\n  - {name: late, pixel_id: "1", access_token: x, api_url: "http://127.0.0.1:9/v1"}\n'));
  daemon.child.kill('SIGHUP');
  await until('the new destination', async () => daemon.destination('late'));
  const { event } = JSON.parse(explain(daemon, e.messageId, '--json').out);
  const state = Object.fromEntries(event.destinations.map((d) => [d.name, [d.state, d.reason]]));
  assert.deepEqual(state, { late: ['filtered', 'before'], meta: ['waiting', 'none'] });
});
