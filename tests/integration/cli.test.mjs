// The commands as a script uses them: inputs, outputs and exit codes of the contract.
import test from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync, existsSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { binary, config, order, run, startDaemon, startSandbox, tempDir, track, until } from './lib.mjs';

const sha256 = (s) => createHash('sha256').update(s).digest('hex');
const fake = { url: 'http://127.0.0.1:9' };

test('hash prints normalised and digest, or an empty line', () => {
  const r = run('hash', ['em'], ' John_Smith@Gmail.com \nnot an address\n');
  assert.equal(r.code, 0);
  assert.equal(r.out, `john_smith@gmail.com\t${sha256('john_smith@gmail.com')}\n\n`);
  const hash = sha256('x');
  assert.equal(run('hash', ['em'], `${hash.toUpperCase()}\n`).out, `${hash}\t${hash}\n`);
  const wrong = run('hash', ['emm'], '');
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /did you mean "em"/);
});

test('odd files and words are taken as they were meant, or refused with a hint', (t) => {
  const dir = tempDir(t);
  const yaml = config(dir, fake);
  const track = '{"type":"track","event":"X","userId":"u"}';
  assert.equal(run('trigger', ['type = "track"'], `\uFEFF${track}\r\n${track}`).out, 'true\ntrue\n');
  const broken = run('trigger', ['type != "x"'], `{bad\n\n${track}\n`);
  assert.equal(broken.out, 'false\nfalse\ntrue\n');
  assert.match(broken.err, /false: 1 lines/);
  assert.match(run('diff', [yaml, yaml], `\n${track}\n \n`).out, /0 of 1 events/);
  assert.equal(run('import', ['segment', join(dir, 'missing')]).code, 1);
  assert.equal(run('import', ['segment', dir]).code, 1);
  assert.equal(run('map', [dir]).code, 1);
  assert.equal(run('import', ['segment', '-'], '\uFEFF{"settings":{"pixelId":"1"}}').code, 0);
  const wide = join(dir, 'wide.json');
  writeFileSync(wide, `\uFEFF${track}\n`, 'utf16le');
  for (const [command, ...words] of [['map'], ['trigger', 'type = "track"'], ['import', 'segment']]) {
    const r = run(command, [...words, wide]);
    assert.equal(r.code, 1);
    assert.match(r.err, /wide\.json: the file is UTF-16; save it as UTF-8/);
  }
  const endless = run('map', [], `${track}\n${'a'.repeat(17 * 1024 * 1024)}`);
  assert.equal(endless.code, 1);
  assert.match(endless.err, /<stdin>:2: longer than/);
  assert.equal(endless.out.trim().split('\n').length, 1);
  const half = run('diff', [yaml, yaml, join(dir, 'missing')]);
  assert.deepEqual([half.code, half.out], [1, '']);
  assert.equal(run('map', ['-h']).code, 0);
  const country = run('hash', ['ph', '--country', 'usa']);
  assert.equal(country.code, 2);
  assert.match(country.err, /two letters/);
  assert.doesNotMatch(run('hash', ['nope']).err, /did you mean/);
  for (const [option, value, near] of [['--source', 'shopp', 'shop'], ['--destination', 'mta', 'meta']]) {
    const wrong = run('map', ['--config', yaml, option, value]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, new RegExp(`did you mean "${near}"`));
  }
});

test('trigger prints true or false for each event', () => {
  const events = [track('Order Completed', { revenue: 1500 }), track('Order Completed', { revenue: 5 }), { type: 'page' }];
  const input = events.map((e) => `${JSON.stringify(e)}\n`).join('');
  const r = run('trigger', ['type = "track" and event = "Order Completed" and properties.revenue >= 1000'], input);
  assert.equal(r.code, 0);
  assert.equal(r.out, 'true\nfalse\nfalse\n');
  const bad = run('trigger', ['type = "track" and evnt = "x"'], '');
  assert.equal(bad.code, 1);
  assert.match(bad.err, /:1:20: .*evnt/);
  assert.match(bad.err, /event/);
});

test('map answers each line with exactly one line', (t) => {
  const dir = tempDir(t);
  const file = config(dir, fake, { destination: '    events:\n      Debug Ping: drop\n      Plan Bought: Purchase\n' });
  const now = '2026-11-21T12:00:00Z';
  const at = { timestamp: '2026-11-21T11:59:00.500Z' };
  const events = [
    order({ order_id: '1' }), track('Debug Ping'), track('Plan Bought', { revenue: 5, currency: 'USD' }),
    order({ revenue: 'a lot' }), track('Anything', { a: 1 }),
  ].map((e) => ({ ...e, ...at }));
  const input = `${events.map((e) => JSON.stringify(e)).join('\n')}\nnot json\n[]\n`;
  const r = run('map', ['--config', file, '--now', now], input);
  assert.equal(r.code, 0, r.err);
  const lines = r.out.trimEnd().split('\n').map((l) => JSON.parse(l));
  assert.equal(lines.length, 7);
  assert.equal(lines[0].send[0].pixel_id, '1234567890');
  assert.equal(lines[0].send[0].event.event_name, 'Purchase');
  assert.equal(lines[0].send[0].event.event_time, Date.parse('2026-11-21T11:59:00Z') / 1000);
  assert.deepEqual(lines[1], { filtered: 'dropped' });
  assert.equal(lines[2].send[0].event.event_name, 'Purchase');
  assert.equal(lines[3].dead && lines[3].path, 'custom_data.value');
  assert.ok(lines[3].message.length > 5);
  assert.equal(lines[4].send[0].event.event_name, 'Anything');
  assert.equal(lines[5].dead, 'bad_event');
  assert.equal(lines[6].dead, 'bad_event');
  // Too old, and too far ahead.
  const old = run('map', ['--config', file, '--now', '2026-11-29T12:00:00Z'], `${JSON.stringify(events[0])}\n`);
  assert.equal(JSON.parse(old.out).dead, 'event_too_old');
  const ahead = run('map', ['--config', file, '--now', '2026-11-21T11:57:00Z'], `${JSON.stringify(events[0])}\n`);
  assert.equal(JSON.parse(ahead.out).dead, 'event_in_future');
});

test('explain tells the story and masks personal data', (t) => {
  const file = config(tempDir(t), fake);
  const e = order();
  e.context.traits.email = 'jane.doe@example.com';
  const r = run('explain', ['--config', file], JSON.stringify(e, null, 2));
  assert.equal(r.code, 0, r.err);
  assert.match(r.out, /Purchase/);
  assert.doesNotMatch(r.out, /jane\.doe/);
  assert.match(run('explain', ['--config', file, '--reveal'], JSON.stringify(e)).out, /jane\.doe@example\.com/);
});

test('explain does not let an event speak to the terminal', (t) => {
  const e = { ...order(), type: 'track', event: 'a\u009b2J\u001b[2J' };
  const r = run('explain', ['--config', config(tempDir(t), fake)], JSON.stringify(e));
  assert.match(r.out, /a¿2J/);
  assert.doesNotMatch(r.out, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
});

test('check shows every problem with its place', (t) => {
  const dir = tempDir(t);
  const good = config(dir, fake);
  assert.equal(run('check', ['--config', good]).code, 0);
  const bad = join(dir, 'bad.yaml');
  writeFileSync(bad, `sources:
  - name: shop
    write_key: \${PIXELD_TEST_NOT_SET}
destinations:
  - name: meta
    pixel_id: "1"
    acces_token: x
    api_url: http://127.0.0.1:1/v26.0
    filter: type = = "x"
    actions:
      - name: a
        trigger: type = "track"
        send: Purchase
        custom_data:
          value: properties.revenue | numbr
`);
  const r = run('check', ['--config', bad]);
  assert.equal(r.code, 1);
  assert.match(r.out, /bad\.yaml:3:\d+: .*PIXELD_TEST_NOT_SET/);
  assert.match(r.out, /bad\.yaml:7:5: .*acces_token.*access_token/);
  const fixed = readFileSync(bad, 'utf8').replace('acces_token', 'access_token');
  writeFileSync(bad, fixed);
  const r2 = run('check', ['--config', bad], '', { PIXELD_TEST_NOT_SET: 'k' });
  assert.equal(r2.code, 1);
  assert.match(r2.out, /bad\.yaml:9:\d+: /);
  assert.match(r2.out, /bad\.yaml:15:\d+: .*numbr.*number/);
  assert.equal(run('check', []).code, 2);
  assert.equal(run('nonsense', []).code, 2);
});

test('send, status and dead work on a running server', async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox)]);
  const file = join(dir, 'events.ndjson');
  const events = Array.from({ length: 450 }, () => order());
  events.push(order({ revenue: 'a lot' }));
  writeFileSync(file, `${events.map((e) => JSON.stringify(e)).join('\n')}\n`);
  const sent = run('send', ['--url', daemon.url, '--key', 'test-key', file]);
  assert.equal(sent.code, 0, sent.err);
  assert.equal(JSON.parse(sent.out).sent, 451);
  assert.ok(!existsSync(`${file}.pixeld-sent`), 'a finished file leaves no progress behind');
  await daemon.settled();
  assert.equal((await sandbox.events()).length, 450);

  const csv = join(dir, 'orders.csv');
  writeFileSync(csv, '\uFEFFtype,event,userId,properties.revenue,properties.currency,context.traits.email,context.traits.lastName\n'
    + 'track,Order Completed,c1,"1250.5",EUR,c1@example.com,"O""Neil, the\n2nd"\n');
  const r = run('send', ['--url', daemon.url, '--key', 'test-key', csv]);
  assert.equal(r.code, 0, r.err);
  await until('the CSV order', async () => (await sandbox.events()).some((e) => e.custom_data.value === 1250.5));

  assert.equal(run('send', ['--url', daemon.url, '--key', 'wrong', file]).code, 1);
  writeFileSync(join(dir, 'mixed.ndjson'), `${JSON.stringify(order())}\nnot json\n`);
  const mixed = run('send', ['--url', daemon.url, '--key', 'test-key', join(dir, 'mixed.ndjson')]);
  assert.equal(mixed.code, 1);
  assert.match(mixed.err, /mixed\.ndjson:2: /);

  const d = await daemon.settled();
  const status = run('status', ['--admin', daemon.admin]);
  assert.equal(status.code, 0);
  assert.match(status.out, new RegExp(`received ${d.received} =`));
  assert.equal(JSON.parse(run('status', ['--admin', daemon.admin, '--json']).out).destinations[0].name, 'meta');
  assert.equal(run('status', ['--admin', 'http://127.0.0.1:1']).code, 3);

  const list = run('dead', ['list', '--admin', daemon.admin]);
  assert.equal(list.code, 0, list.err);
  const letters = list.out.trim().split('\n');
  assert.equal(letters.length, d.states.dead);
  assert.match(letters[0], /^\d+ +\d{4}-\S+Z +invalid_value +"Order Completed" .*custom_data\.value/);
  const seq = letters[0].split(/\s+/)[0];
  const shown = JSON.parse(run('dead', ['show', seq, '--admin', daemon.admin]).out);
  assert.equal(shown.event.properties.revenue, 'a lot');
  const exported = run('dead', ['export', '--admin', daemon.admin]).out.trim().split('\n');
  assert.deepEqual(JSON.parse(exported[0]), events[450]);
  assert.equal(run('dead', ['discard', seq, '--admin', daemon.admin]).out.trim(), '1 dead letter removed for good');
  assert.equal(run('dead', ['retry', '--admin', daemon.admin]).code, 2, 'retry wants a selection');
  for (const [words, message] of [
    [['show'], /which one/], [['show', '../dead'], /not a number/], [['try', 'x'], /not a number/],
    [['list', '--reason', 'mising_value'], /did you mean "missing_value"/],
    [['discard', '--all', '--dry-run'], /for retry/],
  ]) {
    const wrong = run('dead', [...words, '--admin', daemon.admin]);
    assert.equal(wrong.code, 2, words);
    assert.match(wrong.err, message);
  }
  const unread = run('dead', ['try', seq, '--event-file', join(dir, 'missing'), '--admin', daemon.admin]);
  assert.equal(unread.code, 1, 'a missing input file is wrong input everywhere');
  const odd = run('dead', ['show', '1', '--destination', 'a b/../c', '--admin', daemon.admin]);
  assert.match(odd.err, /HTTP 4/);
});

test('dead letters are mapped anew after the rule was mended', async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const broken = config(dir, sandbox, {
    destination: '    custom_data:\n      value: properties.amount | money | required\n',
  });
  const daemon = await startDaemon(t, ['--config', broken]);
  assert.equal((await daemon.post('/v1/track', order())).status, 200);
  let d = await daemon.settled();
  assert.equal(d.states.dead, 1);
  config(dir, sandbox); // the same file, mended
  daemon.child.kill('SIGHUP');
  await until('the reload', () => daemon.logLine('configuration reloaded'));
  assert.match(run('dead', ['retry', '--all', '--admin', daemon.admin]).out, /^1 /);
  await until('the delivery', async () => (await sandbox.events()).length === 1);
  d = await daemon.settled();
  assert.equal(d.states.delivered, 1);
  assert.equal(d.states.dead, 0);
});

test('test checks fixtures, and records them', (t) => {
  const dir = tempDir(t);
  const file = config(dir, fake);
  const now = '2026-11-21T12:00:00Z';
  const event = order({ timestamp: undefined });
  event.timestamp = '2026-11-21T11:59:00Z';
  const recorded = run('test', ['--config', file, '--record', '--now', now], `${JSON.stringify(event)}\n`);
  assert.equal(recorded.code, 0, recorded.err);
  const fixtures = join(dir, 'fixtures.ndjson');
  writeFileSync(fixtures, recorded.out);
  const good = run('test', ['--config', file, fixtures]);
  assert.equal(good.code, 0, good.out + good.err);
  assert.equal(good.out, '1 passed, 0 failed\n');
  // Only what a fixture names is compared; what differs is shown with its path.
  const partial = (value) => JSON.stringify({ name: 'an order', now, event, expect: { send: [{ event: { custom_data: { value } } }] } });
  writeFileSync(fixtures, `${partial(19.90)}\n${partial(20)}\n`);
  const bad = run('test', ['--config', file, fixtures]);
  assert.equal(bad.code, 1);
  assert.match(bad.out, /fixtures\.ndjson:2: an order\n {2}send\[0\]\.event\.custom_data\.value: wanted 20, got 19\.9\n1 passed, 1 failed/);
  writeFileSync(fixtures, '{"event":{}}\n');
  assert.match(run('test', ['--config', file, fixtures]).err, /fixtures\.ndjson:1: /);
});

test('diff shows what a new configuration would change', (t) => {
  const dir = tempDir(t);
  const before = config(dir, fake);
  const after = join(dir, 'new.yaml');
  writeFileSync(after, `${readFileSync(before, 'utf8')}    events:\n      Plan Bought: Subscribe\n      Debug Ping: drop\n`);
  const events = [order(), track('Plan Bought'), track('Debug Ping')];
  const input = events.map((e) => `${JSON.stringify(e)}\n`).join('');
  const r = run('diff', [before, after], input);
  assert.equal(r.code, 1, r.err);
  assert.match(r.out, /<stdin>:2: Plan Bought\n {2}send\[0\]\.event\.event_name: was "Plan Bought", becomes "Subscribe"/);
  assert.match(r.out, /<stdin>:3: Debug Ping\n/);
  assert.match(r.out, /filtered: was nothing, becomes "dropped"/);
  assert.match(r.out, /2 of 3 events would change\n$/);
  const same = run('diff', [before, before], input);
  assert.equal(same.code, 0);
  assert.equal(same.out, '0 of 3 events would change\n');
});

test('output that cannot be written is a failure', () => {
  const sh = (text) => spawnSync('sh', ['-c', text], { input: `${JSON.stringify(order())}\n`, encoding: 'utf8' });
  for (const args of ['map', 'hash em', '--help', 'map --help', '--version']) {
    for (const to of ['>/dev/full', '>&-']) {
      const r = sh(`"${binary}" ${args} ${to}`);
      assert.equal(r.status, 3, `${args} ${to}: ${r.stderr}`);
      assert.match(r.stderr, /cannot write the output/);
    }
  }
  assert.equal(sh(`yes '{}' | head -n 100000 | "${binary}" map | head -n 1`).status, 0);
  assert.match(run('map', [tmpdir()]).err, /cannot read: Is a directory/);
});

test('help teaches', () => {
  const overview = run('--help');
  assert.equal(overview.code, 0);
  for (const name of ['serve', 'check', 'map', 'explain', 'test', 'diff', 'import', 'hash', 'trigger', 'send', 'sandbox', 'status', 'dead']) {
    assert.match(overview.out, new RegExp(`^  ${name} `, 'm'));
    assert.equal(run(name, ['--help']).code, 0);
  }
  assert.match(run('map', ['--confg', 'x']).err, /did you mean --config/);
  const unknown = run('mapp');
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /did you mean "map"/);
});
