// Each snippet, run as it is given out: in Node, in a shell, in a real browser through a bundler or as a page.
// The Purchase that it sends arrives once.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { binary, root, run, startDaemon, startSandbox, tempDir, until } from './lib.mjs';
import { openPage, startBrowser, startSite } from './browser.mjs';

const protocols = ['segment', 'rudderstack', 'amplitude', 'customerio', 'jitsu', 'pixel', 'meta'];
const webhooks = { shopify: 'SHOPIFY_SECRET', stripe: 'STRIPE_WEBHOOK_SECRET' };
for (const name of Object.values(webhooks)) process.env[name] = 'a-secret';
const kinds = [...protocols, ...Object.keys(webhooks)];
const names = readdirSync(join(root, 'snippets')).map((f) => f.replace('.txt', ''));

async function world(t) {
  const sandbox = await startSandbox(t);
  const dir = tempDir(t);
  const file = join(dir, 'pixeld.yaml');
  // Jitsu's SDK takes keys of the form id:secret only; in Basic authorization a colon ends a key.
  writeFileSync(file, `
listen: 127.0.0.1:0
admin: 127.0.0.1:0
data: ${dir}/data
sources:
${protocols.map((p) => `  - { name: my-${p}, write_key: "${p}${p === 'jitsu' ? ':' : '-'}key", protocol: ${p} }`).join('\n')}
${Object.entries(webhooks).map(([p, env]) => `  - { name: my-${p}, protocol: webhook, webhook: { preset: ${p}, secret: "\${${env}}" } }`).join('\n')}
destinations:
  - { name: meta, pixel_id: "1234567890", access_token: t, api_url: ${sandbox.url}/v26.0 }
`);
  const daemon = await startDaemon(t, ['--config', file]);
  symlinkSync(join(root, 'tests/integration/node_modules'), join(dir, 'node_modules'));
  symlinkSync(binary, join(dir, 'pixeld'));
  return { sandbox, daemon, dir, file };
}

// Ends with what the program said, when it ended well.
async function execute(dir, program, args) {
  const child = spawn(program, args, { cwd: dir, env: { ...process.env, PATH: `${dir}:${process.env.PATH}` } });
  let said = '';
  child.stdout.on('data', (d) => { said += d; });
  child.stderr.on('data', (d) => { said += d; });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  assert.equal(code, 0, said);
}

async function bundle(dir, text) {
  const { outputFiles } = await build({
    stdin: { contents: text, resolveDir: dir }, bundle: true, write: false, format: 'iife', platform: 'browser', logLevel: 'silent',
  });
  return outputFiles[0].text;
}

const runners = {
  node: (t, { dir }, text) => {
    writeFileSync(join(dir, 'snippet.mjs'), text);
    return execute(dir, process.execPath, ['snippet.mjs']);
  },
  shell: (t, { dir }, text) => execute(dir, '/bin/sh', ['-ec', text]),
  browser: async (t, { dir }, text) => show(t, `<!doctype html><title>shop</title><script>${(await bundle(dir, text)).replaceAll('</script', '<\\/script')}</script>`),
  page: (t, w, text) => show(t, `<!doctype html><title>shop</title>${text}`),
};

let browser;
async function show(t, html) {
  const site = await startSite(t, { '/': html });
  const page = await openPage(t, browser, site.at('shop.example', '/?fbclid=IwAR0abc'));
  t.after(() => assert.deepEqual(page.problems, []));
}

test('every snippet sends its event', async (t) => {
  const w = await world(t);
  browser = await startBrowser(t);
  const listed = run('snippet').out.trim().split('\n').map((l) => l.split(' ')[0]);
  assert.deepEqual(listed.sort(), [...names].sort());
  const seen = [];
  for (const protocol of kinds) {
    const answer = await (await fetch(`${w.daemon.admin}/api/v1/snippets?source=my-${protocol}&url=${w.daemon.url}/`)).json();
    for (const snippet of answer.snippets) {
      seen.push(snippet.name);
      await t.test(snippet.name, async (u) => {
        const printed = run('snippet', [snippet.name, '--config', w.file, '--source', `my-${protocol}`, '--url', w.daemon.url]);
        assert.equal(printed.code, 0, printed.err);
        assert.equal(printed.out, snippet.text, 'the command and the API give out the same');
        assert.doesNotMatch(snippet.text, /\{\{|YOUR_/);
        await w.sandbox.reset();
        await runners[snippet.run](u, w, snippet.text);
        const purchases = () => w.sandbox.events().then((all) => all.filter((e) => e.event_name === 'Purchase'));
        await until('the purchase', async () => (await purchases()).length);
        await w.daemon.settled();
        const [event, ...more] = await purchases();
        assert.equal(more.length, 0);
        assert.equal(event.custom_data.value, 19.9);
        assert.equal(event.custom_data.currency, 'EUR');
      });
    }
  }
  assert.deepEqual(seen.sort(), [...names].sort(), 'each is some source\'s');
});

test('what is no harmless text is not put into a program', (t) => {
  const dir = tempDir(t);
  const file = join(dir, 'pixeld.yaml');
  writeFileSync(file, `
sources: [{ name: shop, write_key: "';alert(1);//</script>" }]
destinations: [{ name: meta, pixel_id: "1234567890", access_token: t }]
`);
  for (const name of names) {
    const r = run('snippet', [name, '--config', file, '--source', 'shop', '--url', 'https://x/`reboot`']);
    assert.equal(r.code, 0, r.err);
    assert.doesNotMatch(r.out, /alert|reboot/);
  }
  assert.match(run('snippet', ['segment-node']).out, /writeKey: 'YOUR_WRITE_KEY', host: 'http:\/\/127\.0\.0\.1:8080'/);
  assert.equal(run('snippet', ['nothing']).code, 2);
  assert.equal(run('snippet', ['curl', '--source', 'shop']).code, 2);
  assert.equal(run('snippet', ['curl', '--config', file, '--source', 'nobody']).code, 1);
});

test('the API wants a source', async (t) => {
  const { daemon } = await world(t);
  assert.equal((await fetch(`${daemon.admin}/api/v1/snippets`)).status, 404);
  assert.equal((await fetch(`${daemon.admin}/api/v1/snippets?source=nobody`)).status, 404);
  const { snippets } = await (await fetch(`${daemon.admin}/api/v1/snippets?source=my-jitsu`)).json();
  assert.deepEqual(snippets.map((s) => s.name).sort(), ['jitsu-browser', 'jitsu-node']);
  assert.ok(snippets.every((s) => s.text.includes(daemon.url)));
});
