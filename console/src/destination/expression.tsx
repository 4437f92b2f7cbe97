// SPDX-License-Identifier: Apache-2.0
// One expression, or what stands in its place (null, a list, {each: …}), which is written as JSON.
export const shown = (value: unknown): string => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value));
export function typed(text: string): unknown {
  if (!/^\s*([[{]|null\s*$)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const ExpressionInput = (props: {
  label: string; value: unknown; onInput: (value: unknown) => void; placeholder?: string; disabled?: boolean; error?: string;
}) => (
  <>
    <input class="mono wide" type="text" aria-label={props.label} spellcheck={false} autocomplete="off" disabled={props.disabled} value={shown(props.value)}
      placeholder={props.placeholder} aria-invalid={props.error ? true : undefined} onInput={(e) => props.onInput(typed((e.target as HTMLInputElement).value))} />
    {props.error && <span class="hint wrong" role="alert">{props.error}</span>}
  </>
);

// Parameter and expression pairs, of which more can be added; what was there keeps its place.
export function Pairs(props: {
  label: string; value: Record<string, unknown>; onChange: (value: Record<string, unknown>) => void; names: string[]; disabled?: boolean;
  problem: (key: string) => string | undefined;
}) {
  const entries = Object.entries(props.value);
  const put = (i: number, name: string, value: unknown) =>
    props.onChange(Object.fromEntries(entries.map((entry, j) => (i === j ? [name, value] : entry))));
  const list = `names-${props.label.replace(/\W/g, '')}`;
  return (
    <div class="stack tight">
      {entries.map(([name, value], i) => (
        <div class="pair" key={i}>
          <input class="mono" aria-label={`${props.label}: parameter ${i + 1}`} list={list} value={name} disabled={props.disabled} spellcheck={false}
            onChange={(e) => put(i, (e.target as HTMLInputElement).value.trim(), value)} />
          <div><ExpressionInput label={`${props.label}: ${name}`} value={value} disabled={props.disabled} error={props.problem(name)} onInput={(next) => put(i, name, next)} /></div>
          {!props.disabled && <button type="button" class="plain" aria-label={`Remove ${name}`} onClick={() => props.onChange(Object.fromEntries(entries.filter((_, j) => j !== i)))}>✕</button>}
        </div>
      ))}
      <datalist id={list}>{props.names.map((name) => <option key={name} value={name} />)}</datalist>
      {!props.disabled && (
        <div><button type="button" class="small" onClick={() => props.onChange({ ...props.value, [props.names.find((n) => !(n in props.value)) ?? 'name']: 'properties.' })}>Add a parameter</button></div>
      )}
    </div>
  );
}
