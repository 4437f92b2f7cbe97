// SPDX-License-Identifier: Apache-2.0
// What a preset says, to show beside what is laid over it.
import { get } from '../api';
import type { Settings } from '../config';
import { useLoad } from '../state';

export const presetName = (settings: Settings): string => String(settings.preset || 'standard');

export function usePreset(settings: Settings): Settings {
  const name = presetName(settings);
  const loaded = useLoad(async () => (name === 'none' ? {} : get('/api/v1/config/presets/{name}', { name }) as Promise<Settings>), [name]);
  return loaded.data ?? {};
}
