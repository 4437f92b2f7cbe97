// SPDX-License-Identifier: Apache-2.0
// Dead letters as the pages need them: groups of one kind of trouble, and the letters of one group.
import { get, type Schema } from './api';

export type Letter = Schema<'Letter'>;
export type Group = Schema<'LetterGroup'>;

const PAGE = 1000;
const LISTED = 5000; // letters of a group that are listed; exports have more

export const groupKey = (group: Group) => [group.reason, group.code, group.subcode].join('/');
const isOf = (group: Group) => (letter: Letter) => letter.reason === group.reason && (letter.code ?? 0) === group.code && (letter.subcode ?? 0) === group.subcode;

const min = (a: string | null, b: string | null) => (!a || (b && b < a) ? b : a);
const max = (a: string | null, b: string | null) => (!a || (b && b > a) ? b : a);

// listGroups gathers the groups, the largest first; the server looks through a stretch of letters at a time.
export async function listGroups(destination: string): Promise<Group[]> {
  const groups = new Map<string, Group>();
  let from: number | undefined = 0;
  while (from !== undefined && destination) {
    const page: { groups: Group[]; next?: number } = await get('/api/v1/dead/groups', { destination, from });
    for (const group of page.groups) {
      const had = groups.get(groupKey(group));
      groups.set(groupKey(group), had ? { ...had, count: had.count + group.count, bytes: had.bytes + group.bytes, first: min(had.first, group.first), last: max(had.last, group.last) } : group);
    }
    from = page.next;
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

// eachPage reads the letters of a group, a page at a time, until take says that it has enough.
export async function eachPage(group: Group, events: boolean, take: (letters: Letter[]) => boolean): Promise<void> {
  let from: number | undefined = 0;
  while (from !== undefined) {
    const page: { dead: Letter[]; next?: number } = await get('/api/v1/dead', { destination: group.destination, reason: group.reason, from, limit: PAGE, events: events || undefined });
    from = take(page.dead.filter(isOf(group))) ? page.next : undefined;
  }
}

export async function listLetters(group: Group): Promise<Letter[]> {
  const letters: Letter[] = [];
  await eachPage(group, false, (page) => letters.push(...page) < LISTED);
  return letters;
}

// selectionOf chooses a group's letters for what is done to them.
export const selectionOf = (group: Group, letters: Letter[]) => ({ destination: group.destination, seqs: letters.map((letter) => letter.seq) });
