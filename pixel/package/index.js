/* SPDX-License-Identifier: Apache-2.0 */

// src/cookies.ts
var DAYS_90 = 7776e3;
var VALID = /^fb\.\d+\.\d+\.[^;\s]+$/;
var CLICK_LENGTH = 500;
function random() {
  const numbers = crypto.getRandomValues(new Uint32Array(2));
  return `${numbers[0] % 1e9}${String(numbers[1] % 1e9).padStart(9, "0")}`;
}
function read(name) {
  const found = RegExp(`(?:^|; )${name}=([^;]*)`).exec(document.cookie);
  return found && VALID.test(found[1]) ? found[1] : "";
}
function put(name, value, domain, seconds) {
  document.cookie = `${name}=${value};path=/;max-age=${seconds};samesite=lax${domain && `;domain=${domain}`}${location.protocol === "https:" ? ";secure" : ""}`;
}
function domains() {
  const host = location.hostname;
  const labels = host.split(".");
  if (labels.length < 2 || /^[\d.]+$|:/.test(host)) return [["", 0]];
  return labels.map((_, i) => [labels.slice(labels.length - 1 - i).join("."), i]).slice(1);
}
function write(name, text) {
  for (const [domain, level] of domains()) {
    const value = `fb.${level}.${Date.now()}.${text}`;
    put(name, value, domain, DAYS_90);
    if (read(name) === value) return value;
  }
  return "";
}
var click = "";
function seen(address) {
  const found = /[?&]fbclid=([^&#]+)/.exec(address);
  if (!found || found[1].length > CLICK_LENGTH) return;
  click = found[1];
}
var fbcHere = "";
function fbc() {
  const kept = read("_fbc") || fbcHere;
  if (!click || `${kept}.`.includes(`.${click}.`)) return kept;
  fbcHere = write("_fbc", click) || `fb.1.${Date.now()}.${click}`;
  return fbcHere;
}
function names() {
  const fbp = read("_fbp") || write("_fbp", random());
  const clicked = fbc();
  return { ...fbp && { fbp }, ...clicked && { fbc: clicked } };
}
function forget() {
  fbcHere = "";
  for (const name of ["_fbp", "_fbc"]) {
    put(name, "", "", 0);
    for (const [domain] of domains()) put(name, "", domain, 0);
  }
}

// src/queue.ts
var KEPT_MAX = 200;
var KEPT_BYTES = 2e5;
var BATCH_MAX = 50;
var BATCH_BYTES = 5e4;
var WEEK_MS = 6048e5;
var LINGER_MS = 40;
var WAIT_MAX_MS = 6e4;
var ABANDONED_MS = 15e4;
var URL_MAX = 8e3;
var size = (events) => JSON.stringify(events).length;
function makeQueue(options, complete) {
  var _a;
  const note = (_a = options.note) != null ? _a : (() => {
  });
  const target = options.url;
  const prefix = `_px.${target}.`;
  const mine = prefix + Math.random();
  const address = target + (options.key ? `?k=${encodeURIComponent(options.key)}` : "");
  let waiting = [];
  let locked = false;
  let stored = false;
  let gone = false;
  let flight = [];
  let blocked = 0;
  let failures = 0;
  let timer;
  function load2(name) {
    const text = localStorage.getItem(name);
    localStorage.removeItem(name);
    return text ? JSON.parse(text).events : [];
  }
  function save(at) {
    try {
      if (waiting.length && !locked) {
        localStorage.setItem(mine, JSON.stringify({ at, events: waiting }));
        stored = true;
      } else if (stored) {
        localStorage.removeItem(mine);
        stored = false;
      }
    } catch (e) {
    }
  }
  function adopt() {
    try {
      for (const name of Object.keys(localStorage)) {
        if (!name.startsWith(prefix) || name === mine) continue;
        const { at } = JSON.parse(localStorage.getItem(name));
        if (at && Date.now() - at < ABANDONED_MS) continue;
        waiting = load2(name).concat(waiting);
      }
    } catch (e) {
    }
    shorten();
  }
  function shorten() {
    const oldest = Date.now() - WEEK_MS;
    waiting = waiting.filter((e) => e.ts > oldest).slice(-KEPT_MAX);
    while (waiting.length > 1 && size(waiting) > KEPT_BYTES) waiting.shift();
  }
  function batch() {
    waiting.forEach(complete);
    const events = waiting.filter((e) => !flight.includes(e)).slice(0, BATCH_MAX);
    while (events.length > 1 && size(events) > BATCH_BYTES) events.length >>= 1;
    return events;
  }
  const body = (events) => JSON.stringify({ s: Date.now(), e: events });
  function schedule(ms) {
    clearTimeout(timer);
    timer = setTimeout(send, ms);
  }
  function done(events, kept, why) {
    flight = [];
    if (locked) forget();
    note(kept ? "sent" : "refused", [events, why]);
    failures = 0;
    waiting = waiting.filter((e) => !events.includes(e));
    save(Date.now());
    if (waiting.length) schedule(0);
  }
  function failed(events, seconds, why) {
    flight = [];
    note("failed", [events, why]);
    failures += 1;
    save(Date.now());
    schedule(Math.max(seconds * 1e3, Math.min(WAIT_MAX_MS, 500 * 2 ** failures) * (0.5 + Math.random() / 2)));
  }
  function image(events, why) {
    var _a2;
    const event = events[0];
    const query = new URLSearchParams({ k: (_a2 = options.key) != null ? _a2 : "", s: String(Date.now()), e: JSON.stringify(event) });
    const src = `${target}?${query}`;
    if (src.length > URL_MAX || !navigator.onLine) return failed(events, 0, why);
    const img = new Image();
    img.onload = () => {
      blocked += 1;
      done([event], true, "image");
    };
    img.onerror = () => failed(events, 0, why);
    img.src = src;
  }
  function send() {
    if (locked || flight[0] || !waiting[0]) return;
    shorten();
    const events = flight = batch();
    const text = body(events);
    if (blocked > 1 || !window.fetch) return image(events, "no fetch");
    fetch(address, {
      method: "POST",
      body: text,
      credentials: "include",
      keepalive: text.length < BATCH_BYTES,
      mode: "cors"
    }).then(
      (r) => {
        blocked = 0;
        if (r.status === 429 || r.status >= 500) failed(events, Number(r.headers.get("retry-after")) || 0, r.status);
        else done(events, r.ok, r.status);
      },
      (e) => image(events, e)
    );
  }
  function leave() {
    var _a2;
    gone = true;
    if (locked || !waiting[0]) return;
    const events = batch();
    save(0);
    if (events[0]) (_a2 = navigator.sendBeacon) == null ? void 0 : _a2.call(navigator, address, body(events));
  }
  function back(persisted) {
    if (!persisted) return;
    try {
      if (stored) waiting = load2(mine);
    } catch (e) {
      waiting = [];
    }
    flight = [];
    stored = gone = false;
    schedule(0);
  }
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (e) => back(e.persisted));
  addEventListener("visibilitychange", () => {
    if (gone || document.visibilityState !== "hidden") return;
    save(Date.now());
    send();
  });
  addEventListener("online", () => schedule(0));
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
    }
  };
}

// src/fbq.ts
var isObject = (x) => typeof x === "object" && x !== null && !Array.isArray(x);
var object = (x) => isObject(x) ? x : {};
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}
function idOf(x) {
  const { eventID, event_id } = object(x);
  return eventID != null ? eventID : event_id;
}
var TRACKING = /^track(Single(System)?)?(Custom)?$/;
function makeTracker(options, rules, view) {
  var _a;
  const note = (_a = options.note) != null ? _a : (() => {
  });
  const pixels = [];
  const started = Date.now();
  const limits = {};
  let revoked = false;
  let ownCookies = true;
  let referrer = document.referrer;
  let here = location.href;
  function complete(event) {
    if (!event.fbp && ownCookies) Object.assign(event, names());
  }
  const queue = makeQueue(options, complete);
  function find(id) {
    return pixels.find((p) => p.id === String(id));
  }
  function record(pixel, ev, cd, eid) {
    if (ev === "PageView") {
      if (pixel.viewed === location.href && !rules.allowDuplicatePageViews) return;
      pixel.viewed = location.href;
    }
    const event = {
      id: pixel.id,
      ev,
      eid,
      ts: Date.now(),
      dl: location.href,
      rl: referrer,
      if: top !== window,
      sw: screen.width,
      sh: screen.height,
      v: "px-0.1.0",
      a: pixel.agent,
      ec: pixel.count++,
      it: started,
      ...limits
    };
    if (isObject(cd)) event.cd = { ...cd };
    if (Object.keys(pixel.ud)[0]) event.ud = { ...pixel.ud };
    note("event", event);
    queue.add(event);
  }
  function init(id, ud, more) {
    const known = find(id);
    if (known) known.ud = { ...object(ud), ...known.ud };
    else if (id) pixels.push({ id: String(id), ud: { ...object(ud) }, agent: object(more).agent, count: 0 });
  }
  function track(single, args) {
    var _a2;
    const [id, ev, cd, about] = single ? args.slice(1) : [void 0, ...args.slice(1)];
    if (typeof ev !== "string" || !ev) return args;
    const eid = String((_a2 = idOf(about)) != null ? _a2 : newId());
    const one = find(id);
    if (!single) pixels.forEach((p) => record(p, ev, cd, eid));
    else if (one) record(one, ev, cd, eid);
    else note("unknown", id);
    return [args[0], ...single ? [id] : [], ev, cd != null ? cd : {}, { ...object(about), eventID: eid }];
  }
  function consent(revoke) {
    if (revoked === revoke) return;
    revoked = revoke;
    queue.lock(revoke);
    if (revoke) forget();
  }
  function set(key, value, id) {
    const chosen = id === void 0 ? pixels : pixels.filter((p) => p === find(id));
    if (key === "userData") chosen.forEach((p) => Object.assign(p.ud, object(value)));
    else if (key === "agent") chosen.forEach((p) => p.agent = value);
    else if (key === "firstPartyCookies") ownCookies = !!value;
  }
  function restrict(chosen, country, state) {
    limits.dpo = Array.isArray(chosen) ? chosen.join() : "";
    limits.dpoco = country;
    limits.dpost = state;
  }
  function call(given) {
    const args = Array.from(Array.isArray(given[0]) ? given[0] : given);
    const [command, a, b, c] = args;
    const tracking = TRACKING.exec(String(command));
    note("call", args);
    if (tracking) return track(!!tracking[1], args);
    if (command === "init" || command === "addPixelId") init(a, b, c);
    else if (command === "consent") consent(a === "revoke");
    else if (command === "set") set(a, b, c);
    else if (command === "dataProcessingOptions") restrict(a, b, c);
    return args;
  }
  seen(here);
  queue.lock(false);
  return {
    call,
    view(again) {
      if (location.href !== here) {
        referrer = here;
        here = location.href;
        seen(here);
      } else if (!again) return;
      const views = pixels.filter((p) => p.viewed);
      if (again) views.forEach((p) => p.viewed = "before");
      if (!rules.disablePushState) views.forEach((p) => view(p.id));
    }
  };
}

// src/start.ts
var META = "https://connect.facebook.net/en_US/fbevents.js";
function makeStub() {
  const stub = (...args) => stub.callMethod ? stub.callMethod(...args) : stub.queue.push(args);
  stub.queue = [];
  stub.push = stub;
  stub.version = "2.0";
  return stub;
}
function load(src) {
  const script = document.createElement("script");
  script.async = true;
  script.src = src;
  document.head.appendChild(script);
}
function watchAddress(changed) {
  for (const name of ["pushState", "replaceState"]) {
    const before = history[name];
    history[name] = function(...args) {
      before.apply(this, args);
      changed(false);
    };
  }
  addEventListener("popstate", () => changed(false));
  addEventListener("pageshow", (e) => e.persisted && changed(true));
}
function shareWithMeta(meta, take) {
  const front = new Proxy(meta, {
    apply: (target, self, args) => Reflect.apply(target, self, take(args))
  });
  meta.disablePushState = meta.allowDuplicatePageViews = true;
  meta.push = front;
  if (meta.callMethod) return front;
  meta.queue.splice(0, meta.queue.length, ...meta.queue.map(take));
  if (!document.querySelector('script[src*="/fbevents.js"]')) load(META);
  return front;
}
function start(options) {
  var _a, _b, _c;
  const page = (_b = (_a = window.fbq) != null ? _a : window._fbq) != null ? _b : makeStub();
  const { disablePushState, allowDuplicatePageViews } = page;
  const rules = options.both ? { disablePushState, allowDuplicatePageViews } : page;
  let front = page;
  const tracker = makeTracker(options, rules, (id) => front("trackSingle", id, "PageView"));
  if (options.both) {
    front = shareWithMeta(page, tracker.call);
  } else {
    const missed = Array.from((_c = page.queue) != null ? _c : []);
    page.callMethod = (...args) => void tracker.call(args);
    page.queue = [];
    missed.forEach(tracker.call);
  }
  window.fbq = window._fbq = front;
  watchAddress(tracker.view);
  return front;
}
export {
  start
};
