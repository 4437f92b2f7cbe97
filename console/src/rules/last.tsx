// SPDX-License-Identifier: Apache-2.0
// The rules as they stand here against the ones in force, on the last events.
import { useState } from 'preact/hooks';
import { post, type Answer } from '../api';
import type { Settings } from '../config';
import { attempt } from '../state';
import { Button, Card } from '../ui/basics';
import { JsonDiff } from '../ui/diff';
import { count } from '../ui/format';

type Last = Answer<'/api/v1/try/last', 'post'>;
const EVENTS = 1000;
const words: [keyof Omit<Last, 'samples'>, string][] = [['same', 'the same'], ['changed', 'sent otherwise'], ['newly_sent', 'newly sent'], ['newly_filtered', 'no longer sent'], ['newly_dead', 'newly dead']];

export function LastEvents(props: { settings: Settings; destination: string }) {
  const [last, setLast] = useState<Last | undefined>();
  const run = async () => setLast(await attempt(() => post('/api/v1/try/last', { destination: props.settings, compare: props.destination, count: EVENTS })));
  return (
    <Card title="On what really came in" actions={<Button onClick={run}>Run on the last {count(EVENTS)} events</Button>}>
      {!last ? <p class="soft">Compares these rules with the ones in force. Nothing is sent.</p> : (
        <div class="stack tight" aria-live="polite">
          <div class="flow">
            {words.map(([key, word]) => <div key={key} class="box"><span class={`chip ${key === 'newly_dead' && last[key] ? 'bad' : key === 'newly_sent' && last[key] ? 'good' : ''}`}>{word}</span><b>{count(last[key])}</b></div>)}
          </div>
          <p class="soft">of {count(last.total)} events looked at{last.total === last.same ? ': these rules change nothing for them.' : '.'}</p>
          {last.samples.map((sample) => (
            <details key={sample.seq}>
              <summary>Event <a href={`/explain/${sample.seq}`}>{sample.seq}</a>: before and after</summary>
              <JsonDiff before={sample.before} after={sample.after} label={`difference of event ${sample.seq}`} />
            </details>
          ))}
        </div>
      )}
    </Card>
  );
}
