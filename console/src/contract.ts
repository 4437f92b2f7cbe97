// SPDX-License-Identifier: Apache-2.0
// Operations that a server may not have, typed by hand: asked for only if its description lists them. A page
// shows nothing in the place of what is not there.
import { call, get } from './api';

export interface SeenName { source: string; event: string; count: number; first: string | null; last: string | null; meta_event?: string }
export interface Quality { events: { event: string; destination: string; count: number; keys: Record<string, number> }[] }
export interface Alert { since: string; kind: string; severity: string; destination?: string; message: string; cure: string }

let described: Promise<{ paths: object }> | undefined;
async function optional<T>(path: string): Promise<T | undefined> {
  described ??= get('/api/v1/openapi.json') as Promise<unknown> as Promise<{ paths: object }>;
  const { paths } = await described.catch(() => { described = undefined; return { paths: {} }; });
  return path in paths ? await call('GET', path, {}) as T : undefined;
}
export const quality = () => optional<Quality>('/api/v1/quality');
export const alerts = () => optional<{ alerts: Alert[] }>('/api/v1/alerts');

// Until the names are counted on the server: those of the last events.
export async function names(): Promise<{ names: SeenName[] }> {
  const counted = await optional<{ names: SeenName[] }>('/api/v1/names');
  if (counted) return counted;
  const seen = new Map<string, SeenName>();
  for (const row of (await get('/api/v1/events', { limit: 500 })).events) {
    const event = row.event || row.type;
    const key = `${row.source}\n${event}`;
    const one = seen.get(key) ?? { source: row.source, event, count: 0, first: null, last: row.time };
    seen.set(key, { ...one, count: one.count + 1 });
  }
  return { names: [...seen.values()] };
}
