// SPDX-License-Identifier: Apache-2.0
// The right of the rules editor: what Meta would get, found out again after each change.
import { useEffect, useState } from 'preact/hooks';
import { ApiError, post, type Problem, type Schema } from '../api';
import type { Settings } from '../config';
import { Card, Chip, Empty, Notice } from '../ui/basics';
import { Problems } from '../ui/form';
import { Json } from '../ui/format';
import { Mapping } from '../ui/mapping';
import type { Sample } from './sample';

type Tried = Schema<'Tried'>;
export interface Trial { tried?: Tried; problems: Problem[]; refusal: string }
const TYPING_MS = 120;

export function useTrial(settings: Settings, sample: Sample): Trial {
  const [trial, setTrial] = useState<Trial>({ problems: [], refusal: '' });
  const text = JSON.stringify(settings);
  useEffect(() => {
    if (sample.seq === null && !sample.text) return undefined;
    let alive = true;
    const timer = setTimeout(async () => {
      try {
        const what = sample.text ? { event: JSON.parse(sample.text), source: sample.source || undefined } : { id: String(sample.seq) };
        const tried = await post('/api/v1/try', { destination: settings, ...what });
        if (alive) setTrial({ tried, problems: [], refusal: '' });
      } catch (error) {
        const problems = error instanceof ApiError ? error.problems : [];
        if (alive && !(error instanceof SyntaxError)) setTrial((now) => ({ ...now, problems, refusal: problems.length ? '' : (error as Error).message }));
      }
    }, TYPING_MS);
    return () => { alive = false; clearTimeout(timer); };
  }, [text, sample.source, sample.seq, sample.text]);
  return trial;
}

const verdicts: Record<string, [string, string]> = { send: ['good', 'would be sent'], filtered: ['', 'would not be sent'], held: ['held', 'would wait'], dead: ['dead', 'would be dead'] };

export function ResultPane({ trial }: { trial: Trial }) {
  const { tried } = trial;
  const [kind, words] = (tried && verdicts[tried.verdict]) ?? ['', tried?.verdict ?? ''];
  const sent = (tried?.result as { send?: { pixel_id: string; event: unknown }[] } | undefined)?.send ?? [];
  return (
    <Card title="3. What Meta gets" actions={tried && <Chip kind={kind}>{words}</Chip>}>
      <div class="stack tight" aria-live="polite">
        {trial.refusal && <Notice kind="bad">{trial.refusal}</Notice>}
        <Problems list={trial.problems} />
        {!tried && !trial.problems.length && !trial.refusal && <Empty title="Nothing tried yet">Pick an event on the left.</Empty>}
        {tried && (
          <div class={trial.problems.length ? 'stale' : undefined}>
            {tried.verdict !== 'send' && <Notice kind={tried.verdict === 'dead' ? 'bad' : undefined}>{tried.message || tried.reason}{tried.path && <> (<code>{tried.path}</code>)</>}</Notice>}
            {sent.map((one, i) => <div key={i}><p class="small soft">to pixel {one.pixel_id}</p><Json value={one.event} /></div>)}
            <details><summary>Why: every rule that had a say</summary><Mapping rules={tried.rules} /></details>
          </div>
        )}
      </div>
    </Card>
  );
}
