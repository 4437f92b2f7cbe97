// SPDX-License-Identifier: Apache-2.0
// pixel.js as pages load it. Everything it must know is in its own address: events go to the same place
// without .js; ?k=KEY is the source, ?meta=1 runs Meta's script beside it.
import { load, start } from './start';
import type { Heard, Options } from './types';

const DEBUG = 'pixeld_debug';

function debugging(): boolean {
  try {
    const asked = RegExp(`[?&]${DEBUG}=([01])`).exec(location.search);
    if (asked) sessionStorage.setItem(DEBUG, asked[1]!);
    return sessionStorage.getItem(DEBUG) === '1';
  } catch {
    return false;
  }
}

const me = document.currentScript as HTMLScriptElement | null;
const found = /^([^?#]*?)(?:\.[0-9a-f]{16})?\.js(?:\?(.*))?$/.exec(me?.src ?? '');
if (found) {
  const query = new URLSearchParams(found[2]);
  const options: Options = {
    url: found[1]!, key: query.get('k') ?? undefined, both: query.get('meta') === '1',
  };
  if (debugging()) {
    const log: Heard[] = (window.pixeldDebug = []);
    options.note = (...heard) => log.push(heard);
    load(`${options.url}.debug.js`);
  }
  start(options);
}
