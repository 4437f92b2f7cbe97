// SPDX-License-Identifier: Apache-2.0
// Which events are sent, and as what: a filter, and a row for each event name, with a pixel of its own if wanted.
import { useState } from 'preact/hooks';
import { get, type Schema } from '../api';
import { standardEvents } from '../meta';
import { useLoad } from '../state';
import { Card, Empty } from '../ui/basics';
import { count } from '../ui/format';
import { AreaKey, Select, type Draft } from '../ui/form';

type Rule = string | { send: string; pixel_id?: string };
const sendOf = (rule: Rule | undefined) => (rule === undefined ? '' : typeof rule === 'string' ? rule : rule.send);
const pixelOf = (rule: Rule | undefined) => (rule && typeof rule === 'object' ? String(rule.pixel_id ?? '') : '');

const OTHER = 'a name of your own…';
const choices: [string, string][] = [['', 'as the preset says'], ['drop', 'not sent'], ...standardEvents.map((e): [string, string] => [e, e]), [OTHER, OTHER]];

function Row(props: { name: string; rule?: Rule; seen?: number; now?: Schema<'EventName'>; locked: boolean; problem?: string; onChange: (rule: Rule | undefined) => void }) {
  const send = sendOf(props.rule);
  const pixel = pixelOf(props.rule);
  const suggestion = !props.rule && props.now?.suggestion !== props.now?.meta_event ? props.now?.suggestion : '';
  const own = send !== '' && send !== 'drop' && !standardEvents.includes(send);
  const [writing, setWriting] = useState(own);
  const put = (event: string, to: string) => props.onChange(event === '' ? undefined : event !== 'drop' && to ? { send: event, pixel_id: to } : event);
  return (
    <tr>
      <td>
        {props.name}
        {props.seen === undefined ? null : <span class="small soft"> · {count(props.seen)} seen</span>}
        {props.problem && <span class="hint wrong" role="alert">{props.problem}</span>}
      </td>
      <td>
        <div class="row">
          <Select bare label={`${props.name} is sent as`} disabled={props.locked} value={writing ? OTHER : send} options={choices}
            onPick={(word) => { setWriting(word === OTHER); if (word !== OTHER) put(word, pixel); }} />
          {writing && <input aria-label={`Own name for ${props.name}`} value={own ? send : ''} disabled={props.locked} onInput={(e) => put((e.target as HTMLInputElement).value, pixel)} />}
          {!props.rule && props.now && props.now.meta_event && <span class="small soft">{props.now.meta_event}</span>}
          {suggestion && !props.locked && <button type="button" class="small" onClick={() => put(suggestion, '')}>Use {suggestion}</button>}
        </div>
      </td>
      <td>
        <input class="mono" aria-label={`Conversion pixel for ${props.name}`} placeholder="none" inputMode="numeric" value={pixel} size={16}
          disabled={props.locked || send === '' || send === 'drop'} onInput={(e) => put(send, (e.target as HTMLInputElement).value.trim())} />
      </td>
    </tr>
  );
}

export function EventsTab({ draft, destination }: { draft: Draft; destination: string }) {
  const seen = useLoad(() => get('/api/v1/names'), [], 10000);
  const [adding, setAdding] = useState('');
  const [more, setMore] = useState<string[]>([]);
  const rules: Record<string, Rule> = draft.settings.events ?? {};
  const known = seen.data?.names ?? [];
  const total = (name: string) => known.filter((n) => n.event === name).reduce((sum, n) => sum + n.count, 0);
  const all = [...new Set([...Object.keys(rules), ...more, ...known.map((n) => n.event)])];
  return (
    <div class="stack">
      <Card title="Select events">
        <AreaKey draft={draft} path={['filter']} label="Only events for which this holds" placeholder={'type = "track" and properties.internal != true'}
          hint={<>All, when empty. <code>=</code> <code>!=</code> <code>&lt;</code> <code>contains</code> <code>match</code> <code>and</code> <code>or</code> <code>not</code>, over the names of the event.</>} />
      </Card>
      <Card title="Events and what they become">
        <div class="stack tight">
          <p class="soft">Names count exactly, with capitals and blanks. A conversion pixel gets the event too, beside this destination’s own.</p>
          <BoolAnyCase draft={draft} />
          {all.length === 0
            ? <Empty title="No event names yet">They appear here as events come in. Or add the first below.</Empty>
            : (
              <div class="table-wrap">
                <table>
                  <thead><tr><th>Event</th><th>Sent to Meta as</th><th>Conversion pixel</th></tr></thead>
                  <tbody>
                    {all.map((name) => (
                      <Row key={name} name={name} rule={rules[name]} locked={draft.locked} problem={draft.problem(name)}
                        seen={known.length ? total(name) : undefined} now={known.find((n) => n.event === name)}
                        onChange={(rule) => draft.set(['events', name], rule)} />
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          {!draft.locked && (
            <form class="row" onSubmit={(e) => { e.preventDefault(); if (adding.trim()) setMore([...more, adding]); setAdding(''); }}>
              <input aria-label="Name of an event" placeholder="Name of another event" value={adding} onInput={(e) => setAdding((e.target as HTMLInputElement).value)} />
              <button type="submit">Add</button>
            </form>
          )}
        </div>
      </Card>
      <p class="small soft">More than a name decides? <a href={`/rules?destination=${encodeURIComponent(destination)}`}>Rules</a> have triggers. What was sent is under <a href="/live">Live</a>.</p>
    </div>
  );
}

const BoolAnyCase = ({ draft }: { draft: Draft }) => (
  <label class="check">
    <input type="checkbox" disabled={draft.locked} checked={draft.settings.event_names === 'any_case'}
      onChange={(e) => draft.set(['event_names'], (e.target as HTMLInputElement).checked ? 'any_case' : undefined)} />
    Names may differ in capitals
  </label>
);
