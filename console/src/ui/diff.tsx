// SPDX-License-Identifier: Apache-2.0
// Two JSON values side by side as one text: what both have, what went, what came.
import { useMemo } from 'preact/hooks';

type Mark = ' ' | '-' | '+';
const LINES_MAX = 2000; // the table of a comparison grows with the product of both lengths

// The longest common subsequence of lines; beyond LINES_MAX everything differs.
export function diffLines(before: string[], after: string[]): [Mark, string][] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const a = before.slice(start, before.length - end);
  const b = after.slice(start, after.length - end);
  const same = (line: string): [Mark, string] => [' ', line];
  return [...before.slice(0, start).map(same), ...middle(a, b), ...before.slice(before.length - end).map(same)];
}

function middle(a: string[], b: string[]): [Mark, string][] {
  const out: [Mark, string][] = [];
  const width = b.length + 1;
  const all = a.length > LINES_MAX || b.length > LINES_MAX;
  const table = new Uint16Array(all ? 0 : (a.length + 1) * width); // common lines of a[i..] and b[j..]
  if (!all) {
    for (let i = a.length - 1; i >= 0; i--) {
      for (let j = b.length - 1; j >= 0; j--) {
        table[i * width + j] = a[i] === b[j] ? table[(i + 1) * width + j + 1]! + 1 : Math.max(table[(i + 1) * width + j]!, table[i * width + j + 1]!);
      }
    }
  }
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (!all && i < a.length && j < b.length && a[i] === b[j]) { out.push([' ', a[i]!]); i++; j++; }
    else if (i < a.length && (all || j >= b.length || table[(i + 1) * width + j]! >= table[i * width + j + 1]!)) out.push(['-', a[i++]!]);
    else out.push(['+', b[j++]!]);
  }
  return out;
}

const classes = { ' ': '', '-': 'diff-removed', '+': 'diff-added' };
export function JsonDiff(props: { before: unknown; after: unknown; label: string }) {
  const lines = useMemo(() => {
    const text = (value: unknown) => (value === undefined ? [] : JSON.stringify(value, null, 2).split('\n'));
    return diffLines(text(props.before), text(props.after));
  }, [props.before, props.after]);
  return <pre class="diff" tabIndex={0} aria-label={props.label}>{lines.map(([mark, line]) => <span class={classes[mark]}>{mark} {line}{'\n'}</span>)}</pre>;
}
