// Dead letters: groups, selections, dry runs, and an event mended by hand.
import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { config, order, run, startDaemon, startSandbox, tempDir, track, until } from './lib.mjs';
import { Api, Description } from './openapi.mjs';

async function started(t) {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox, { top: 'dedup: { size: 1MiB }' })]);
  const old = { timestamp: new Date(Date.now() - 9 * 86400e3).toISOString() };
  const bad = [order({ revenue: 'x' }), { ...order(), ...old }, { ...track('Products Searched', { query: 'x' }), ...old }];
  await daemon.post('/v1/batch', { batch: [...bad, order()] });
  const d = await daemon.settled();
  assert.equal(d.states.dead, 3);
  const api = new Api(daemon.admin, await Description.of(daemon.admin));
  return { dir, sandbox, daemon, api, bad };
}
const dead = (daemon, ...more) => run('dead', [...more, '--admin', daemon.admin]);

test('groups, and choosing by what letters are', async (t) => {
  const { daemon, api } = await started(t);
  const { json } = await api.call('get', '/api/v1/dead/groups', { query: '?destination=meta' });
  const counts = Object.fromEntries(json.groups.map((g) => [g.reason, g.count]));
  assert.equal(counts.event_too_old, 2);
  assert.equal(json.groups.length, 2);
  assert.ok(json.groups.every((g) => g.cause.length > 10 && g.first && g.last));
  assert.match(dead(daemon, 'groups').out, /2 +event_too_old[^]*; nothing brings it to Meta any more/);

  const dry = dead(daemon, 'retry', '--all', '--dry-run');
  assert.equal(dry.code, 0, dry.err);
  assert.match(dry.out, /^0 would be sent/);
  assert.match(dry.out, /2 would not: event_too_old/);
  const discard = (...limits) => dead(daemon, 'discard', ...limits).out;
  const listed = (...limits) => dead(daemon, 'list', ...limits).out.split('\n').length - 1;
  assert.deepEqual([listed('--source', 'shop'), listed('--source', 'no & one'), listed('--reason', 'event_too_old'), listed('--code', '100'), listed('--until', '2020-01-01')], [3, 0, 2, 0, 0]);
  assert.equal((await api.call('get', '/api/v1/dead', { query: '?destination=meta&since=yesterday' })).status, 400);
  assert.match(discard('--source', 'nobody'), /^0 /);
  assert.match(discard('--code', '100'), /^0 /);
  assert.match(discard('--until', '2020-01-01'), /^0 /);
  assert.match(discard('--reason', 'event_too_old', '--event', 'Products Searched', '--since', '2020-01-01'), /^1 /);
  assert.match(discard('--event', 'Order Completed'), /^2 /);
  assert.equal(dead(daemon, 'discard').code, 2);
  assert.equal(dead(daemon, 'discard', '--code', 'x').code, 2);
  assert.equal(dead(daemon, 'discard', '--since', 'yesterday').code, 1);
});

test('groups of more letters than the server looks at in one go are one', async (t) => {
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(tempDir(t), sandbox, { top: 'dedup: { enabled: false }' })]);
  const batch = Array.from({ length: 1000 }, () => order({ revenue: 'x' }));
  for (let i = 0; i < 51; i += 1) assert.equal((await daemon.post('/v1/batch', { batch })).status, 200);
  assert.equal((await daemon.settled()).states.dead, 51000);
  const { out } = dead(daemon, 'groups');
  assert.match(out, /^51000 +invalid_value .* for example 50999\n/);
  assert.equal(out.split('\n').length, 3, out);

  // A page is found by continuing, however far the letters lie apart.
  assert.equal(dead(daemon, 'list', '--reason', 'refused').out, '');
  assert.equal(dead(daemon, 'list', '--source', 'nobody').out, '');
  assert.equal(dead(daemon, 'list', '--source', 'shop').out.split('\n').length, 51001);

  // Work on all of them holds nobody else up.
  const ended = [];
  const ask = async (name, path, body) => {
    const answer = await fetch(daemon.admin + path, body && { method: 'POST', body: JSON.stringify(body) });
    assert.equal(answer.status, 200);
    ended.push(name);
    return answer.json();
  };
  const all = { destination: 'meta', all: true };
  assert.equal(dead(daemon, 'retry', '--all', '--dry-run').out, '0 would be sent\n51000 would not: invalid_value\n');
  assert.match(dead(daemon, 'discard', '--event', 'Nothing').out, /^0 /);
  const [tried] = await Promise.all([ask('tried', '/api/v1/dead/retry', { ...all, dry_run: true }), ask('status', '/api/v1/status')]);
  const [retried] = await Promise.all([ask('retried', '/api/v1/dead/retry', all), ask('status', '/api/v1/status')]);
  assert.equal(tried.would_stay.invalid_value, 50000);
  assert.equal(retried.done, 51000);
  assert.deepEqual(ended, ['status', 'tried', 'status', 'retried']);
});

test('letters are judged by another configuration before it holds', async (t) => {
  const { dir, daemon } = await started(t);
  const dry = (file, ...more) => dead(daemon, 'try', '--config', file, ...more);
  const file = `${dir}/pixeld.yaml`, other = `${dir}/other.yaml`;
  writeFileSync(other, `${readFileSync(file, 'utf8')}    actions:
      - name: Orders
        trigger: event = "Order Completed"
        send: Purchase
        custom_data: { value: "1.5", currency: properties.currency }
`);
  assert.equal(dry(file, '--all').out, '0 would be sent\n1 would not: invalid_value\n2 would not: event_too_old\n'
    + 'died of invalid_value: 1 invalid_value\ndied of event_too_old: 2 event_too_old\n');
  const { out, err } = dry(other, '--all');
  assert.equal(out, '1 would be sent\n2 would not: event_too_old\ndied of invalid_value: 1 would go\ndied of event_too_old: 2 event_too_old\n', err);
  assert.match(dry(other, '--reason', 'event_too_old', '--event', 'Products Searched').out, /^0 would be sent\n1 would not: event_too_old\ndied of event_too_old: 1 event_too_old\n$/);
  assert.equal(dry(other, '0').out, '1 would be sent\ndied of invalid_value: 1 would go\n');
  assert.equal(dry(other).code, 2);
  writeFileSync(other, 'destinations: [{ name: meta, pixel: "1" }]');
  const wrong = dry(other, '--all');
  assert.deepEqual([wrong.code, wrong.out], [1, '']);
  assert.match(wrong.err, /the new configuration is not right: line 1, column \d+: .*\(and 2 more\)/);
  assert.equal((await daemon.destination()).states.dead, 3);
});

test('a mended event is shown, then sent, under its own id', async (t) => {
  const { dir, daemon, sandbox, api, bad } = await started(t);
  assert.match(dead(daemon, 'try', '0').out, /"dead"/);
  const file = `${dir}/mended.json`;
  writeFileSync(file, JSON.stringify({ ...bad[0], properties: { revenue: 5, currency: 'EUR' } }));
  const shown = dead(daemon, 'try', '0', '--event-file', file);
  assert.equal(shown.code, 0, shown.err);
  assert.match(shown.out, /"event_name": "Purchase"/);
  assert.equal((await daemon.destination()).states.dead, 3, 'nothing was sent');
  assert.match(dead(daemon, 'try', '0', '--event-file', file, '--send').out, /it goes now/);
  await until('it to be delivered', async () => (await daemon.destination()).states.delivered === 2);
  const sent = (await sandbox.events()).find((e) => e.event_id === bad[0].messageId);
  assert.equal(sent.custom_data.value, 5);
  assert.equal(dead(daemon, 'try', '0', '--send').code, 1, 'it is no dead letter any more');
  assert.equal((await api.call('post', '/api/v1/dead/try', { body: { destination: 'meta', seq: 1 } })).status, 200);
  assert.equal((await api.call('post', '/api/v1/dead/retry', { body: { destination: 'meta', all: true, dry_run: true } })).status, 200);
});
