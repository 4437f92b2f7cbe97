// SPDX-License-Identifier: Apache-2.0
// Events on their way to the server, in order, each until the server has it. A page's events go together
// in one request. What is unanswered when the page goes is both handed to the browser (beacon) and left
// in localStorage for the next page: the server knows events by their ids and keeps one of each. Bounded:
// the oldest give way.
import { forget } from './cookies';
import type { Options, PixelEvent } from './types';

/** Kept while the server cannot be reached, and in one request; Meta takes no event older than a week. */
const KEPT_MAX = 200;
const KEPT_BYTES = 200_000;
const BATCH_MAX = 50;
/** Browsers allow all of a page's beacons and keepalive requests 64 KiB together. */
const BATCH_BYTES = 50_000;
const WEEK_MS = 6048e5;
/** Calls of one moment share a request. */
const LINGER_MS = 40;
const WAIT_MAX_MS = 60_000;
/** A store that its page has not touched for so long is a dead page's. */
const ABANDONED_MS = 150_000;
const URL_MAX = 8000;

export interface Queue {
  add(event: PixelEvent): void;
  /** Nothing leaves and nothing is stored while locked; what was stored is removed. */
  lock(locked: boolean): void;
}

interface Stored {
  at: number;
  events: PixelEvent[];
}

const size = (events: PixelEvent[]): number => JSON.stringify(events).length;

export function makeQueue(options: Options, complete: (e: PixelEvent) => void): Queue {
  const note = options.note ?? (() => {});
  const target = options.url;
  const prefix = `_px.${target}.`;
  const mine = prefix + Math.random();
  const address = target + (options.key ? `?k=${encodeURIComponent(options.key)}` : '');
  let waiting: PixelEvent[] = [];
  let locked = false;
  let stored = false;
  /** The page is being left, or is kept for the back button. */
  let gone = false;
  /** Under way; empty when nothing is. */
  let flight: PixelEvent[] = [];
  /** Events whose fetch did not get through where their image did. After two only images are tried; one alone may
   * be of a page that went, whose fetch the browser ended. */
  let blocked = 0;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function load(name: string): PixelEvent[] {
    const text = localStorage.getItem(name);
    localStorage.removeItem(name);
    return text ? (JSON.parse(text) as Stored).events : [];
  }

  /** at = 0: this page is going, whoever comes next may take them. */
  function save(at: number): void {
    try {
      if (waiting.length && !locked) {
        localStorage.setItem(mine, JSON.stringify({ at, events: waiting }));
        stored = true;
      } else if (stored) {
        localStorage.removeItem(mine);
        stored = false;
      }
    } catch {
      // No storage: this page keeps them as long as it lives.
    }
  }

  /** Takes over what pages before this one could not send. */
  function adopt(): void {
    try {
      for (const name of Object.keys(localStorage)) {
        if (!name.startsWith(prefix) || name === mine) continue;
        const { at } = JSON.parse(localStorage.getItem(name)!) as Stored;
        if (at && Date.now() - at < ABANDONED_MS) continue;
        waiting = load(name).concat(waiting);
      }
    } catch {
      // No storage, or not ours.
    }
    shorten();
  }

  function shorten(): void {
    const oldest = Date.now() - WEEK_MS;
    waiting = waiting.filter((e) => e.ts > oldest).slice(-KEPT_MAX);
    while (waiting.length > 1 && size(waiting) > KEPT_BYTES) waiting.shift();
  }

  /** The next ones to send. */
  function batch(): PixelEvent[] {
    waiting.forEach(complete);
    const events = waiting.filter((e) => !flight.includes(e)).slice(0, BATCH_MAX);
    while (events.length > 1 && size(events) > BATCH_BYTES) events.length >>= 1;
    return events;
  }

  /** As text, so that no browser asks for permission first (a preflight). */
  const body = (events: PixelEvent[]): string => JSON.stringify({ s: Date.now(), e: events });

  function schedule(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(send, ms);
  }

  function done(events: PixelEvent[], kept: boolean, why: unknown): void {
    flight = [];
    // The answer came after consent was taken back, with cookies.
    if (locked) forget();
    note(kept ? 'sent' : 'refused', [events, why]);
    failures = 0;
    waiting = waiting.filter((e) => !events.includes(e));
    save(Date.now());
    if (waiting.length) schedule(0);
  }

  function failed(events: PixelEvent[], seconds: number, why: unknown): void {
    flight = [];
    note('failed', [events, why]);
    failures += 1;
    save(Date.now());
    schedule(Math.max(seconds * 1e3, Math.min(WAIT_MAX_MS, 500 * 2 ** failures) * (0.5 + Math.random() / 2)));
  }

  /** Where a page's policy lets only images out: one event at a time, in the image's address. */
  function image(events: PixelEvent[], why: unknown): void {
    const event = events[0]!;
    const query = new URLSearchParams({ k: options.key ?? '', s: String(Date.now()), e: JSON.stringify(event) });
    const src = `${target}?${query}`;
    if (src.length > URL_MAX || !navigator.onLine) return failed(events, 0, why);
    const img = new Image();
    img.onload = () => {
      blocked += 1;
      done([event], true, 'image');
    };
    img.onerror = () => failed(events, 0, why);
    img.src = src;
  }

  function send(): void {
    if (locked || flight[0] || !waiting[0]) return;
    shorten();
    const events = (flight = batch());
    const text = body(events);
    if (blocked > 1 || !window.fetch) return image(events, 'no fetch');
    fetch(address, {
      method: 'POST', body: text, credentials: 'include', keepalive: text.length < BATCH_BYTES, mode: 'cors',
    }).then(
      (r) => {
        blocked = 0;
        if (r.status === 429 || r.status >= 500) failed(events, Number(r.headers.get('retry-after')) || 0, r.status);
        else done(events, r.ok, r.status);
      },
      (e) => image(events, e),
    );
  }

  function leave(): void {
    gone = true;
    if (locked || !waiting[0]) return;
    const events = batch();
    save(0);
    if (events[0]) navigator.sendBeacon?.(address, body(events));
  }

  function back(persisted: boolean): void {
    if (!persisted) return;
    // Another page may have taken them over meanwhile.
    try {
      if (stored) waiting = load(mine);
    } catch {
      waiting = [];
    }
    flight = [];
    stored = gone = false;
    schedule(0);
  }

  addEventListener('pagehide', leave);
  addEventListener('pageshow', (e) => back(e.persisted));
  addEventListener('visibilitychange', () => {
    if (gone || document.visibilityState !== 'hidden') return;
    save(Date.now());
    send();
  });
  addEventListener('online', () => schedule(0));

  return {
    add(event) {
      waiting.push(event);
      shorten();
      if (!failures) schedule(LINGER_MS);
      else if (stored) save(Date.now());
    },
    lock(on) {
      locked = on;
      if (on) save(0);
      else {
        adopt();
        schedule(0);
      }
    },
  };
}
