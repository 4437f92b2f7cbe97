// SPDX-License-Identifier: Apache-2.0
// Takes over fbq from the snippet's stub, and watches the page: its address and its coming back.
// With `both`, fbq stays Meta's own: a proxy in front of it sees each call first, gives events their id,
// and passes them on, so that the two copies of an event are one to Meta.
import { makeTracker } from './fbq';
import type { Fbq, Options, Rules } from './types';

const META = 'https://connect.facebook.net/en_US/fbevents.js';

function makeStub(): Fbq {
  const stub: Fbq = (...args) => (stub.callMethod ? stub.callMethod(...args) : stub.queue.push(args));
  stub.queue = [];
  stub.push = stub;
  stub.version = '2.0';
  return stub;
}

export function load(src: string): void {
  const script = document.createElement('script');
  script.async = true;
  script.src = src;
  document.head.appendChild(script);
}

function watchAddress(changed: (again: boolean) => void): void {
  for (const name of ['pushState', 'replaceState'] as const) {
    const before = history[name];
    history[name] = function (...args) {
      before.apply(this, args);
      changed(false);
    };
  }
  addEventListener('popstate', () => changed(false));
  addEventListener('pageshow', (e) => e.persisted && changed(true));
}

/** Meta's script in its place behind ours. */
function shareWithMeta(meta: Fbq, take: (args: ArrayLike<unknown>) => unknown[]): Fbq {
  const front = new Proxy(meta, {
    apply: (target, self, args) => Reflect.apply(target, self, take(args)),
  });
  // Its own PageViews on a change of address would have ids of their own: ours come through `front`.
  meta.disablePushState = meta.allowDuplicatePageViews = true;
  meta.push = front;
  if (meta.callMethod) return front;
  meta.queue.splice(0, meta.queue.length, ...meta.queue.map(take));
  if (!document.querySelector('script[src*="/fbevents.js"]')) load(META);
  return front;
}

export function start(options: Options): Fbq {
  const page = window.fbq ?? window._fbq ?? makeStub();
  const { disablePushState, allowDuplicatePageViews } = page;
  const rules: Rules = options.both ? { disablePushState, allowDuplicatePageViews } : page;
  let front = page;
  const tracker = makeTracker(options, rules, (id) => front('trackSingle', id, 'PageView'));
  if (options.both) {
    front = shareWithMeta(page, tracker.call);
  } else {
    const missed = Array.from(page.queue ?? []);
    page.callMethod = (...args) => void tracker.call(args);
    page.queue = [];
    missed.forEach(tracker.call);
  }
  window.fbq = window._fbq = front;
  watchAddress(tracker.view);
  return front;
}
