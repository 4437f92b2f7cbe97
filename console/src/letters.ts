// SPDX-License-Identifier: Apache-2.0
// Dead letters as the pages need them: read in pages, grouped by what is wrong with them.
import { get, post, type Schema } from './api';

export type Letter = Schema<'Letter'>;

export interface Group { key: string; reason: string; path: string; code: number; subcode: number; what: string; letters: Letter[]; first: number; last: number }

const PAGE = 1000;
const LISTED = 5000; // letters that are listed and grouped; exports have all

export interface List { letters: Letter[]; more: boolean }

// eachPage reads all letters of a destination, a page at a time, until take says enough.
export async function eachPage(destination: string, events: boolean, take: (letters: Letter[]) => boolean): Promise<boolean> {
  let from: number | undefined = 0;
  while (from !== undefined) {
    const page: { dead: Letter[]; next?: number } = await get('/api/v1/dead', { destination, from, limit: PAGE, events: events || undefined });
    from = page.next;
    if (!take(page.dead)) return from !== undefined;
  }
  return false;
}

export async function listLetters(destination: string): Promise<List> {
  const letters: Letter[] = [];
  const more = await eachPage(destination, false, (page) => letters.push(...page) < LISTED);
  return { letters, more };
}

// What differs from letter to letter of the same trouble: numbers, and what stands in quotes.
const shapeOf = (text: string) => text.replace(/"[^"]*"|\d+/g, '…');

export function groupLetters(letters: Letter[]): Group[] {
  const groups = new Map<string, Group>();
  for (const letter of letters) {
    const what = letter.meta_text || letter.message;
    const key = [letter.reason, letter.path, letter.code ?? 0, letter.subcode ?? 0, shapeOf(what)].join('|');
    const group = groups.get(key);
    if (group) {
      group.letters.push(letter);
      group.first = Math.min(group.first, letter.died_ms);
      group.last = Math.max(group.last, letter.died_ms);
    } else {
      groups.set(key, { key, reason: letter.reason, path: letter.path, code: letter.code ?? 0, subcode: letter.subcode ?? 0, what, letters: [letter], first: letter.died_ms, last: letter.died_ms });
    }
  }
  return [...groups.values()].sort((a, b) => b.letters.length - a.letters.length);
}

export interface DryRun { tried: number; send: number; filtered: number; gone: number; dead: Map<string, number> }

const TRIED = 200;
const AT_ONCE = 4;

// dryRun maps letters by the rules in force, without sending anything.
export async function dryRun(destination: string, letters: Letter[], progress: (done: number, all: number) => void): Promise<DryRun> {
  const waiting = letters.slice(0, TRIED);
  const all = waiting.length;
  const result: DryRun = { tried: all, send: 0, filtered: 0, gone: 0, dead: new Map() };
  const one = async (letter: Letter) => {
    const tried = await post('/api/v1/try', { destination, id: String(letter.seq) }).catch(() => null);
    if (!tried) result.gone++;
    else if (tried.verdict === 'send') result.send++;
    else if (tried.verdict === 'dead') result.dead.set(tried.reason ?? '', (result.dead.get(tried.reason ?? '') ?? 0) + 1);
    else result.filtered++;
    progress(all - waiting.length, all);
  };
  const worker = async () => { for (let next = waiting.shift(); next; next = waiting.shift()) await one(next); };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return result;
}
