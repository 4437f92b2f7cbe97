// SPDX-License-Identifier: Apache-2.0
// Numbers, times and JSON as people read them.
import type { ComponentChildren } from 'preact';

const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
export const count = (n: number) => (n < 100000 ? whole.format(n) : short.format(n));
export const some = (n: number, thing: string) => `${count(n)} ${thing}${n === 1 ? '' : 's'}`;
export function money(value: number, currency: string): string {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).format(value);
  } catch {
    return `${value.toFixed(2)} ${currency}`; // a currency that the browser does not know
  }
}
export const percent = (part: number, all: number) => (all ? `${Math.round((100 * part) / all)} %` : '–');
export function bytes(n: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) { n /= 1024; unit++; }
  return `${n < 10 && unit ? n.toFixed(1) : Math.round(n)} ${units[unit]}`;
}
export function duration(ms: number): string {
  const s = Math.max(0, ms) / 1000;
  if (s < 1) return `${Math.round(ms)} ms`;
  if (s < 90) return `${Math.round(s)} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  if (s < 172800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} days`;
}

// Proxies answer with pages of HTML; what they say is in between.
export const withoutTags = (text: string) => text.replace(/<[^>]*>/g, ' ').trim();

// A moment: how long ago, with the exact time on hovering.
export function Time(props: { at: string | number | null | undefined; exact?: boolean }) {
  if (!props.at) return <span class="soft">never</span>;
  const at = new Date(props.at);
  const ago = Date.now() - at.getTime();
  const text = props.exact ? at.toLocaleTimeString([], { hour12: false }) : Math.abs(ago) < 1000 ? 'now' : ago < 0 ? `in ${duration(-ago)}` : `${duration(ago)} ago`;
  return <time dateTime={at.toISOString()} title={at.toLocaleString()} class="nowrap">{text}</time>;
}

// JSON in colours; long lists and texts are shown whole, since they are what one looks for.
export function Json(props: { value: unknown }) {
  return <pre class="json" tabIndex={0} aria-label="JSON">{paint(props.value, '')}</pre>;
}
function paint(value: unknown, indent: string): ComponentChildren {
  if (Array.isArray(value)) {
    if (!value.length) return '[]';
    return ['[\n', ...value.map((item, i) => [indent, '  ', paint(item, `${indent}  `), i < value.length - 1 ? ',\n' : '\n']), indent, ']'];
  }
  if (value && typeof value === 'object') {
    const entries = Object.entries(value);
    if (!entries.length) return '{}';
    return ['{\n', ...entries.map(([key, item], i) => [
      indent, '  ', <span class="key">{JSON.stringify(key)}</span>, ': ', paint(item, `${indent}  `), i < entries.length - 1 ? ',\n' : '\n',
    ]), indent, '}'];
  }
  return <span class={typeof value === 'string' ? 'text' : 'other'}>{JSON.stringify(value)}</span>;
}
