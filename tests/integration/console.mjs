// The web console in a real browser: pages of it, what assistive technology would complain of, and people
// who may sign in. browser.mjs has the browser, lib.mjs the daemon.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib.mjs';
import { openPage } from './browser.mjs';

const axe = readFileSync(join(root, 'tests/integration/node_modules/axe-core/axe.min.js'), 'utf8');

// A page of the console. Nothing may go wrong in it: check(page) at the end says whether something did.
export const openConsole = (t, browser, daemon, path = '/', options = {}) =>
  openPage(t, browser, daemon.admin + path, { viewport: { width: 1280, height: 850 }, ...options });

// Errors of scripts, refusals by the content security policy and failed requests are in page.problems.
export function check(page) { assert.deepEqual(page.problems, [], `at ${page.url()}`); }

// What axe finds serious or critical. It is put into the page past the policy, as a debugger would.
export async function accessible(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const bad = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
  assert.deepEqual(bad.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 200)).join(' | ')}`), [], `at ${page.url()}`);
}

// No page may be wider than the window: one does not scroll sideways on a telephone.
export async function fits(page) {
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(beyond <= 0, `${page.url()} is ${beyond} px wider than the window`);
}

const password = 'long enough words';

// From now on one has to sign in: an admin first, then the others. Answers the admin's cookie.
export async function addPeople(daemon, people) {
  const call = (method, path, body, cookie) => fetch(daemon.admin + path, {
    method, headers: { 'content-type': 'application/json', ...(cookie ? { cookie } : {}) }, body: JSON.stringify(body),
  });
  let cookie;
  for (const [name, role] of [['anna', 'admin'], ...people]) {
    const added = await call('PUT', `/api/v1/people/${name}`, { role, password }, cookie);
    assert.equal(added.status, 200, await added.text());
    if (cookie) continue;
    const signed = await call('POST', '/api/v1/login', { name, password });
    assert.equal(signed.status, 200);
    cookie = signed.headers.get('set-cookie').split(';')[0];
  }
  return cookie;
}

export async function signIn(page, name) {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation').waitFor();
}
