// SPDX-License-Identifier: Apache-2.0
// The small pieces that pages are made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { note, notes } from '../state';

export function Page(props: { title: string; lead?: ComponentChildren; actions?: ComponentChildren; children: ComponentChildren }) {
  useEffect(() => { document.title = `${props.title} · pixeld`; }, [props.title]);
  return (
    <>
      <div class="head">
        <div>
          <h1>{props.title}</h1>
          {props.lead && <p class="soft">{props.lead}</p>}
        </div>
        {props.actions && <div class="actions">{props.actions}</div>}
      </div>
      <div class="stack">{props.children}</div>
    </>
  );
}

export function Card(props: { title?: string; actions?: ComponentChildren; children: ComponentChildren; class?: string }) {
  return (
    <section class={`card ${props.class ?? ''}`}>
      {props.title && (
        <header>
          <h2>{props.title}</h2>
          {props.actions && <div class="actions">{props.actions}</div>}
        </header>
      )}
      {props.children}
    </section>
  );
}

// A state of an event, or good, bad, warn, info.
export const Chip = (props: { kind: string; children?: ComponentChildren }) => <span class={`chip ${props.kind}`}>{props.children ?? props.kind}</span>;

export const Notice = (props: { kind?: 'good' | 'warn' | 'bad'; children: ComponentChildren }) => (
  <div class={`notice ${props.kind ?? ''}`} role={props.kind === 'bad' ? 'alert' : undefined}>{props.children}</div>
);

// What a page says when it has nothing: why, and what to do.
export const Empty = (props: { title: string; children?: ComponentChildren }) => (
  <div class="empty"><h3>{props.title}</h3>{props.children}</div>
);

// Waiting, failed, or there.
export function Loading<T>(props: { of: { data?: T; error?: string; reload: () => void }; children: (data: T) => ComponentChildren }) {
  const { data, error, reload } = props.of;
  return (
    <>
      {error && <Notice kind="bad">{error} <button class="plain" onClick={reload}>Try again</button></Notice>}
      {data !== undefined ? props.children(data) : !error && <Slow />}
    </>
  );
}

// Says that something is under way only when it takes long enough to be noticed.
function Slow() {
  const [shown, show] = useState(false);
  useEffect(() => { const timer = setTimeout(() => show(true), 400); return () => clearTimeout(timer); }, []);
  return shown ? <p class="soft" role="status">Loading…</p> : null;
}

export function Button(props: {
  onClick: () => unknown; children: ComponentChildren; kind?: 'main' | 'danger' | 'plain'; disabled?: boolean; title?: string;
}) {
  const [busy, setBusy] = useState(false);
  const click = async () => {
    setBusy(true);
    try { await props.onClick(); } finally { setBusy(false); }
  };
  return (
    <button type="button" class={props.kind} disabled={props.disabled || busy} title={props.title} aria-busy={busy} onClick={click}>
      {props.children}
    </button>
  );
}

// A label, its control, and below it what to write or what is wrong. The control takes the attributes given.
export function Labelled(props: { label: ComponentChildren; hint?: ComponentChildren; error?: string; children: (control: object) => ComponentChildren }) {
  const id = useId();
  const below = Boolean(props.error || props.hint);
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children({ id, 'aria-invalid': props.error ? true : undefined, 'aria-describedby': below ? `${id}-below` : undefined })}
      {below && <span id={`${id}-below`} class={props.error ? 'hint wrong' : 'hint'} role={props.error ? 'alert' : undefined}>{props.error || props.hint}</span>}
    </div>
  );
}

export function Field(props: {
  label: string; value: string; onInput: (value: string) => void; hint?: ComponentChildren; type?: string; error?: string;
  placeholder?: string; disabled?: boolean; options?: string[]; autofocus?: boolean; required?: boolean; autocomplete?: string; suggest?: string[];
}) {
  const list = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => { if (props.autofocus) input.current?.focus(); }, []);
  const common = {
    value: props.value, disabled: props.disabled, required: props.required,
    onInput: (event: Event) => props.onInput((event.target as HTMLInputElement).value),
  };
  return (
    <Labelled label={props.label} hint={props.hint} error={props.error}>{(control) => (
      <>
        {props.options
          ? <select {...control} {...common}>{props.options.map((option) => <option key={option} value={option}>{option || '—'}</option>)}</select>
          : <input ref={input} type={props.type ?? 'text'} placeholder={props.placeholder} autocomplete={props.autocomplete ?? 'off'} spellcheck={false} list={props.suggest && list} {...control} {...common} />}
        {props.suggest && <datalist id={list}>{props.suggest.map((word) => <option key={word} value={word} />)}</datalist>}
      </>
    )}</Labelled>
  );
}

export const Check = (props: { label: ComponentChildren; checked: boolean; onChange: (on: boolean) => void; disabled?: boolean }) => (
  <label class="check">
    <input type="checkbox" checked={props.checked} disabled={props.disabled} onChange={(e) => props.onChange((e.target as HTMLInputElement).checked)} />
    {props.label}
  </label>
);

export function Tabs(props: { names: string[]; at: string; onPick: (name: string) => void }) {
  return (
    <div class="tabs" role="tablist">
      {props.names.map((name) => (
        <button key={name} type="button" role="tab" aria-selected={name === props.at} onClick={() => props.onPick(name)}>{name}</button>
      ))}
    </div>
  );
}

export function Code(props: { text: string; label?: string }) {
  const copy = async () => {
    await navigator.clipboard.writeText(props.text).then(() => note('good', 'Copied'), () => note('bad', 'The browser did not allow copying'));
  };
  return (
    <div class="code">
      <pre tabIndex={0} aria-label={props.label ?? 'code'}>{props.text}</pre>
      <button type="button" class="copy small" onClick={copy}>Copy</button>
    </div>
  );
}

// The browser's own dialog: it traps the focus and closes on Escape.
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => { box.current?.showModal(); }, []);
  return (
    <dialog ref={box} onClose={props.onClose} aria-label={props.title}>
      <div class="stack">
        <div class="row"><h2>{props.title}</h2><button type="button" class="plain" style="margin-left:auto" onClick={() => box.current?.close()}>Close</button></div>
        {props.children}
      </div>
    </dialog>
  );
}

export const Notes = () => (
  <div class="notes" aria-live="polite">
    {notes.value.map((n) => <div key={n.id} class={`notice ${n.kind}`}>{n.text}</div>)}
  </div>
);
