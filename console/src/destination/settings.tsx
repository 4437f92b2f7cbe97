// SPDX-License-Identifier: Apache-2.0
// Where a destination sends to: pixel, token, test code, which mapping it begins with.
import { useEffect, useState } from 'preact/hooks';
import type { Config } from '../config';
import { testEventsPage } from '../meta';
import { Button, Card, Check, Field, Notice } from '../ui/basics';
import { duration } from '../ui/format';
import { ChoiceKey, SecretKey, Switch, TextKey, type Draft } from '../ui/form';
import { Verify } from './verify';

const HOUR_MS = 3600_000;

// What is left of a test code's life; undefined for one that never ends.
export function useTimeLeft(expires: string | undefined): number | undefined {
  const [now, setNow] = useState(Date.now());
  useEffect(() => { const timer = setInterval(() => setNow(Date.now()), 1000); return () => clearInterval(timer); }, []);
  return expires ? new Date(expires).getTime() - now : undefined;
}
export const clock = (ms: number) => {
  const s = Math.max(0, Math.ceil(ms / 1000));
  return s >= 5400 ? duration(ms) : `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
};
export const inAnHour = () => `${new Date(Date.now() + HOUR_MS).toISOString().slice(0, 19)}Z`;
export interface TestCode { code: string; expires?: string }
export const testCode = (value: unknown): TestCode | undefined =>
  (typeof value === 'string' || typeof value === 'number' ? { code: String(value) } : (value as TestCode | undefined));

function TestMode({ draft }: { draft: Draft }) {
  const now = testCode(draft.settings.test_event_code);
  const left = useTimeLeft(now?.expires);
  const set = (value: TestCode | undefined) => draft.set(['test_event_code'], value);
  return (
    <Card title="Test events">
      <div class="stack tight">
        <p class="soft">With a code, events show up under <a href={testEventsPage.replace('{pixel}', String(draft.settings.pixel_id ?? ''))} target="_blank" rel="noreferrer">Test events</a> at once.
          It is no rehearsal: Meta uses and counts them like all others.</p>
        <Field label="Test event code" placeholder="TEST12345" value={now?.code ?? ''} disabled={draft.locked} error={draft.problem('test_event_code') ?? draft.problem('code')}
          onInput={(code) => set(code.trim() ? { code: code.trim(), expires: now?.expires ?? inAnHour() } : undefined)} />
        {now && (
          <div class="row">
            <Check label="Ends by itself after 60 minutes" checked={now.expires !== undefined} disabled={draft.locked}
              onChange={(on) => set({ code: now.code, ...(on ? { expires: inAnHour() } : {}) })} />
            {left !== undefined && <span class={left > 0 ? 'chip warn' : 'chip'}>{left > 0 ? `${clock(left)} left` : 'has ended'}</span>}
            {left !== undefined && !draft.locked && <Button onClick={() => set({ code: now.code, expires: inAnHour() })}>Another 60 minutes</Button>}
          </div>
        )}
        {now && now.expires === undefined && <Notice kind="warn">Without an end, every event goes out as a test event until somebody remembers.</Notice>}
      </div>
    </Card>
  );
}

function Connection({ draft, name, isNew }: { draft: Draft; name: string; isNew: boolean }) {
  const tokens = draft.settings.access_token;
  return (
    <Card title="Pixel and token">
      <div class="stack tight">
        <div class="two">
          <TextKey draft={draft} path={['pixel_id']} label="Pixel ID" placeholder="123456789012345" hint="Events Manager calls it dataset ID; 15 or 16 digits." />
          {Array.isArray(tokens)
            ? <p class="small soft">{tokens.length} tokens, the first that Meta takes is used. They are changed in the file.</p>
            : <SecretKey draft={draft} path={['access_token']} label="Conversions API access token" hint="Events Manager, Settings, Conversions API, Generate access token." />}
        </div>
        <details>
          <summary>App secret, API address</summary>
          <div class="two">
            <SecretKey draft={draft} path={['app_secret']} label="App secret" hint="Only if your app requires a proof with each call." />
            <TextKey draft={draft} path={['api_url']} label="API address" placeholder="https://graph.facebook.com/v26.0" hint="The sandbox or a test server instead of Meta." />
          </div>
        </details>
        {!draft.locked && <Verify name={isNew ? undefined : name} settings={draft.settings} />}
      </div>
    </Card>
  );
}

const presetWords: Record<string, string> = {
  standard: 'Shop events by the Segment specification, what most sites need', rudderstack: 'As RudderStack’s cloud mode page says',
  segment: 'As Segment’s Conversions API actions', customerio: 'As Customer.io’s destination', amplitude: 'As Amplitude’s event streaming: what you pick and nothing else',
  clickstream: 'As Astronomer Clickstream', pixel: 'What the browser pixel sends', meta: 'Events that are in Meta’s own shape already', none: 'Nothing: your own rules only',
};

export function SettingsTab(props: { draft: Draft; name: string; isNew: boolean; config: Config }) {
  const { draft, config } = props;
  const from = config.sources.filter((s) => !s.settings.destinations || [s.settings.destinations].flat().includes(props.name));
  return (
    <div class="stack">
      <Connection draft={draft} name={props.name} isNew={props.isNew} />
      <Card title="What it does">
        <div class="stack tight">
          <Switch label="Send events" on={draft.settings.enabled !== false} disabled={draft.locked} onChange={(on) => draft.set(['enabled'], on ? undefined : false)} />
          {draft.settings.enabled === false && (
            <ChoiceKey draft={draft} path={['when_disabled']} label="Meanwhile, its events are" options={[['', 'kept, and sent when it is switched on'], ['drop', 'dropped']]} />
          )}
          <ChoiceKey draft={draft} path={['preset']} label="Begin with the mapping" hint="What you set on the other tabs is laid over it."
            options={[['', `standard: ${presetWords.standard}`], ...[...config.presets.filter((p) => p !== 'standard'), 'none'].map((p): [string, string] => [p, `${p}: ${presetWords[p] ?? ''}`])]} />
          <div>
            <b>Sources</b>
            <p class="soft">{from.length ? from.map((s, i) => <>{i > 0 && ', '}<a href={`/sources?edit=${encodeURIComponent(s.name)}`}>{s.name}</a></>) : 'None sends here yet.'}</p>
          </div>
        </div>
      </Card>
      <TestMode draft={draft} />
    </div>
  );
}
