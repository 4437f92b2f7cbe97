// SPDX-License-Identifier: Apache-2.0
// Asks Meta whether address, token and pixel are right, and says which of them is not, why, and what to do.
import { useState } from 'preact/hooks';
import { post, type Answer } from '../api';
import { SECRET, type Settings } from '../config';
import { attempt } from '../state';
import { Button, Notice } from '../ui/basics';

type Result = Answer<'/api/v1/verify', 'post'>;

const titles: Record<string, string> = { address: 'Meta answers', token: 'Access token', pixel: 'Pixel' };

export function Checks(props: { checks: Result['checks'] }) {
  return (
    <ul class="checks" aria-label="What was checked">
      {props.checks.map((c) => (
        <li key={c.check}>
          <span class={`mark ${c.ok ? 'good' : 'bad'}`} aria-hidden="true">{c.ok ? '✓' : '✕'}</span>
          <div>
            <b>{titles[c.check] ?? c.check}</b>: {c.message}
            {!c.ok && <p class="small">{[c.cause, c.cure].filter(Boolean).map((text) => text.replace(/\.?$/, '.')).join(' ')}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}

// name: of a destination that exists, whose stored token is used unless another was typed.
export function useVerify() {
  const [result, setResult] = useState<Result | null>(null);
  const run = async (name: string | undefined, settings: Settings) => {
    const typed = (key: string) => {
      const value = settings[key];
      return typeof value === 'string' && value !== SECRET && !/^(file:|\$\{)/.test(value) ? value : undefined;
    };
    setResult(null);
    const answer = await attempt(() => post('/api/v1/verify', {
      destination: name, pixel_id: settings.pixel_id === undefined ? undefined : String(settings.pixel_id),
      access_token: typed('access_token'), api_url: typed('api_url'),
    }));
    if (answer) setResult(answer);
    return answer;
  };
  return { result, run, clear: () => setResult(null) };
}

export function Verify(props: { name?: string; settings: Settings; short?: boolean }) {
  const { result, run } = useVerify();
  return (
    <div class="stack tight" aria-live="polite">
      <div class="row">
        <Button onClick={() => run(props.name, props.settings)} disabled={!props.settings.pixel_id}>Verify with Meta</Button>
        {!props.short && <span class="small soft">Sends no event. After real ones are sent, Meta shows them within some twenty minutes.</span>}
      </div>
      {result && <Checks checks={result.checks} />}
      {result?.ok && <Notice kind="good">Everything that can be checked is right.</Notice>}
    </div>
  );
}
