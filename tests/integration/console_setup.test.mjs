// The console's pages for setting up, as somebody uses them who has never seen pixeld: in a real browser,
// against the real daemon and the sandbox.
import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { config, order, run, Sandbox, startDaemon, startSandbox, tempDir, track, until } from './lib.mjs';
import { startBrowser } from './browser.mjs';
import { accessible, fits, openConsole } from './console.mjs';

// That page of the console, when it has something to show.
async function show(page, daemon, path) {
  await page.goto(daemon.admin + path);
  await page.locator('main h1').waitFor();
  await page.getByText('Loading…').waitFor({ state: 'detached' });
}
// No error and no violation of the content security policy, but those that the test provoked.
const quiet = (page, but = /^$/) => assert.deepEqual(page.problems.filter((text) => !but.test(text)), []);

// A daemon that knows nothing but its addresses, and a Meta that takes one token.
async function blank(t) {
  const dir = tempDir(t);
  const sandbox = new Sandbox('all', ['--token', 'good-token']);
  t.after(() => sandbox.stop('SIGKILL'));
  await sandbox.start();
  const file = join(dir, 'pixeld.yaml');
  writeFileSync(file, `listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\ndata: ${dir}/data\n`);
  return { dir, file, sandbox, daemon: await startDaemon(t, ['--config', file]) };
}

// A source `shop` and a destination `meta` in the user's file, `acme` made in the console.
async function furnished(t) {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox)]);
  const acme = { pixel_id: '777', access_token: 'a-token', api_url: `${sandbox.url}/v26.0` };
  await put(daemon, 'destinations', 'acme', acme);
  return { dir, sandbox, daemon, acme };
}

async function api(daemon, method, path, body, headers = {}) {
  const answer = await fetch(daemon.admin + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return { status: answer.status, json: await answer.json() };
}
async function put(daemon, list, name, body) {
  const answer = await api(daemon, 'PUT', `/api/v1/config/${list}/${name}`, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.json));
}
const settings = async (daemon, name) => (await api(daemon, 'GET', '/api/v1/config')).json.destinations.find((d) => d.name === name)?.settings;

// What is typed is checked a moment later; then it can be looked at and saved.
async function save(page) {
  await page.getByRole('button', { name: 'Review and save' }).click();
  const diff = await page.getByLabel('difference', { exact: true }).innerText();
  await page.getByRole('button', { name: 'Save and use at once' }).click();
  await page.getByText('Saved, and in force').last().waitFor();
  return diff;
}

test('the first run, from nothing to live', async (t) => {
  const { dir, file, sandbox, daemon } = await blank(t);
  const page = await openConsole(t, await startBrowser(t), daemon);

  // A first visit begins with the first steps. What sends is a source.
  await page.waitForURL('**/start');
  await accessible(page);
  await page.getByLabel('Name of your first source').fill('web');
  await page.getByRole('button', { name: 'Make it' }).click();
  const key = await until('the source', async () => (await api(daemon, 'GET', '/api/v1/config')).json.sources[0]?.settings.write_key);
  await page.getByText(`-u '${key}:'`).waitFor();

  // An event shows up by itself, with what became of it.
  const events = page.getByRole('list', { name: 'Events' });
  await page.getByText('Waiting for the first event').waitFor();
  await daemon.post('/v1/track', track('Plan Bought', { revenue: 5 }), { key });
  const sent = Date.now();
  await events.getByText('Plan Bought').waitFor();
  t.diagnostic(`shown ${Date.now() - sent} ms after it was taken`);
  await events.getByText('It goes to Meta as soon as there is a destination').first().waitFor();
  await page.getByRole('button', { name: 'Send a demo shop’s events' }).click();
  await events.getByText('Newsletter Signed Up').waitFor();

  // A token that Meta refuses is named, and nothing is kept.
  await page.getByRole('button', { name: 'Next: Pixel and token' }).click();
  await page.getByLabel('Pixel ID').fill('act_1');
  await page.getByText('A pixel id is digits only.').waitFor();
  await page.getByLabel('Pixel ID').fill('123456789012345');
  await page.getByLabel('Conversions API access token').fill('wrong-token');
  await page.getByText('API address').first().click();
  await page.getByRole('textbox', { name: 'API address' }).fill(`${sandbox.url}/v26.0`);
  await page.getByRole('button', { name: 'Verify and save' }).click();
  const checks = page.getByRole('list', { name: 'What was checked' });
  await checks.getByText('Access token', { exact: true }).waitFor();
  assert.match(await checks.innerText(), /✓\s+Meta answers[\s\S]*✕\s+Access token: .*\S/);
  assert.doesNotMatch(await checks.innerText(), /Pixel:/);
  await accessible(page);
  assert.equal(await settings(daemon, 'meta'), undefined);
  await page.getByLabel('Conversions API access token').fill('good-token');
  await page.getByRole('button', { name: 'Verify and save' }).click();

  // The lines to paste have the key in them; the first real event gets a tick, the demo's do not.
  await page.waitForURL('**/start?step=3');
  await page.getByText('Waiting for the first event from it').waitFor({ state: 'detached' });
  await page.getByText('The first event is here').waitFor();
  await page.getByRole('tab', { name: 'Segment, browser' }).click();
  await page.getByText(`writeKey: '${key}'`).waitFor();
  await page.getByRole('radio', { name: 'RudderStack SDK' }).check();
  await page.getByLabel('Name of the source').fill('rudder');
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.getByText('Waiting for the first event from it').waitFor();
  const rudder = (await api(daemon, 'GET', '/api/v1/config')).json.sources.find((s) => s.name === 'rudder').settings.write_key;
  await daemon.post('/v1/batch', { batch: [order()] }, { key: rudder });
  await page.getByText('The first event is here').waitFor();

  // What names become, one of them otherwise.
  await page.getByRole('button', { name: /^Next/ }).click();
  const row = page.getByRole('row', { name: /Order Completed/ });
  await row.getByText('Purchase', { exact: true }).first().waitFor();
  await page.getByLabel('Change Newsletter Signed Up to').selectOption('Lead');
  await page.getByRole('button', { name: 'Save and go on' }).click();
  await page.waitForURL('**/start?step=5');
  assert.deepEqual((await settings(daemon, 'meta')).events, { 'Newsletter Signed Up': 'Lead' });

  // A test code lives for an hour, is on the events, and ends with going live.
  await page.getByLabel('Test event code').fill('TEST77');
  await page.getByRole('button', { name: 'Use it for 60 minutes' }).click();
  await page.getByRole('timer').getByText(/^(60:00|59:\d\d)$/).waitFor();
  const code = (await settings(daemon, 'meta')).test_event_code;
  const minutes = (new Date(code.expires) - Date.now()) / 60000;
  assert.ok(code.code === 'TEST77' && minutes > 58 && minutes <= 60, JSON.stringify(code));
  await accessible(page);
  await page.getByRole('button', { name: 'I see them there: go live' }).click();
  await page.waitForURL('**/start?step=6');
  assert.equal((await settings(daemon, 'meta')).test_event_code, undefined);
  await daemon.settled('meta');

  // What was written can be read, is right, and has no secret in it.
  const written = readFileSync(`${dir}/data/managed.yaml`, 'utf8');
  assert.match(written, /Newsletter Signed Up: Lead/);
  assert.ok(!written.includes('good-token'));
  await page.getByText('Newsletter Signed Up: Lead').waitFor();
  assert.equal(run('check', ['--config', file, '--managed', `${dir}/data/managed.yaml`]).code, 0);
  await accessible(page);
  quiet(page);
});

test('an expression that is wrong is told where it stands, and not saved', async (t) => {
  const { daemon } = await furnished(t);
  const page = await openConsole(t, await startBrowser(t), daemon, '/destinations?name=acme&tab=Events');
  const filter = page.getByLabel('Only events for which this holds');
  await filter.fill('type = ');
  await page.getByRole('alert').first().waitFor();
  assert.equal(await filter.getAttribute('aria-invalid'), 'true');
  assert.equal(await page.getByRole('button', { name: 'Review and save' }).isDisabled(), true);
  await filter.fill('properties.internal != true');
  await page.getByRole('tab', { name: 'Person' }).click();
  const email = page.getByLabel('Where Email is found');
  assert.match(await email.getAttribute('placeholder'), /traits\.email/);
  await email.fill('properties.mail | no_such_filter');
  await page.getByText(/no_such_filter/).first().waitFor();
  await email.fill('properties.mail || traits.email');
  await page.getByLabel('Where Gender is found').fill('null');
  const diff = await save(page);
  assert.match(diff, /^\+ {4}filter: properties\.internal != true$/m);
  assert.match(diff, /^\+ {6}ge: null$/m);
  const kept = await settings(daemon, 'acme');
  assert.deepEqual(kept.user_data, { em: 'properties.mail || traits.email', ge: null });
  quiet(page, /status of 400/);
});

test('a destination with all that vendors ask for', async (t) => {
  const { daemon, sandbox } = await furnished(t);
  const page = await openConsole(t, await startBrowser(t), daemon, '/destinations?add=1');
  await page.getByLabel('Name', { exact: true }).fill('meta');
  await page.getByText('There is a destination named meta already').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Review and save' }).isDisabled(), true);
  await page.getByLabel('Name', { exact: true }).fill('second');
  await page.getByLabel('Pixel ID').fill('888');
  await page.getByLabel('Conversions API access token').fill('very-secret');
  await page.getByText('App secret, API address').click();
  await page.getByLabel('API address').fill(`${sandbox.url}/v26.0`);
  await page.getByRole('button', { name: 'Verify with Meta' }).click();
  await page.getByText('Everything that can be checked is right').waitFor();
  await page.getByLabel('Test event code').fill('TEST5');
  await page.getByRole('tab', { name: 'Events' }).click();
  await page.getByLabel('Name of an event').fill('Plan Bought');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByLabel('Plan Bought is sent as').selectOption('CompleteRegistration');
  await page.getByLabel('Conversion pixel for Plan Bought').fill('601010101010101');
  await page.getByRole('tab', { name: 'Data and privacy' }).click();
  await page.getByLabel('Which properties of the event go along').selectOption('list');
  await page.getByLabel('Properties', { exact: true }).fill('plan, seats');
  await page.getByLabel('Never send these properties').fill('iban');
  await page.getByLabel('Limited Data Use').selectOption('1000');
  await page.getByRole('tab', { name: 'Limits' }).click();
  await page.getByLabel('Events in one request').fill('500');
  const diff = await save(page);
  assert.ok(!diff.includes('very-secret'));
  await page.waitForURL('**/destinations?name=second');
  const kept = await settings(daemon, 'second');
  assert.deepEqual(kept.events, { 'Plan Bought': { send: 'CompleteRegistration', pixel_id: '601010101010101' } });
  assert.deepEqual([kept.properties, kept.pii, kept.batch], [['plan', 'seats'], { deny: ['iban'] }, { events: 500 }]);
  assert.deepEqual([kept.data_processing_options, kept.data_processing_options_country, kept.data_processing_options_state], [['LDU'], 1, 1000]);
  assert.equal(kept.test_event_code.code, 'TEST5');
  await daemon.post('/v1/track', track('Plan Bought', { plan: 'pro', iban: 'DE02' }));
  await daemon.settled('second');
  const pixels = (await sandbox.inbox('&name=CompleteRegistration')).events.map((e) => e.pixel_id ?? e.pixel).sort();
  assert.ok(pixels.includes('601010101010101') && pixels.includes('888'), JSON.stringify(pixels));

  // Switched off and away again.
  await page.getByRole('switch', { name: 'Send events' }).click();
  await save(page);
  await until('delivery to take it', async () => !(await daemon.destination('second')).enabled);
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Remove second' }).click();
  await page.waitForURL('**/destinations');
  assert.equal(await daemon.destination('second'), undefined);
  // It is kept until somebody says that it shall not be.
  const gone = page.getByRole('listitem').filter({ hasText: 'second' });
  await gone.getByText('removed').waitFor();
  await gone.getByRole('button', { name: 'Forget' }).click();
  await page.getByRole('button', { name: 'Forget second' }).click();
  await gone.waitFor({ state: 'detached' });
  assert.deepEqual((await daemon.status()).removed, []);
  quiet(page, /status of 400/);
});

test('what stands in the user’s own file is shown and locked; who comes second is told', async (t) => {
  const { daemon, acme } = await furnished(t);
  const page = await openConsole(t, await startBrowser(t), daemon, '/destinations?name=meta');
  await page.getByText('This is in your own file').waitFor();
  assert.equal(await page.getByLabel('Pixel ID').isDisabled(), true);
  assert.equal(await page.getByRole('button', { name: 'Remove' }).count(), 0);
  await show(page, daemon, '/destinations?name=acme&tab=Events');
  await page.getByLabel('Only events for which this holds').fill('type = "track"');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await put(daemon, 'destinations', 'acme', { ...acme, properties: 'none' });
  await page.getByRole('button', { name: 'Save and use at once' }).click();
  await page.getByText('somebody else changed the configuration meanwhile').waitFor();
  assert.equal((await settings(daemon, 'acme')).filter, undefined);
  quiet(page, /status of 409/);
});

test('a rule is tried on a real event as it is typed, on the last ones, saved and taken back', async (t) => {
  const { daemon } = await furnished(t);
  await daemon.post('/v1/batch', { batch: [order({ revenue: 5 }), order({ revenue: 2000 })] });
  await daemon.settled('acme');
  const page = await openConsole(t, await startBrowser(t), daemon, '/rules?destination=acme');
  const result = page.getByLabel('JSON').first();
  await result.getByText('"Purchase"').waitFor();
  const text = await page.getByLabel('The event', { exact: true }).inputValue();
  assert.ok(text.includes('"revenue": 2000') && !text.includes('@example.com') && !/user-\d/.test(text), text);
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await page.getByLabel('Name of the rule').fill('Big orders');
  await page.getByLabel('When').fill('type = "track" and properties.revenue >= 1000');
  await page.getByLabel('Sends').fill('BigPurchase');
  await result.getByText('"BigPurchase"').waitFor();
  await page.getByLabel('When').fill('type = "track" and properties.revenue >= ');
  await page.getByRole('alert').first().waitFor();
  await page.getByLabel('When').fill('type = "track" and properties.revenue >= 1000');
  await page.getByRole('button', { name: 'Add a parameter' }).first().click();
  await page.getByLabel('custom_data: value').fill('properties.revenue | number');
  await result.getByText('2000').first().waitFor();

  // An event of one's own.
  await page.getByLabel('The event', { exact: true }).fill('{"type":"track","event":"Order Completed","userId":"u","properties":{"revenue":3,"currency":"EUR"}}');
  await result.getByText('"Purchase"').waitFor();
  await page.getByRole('button', { name: 'Back to the event as it came' }).click();
  await result.getByText('"BigPurchase"').waitFor();
  await accessible(page);

  await page.getByRole('button', { name: /Run on the last/ }).click();
  await page.getByText('of 2 events looked at').waitFor();
  await page.getByText('before and after').first().click();
  assert.match(await page.getByLabel(/^difference of event/).innerText(), /\+ .*"BigPurchase"/);
  await save(page);
  assert.equal((await settings(daemon, 'acme')).actions[0].name, 'Big orders');
  await page.getByRole('button', { name: 'Compare, go back' }).first().click();
  await page.getByText('- name: Big orders').waitFor();
  await page.getByRole('button', { name: 'Go back to this' }).click();
  await page.getByText('Gone back, and in force').waitFor();
  assert.equal((await settings(daemon, 'acme')).actions, undefined);
  quiet(page, /status of 400/);
});

test('sources: keys, lines to paste, a webhook, names', async (t) => {
  const { daemon } = await furnished(t);
  await daemon.post('/v1/track', track('Plan Bought'));
  await daemon.settled('meta');
  const page = await openConsole(t, await startBrowser(t), daemon, '/sources');
  await page.getByRole('link', { name: 'Plan Bought' }).waitFor();
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('test-key').waitFor();
  await page.getByText('1 event name').click();
  await page.getByRole('link', { name: 'Add a source' }).click();
  await page.getByLabel('Name', { exact: true }).fill('shop');
  await page.getByText('There is a source named shop already').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('orders');
  await page.getByLabel('What sends').selectOption('webhook');
  await page.getByLabel('Secret it signs with').fill('hook-secret');
  await page.getByLabel('Sender', { exact: true }).selectOption('shopify');
  await page.getByLabel('all destinations').uncheck();
  await page.getByRole('checkbox', { name: 'acme' }).uncheck();
  assert.ok(!(await save(page)).includes('hook-secret'));
  await page.waitForURL('**/sources?edit=orders');
  await page.getByLabel('Address that senders reach pixeld at').fill('https://t.shop.example');
  await page.getByText('https://t.shop.example/webhook/orders').first().waitFor();
  const made = (await api(daemon, 'GET', '/api/v1/config')).json.sources.find((s) => s.name === 'orders').settings;
  assert.deepEqual(made.destinations, ['meta']);
  assert.equal(made.webhook.preset, 'shopify');
  quiet(page, /status of 400/);
});

test('a lost connection is said, and found again', async (t) => {
  const { dir, sandbox, daemon } = await furnished(t);
  const port = new URL(daemon.admin).port;
  const page = await openConsole(t, await startBrowser(t), daemon, '/');
  await page.getByRole('heading', { name: /^Delivering/ }).waitFor();
  await daemon.stop();
  await page.getByText('pixeld does not answer').first().waitFor();
  const file = join(dir, 'pixeld.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('admin: 127.0.0.1:0', `admin: 127.0.0.1:${port}`));
  await startDaemon(t, ['--config', file]);
  await page.getByText('pixeld does not answer').first().waitFor({ state: 'detached' });
  assert.ok(sandbox.url);
});

test('a viewer looks and changes nothing', async (t) => {
  const { dir, daemon } = await furnished(t);
  await daemon.post('/v1/track', order());
  const code = readFileSync(`${dir}/data/setup-link`, 'utf8').trim().split('#setup=')[1];
  const browser = await startBrowser(t);
  const admin = await openConsole(t, browser, daemon, `/#setup=${code}`);
  await admin.getByLabel('Name').fill('ann');
  await admin.getByLabel('Password').fill('correct horse');
  await admin.getByRole('button', { name: 'Set password' }).click();
  await admin.waitForURL('**/start');
  await admin.evaluate(() => fetch('/api/v1/people/vic', { method: 'PUT', body: JSON.stringify({ role: 'viewer', password: 'battery staple' }) }));

  const page = await openConsole(t, browser, daemon, '/');
  await page.getByLabel('Name').fill('vic');
  await page.getByLabel('Password').fill('battery staple');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: /^Delivering/ }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'First steps' }).count(), 0);
  for (const path of ['/destinations', '/sources', '/rules']) {
    await show(page, daemon, path);
    for (const word of ['Add a destination', 'Add a source', 'Add a rule']) assert.equal(await page.getByText(word, { exact: true }).count(), 0, `${path} ${word}`);
  }
  await show(page, daemon, '/destinations?name=acme');
  assert.equal(await page.getByLabel('Pixel ID').isDisabled(), true);
  await show(page, daemon, '/start');
  await page.getByText('Setting up is for people with the role editor').waitFor();
  const status = await page.evaluate(() => fetch('/api/v1/config/destinations/acme', { method: 'PUT', body: '{"pixel_id":"1"}' }).then((r) => r.status));
  assert.equal(status, 403);
});

const pages = ['/', '/start?step=1', '/start?step=2', '/start?step=3', '/start?step=4', '/start?step=5', '/start?step=6', '/sources', '/sources?edit=shop', '/sources?add=1',
  '/destinations', '/destinations?add=1', ...['Settings', 'Events', 'Person', 'Rules', 'Data and privacy', 'Limits'].map((tab) => `/destinations?name=acme&tab=${encodeURIComponent(tab)}`),
  '/rules?destination=acme'];

for (const look of [{ colorScheme: 'light' }, { colorScheme: 'dark', viewport: { width: 360, height: 740 } }]) {
  test(`every page, ${look.colorScheme}${look.viewport ? ', on a telephone' : ''}: accessible, and no wider than the window`, async (t) => {
    const { daemon, acme } = await furnished(t);
    await put(daemon, 'destinations', 'acme', { ...acme, test_event_code: 'TEST1', actions: [{ name: 'Big', trigger: 'properties.revenue >= 1000', send: 'Purchase', custom_data: { value: 'properties.revenue | number' } }] });
    await api(daemon, 'POST', '/api/v1/demo');
    await daemon.settled('acme');
    const page = await openConsole(t, await startBrowser(t), daemon, '/', look);
    for (const path of pages) {
      await show(page, daemon, path);
      await accessible(page);
      await fits(page);
    }
    quiet(page);
  });
}

test('keys: Escape closes what is open, / goes to the filter, Tab reaches everything', async (t) => {
  const { daemon } = await furnished(t);
  await daemon.post('/v1/track', order());
  const page = await openConsole(t, await startBrowser(t), daemon, '/rules?destination=acme');
  await page.getByLabel('JSON').first().waitFor();
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'SELECT');
  await show(page, daemon, '/destinations?name=acme');
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByLabel('Pixel ID').focus();
  await page.keyboard.press('Tab');
  assert.equal(await page.getByLabel('Conversions API access token').evaluate((e) => e === document.activeElement), true);
  await page.getByLabel('Pixel ID').fill('778');
  await page.getByRole('button', { name: 'Review and save' }).and(page.locator(':enabled')).waitFor();
  await page.keyboard.press('Control+s');
  await page.getByLabel('difference', { exact: true }).waitFor();
});
