// What guards the stream, in a whole daemon: events of bots.
import test from 'node:test';
import assert from 'node:assert/strict';
import { config, order, run, startDaemon, startSandbox, tempDir, until } from './lib.mjs';

const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0' };
const agent = (userAgent) => ({ context: { userAgent, traits: { email: 'jane@example.com' } } });

async function send(daemon, event, headers = {}) {
  const answer = await daemon.post('/v1/track', event, { headers });
  assert.equal(answer.status, 200);
}

test('a bot is filtered by name, unless its source or a destination keeps bots', { timeout: 60000 }, async (t) => {
  const dir = tempDir(t);
  const sandbox = await startSandbox(t);
  const more = `  - { name: all, bots: keep, pixel_id: "77", access_token: t, api_url: "${sandbox.url}/v26.0" }`;
  const daemon = await startDaemon(t, ['--config', config(dir, sandbox, { more })]);
  const crawled = { ...order(), ...agent('facebookexternalhit/1.1') };
  await send(daemon, crawled);
  await send(daemon, { ...order(), ...agent(browser['user-agent']) });
  // What the connection says counts when it was the person's browser, and only then.
  const headless = { 'user-agent': 'Mozilla/5.0 HeadlessChrome/120.0', origin: 'https://shop.example' };
  await send(daemon, order(), headless);
  await send(daemon, order(), { 'user-agent': 'Googlebot/2.1' });
  const meta = await daemon.settled('meta');
  assert.deepEqual([meta.states.filtered, meta.reasons.bot, meta.states.delivered], [2, 2, 2]);
  assert.deepEqual((await daemon.settled('all')).states.delivered, 4);
  assert.match(await daemon.metrics(), /destination="meta",state="filtered",reason="bot"} 2\n/);
  const story = run('explain', ['--admin', daemon.admin, '--destination', 'meta', crawled.messageId]);
  assert.match(story.out, /the user agent has "facebookexternalhit": a crawler of Meta's own/);
});
