// The console's pages for watching: Live, Explain, Delivery, dead letters, Replay, match quality, Dedup, Sandbox,
// System. In a real browser.
import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { config, order, root, run, sleep, startDaemon, startSandbox, tempDir, track, until } from './lib.mjs';
import { startBrowser } from './browser.mjs';
import { accessible, addPeople, check, fits, openConsole, signIn } from './console.mjs';

// Each page, and what it shows of the events below when it is ready.
const pages = {
  '/live': 'Product Viewed', '/explain/0': 'HTTP 200', '/delivery': 'By source and event, since the start', '/dead': 'Send all 2 again', '/replay': 'No replay yet',
  '/system': 'SDKs send to', '/system?tab=Configuration': 'Nothing was changed in the console yet', '/system?tab=People+and+tokens': 'Make a token',
  '/system?tab=Audit+log': 'Nothing yet', '/quality': 'What would help most', '/dedup': 'server only', '/sandbox': 'No sandbox runs inside this server',
};

async function started(t, extra = {}, more = []) {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const file = config(dir, sandbox, { top: 'dedup: { size: 1MiB }', ...extra });
  const daemon = await startDaemon(t, ['--config', file, ...more]);
  return { dir, file, sandbox, daemon, browser: await startBrowser(t) };
}

const bad = () => order({ revenue: 'much' });
const rows = (page) => page.locator('.grid-body [role=row]');
const send = (daemon, batch) => daemon.post('/v1/batch', { batch });

test('each page has something to show, in both themes, on a telephone too, and for everybody', async (t) => {
  const { daemon, browser } = await started(t);
  await send(daemon, [order(), track('Product Viewed', { product_id: 'a' }), bad(), bad()]);
  await daemon.settled();
  for (const options of [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { viewport: { width: 360, height: 700 } }]) {
    const page = await openConsole(t, browser, daemon, '/', options);
    for (const [path, text] of Object.entries(pages)) {
      await page.goto(daemon.admin + path);
      await page.getByText(text).first().waitFor();
      await accessible(page);
      await fits(page);
    }
    check(page);
  }
});

test('in a narrow window a page begins at its top, and an event and its fate are in sight', async (t) => {
  const { daemon, browser } = await started(t);
  await send(daemon, [order()]);
  await daemon.settled();
  for (const width of [360, 1024]) {
    const page = await openConsole(t, browser, daemon, '/sources', { viewport: { width, height: 760 } });
    const title = await page.getByRole('heading', { name: 'Sources' }).boundingBox();
    assert.ok(title.y < 80, `the title is at ${title.y}`);
    await page.goto(`${daemon.admin}/live`);
    const chip = await rows(page).getByText('delivered').boundingBox();
    const name = await rows(page).getByText('Order Completed').boundingBox();
    assert.ok(name.x + name.width < width && chip.x + chip.width < width, `${width}: ${JSON.stringify([name, chip])}`);
    check(page);
  }
});

test('Live: what comes shows at once, with its fate; filters are in the address; keys', async (t) => {
  const { daemon, browser, sandbox } = await started(t);
  await sandbox.fault({ kind: 'status', status: 500 });
  const page = await openConsole(t, browser, daemon, '/live');
  await page.getByText('No events yet').waitFor();
  await send(daemon, [track('Product Viewed', { product_id: 'a' }, { userId: 'cust-1' }), track('Order Completed', { revenue: 19.9, currency: 'EUR' }, { userId: 'cust-2' })]);
  await page.getByRole('row', { name: /Order Completed → Purchase.*cust-2.*19.9 EUR.*waiting/ }).waitFor();
  await sandbox.clearFaults();
  await page.getByRole('row', { name: /Order Completed.*delivered/ }).waitFor();

  await page.getByRole('button', { name: 'cust-1' }).click();
  assert.match(page.url(), /person=cust-1/);
  await page.getByRole('row', { name: /Order Completed/ }).waitFor({ state: 'detached' });
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.placeholder), 'Order Completed');
  await page.keyboard.type('Nothing of that name');
  await page.getByText('No event like that yet').waitFor();
  await page.getByRole('link', { name: 'Show all events' }).click();
  await until('all rows', async () => await rows(page).count() === 2);

  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('grid').focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'Home', 'End']) await page.keyboard.press(key);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/explain\/0$/);
  await page.getByText('Received').first().waitFor();
  for (const key of ['g', 'l']) await page.keyboard.press(key);
  await page.waitForURL(/\/live$/);
  check(page);
});

test('Live: paused, the table stands still, and nothing is lost', async (t) => {
  const { daemon, browser } = await started(t);
  await send(daemon, [order()]);
  const page = await openConsole(t, browser, daemon, '/live');
  await rows(page).first().waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await send(daemon, Array.from({ length: 10 }, () => order()));
  await daemon.settled();
  await page.getByText('Paused. Nothing is lost').waitFor();
  assert.equal(await rows(page).count(), 1);
  await page.getByRole('button', { name: 'Go on' }).click();
  await until('the others', async () => await rows(page).count() === 11);
  check(page);
});

// The longest task of a page in processor time, so that a busy machine does not count.
function longestTask(trace) {
  const pages = new Set(trace.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid}/${e.tid}`));
  const tasks = trace.filter((e) => e.name.endsWith('RunTask') && e.tdur && pages.has(`${e.pid}/${e.tid}`));
  return Math.round(Math.max(0, ...tasks.map((e) => e.tdur / 1000)));
}

test('Live at 2,000 events a second: an even sample, said so, and the page stays smooth', async (t) => {
  const { daemon, browser } = await started(t);
  const page = await openConsole(t, browser, daemon, '/live');
  const cdp = await page.context().newCDPSession(page);
  await page.evaluate(() => {
    window.frames_ = 0;
    const frame = () => { window.frames_ += 1; requestAnimationFrame(frame); };
    frame();
  });
  let running = true;
  const traffic = (async () => {
    for (let next = Date.now(); running; next += 100) {
      await send(daemon, Array.from({ length: 200 }, () => track('Product Viewed', { product_id: 'a' })));
      await sleep(Math.max(0, next + 100 - Date.now()));
    }
  })();
  await page.getByText(/an even sample of 1 in \d/).waitFor();
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value])).TaskDuration;
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  const before = { busy: await busy(), frames: await page.evaluate(() => window.frames_), time: Date.now() };
  const first = await rows(page).first().textContent();
  await sleep(4000); // the time over which is measured
  const seconds = (Date.now() - before.time) / 1000;
  const frames = (await page.evaluate(() => window.frames_) - before.frames) / seconds;
  const share = (await busy() - before.busy) / seconds;
  const longest = longestTask(JSON.parse((await browser.stopTracing()).toString()).traceEvents);
  t.diagnostic(`${frames.toFixed(0)} frames a second, ${(100 * share).toFixed(0)} % of a processor, longest task ${longest} ms`);
  assert.notEqual(await rows(page).first().textContent(), first, 'the table moves on');
  assert.ok(await rows(page).count() < 60, 'only what is in sight is in the document');
  assert.ok(share < 0.5, `the page needs ${share} of a processor`);
  assert.ok(longest > 0 && longest < 200, `a task took ${longest} ms`);

  // What one reads does not move away under one's eyes.
  await page.locator('.grid-table').evaluate((e) => { e.scrollTop = 340; });
  const inSight = () => page.evaluate(() => {
    const top = document.querySelector('.grid-table').getBoundingClientRect().top + 80;
    const row = [...document.querySelectorAll('.grid-body [role=row]')].find((r) => r.getBoundingClientRect().bottom > top);
    return row && { id: row.id, y: Math.round(row.getBoundingClientRect().top) };
  });
  // The rows there are drawn a frame after the scrolling.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  const reading = await until('the rows there', inSight);
  const newest = await daemon.status();
  await until('more events', async () => (await daemon.status()).events > newest.events + 2000);
  assert.deepEqual(await inSight(), reading);
  running = false;
  await traffic;
  check(page);
});

test('a lost connection is said, and mended by itself', async (t) => {
  const { daemon, browser, file } = await started(t);
  await send(daemon, [order()]);
  const page = await openConsole(t, browser, daemon, '/live');
  await rows(page).first().waitFor();
  const ports = [daemon.url, daemon.admin].map((url) => new URL(url).host);
  writeFileSync(file, readFileSync(file, 'utf8').replace('listen: 127.0.0.1:0', `listen: ${ports[0]}`).replace('admin: 127.0.0.1:0', `admin: ${ports[1]}`));
  await daemon.stop('SIGKILL');
  await page.getByText('pixeld does not answer').waitFor();
  await page.getByText('no connection', { exact: true }).waitFor();
  const again = await startDaemon(t, ['--config', file]);
  await page.getByText('pixeld does not answer').waitFor({ state: 'detached' });
  await send(again, [track('Signed Up')]);
  await page.getByRole('row', { name: /Signed Up/ }).waitFor();
  await page.getByText('no connection', { exact: true }).waitFor({ state: 'detached' });
});

test('Explain: from the connection to Meta’s answer, and why', async (t) => {
  const { daemon, browser, sandbox, file } = await started(t);
  await sandbox.fault({ kind: 'status', status: 500, count: 1 });
  const [good, broken] = [order(), { ...bad(), messageId: 'odd/id ä?&' }];
  await send(daemon, [good, broken, good]);
  await daemon.settled();
  const page = await openConsole(t, browser, daemon, '/explain');
  await page.getByLabel('Message id or number of an event').fill(good.messageId);
  await page.keyboard.press('Enter');
  await page.getByText('delivered', { exact: true }).first().waitFor();
  await page.getByText('HTTP 500').waitFor();
  await page.getByText('HTTP 200').waitFor();
  await page.getByText('What the present rules make of it').click();
  const em = page.getByRole('row', { name: /user_data\.em/ });
  assert.match(await em.textContent(), /context\.traits\.email.*presets\/standard\.yaml:\d+/);
  await page.getByText(/other actions do not match/).waitFor();
  await page.getByText(/as it is sent/).click();
  await page.getByText('"event_name": "Purchase"').waitFor();
  assert.doesNotMatch(await page.content(), /@example\.com/, 'personal data is masked');
  await page.getByRole('button', { name: 'Show personal data' }).click();
  await page.getByText(`"${good.context.traits.email}"`).first().waitFor();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy as fixture' }).click();
  await page.getByText('a line for pixeld test').waitFor();
  const fixture = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(run('test', ['--config', file], `${fixture}\n`).code, 0);
  const { audit } = await (await fetch(`${daemon.admin}/api/v1/audit`)).json();
  assert.match(audit[0].what, /personal data/);

  await page.goto(`${daemon.admin}/explain/2`);
  await page.getByRole('link', { name: 'number 0' }).click();
  await page.waitForURL(/\/explain\/0$/);
  await page.goto(`${daemon.admin}/explain/${encodeURIComponent(broken.messageId)}`);
  assert.match(await page.getByRole('row', { name: /custom_data\.value/ }).textContent(), /fails.*properties\.revenue is "much"/);
  await page.getByRole('button', { name: 'Send again' }).click();
  await page.getByText('It is sent again').waitFor();
  await page.goto(`${daemon.admin}/explain/nothing`);
  await page.getByText('No such event').or(page.getByRole('button', { name: 'Search the journal' })).waitFor();
  check(page);
});

test('dead letters: groups, a dry run, one mended, an export, and the rest discarded', async (t) => {
  const { daemon, browser, sandbox } = await started(t);
  await sandbox.fault({ kind: 'error', code: 100, subcode: 2804003, event: 'Lead', count: 10 });
  await send(daemon, [bad(), bad(), bad(), track('Lead'), order()]);
  await daemon.settled();
  await sandbox.clearFaults();
  const page = await openConsole(t, browser, daemon, '/dead');
  await page.getByText('2 kinds of trouble').waitFor();
  await page.getByRole('row', { name: /refused.*2804003/ }).waitFor();
  await page.getByRole('row', { name: /invalid_value.*mend it in the rule/ }).waitFor();
  await page.getByRole('button', { name: 'invalid_value' }).click();
  await page.getByRole('button', { name: 'Dry run' }).click();
  await page.getByText(/By the rules in force 0 would be sent, 3 not/).waitFor();

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export as NDJSON' }).click()]);
  const lines = readFileSync(await download.path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => [line.reason, line.event.properties.revenue]), Array(3).fill(['invalid_value', 'much']));

  await rows(page).filter({ hasText: 'Order Completed' }).first().click();
  const box = page.getByRole('dialog').locator('textarea');
  await box.waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Try', exact: true }).click();
  await page.getByText('would not be sent').waitFor();
  await box.fill((await box.inputValue()).replace('"much"', '12.5'));
  await page.getByRole('button', { name: 'Try', exact: true }).click();
  await page.getByRole('button', { name: 'Send it like this' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await until('the mended one', async () => (await sandbox.events()).some((e) => e.custom_data?.value === 12.5));

  await page.getByText('One kind of trouble').or(page.getByText('2 kinds of trouble')).waitFor();
  await until('two left', async () => await rows(page).count() === 2);
  await page.getByRole('button', { name: 'Discard…' }).click();
  await page.getByRole('button', { name: 'Keep' }).click();
  assert.equal(await rows(page).count(), 2);
  await page.getByRole('button', { name: 'Discard…' }).click();
  await page.getByRole('button', { name: 'Discard them' }).click();
  await page.getByText('One kind of trouble').waitFor();
  await page.getByRole('button', { name: 'Send it again' }).click();
  await page.getByText('No dead letters').waitFor();
  await until('the refused one', async () => (await sandbox.events()).some((e) => e.event_name === 'Lead'));
  check(page);
});

test('replay: a dry run tells, a start sends', async (t) => {
  const { daemon, browser, sandbox, file } = await started(t, { destination: '    filter: event != "Order Completed"\n' });
  await send(daemon, [order(), order(), track('Lead')]);
  await daemon.settled();
  writeFileSync(file, readFileSync(file, 'utf8').replace('    filter: event != "Order Completed"\n', ''));
  daemon.child.kill('SIGHUP');
  await until('the reload', () => daemon.log.includes('configuration reloaded'));
  const page = await openConsole(t, browser, daemon, '/replay');
  await page.getByRole('button', { name: 'Dry run' }).click();
  await page.getByText('2 would be sent').waitFor();
  assert.equal((await sandbox.events()).length, 1);
  await page.getByLabel('Only the event').fill('Order Completed');
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByText('2 queued to be sent').waitFor();
  await until('both', async () => (await sandbox.events()).filter((e) => e.event_name === 'Purchase').length === 2);
  check(page);
});

test('delivery: a paused destination, with the time that is left', async (t) => {
  const { daemon, browser, sandbox } = await started(t);
  await sandbox.fault({ kind: 'error', code: 190, subcode: 463 });
  await send(daemon, [track('Lead', {}, { timestamp: new Date(Date.now() - 6.5 * 86400000).toISOString() })]);
  await until('the pause', async () => (await daemon.destination()).paused);
  const page = await openConsole(t, browser, daemon, '/delivery');
  await page.getByText(/^Paused: /).waitFor();
  await page.getByText(/code 190\/463 · .*with 1 event/).click();
  await page.getByText('What to do').waitFor();
  await page.getByText(/The first waiting event is lost in 11 h \d\d min/).waitFor();
  await accessible(page);
  await page.goto(`${daemon.admin}/system`);
  await page.getByText(/^meta: .*/).first().waitFor(); // the alert
  check(page);
});

test('match quality and pairs are of what was sent', async (t) => {
  const { daemon, browser } = await started(t);
  const copy = (channel) => track('Order Completed', { revenue: 5, currency: 'EUR' }, { messageId: 'order-1', channel });
  await send(daemon, [order(), order(), { ...order(), context: { traits: { phone: '+14155550100' } } }, copy('server')]);
  await daemon.settled();
  const page = await openConsole(t, browser, daemon, '/quality');
  await page.getByRole('heading', { name: 'Purchase' }).waitFor();
  const share = (name) => page.locator('dt', { hasText: name }).locator('xpath=following-sibling::dd[1]').textContent();
  assert.equal(await share('E-mail'), '75 %');
  assert.equal(await share('Phone'), '25 %');
  await page.getByText(/An estimate of ours/).waitFor();
  await page.goto(`${daemon.admin}/dedup`);
  await page.getByRole('row', { name: /Purchase meta.*0 4 0/ }).waitFor();
  check(page);
});

test('the sandbox: its inbox, faults on demand, and its requests', async (t) => {
  const { daemon, browser, file, sandbox } = await started(t, {}, ['--sandbox', '127.0.0.1:0']);
  writeFileSync(file, readFileSync(file, 'utf8').replace(sandbox.url, (await daemon.status()).sandbox));
  daemon.child.kill('SIGHUP');
  await until('the reload', () => daemon.log.includes('configuration reloaded'));
  const page = await openConsole(t, browser, daemon, '/sandbox');
  await page.getByText('Nothing received yet').waitFor();
  await page.getByRole('button', { name: 'Three server errors' }).click();
  await page.getByText(/status, HTTP 500, played 0 times, 3 to go/).waitFor();
  await page.getByRole('button', { name: 'Behave again' }).click();
  await page.getByText(/status, HTTP 500/).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'The answer is lost' }).click();
  await page.getByText(/lost_answer/).waitFor();
  await send(daemon, [order()]);
  await page.getByRole('row', { name: /Purchase.*repetition/ }).waitFor();
  await page.getByText(/^€\d+\.\d\d$/).waitFor();
  await accessible(page);
  await rows(page).first().click();
  await page.getByText('"event_name"').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('tab', { name: 'Requests' }).click();
  await page.getByRole('row', { name: /fault: lost_answer/ }).waitFor();
  check(page);
});

test('a viewer sees, and is not offered what would be refused', async (t) => {
  const { daemon, browser } = await started(t);
  await send(daemon, [bad(), order()]);
  await daemon.settled();
  await addPeople(daemon, [['vera', 'viewer']]);
  const page = await openConsole(t, browser, daemon, '/dead');
  await signIn(page, 'vera');
  page.problems.length = 0; // refusals before signing in
  await page.getByText('One kind of trouble').waitFor();
  await rows(page).first().waitFor();
  for (const name of ['Dry run', 'Send it again', 'Discard…']) assert.equal(await page.getByRole('button', { name }).count(), 0, name);
  await page.getByRole('button', { name: 'Export as NDJSON' }).waitFor();
  await page.goto(`${daemon.admin}/system?tab=People+and+tokens`);
  await page.getByText('This server').waitFor();
  for (const name of ['People and tokens', 'Audit log', 'Restart…']) assert.equal(await page.getByText(name).count(), 0, name);
  await page.goto(`${daemon.admin}/replay`);
  await page.getByText('Editors can begin one.').waitFor();
  await page.goto(`${daemon.admin}/explain/0`);
  await page.getByText('The event as it was sent').waitFor();
  for (const name of ['Show personal data', 'Send again']) assert.equal(await page.getByRole('button', { name }).count(), 0, name);
  check(page);
  const refused = await page.evaluate(async () => Promise.all([
    fetch('/api/v1/dead/discard', { method: 'POST', body: '{"destination":"meta","all":true}' }),
    fetch('/api/v1/restart', { method: 'POST' }), fetch('/api/v1/people'), fetch('/api/v1/events/0?reveal=true'),
  ].map(async (answer) => (await answer).status)));
  assert.deepEqual(refused, [403, 403, 403, 403]);
});

test('people and tokens: added, changed, removed, and noted', async (t) => {
  const { daemon, browser } = await started(t);
  const first = await openConsole(t, browser, daemon, '/system?tab=People+and+tokens');
  await first.getByText('Add yourself as admin').waitFor();
  assert.equal(await first.getByLabel('Role', { exact: true }).inputValue(), 'admin');
  const cookie = await addPeople(daemon, []);
  const page = await openConsole(t, browser, daemon, '/system?tab=People+and+tokens');
  await signIn(page, 'anna');
  page.problems.length = 0;
  await page.getByLabel('Name', { exact: true }).fill('emil');
  await page.getByLabel('Password').fill('another long password');
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByLabel('Role of emil').selectOption('editor');
  await page.getByText('Role changed').waitFor();
  await page.getByLabel('Token name').fill('grafana');
  await page.getByRole('button', { name: 'Make a token' }).click();
  const shown = await page.getByLabel('The new token').textContent();
  const token = /PIXELD_TOKEN=(\S+)/.exec(shown)[1];
  assert.equal((await fetch(`${daemon.admin}/api/v1/status`, { headers: { authorization: `Bearer ${token}` } })).status, 200);
  await page.getByRole('row', { name: /emil/ }).getByRole('button', { name: 'Remove…' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('emil is removed').waitFor();
  const people = await (await fetch(`${daemon.admin}/api/v1/people`, { headers: { cookie } })).json();
  assert.deepEqual([people.users.map((u) => u.name), people.tokens.map((u) => u.name)], [['anna'], ['grafana']]);
  await page.getByRole('tab', { name: 'Audit log' }).click();
  await page.getByLabel('Only lines with').fill('emil');
  await until('the notes', async () => await page.locator('main tbody tr').count() >= 3);
  await accessible(page);
  check(page);
});

test('the whole app is small, and there at once', async (t) => {
  const { daemon, browser } = await started(t);
  const dist = join(root, 'console/dist');
  const files = ['index.html', ...readdirSync(join(dist, 'assets')).map((name) => `assets/${name}`)];
  const bytes = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, name)), { level: 9 }).length, 0);
  t.diagnostic(`${bytes} bytes compressed`);
  assert.ok(bytes < 90 * 1024, `${bytes} bytes`);
  const page = await openConsole(t, browser, daemon, '/system');
  const paints = [];
  for (let i = 0; i < 5; i += 1) {
    await page.goto(`${daemon.admin}/system`);
    await page.locator('main h1').waitFor();
    paints.push(await page.evaluate(() => new Promise((resolve) => {
      new PerformanceObserver((list) => {
        const [first] = list.getEntriesByName('first-contentful-paint');
        if (first) resolve(Math.round(first.startTime));
      }).observe({ type: 'paint', buffered: true });
    })));
  }
  t.diagnostic(`first paint after ${paints.join(', ')} ms`);
  assert.ok(Math.min(...paints) < 300, `first paint after ${paints} ms`); // the best of five: others use this machine too
  check(page);
});
