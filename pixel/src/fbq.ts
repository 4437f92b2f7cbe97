// SPDX-License-Identifier: Apache-2.0
// The language of fbq: what a page may say, and the events that come of it.
// https://developers.facebook.com/docs/meta-pixel/reference
import * as cookies from './cookies';
import { makeQueue } from './queue';
import type { Data, Options, PixelEvent, Rules } from './types';

declare const VERSION: string;

interface Pixel {
  id: string;
  ud: Data;
  agent?: unknown;
  count: number;
  /** The address whose PageView was sent. */
  viewed?: string;
}

type Args = ArrayLike<unknown>;

const isObject = (x: unknown): x is Data => typeof x === 'object' && x !== null && !Array.isArray(x);
const object = (x: unknown): Data => (isObject(x) ? x : {});

function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}

/** What is said of an event besides its data: { eventID }. */
function idOf(x: unknown): unknown {
  const { eventID, event_id } = object(x);
  return eventID ?? event_id;
}

/** The commands that make events: for every pixel, or for the one that is named first. */
const TRACKING = /^track(Single(System)?)?(Custom)?$/;

export interface Tracker {
  /** Takes one call of the page's. Returns it as Meta's script should get it: with the event's id. */
  call(args: Args): unknown[];
  /** The page's address changed, or the page came back. */
  view(again: boolean): void;
}

/** view: asks for a PageView of one pixel, on the way that the page's own calls take. */
export function makeTracker(options: Options, rules: Rules, view: (id: string) => void): Tracker {
  const note = options.note ?? (() => {});
  const pixels: Pixel[] = [];
  const started = Date.now();
  const limits: { dpo?: string; dpoco?: unknown; dpost?: unknown } = {};
  let revoked = false;
  let ownCookies = true;
  let referrer = document.referrer;
  let here = location.href;

  function complete(event: PixelEvent): void {
    if (!event.fbp && ownCookies) Object.assign(event, cookies.names());
  }

  const queue = makeQueue(options, complete);

  function find(id: unknown): Pixel | undefined {
    return pixels.find((p) => p.id === String(id));
  }

  function record(pixel: Pixel, ev: string, cd: unknown, eid: string): void {
    if (ev === 'PageView') {
      if (pixel.viewed === location.href && !rules.allowDuplicatePageViews) return;
      pixel.viewed = location.href;
    }
    const event: PixelEvent = {
      id: pixel.id, ev, eid, ts: Date.now(), dl: location.href, rl: referrer, if: top !== window,
      sw: screen.width, sh: screen.height, v: VERSION, a: pixel.agent, ec: pixel.count++, it: started,
      ...limits,
    };
    if (isObject(cd)) event.cd = { ...cd };
    if (Object.keys(pixel.ud)[0]) event.ud = { ...pixel.ud };
    note('event', event);
    queue.add(event);
  }

  function init(id: unknown, ud: unknown, more: unknown): void {
    const known = find(id);
    if (known) known.ud = { ...object(ud), ...known.ud };
    else if (id) pixels.push({ id: String(id), ud: { ...object(ud) }, agent: object(more).agent, count: 0 });
  }

  function track(single: boolean, args: unknown[]): unknown[] {
    const [id, ev, cd, about] = single ? args.slice(1) : [undefined, ...args.slice(1)];
    if (typeof ev !== 'string' || !ev) return args;
    const eid = String(idOf(about) ?? newId());
    const one = find(id);
    if (!single) pixels.forEach((p) => record(p, ev, cd, eid));
    else if (one) record(one, ev, cd, eid);
    else note('unknown', id);
    return [args[0], ...(single ? [id] : []), ev, cd ?? {}, { ...object(about), eventID: eid }];
  }

  function consent(revoke: boolean): void {
    if (revoked === revoke) return;
    revoked = revoke;
    queue.lock(revoke);
    if (revoke) cookies.forget();
  }

  function set(key: unknown, value: unknown, id: unknown): void {
    const chosen = id === undefined ? pixels : pixels.filter((p) => p === find(id));
    if (key === 'userData') chosen.forEach((p) => Object.assign(p.ud, object(value)));
    else if (key === 'agent') chosen.forEach((p) => (p.agent = value));
    else if (key === 'firstPartyCookies') ownCookies = !!value;
  }

  function restrict(chosen: unknown, country: unknown, state: unknown): void {
    limits.dpo = Array.isArray(chosen) ? chosen.join() : '';
    limits.dpoco = country;
    limits.dpost = state;
  }

  function call(given: Args): unknown[] {
    // _fbq.push(['track', ...]) is the old way to say it.
    const args = Array.from(Array.isArray(given[0]) ? given[0] : given);
    const [command, a, b, c] = args;
    const tracking = TRACKING.exec(String(command));
    note('call', args);
    if (tracking) return track(!!tracking[1], args);
    if (command === 'init' || command === 'addPixelId') init(a, b, c);
    else if (command === 'consent') consent(a === 'revoke');
    else if (command === 'set') set(a, b, c);
    else if (command === 'dataProcessingOptions') restrict(a, b, c);
    return args;
  }

  cookies.seen(here);
  queue.lock(false);

  return {
    call,
    view(again) {
      if (location.href !== here) {
        referrer = here;
        here = location.href;
        cookies.seen(here);
      } else if (!again) return;
      const views = pixels.filter((p) => p.viewed);
      if (again) views.forEach((p) => (p.viewed = 'before'));
      if (!rules.disablePushState) views.forEach((p) => view(p.id));
    },
  };
}
