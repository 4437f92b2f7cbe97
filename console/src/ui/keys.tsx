// SPDX-License-Identifier: Apache-2.0
// Keys that work everywhere: / goes to the page's filter, ? shows all keys, g and a letter goes to a page.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { go } from '../route';
import { Dialog } from './basics';

export interface Shortcut { letter: string; name: string; path: string }

const shown = signal(false);
const GO_MS = 1000; // how long after g the letter may come

const isTyping = (target: EventTarget | null) => target instanceof HTMLElement && (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) || target.isContentEditable);

function focusFilter(): boolean {
  const filter = document.querySelector<HTMLElement>('main [data-filter] input, main [data-filter] select, main input[type=search]');
  filter?.focus();
  return Boolean(filter);
}

export function Keys(props: { shortcuts: Shortcut[] }) {
  useEffect(() => {
    let wentAt = 0;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
      if (isTyping(event.target)) {
        if (event.key === 'Escape') (event.target as HTMLElement).blur();
        return;
      }
      const place = Date.now() - wentAt < GO_MS ? props.shortcuts.find((s) => s.letter === event.key) : undefined;
      wentAt = event.key === 'g' ? Date.now() : 0;
      if (place) go(place.path);
      else if (event.key === '?') shown.value = true;
      else if (event.key !== '/' || !focusFilter()) return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [props.shortcuts]);
  if (!shown.value) return null;
  const keys: [string, string][] = [
    ['/', 'go to the filter'], ['?', 'these keys'], ['Esc', 'leave a field, close a dialog'],
    ['↑ ↓ PgUp PgDn', 'move in a table'], ['Enter', 'open the chosen row'],
    ...props.shortcuts.map((s): [string, string] => [`g ${s.letter}`, s.name]),
  ];
  return (
    <Dialog title="Keys" onClose={() => { shown.value = false; }}>
      <dl class="facts">{keys.map(([key, what]) => <><dt><kbd>{key}</kbd></dt><dd>{what}</dd></>)}</dl>
    </Dialog>
  );
}
