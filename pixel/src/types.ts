// SPDX-License-Identifier: Apache-2.0
// The words that the files of the pixel share.

export type Data = Record<string, unknown>;

/** Where events go and how. `url` is the script's address without `.js`: events are posted to it. */
export interface Options {
  url: string;
  /** The source's write key; not needed where the path says whose events they are. */
  key?: string | undefined;
  /** Hand every call, with its event id, to Meta's own script too. */
  both?: boolean | undefined;
  /** Hears what happens: the debug overlay's ear. */
  note?: Note | undefined;
}

/** What a page may say about automatic PageViews, as properties of fbq. */
export interface Rules {
  /** No PageView when the address changes without a load. */
  disablePushState?: boolean | undefined;
  /** PageView again although the address is the same. */
  allowDuplicatePageViews?: boolean | undefined;
}

/** fbq as pages call it: Meta's own stub, or one that `start` made. */
export interface Fbq extends Rules {
  (...args: unknown[]): void;
  callMethod?: (...args: unknown[]) => void;
  queue: ArrayLike<unknown>[];
  push?: unknown;
  loaded?: boolean;
  version?: string;
}

/** An event as it travels: the keys of Meta's own requests to /tr, cd and ud as objects. */
export interface PixelEvent {
  id: string;
  ev: string;
  eid: string;
  ts: number;
  dl: string;
  rl: string;
  fbp?: string;
  fbc?: string;
  cd?: Data;
  ud?: Data;
  [key: string]: unknown;
}

/** call: a call of the page's; event: what came of it; sent, refused, failed: of a request, [events, why];
 * unknown: a pixel that was never named. */
export type Heard = [what: 'call' | 'event' | 'sent' | 'refused' | 'failed' | 'unknown', about: unknown];
export type Note = (...heard: Heard) => void;

declare global {
  interface Window {
    fbq?: Fbq;
    _fbq?: Fbq;
    /** What happened before the debug overlay was there, in the order it did; then its own ear. */
    pixeldDebug?: Heard[];
  }
}
