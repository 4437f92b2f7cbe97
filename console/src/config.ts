// SPDX-License-Identifier: Apache-2.0
// The configuration as the console changes it: one source or destination at a time, tried by the server before
// it is written. Settings are the keys of the configuration file, as JSON; secrets are "***".
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, put, remove, type Schema } from './api';
import { useLoad, type Loaded } from './state';

export type Settings = Record<string, any>;
export type Kind = 'sources' | 'destinations';
export type Item = Omit<Schema<'Configured'>, 'settings'> & { settings: Settings };
export type Config = Omit<Schema<'Config'>, Kind> & Record<Kind, Item[]>;
export const SECRET = '***';

// Counts the changes made here, so that every page that shows the configuration asks again.
const changes = signal(0);
export const config = signal<Config | undefined>(undefined);

export function useConfig(): Loaded<Config> {
  const loaded = useLoad(() => get('/api/v1/config') as unknown as Promise<Config>, [changes.value]);
  useEffect(() => { if (loaded.data) config.value = loaded.data; }, [loaded.data]);
  return loaded;
}

const paths = { sources: '/api/v1/config/sources/{name}', destinations: '/api/v1/config/destinations/{name}' } as const;

// tryChange says what would change; ApiError.problems when it would not be right.
export const tryChange = (kind: Kind, name: string, settings: Settings) =>
  put(paths[kind], settings as never, { name, dry: true });
// change writes it. generation: of the configuration that it was made from; another one is refused.
export async function change(kind: Kind, name: string, settings: Settings, generation?: number) {
  const answer = await put(paths[kind], settings as never, { name, generation });
  changes.value++;
  return answer;
}
export async function removeItem(kind: Kind, name: string) {
  const answer = await remove(paths[kind], { name });
  changes.value++;
  return answer;
}
export const configChanged = () => { changes.value++; };

// A key without a value is no key: the file stays short, and the preset's value counts.
const isNothing = (value: unknown) => value === undefined || value === ''
  || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

export function valueAt(settings: Settings, path: string[]): any {
  return path.reduce<any>((value, key) => value?.[key], settings);
}
export function withValue(settings: Settings, path: string[], value: unknown): Settings {
  const [key, ...rest] = path as [string, ...string[]];
  const next = { ...settings };
  const inner = next[key];
  const object = inner && typeof inner === 'object' && !Array.isArray(inner) ? inner : {};
  next[key] = rest.length ? withValue(object, rest, value) : value;
  if (isNothing(next[key])) delete next[key];
  return next;
}

export function newKey(): string {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const isSandbox = (settings: Settings) => /^http:\/\/(127\.|localhost|\[::1\])/.test(String(settings.api_url ?? ''));

// What stands in while nobody has written a configuration: a source with a key, and the sandbox.
export const standsIn = (item: Item) => item.file.startsWith('(');
export const realDestinations = (config: Config): Item[] => config.destinations.filter((d) => !standsIn(d));
