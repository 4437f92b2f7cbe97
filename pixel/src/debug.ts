// SPDX-License-Identifier: Apache-2.0
// The debug overlay, loaded for one visitor with ?pixeld_debug=1 in the address (=0 ends it): every event,
// what became of it, and what is likely a mistake. It only listens. Styles go through the style objects,
// which a content security policy does not forbid.
import type { Data, Heard, PixelEvent } from './types';

/** Meta's standard events: https://developers.facebook.com/docs/meta-pixel/reference#standard-events */
const STANDARD = (
  'AddPaymentInfo AddToCart AddToWishlist CompleteRegistration Contact CustomizeProduct Donate FindLocation ' +
  'InitiateCheckout Lead PageView Purchase Schedule Search StartTrial SubmitApplication Subscribe ViewContent'
).split(' ');

const EMAIL = /[^\s@"]+@[^\s@"]+\.[a-z]{2,}/i;

function make(parent: Node, tag: string, style: Partial<CSSStyleDeclaration>, text = ''): HTMLElement {
  const element = document.createElement(tag);
  Object.assign(element.style, style);
  element.textContent = text;
  parent.appendChild(element);
  return element;
}

/** What somebody would want to know about an event before Meta says it. */
function doubts(event: PixelEvent): string[] {
  const data: Data = event.cd ?? {};
  const list: string[] = [];
  if (event.ev === 'Purchase' && !(Number(data.value) >= 0 && data.currency)) list.push('Purchase needs value and currency');
  if (data.eventID || data.event_id) list.push('eventID belongs into the fourth argument');
  if (!STANDARD.includes(event.ev) && STANDARD.some((name) => name.toLowerCase() === event.ev.toLowerCase())) {
    list.push('not spelled as the standard event');
  }
  if (EMAIL.test(JSON.stringify(data)) || EMAIL.test(decodeURIComponent(event.dl))) list.push('an e-mail address in data or address');
  if (!event.ud) list.push('no advanced matching');
  return list;
}

const host = make(document.documentElement, 'div', {
  all: 'initial', position: 'fixed', right: '8px', bottom: '8px', zIndex: '2147483647',
});
host.id = 'pixeld-debug';
const box = make(host.attachShadow({ mode: 'open' }), 'div', {
  font: '12px/1.5 system-ui, sans-serif', background: '#fff', color: '#111', border: '1px solid #999',
  borderRadius: '6px', padding: '8px', maxHeight: '50vh', maxWidth: '420px', overflow: 'auto',
});
box.setAttribute('role', 'log');
box.setAttribute('aria-label', 'pixeld debug');
make(box, 'strong', {}, 'pixeld: events of this page');
const rows = new Map<string, HTMLElement>();
const key = (event: PixelEvent): string => `${event.id} ${event.ev} ${event.eid}`;

function show(event: PixelEvent): void {
  const row = make(box, 'div', { borderTop: '1px solid #ddd', padding: '4px 0' });
  const title = make(row, 'div', { fontWeight: '600' }, `${event.ev} `);
  rows.set(key(event), make(title, 'span', { fontWeight: '400', color: '#666' }, 'waiting'));
  make(row, 'div', { color: '#666' }, `pixel ${event.id} · event id ${event.eid}`);
  if (event.cd) make(row, 'code', { wordBreak: 'break-all' }, JSON.stringify(event.cd));
  for (const doubt of doubts(event)) make(row, 'div', { color: '#a40' }, `⚠ ${doubt}`);
}

function settle(events: PixelEvent[], text: string): void {
  for (const event of events) {
    const state = rows.get(key(event));
    if (state) state.textContent = text;
  }
}

function hear([what, about]: Heard): number {
  if (what === 'event') show(about as PixelEvent);
  else if (what === 'unknown') make(box, 'div', { color: '#a40' }, `⚠ pixel ${String(about)} was never given to init`);
  else if (what !== 'call') {
    const [events, why] = about as [PixelEvent[], unknown];
    settle(events, `${what} (${String(why)})`);
  }
  return 0;
}

const before = window.pixeldDebug ?? [];
window.pixeldDebug = before;
before.forEach(hear);
before.push = (heard) => hear(heard);
