// SPDX-License-Identifier: Apache-2.0
// The browser's two names for Meta, in the cookies that Meta's own script reads and writes as well:
// _fbp (who) and _fbc (which click), "fb.LEVEL.MILLISECONDS.TEXT". They are written here, so that the
// first event has them already, and once more by the server's answers, because browsers keep the
// server's for longer. What another writer put there stays byte for byte, also with five pieces.
// https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc

const DAYS_90 = 7776000;
const VALID = /^fb\.\d+\.\d+\.[^;\s]+$/;
/** Meta's own client takes no longer click id. */
const CLICK_LENGTH = 500;

export function random(): string {
  const numbers = crypto.getRandomValues(new Uint32Array(2));
  return `${numbers[0]! % 1e9}${String(numbers[1]! % 1e9).padStart(9, '0')}`;
}

function read(name: string): string {
  const found = RegExp(`(?:^|; )${name}=([^;]*)`).exec(document.cookie);
  return found && VALID.test(found[1]!) ? found[1]! : '';
}

function put(name: string, value: string, domain: string, seconds: number): void {
  document.cookie = `${name}=${value};path=/;max-age=${seconds};samesite=lax${domain && `;domain=${domain}`}${
    location.protocol === 'https:' ? ';secure' : ''
  }`;
}

/** The domains a cookie may be for, widest first, each with Meta's number for its level. */
function domains(): [string, number][] {
  const host = location.hostname;
  const labels = host.split('.');
  if (labels.length < 2 || /^[\d.]+$|:/.test(host)) return [['', 0]];
  return labels.map((_, i): [string, number] => [labels.slice(labels.length - 1 - i).join('.'), i]).slice(1);
}

/** Writes NAME=fb.LEVEL.MILLISECONDS.TEXT at the widest level that the browser takes; '' if none. */
function write(name: string, text: string): string {
  for (const [domain, level] of domains()) {
    const value = `fb.${level}.${Date.now()}.${text}`;
    put(name, value, domain, DAYS_90);
    if (read(name) === value) return value;
  }
  return '';
}

/** What this page knows even when the browser keeps no cookies. */
let click = '';

/** Notes the click id of an address: the newest counts, the same one keeps the time of its first sight. */
export function seen(address: string): void {
  const found = /[?&]fbclid=([^&#]+)/.exec(address);
  if (!found || found[1]!.length > CLICK_LENGTH) return;
  click = found[1]!;
}

let fbcHere = '';

function fbc(): string {
  const kept = read('_fbc') || fbcHere;
  if (!click || `${kept}.`.includes(`.${click}.`)) return kept;
  fbcHere = write('_fbc', click) || `fb.1.${Date.now()}.${click}`;
  return fbcHere;
}

/** The two names as an event carries them. Only with consent: it writes the cookies. */
export function names(): { fbp?: string; fbc?: string } {
  const fbp = read('_fbp') || write('_fbp', random());
  const clicked = fbc();
  return { ...(fbp && { fbp }), ...(clicked && { fbc: clicked }) };
}

export function forget(): void {
  fbcHere = '';
  for (const name of ['_fbp', '_fbc']) {
    put(name, '', '', 0);
    for (const [domain] of domains()) put(name, '', domain, 0);
  }
}
