// SPDX-License-Identifier: Apache-2.0
// Where we are: the path chooses the page, the query holds its filters, so that every view has an address.
import { computed, signal } from '@preact/signals';

const location_ = signal(window.location.pathname + window.location.search);
window.addEventListener('popstate', () => { location_.value = window.location.pathname + window.location.search; });

export const path = computed(() => location_.value.split('?')[0]!);
export const query = computed(() => new URLSearchParams(location_.value.split('?')[1] ?? ''));

export function go(to: string, replace = false): void {
  if (to === location_.value) return;
  if (replace) window.history.replaceState(null, '', to);
  else window.history.pushState(null, '', to);
  location_.value = to;
  if (!replace) window.scrollTo(0, 0);
}

// setQuery changes some of the filters and keeps the rest; an empty value removes one.
export function setQuery(changes: Record<string, string | undefined>): void {
  const next = new URLSearchParams(query.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  const text = next.toString();
  go(text ? `${path.value}?${text}` : path.value, true);
}

// All links inside the console are plain <a href>; this keeps the page from loading anew.
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = (event.target as Element).closest?.('a[href]') as HTMLAnchorElement | null;
  if (!link || link.target || link.hasAttribute('download') || link.origin !== window.location.origin) return;
  if (link.pathname.startsWith('/api/') || link.pathname === '/metrics') return;
  event.preventDefault();
  go(link.pathname + link.search);
}
