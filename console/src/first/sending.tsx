// SPDX-License-Identifier: Apache-2.0
// The third step: what sends, the lines to paste, and a tick when the first real event is there.
import { useState } from 'preact/hooks';
import { change, newKey, type Config } from '../config';
import { protocolOf, protocols } from '../source/form';
import { Snippets } from '../source/snippets';
import { attempt } from '../state';
import { Card, Field } from '../ui/basics';
import { useLatest } from './see';

const isDemo = (id: string) => id.startsWith('demo-');

function Arrived({ source }: { source: string }) {
  const real = useLatest(source).find((row) => !isDemo(row.message_id));
  return (
    <p class="row" role="status">
      <span class={`mark ${real ? 'good' : ''}`} aria-hidden="true">{real ? '✓' : '…'}</span>
      {real ? <span>The first event is here: <a href={`/explain/${real.seq}`}>{real.event || real.type}</a>.</span> : 'Waiting for the first event from it. This page notices by itself.'}
    </p>
  );
}

export function SendingStep({ config }: { config: Config }) {
  const [protocol, pick] = useState(config.sources[0] ? protocolOf(config.sources[0].settings) : 'segment');
  const [name, setName] = useState('');
  const source = config.sources.find((s) => protocolOf(s.settings) === protocol);
  const wanted = name || `shop-${protocol}`;
  return (
    <div class="stack">
      <fieldset>
        <legend>What sends your events?</legend>
        <div class="choices">
          {protocols.map(([word, text]) => (
            <label key={word} class="choice"><input type="radio" name="protocol" checked={protocol === word} onChange={() => { pick(word); setName(''); }} />{text}</label>
          ))}
        </div>
      </fieldset>
      {source ? (
        <Card title={`Paste this (source ${source.name})`}>
          <div class="stack tight"><Snippets source={source.name} protocol={protocol} /><Arrived source={source.name} /></div>
        </Card>
      ) : (
        <form class="row" onSubmit={(e) => {
          e.preventDefault();
          void attempt(() => change('sources', wanted, { ...(protocol === 'segment' ? {} : { protocol }), write_key: newKey() }), 'Made');
        }}>
          <Field label="Name of the source" value={wanted} onInput={setName} required />
          <button class="main" type="submit">Make it</button>
        </form>
      )}
    </div>
  );
}
