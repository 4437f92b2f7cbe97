// Destinations that are taken out of the configuration, get another name or come back; and a journal that was
// removed under a store that was not.
import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { config, order, run, startDaemon, startSandbox, tempDir, until } from './lib.mjs';

const bad = () => order({ revenue: 'x' });

test('a removed destination is kept, told, and comes back or is forgotten', async (t) => {
  const sandbox = await startSandbox(t);
  const file = config(tempDir(t), sandbox);
  const asWritten = readFileSync(file, 'utf8');
  const daemon = await startDaemon(t, ['--config', file]);
  const pixeld = (...words) => run(words[0], [...words.slice(1), '--admin', daemon.admin]);
  const removed = async () => (await daemon.status()).removed.map((d) => d.name);
  const reload = async (text, expected) => {
    writeFileSync(file, text);
    daemon.child.kill('SIGHUP');
    await until('the configuration to be taken', async () => JSON.stringify(await removed()) === JSON.stringify(expected));
  };
  await daemon.post('/v1/batch', { batch: [bad(), order()] });
  assert.equal((await daemon.settled('meta')).states.dead, 1);
  assert.deepEqual(await removed(), []);
  assert.match(pixeld('forget', 'meta').err, /the destination is configured/);
  assert.match(pixeld('forget', 'nobody').err, /nothing is kept/);
  assert.equal(pixeld('forget').code, 2);

  await reload(asWritten.replace('name: meta', 'name: renamed'), ['meta']);
  const told = daemon.logLine('a destination is no longer configured: nothing is sent there, and what is kept of it will be forgotten; `pixeld forget` does it at once');
  assert.deepEqual([told.level, told.destination, told.days], ['warn', 'meta', 30]);
  const hint = daemon.logLine('a new destination has the pixel of one that was removed: if it was renamed, its waiting events and dead letters stay behind; the former name brings them back');
  assert.deepEqual([hint.destination, hint.removed], ['renamed', 'meta']);
  const [{ pixel_id, since, forgotten }] = (await daemon.status()).removed;
  assert.deepEqual([pixel_id, new Date(forgotten) - new Date(since)], ['1234567890', 30 * 86400e3]);
  assert.match(pixeld('status').out, /meta {2}REMOVED\n/);
  assert.match(pixeld('dead', 'list', '--destination', 'meta').out, /invalid_value/);
  assert.match(pixeld('dead', 'retry', '--all', '--destination', 'meta').err, /not configured/);

  await reload(asWritten, ['renamed']);
  const back = await daemon.settled('meta');
  assert.deepEqual([back.received, back.states.dead, back.states.delivered], [2, 1, 1]);
  assert.ok(daemon.logLine('a removed destination is back and goes on where it was'));
  assert.equal(pixeld('forget', 'renamed').code, 0);
  await until('it to be forgotten', async () => (await removed()).length === 0);
  assert.equal(daemon.logLine('a removed destination was forgotten').destination, 'renamed');
  assert.equal(pixeld('dead', 'list', '--destination', 'meta').out.split('\n').length, 2);
});

test('it is missed and told also when it went while nothing ran', async (t) => {
  const sandbox = await startSandbox(t);
  const file = config(tempDir(t), sandbox);
  const first = await startDaemon(t, ['--config', file]);
  await first.post('/v1/batch', { batch: [bad()] });
  await first.settled();
  await first.stop();
  writeFileSync(file, readFileSync(file, 'utf8').replace('name: meta', 'name: other').replace('1234567890', '77'));
  const second = await startDaemon(t, ['--config', file]);
  assert.deepEqual((await second.status()).removed.map((d) => d.name), ['meta']);
  assert.ok(!second.log.includes('has the pixel of one that was removed'));
  assert.equal((await second.destination('other')).received, 0);
});

test('a journal that was removed gives no number twice: letters and sums stay', async (t) => {
  const sandbox = await startSandbox(t);
  const dir = tempDir(t);
  const file = config(dir, sandbox);
  const first = await startDaemon(t, ['--config', file]);
  await first.post('/v1/batch', { batch: [bad(), order(), bad()] });
  await first.settled();
  await first.stop();
  rmSync(`${dir}/data/journal`, { recursive: true });
  const second = await startDaemon(t, ['--config', file]);
  assert.match(second.log, /the journal lacks events that were in it.*"has":0,"had":3/);
  await second.post('/v1/batch', { batch: [bad(), order()] });
  const d = await second.settled();
  assert.deepEqual([d.received, d.states.dead, d.states.delivered], [5, 3, 2]);
  const { out } = run('dead', ['list', '--admin', second.admin]);
  assert.deepEqual(out.match(/^\d+/gm), ['0', '2', '3']);
});
