// SPDX-License-Identifier: Apache-2.0
// Editing a source or a destination: a draft of its settings, fields that are bound to its keys, problems where
// they belong, and a look at the difference before it is saved.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, type Problem } from '../api';
import { change, SECRET, tryChange, valueAt, withValue, type Kind, type Settings } from '../config';
import { may, note } from '../state';
import { Button, Check, Dialog, Field, Labelled, Notice } from './basics';
import './form.css';

export interface Draft {
  settings: Settings;
  set: (path: string[], value: unknown) => void;
  replace: (settings: Settings) => void;
  discard: () => void;
  problem: (key: string) => string | undefined;
  problems: Problem[];
  refusal: string; // what is wrong with it as a whole
  diff: string; // of the file, as far as it is right
  dirty: boolean;
  locked: boolean; // it may be looked at only
}

const CHECK_MS = 350;

// useDraft holds what was typed and has the server check it as it is typed.
// first: what a new one begins with.
export function useDraft(kind: Kind, name: string, saved: Settings, locked: boolean, first: Settings = saved): Draft {
  const before = JSON.stringify(saved);
  const [settings, replace] = useState(first);
  const [found, setFound] = useState<{ problems: Problem[]; refusal: string; diff: string }>({ problems: [], refusal: '', diff: '' });
  const base = useRef(before);
  if (base.current !== before) { // saved meanwhile, here or elsewhere
    base.current = before;
    replace(saved);
  }
  const text = JSON.stringify(settings);
  const dirty = text !== before;
  useEffect(() => {
    if (!dirty || locked || !name) { setFound({ problems: [], refusal: '', diff: '' }); return undefined; }
    let alive = true;
    const timer = setTimeout(() => {
      tryChange(kind, name, settings).then(
        (answer) => { if (alive) setFound({ problems: [], refusal: '', diff: answer.diff }); },
        (error: Error) => {
          if (!alive) return;
          const problems = error instanceof ApiError ? error.problems : [];
          setFound({ problems, refusal: problems.length ? '' : error.message, diff: '' });
        },
      );
    }, CHECK_MS);
    return () => { alive = false; clearTimeout(timer); };
  }, [text, before, name, locked]);
  return {
    settings, replace, dirty, locked, ...found,
    discard: () => replace(saved),
    set: (path, value) => replace((now) => withValue(now, path, value)),
    problem: (key) => found.problems.find((p) => keyOf(p.text) === key)?.message,
  };
}

// The key on the line that a problem is about: `    filter: type =` is about filter.
const keyOf = (line = '') => /^[\s-]*"?([^":]+)"?:/.exec(line)?.[1];

interface Bound { draft: Draft; path: string[]; label: string; hint?: ComponentChildren; placeholder?: string }
const errorOf = (p: Bound) => p.draft.problem(p.path.at(-1)!);

export const TextKey = (p: Bound & { type?: string; suggest?: string[] }) => (
  <Field label={p.label} hint={p.hint} placeholder={p.placeholder} type={p.type} suggest={p.suggest} disabled={p.draft.locked} error={errorOf(p)}
    value={String(valueAt(p.draft.settings, p.path) ?? '')} onInput={(text) => p.draft.set(p.path, text)} />
);

// A secret is never shown, nor where it is kept: what is typed takes its place.
export function SecretKey(p: Bound) {
  const value = String(valueAt(p.draft.settings, p.path) ?? '');
  const stored = value === SECRET || /^(file:|\$\{)/.test(value);
  const former = useRef(value);
  return (
    <Field label={p.label} type="password" disabled={p.draft.locked} error={errorOf(p)} autocomplete="new-password" placeholder={stored ? 'stored; type to replace it' : p.placeholder} hint={p.hint}
      value={stored ? '' : value} onInput={(text) => p.draft.set(p.path, text || former.current)} />
  );
}

export const AreaKey = (p: Bound & { rows?: number }) => (
  <Area label={p.label} hint={p.hint} placeholder={p.placeholder} rows={p.rows} disabled={p.draft.locked} error={errorOf(p)}
    value={String(valueAt(p.draft.settings, p.path) ?? '')} onInput={(text) => p.draft.set(p.path, text)} />
);

// A list, written with commas.
export function ListKey(p: Bound) {
  const value = valueAt(p.draft.settings, p.path);
  const list: string[] = Array.isArray(value) ? value.map(String) : value ? [String(value)] : [];
  const [text, setText] = useState(list.join(', '));
  const parse = (typed: string) => typed.split(',').map((word) => word.trim()).filter(Boolean);
  useEffect(() => { if (parse(text).join() !== list.join()) setText(list.join(', ')); }, [list.join()]);
  return (
    <Field label={p.label} hint={p.hint} placeholder={p.placeholder} disabled={p.draft.locked} error={errorOf(p)} value={text}
      onInput={(typed) => { setText(typed); p.draft.set(p.path, parse(typed)); }} />
  );
}

// One of a few words; the first is what counts when nothing is said.
export const ChoiceKey = (p: Bound & { options: [string, string][] }) => (
  <Select label={p.label} hint={p.hint} options={p.options} disabled={p.draft.locked}
    value={String(valueAt(p.draft.settings, p.path) ?? '')} onPick={(word) => p.draft.set(p.path, word)} />
);

// True or false; what is the usual is left out of the file.
export const BoolKey = (p: Bound & { usual: boolean }) => (
  <Check disabled={p.draft.locked} checked={(valueAt(p.draft.settings, p.path) ?? p.usual) === true}
    onChange={(on) => p.draft.set(p.path, on === p.usual ? undefined : on)}
    label={<span>{p.label}{p.hint && <span class="small soft"> {p.hint}</span>}</span>} />
);

export function Select(p: { label: string; value: string; options: [string, string][]; onPick: (value: string) => void; hint?: ComponentChildren; disabled?: boolean; bare?: boolean }) {
  const select = (control: object) => (
    <select {...control} value={p.value} disabled={p.disabled} aria-label={p.bare ? p.label : undefined} onChange={(e) => p.onPick((e.target as HTMLSelectElement).value)}>
      {!p.options.some(([value]) => value === p.value) && <option value={p.value}>{p.value}</option>}
      {p.options.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
    </select>
  );
  return p.bare ? select({}) : <Labelled label={p.label} hint={p.hint}>{select}</Labelled>;
}

export function Area(p: {
  label: string; value: string; onInput: (value: string) => void; rows?: number; hint?: ComponentChildren; placeholder?: string; error?: string; disabled?: boolean;
}) {
  return (
    <Labelled label={p.label} hint={p.hint} error={p.error}>{(control) => (
      <textarea {...control} rows={p.rows ?? 2} spellcheck={false} value={p.value} placeholder={p.placeholder} disabled={p.disabled}
        onInput={(e) => p.onInput((e.target as HTMLTextAreaElement).value)} />
    )}</Labelled>
  );
}

export const Switch = (p: { label: ComponentChildren; on: boolean; onChange: (on: boolean) => void; disabled?: boolean }) => (
  <label class="check switch">
    <input type="checkbox" role="switch" checked={p.on} disabled={p.disabled} onChange={(e) => p.onChange((e.target as HTMLInputElement).checked)} />
    {p.label}
  </label>
);

export function Diff(p: { text: string }) {
  if (!p.text) return <p class="soft">No difference.</p>;
  const kind = (line: string) => (line.startsWith('+') ? 'diff-added' : line.startsWith('-') ? 'diff-removed' : undefined);
  return <pre class="diff" tabIndex={0} aria-label="difference">{p.text.split('\n').map((line, i) => <span key={i} class={kind(line)}>{line}{'\n'}</span>)}</pre>;
}

export const Problems = (p: { list: Problem[] }) => (p.list.length === 0 ? null : (
  <Notice kind="bad">
    <ul class="plain">
      {p.list.map((problem, i) => <li key={i}>{problem.message}{problem.text && <code class="block">{problem.text.trim()}</code>}</li>)}
    </ul>
  </Notice>
));

// The bar under a form: says that something is not saved, what is wrong with it, and saves after a look.
export function SaveBar(p: { draft: Draft; kind: Kind; name: string; generation: number; onSaved?: () => void; isNew?: boolean }) {
  const [open, setOpen] = useState(false);
  const { draft } = p;
  const ready = draft.dirty && !draft.problems.length && !draft.refusal && draft.diff !== '';
  useEffect(() => {
    const key = (e: KeyboardEvent) => {
      if (!(e.ctrlKey || e.metaKey) || e.key !== 's') return;
      e.preventDefault();
      if (ready) setOpen(true);
    };
    const leave = (e: BeforeUnloadEvent) => { if (draft.dirty) e.preventDefault(); };
    addEventListener('keydown', key);
    addEventListener('beforeunload', leave);
    return () => { removeEventListener('keydown', key); removeEventListener('beforeunload', leave); };
  }, [ready, draft.dirty]);
  if (!may('editor') || draft.locked || (!draft.dirty && !p.isNew)) return null;
  const save = async () => {
    try {
      await change(p.kind, p.name, draft.settings, p.isNew ? undefined : p.generation);
      note('good', 'Saved, and in force');
      setOpen(false);
      p.onSaved?.();
    } catch (error) {
      note('bad', (error as Error).message);
      setOpen(false);
    }
  };
  return (
    <div class="save-bar" role="region" aria-label="Unsaved changes">
      {draft.refusal && <Notice kind="bad">{draft.refusal}</Notice>}
      <Problems list={draft.problems} />
      <div class="row">
        <span class="grow">{draft.problems.length || draft.refusal ? 'Not right yet.' : 'Not saved yet.'}</span>
        {!p.isNew && <Button onClick={draft.discard}>Discard</Button>}
        <Button kind="main" disabled={!ready} title="Ctrl+S" onClick={() => setOpen(true)}>Review and save</Button>
      </div>
      {open && (
        <Dialog title="This will change in managed.yaml" onClose={() => setOpen(false)}>
          <Diff text={draft.diff} />
          <div class="row"><Button kind="main" onClick={save}>Save and use at once</Button><Button onClick={() => setOpen(false)}>Cancel</Button></div>
        </Dialog>
      )}
    </div>
  );
}
