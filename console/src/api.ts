// SPDX-License-Identifier: Apache-2.0
// The REST API, typed by its own description (api-types.ts is made from openapi.json). A refusal is thrown
// as ApiError with the server's sentence, which is written for people.
import type { paths, components } from './api-types';

export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Operation<Path extends keyof paths, Method extends string> = Method extends keyof paths[Path] ? paths[Path][Method] : never;
export type Answer<Path extends keyof paths, Method extends string> =
  Operation<Path, Method> extends { responses: { 200: infer Response } } ? Json<Response> : never;
type Body<Path extends keyof paths, Method extends string> =
  Operation<Path, Method> extends { requestBody: infer Request } ? Json<Request> : undefined;

export interface Problem {
  file: string;
  line: number;
  col: number;
  message: string;
  text?: string;
  suggestion?: string;
}

export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly problems: Problem[] = []) {
    super(message);
  }
}

// Names in a path ({destination}) and the query come from one object; what is no part of the path is query.
export type Params = Record<string, string | number | boolean | undefined>;

function address(path: string, params: Params): string {
  const rest = new URLSearchParams();
  let url = path;
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === '') continue;
    const slot = `{${name}}`;
    if (url.includes(slot)) url = url.replace(slot, encodeURIComponent(value));
    else rest.set(name, String(value));
  }
  const query = rest.toString();
  return query ? `${url}?${query}` : url;
}

export async function call(method: string, path: string, params: Params, body?: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(address(path, params), {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, 'no_answer', 'pixeld does not answer. Is it running? This page tries again by itself.');
  }
  const text = await response.text();
  let json: any = {};
  try {
    json = text ? JSON.parse(text) : {};
  } catch {
    throw new ApiError(response.status, 'no_json', `pixeld answered ${response.status} with something that is not JSON`);
  }
  if (!response.ok) {
    const error = json.error ?? {};
    throw new ApiError(response.status, error.code ?? 'error', error.message ?? `pixeld answered ${response.status}`, json.problems);
  }
  return json;
}

export const get = <P extends keyof paths>(path: P, params: Params = {}) => call('GET', path, params) as Promise<Answer<P, 'get'>>;
export const post = <P extends keyof paths>(path: P, body?: Body<P, 'post'>, params: Params = {}) =>
  call('POST', path, params, body) as Promise<Answer<P, 'post'>>;
export const put = <P extends keyof paths>(path: P, body: Body<P, 'put'>, params: Params = {}) =>
  call('PUT', path, params, body) as Promise<Answer<P, 'put'>>;
export const remove = <P extends keyof paths>(path: P, params: Params = {}) =>
  call('DELETE', path, params) as Promise<Answer<P, 'delete'>>;

export interface Watch { data: (value: any, kind: string) => void; state: (connected: boolean) => void }

const AGAIN_MS = 3000;

// stream reads server-sent events until the returned function is called. An answer is one stretch of the
// stream and its end no loss: the browser asks again by itself, with the id of the last message. Two failures
// in a row are a loss; after a refusal the browser gives up, and we do not.
export function stream(path: string, params: Params, on: Watch, kinds: string[] = []): () => void {
  let source: EventSource;
  let failures = 0;
  let last = params.after;
  let timer = 0;
  const take = (kind: string) => (event: MessageEvent) => {
    last = event.lastEventId || last;
    on.data(JSON.parse(event.data), kind);
  };
  const open = () => {
    source = new EventSource(address(path, { ...params, after: last }));
    source.onopen = () => { failures = 0; on.state(true); };
    source.onerror = () => {
      const refused = source.readyState === EventSource.CLOSED;
      if (++failures > 1 || refused) on.state(false);
      if (refused) timer = window.setTimeout(open, AGAIN_MS);
    };
    source.onmessage = take('message');
    for (const kind of kinds) source.addEventListener(kind, take(kind) as EventListener);
  };
  open();
  return () => { clearTimeout(timer); source.close(); };
}
