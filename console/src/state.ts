// SPDX-License-Identifier: Apache-2.0
// What all pages share: who is signed in, how pixeld is (asked for every two seconds while the page is
// looked at), and notes to the user.
import { effect, signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, get, type Schema } from './api';

export const me = signal<Schema<'Me'> | null>(null);
export const status = signal<Schema<'Status'> | null>(null);
export const lost = signal<string | null>(null); // why there is no connection

const ranks = ['anyone', 'viewer', 'editor', 'admin'];
export const may = (role: string) => ranks.indexOf(me.value?.role ?? 'anyone') >= ranks.indexOf(role);

export async function loadMe(): Promise<void> {
  try {
    me.value = await get('/api/v1/me');
    lost.value = null;
  } catch (error) {
    lost.value = (error as Error).message;
  }
}

const STATUS_MS = 2000;

async function loadStatus(): Promise<void> {
  if (document.hidden || !may('viewer')) return;
  try {
    status.value = await get('/api/v1/status');
    lost.value = null;
  } catch (error) {
    lost.value = (error as Error).message;
    if (error instanceof ApiError && error.status === 401) await loadMe();
  }
}

export function startStatus(): void {
  effect(() => { if (me.value && may('viewer')) void loadStatus(); });
  setInterval(() => void (me.value ? loadStatus() : loadMe()), STATUS_MS);
  document.addEventListener('visibilitychange', () => void loadStatus());
}

// Notes: short messages at the foot of the page, read out by screen readers.
export interface Note { id: number; kind: 'good' | 'bad'; text: string }
export const notes = signal<Note[]>([]);
let nextNote = 1;
export function note(kind: Note['kind'], text: string): void {
  const id = nextNote++;
  notes.value = [...notes.value.slice(-3), { id, kind, text }];
  setTimeout(() => { notes.value = notes.value.filter((n) => n.id !== id); }, kind === 'good' ? 4000 : 12000);
}
// attempt runs what a button does and tells when it failed; undefined then.
export async function attempt<T>(work: () => Promise<T>, done?: string): Promise<T | undefined> {
  try {
    const result = await work();
    if (done) note('good', done);
    return result;
  } catch (error) {
    note('bad', (error as Error).message);
    return undefined;
  }
}

// useLoad asks once, and again whenever a key changes or every periodMs; the last answer stays while it asks.
export interface Loaded<T> { data?: T; error?: string; reload: () => void }
export function useLoad<T>(load: () => Promise<T>, keys: unknown[], periodMs = 0): Loaded<T> {
  const [state, setState] = useState<{ data?: T; error?: string }>({});
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let alive = true;
    const ask = () => {
      if (document.hidden && periodMs) return;
      load().then(
        (data) => { if (alive) setState({ data }); },
        (error: Error) => { if (alive) setState((before) => ({ ...before, error: error.message })); },
      );
    };
    ask();
    const timer = periodMs ? setInterval(ask, periodMs) : 0;
    return () => { alive = false; if (timer) clearInterval(timer); };
  }, [...keys, turn]);
  return { ...state, reload: () => setTurn(turn + 1) };
}
