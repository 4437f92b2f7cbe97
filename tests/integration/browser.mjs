// A real browser and the web sites it visits, for whole-daemon tests. Every host name is this machine:
// http://shop.example:PORT reaches a site of the test, http://t.shop.example:PORT pixeld, and nothing
// goes out. `until`, `config`, `startDaemon` and the rest are lib.mjs's.
//
//   const browser = await startBrowser(t);
//   const site = await startSite(t, { '/': '<script src="...">' });
//   const page = await openPage(t, browser, site.at('shop.example', '/'));
import { createServer, request } from 'node:http';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const executable = process.env.CHROMIUM ||
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

// As a browser without a window it would be a bot.
const person = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36';

// startBrowser(t): Chromium without a window. bfcache keeps pages for "back", which playwright turns off.
export async function startBrowser(t, { args = [], bfcache = false } = {}) {
  if (!executable) throw new Error('no chromium here: run scripts/setup test');
  const browser = await chromium.launch({
    executablePath: executable,
    args: ['--no-sandbox', '--host-resolver-rules=MAP * 127.0.0.1', `--user-agent=${person}`, ...args],
    ignoreDefaultArgs: bfcache ? ['--disable-back-forward-cache'] : [],
  });
  t.after(() => browser.close());
  return browser;
}

// openPage(t, browser, url): a page of its own visitor (no cookies yet). page.messages has what its
// console said, page.problems its errors, violations of its content security policy among them.
export async function openPage(t, browser, url, options = {}) {
  const context = await browser.newContext(options);
  t.after(() => context.close());
  return newPage(context, url);
}

// newPage(context, url): one more page of the same visitor.
export async function newPage(context, url) {
  const page = await context.newPage();
  page.messages = [];
  page.problems = [];
  page.on('console', (m) => {
    page.messages.push(m.text());
    if (m.type() === 'error') page.problems.push(m.text());
  });
  page.on('pageerror', (e) => page.problems.push(String(e)));
  if (url) await page.goto(url);
  return page;
}

async function readBody(req) {
  const parts = [];
  for await (const part of req) parts.push(part);
  return Buffer.concat(parts);
}

// A site under any host name. Its pages are texts by path (or { body, type, headers, status }, or a
// function of the request that returns one). What is forwarded goes to pixeld as by a reverse proxy,
// and is noted in `forwarded`.
export class Site {
  constructor(pages = {}) {
    this.pages = pages;
    this.headers = {};
    this.targets = [];
    this.forwarded = [];
    this.failures = [];
    this.down = false;
    this.server = createServer((req, res) => this.answer(req, res).catch(() => res.destroy()));
  }
  async start() {
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.port = this.server.address().port;
    return this;
  }
  at(host, path = '/') { return `http://${host}:${this.port}${path}`; }
  origin(host) { return `http://${host}:${this.port}`; }
  // forward(prefix, url): paths that begin so go to the server at url. Host limits it to one name.
  forward(prefix, url, host) { this.targets.unshift({ prefix, url, host }); }
  // fail(n, status, when): the next n forwarded requests (that `when` picks) are answered so by the site.
  fail(n, status = 503, when = () => true) {
    for (let i = 0; i < n; i += 1) this.failures.push({ status, when });
  }
  async answer(req, res) {
    const path = req.url.split('?')[0];
    const host = (req.headers.host ?? '').split(':')[0];
    const target = this.targets.find((x) => path.startsWith(x.prefix) && (!x.host || x.host === host));
    if (target) return this.pass(target, req, res, host);
    let page = this.pages[path];
    if (typeof page === 'function') page = await page(req, await readBody(req));
    if (path === '/favicon.ico') page ??= { status: 204 };
    if (page === undefined) return res.writeHead(404).end('no such page');
    if (typeof page === 'string') page = { body: page };
    res.writeHead(page.status ?? 200, {
      'content-type': page.type ?? 'text/html; charset=utf-8', ...this.headers, ...page.headers,
    });
    return res.end(page.body ?? '');
  }
  async pass(target, req, res, host) {
    const body = await readBody(req);
    const note = { method: req.method, url: req.url, host, headers: req.headers, body };
    this.forwarded.push(note);
    const at = this.failures.findIndex((f) => f.when(note));
    if (this.down) return res.destroy();
    if (at >= 0 && req.method !== 'OPTIONS') {
      note.status = this.failures.splice(at, 1)[0].status;
      const origin = req.headers.origin;
      const cors = origin ? { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' } : {};
      return res.writeHead(note.status, { 'retry-after': '1', ...cors }).end();
    }
    const headers = {
      ...req.headers, 'x-forwarded-for': req.socket.remoteAddress, 'x-forwarded-proto': 'http',
    };
    const up = request(new URL(req.url, target.url), { method: req.method, headers, agent: false }, (r) => {
      note.status = r.statusCode;
      note.answer = r.headers;
      res.writeHead(r.statusCode, r.headers);
      r.pipe(res);
    });
    up.on('error', () => res.destroy());
    return up.end(body);
  }
}

export async function startSite(t, pages) {
  const site = await new Site(pages).start();
  t.after(() => { site.server.closeAllConnections(); site.server.close(); });
  return site;
}
