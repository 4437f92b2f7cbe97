// SPDX-License-Identifier: Apache-2.0
// What the rules make of an event: decisions, parameters with their origin, and the result.
import { useMemo } from 'preact/hooks';
import { Chip, Code } from './basics';
import { readStory, type Decision, type MetaEvent, type Parameter, type Place } from './story';
import './mapping.css';

const Where = (props: { place?: Place }) => (props.place ? <span class="place">{props.place.file}:{props.place.line}</span> : null);

function Decisions(props: { list: Decision[] }) {
  const not = props.list.filter((d) => d.text.endsWith('does not match'));
  const told = props.list.filter((d) => !not.includes(d));
  return (
    <ul class="decisions">
      {told.map((d) => <li key={d.text}>{d.text} <Where place={d.place} /></li>)}
      {not.length > 0 && (
        <li>
          <details>
            <summary>{not.length === 1 ? 'One other action does' : `${not.length} other actions do`} not match</summary>
            <ul class="decisions">{not.map((d) => <li key={d.text}>{d.text} <Where place={d.place} /></li>)}</ul>
          </details>
        </li>
      )}
    </ul>
  );
}

function Origin(props: { of: Parameter }) {
  const { steps } = props.of;
  if (!steps.length) return <span class="soft">as written</span>;
  if (steps.length === 1) return <span class="mono">{steps[0]}</span>;
  return (
    <details>
      <summary class="mono">{steps[0]}</summary>
      <ol class="steps mono">{steps.slice(1).map((step, i) => <li key={i}>{step}</li>)}</ol>
    </details>
  );
}

function Event(props: { of: MetaEvent }) {
  const { of } = props;
  return (
    <>
      <h4>{of.title.replace(/^event/, 'Event')} <Where place={of.place} /></h4>
      <div class="table-wrap" tabIndex={0} role="region" aria-label="Parameters">
        <table class="parameters">
          <thead><tr><th>Parameter</th><th>Value</th><th>Where from</th><th>Rule</th></tr></thead>
          <tbody>
            {of.parameters.map((p) => (
              <tr key={p.name}>
                <td class="mono">{p.name}</td>
                <td class="mono">{p.left ? <span class={p.left === 'fails' ? 'bad-text' : 'soft'}>{p.left}</span> : p.value}</td>
                <td><Origin of={p} /></td>
                <td><Where place={p.place} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {of.withheld.length > 0 && <p class="small">Withheld by <code>pii.only</code>: {of.withheld.join(', ')}</p>}
      {of.absent.length > 0 && <details class="small soft"><summary>The event has nothing for {of.absent.length} more parameters</summary>{of.absent.join(', ')}</details>}
    </>
  );
}

export function Mapping(props: { rules: string }) {
  const story = useMemo(() => readStory(props.rules), [props.rules]);
  return (
    <div class="stack mapping">
      <Decisions list={story.decisions} />
      {story.events.map((event, i) => <Event key={i} of={event} />)}
      {story.verdict && <p><Chip kind={story.verdict.startsWith('send') ? 'good' : 'warn'}>verdict</Chip> {story.verdict}</p>}
      {story.outputs.map((output) => (
        <details key={output.title}>
          <summary>{output.title}, as it is sent</summary>
          <Code text={output.json.trim()} label={output.title} />
        </details>
      ))}
    </div>
  );
}
