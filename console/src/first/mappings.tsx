// SPDX-License-Identifier: Apache-2.0
// The fourth step: what the event names that were seen become, by the rules in force, to accept or change.
import { useEffect, useState } from 'preact/hooks';
import { get, post } from '../api';
import { change, type Item } from '../config';
import { Locked } from '../destination/editor';
import { standardEvents } from '../meta';
import { attempt, useLoad } from '../state';
import { Button, Card, Chip, Empty, Loading } from '../ui/basics';
import { count } from '../ui/format';
import { Select } from '../ui/form';

interface Proposal { event: string; count: number; becomes: string; reason: string; suggestion: string }

const LOOKED_AT = 5;
const MOST = 50; // names shown

// Each name's latest events, tried on the destination: one may be broken, as the demo's last order is.
async function proposals(destination: string): Promise<Proposal[]> {
  const seen = new Map<string, number>();
  const suggested = new Map<string, string>();
  for (const one of (await get('/api/v1/names')).names) {
    seen.set(one.event, (seen.get(one.event) ?? 0) + one.count);
    suggested.set(one.event, one.suggestion);
  }
  return Promise.all([...seen].slice(0, MOST).map(async ([event, times]): Promise<Proposal> => {
    const suggestion = suggested.get(event) ?? '';
    const { events } = await get('/api/v1/events', { event, limit: LOOKED_AT });
    let reason = 'no longer kept';
    for (const row of events) {
      const tried = await post('/api/v1/try', { destination, id: String(row.seq) });
      const becomes = (tried.result as { send?: { event: { event_name: string } }[] }).send?.[0]?.event.event_name;
      if (becomes) return { event, count: times, becomes, reason: '', suggestion };
      reason = tried.message || tried.reason || reason;
    }
    return { event, count: times, becomes: '', reason, suggestion };
  }));
}

const keep = (proposal: Proposal) => (proposal.becomes ? `${proposal.becomes}, as proposed` : 'as proposed');

function Table(props: { list: Proposal[]; chosen: Record<string, string>; choose: (event: string, word: string) => void; locked: boolean }) {
  return (
    <div class="table-wrap">
      <table>
        <thead><tr><th>Your event</th><th class="number">Seen</th><th>Becomes at Meta</th><th>Change to</th></tr></thead>
        <tbody>
          {props.list.map((p) => (
            <tr key={p.event}>
              <td>{p.event}</td><td class="number">{count(p.count)}</td>
              <td>{p.becomes ? <><b>{p.becomes}</b> {!standardEvents.includes(p.becomes) && <Chip kind="">custom event</Chip>}</> : <span class="soft">{p.reason}</span>}</td>
              <td>
                <Select bare label={`Change ${p.event} to`} value={props.chosen[p.event] ?? ''} disabled={props.locked} onPick={(word) => props.choose(p.event, word)}
                  options={[['', keep(p)], ...(p.suggestion && p.suggestion !== p.becomes ? [[p.suggestion, `${p.suggestion}, suggested`] as [string, string]] : []), ['drop', 'not sent'], ...standardEvents.filter((e) => e !== p.suggestion || e === p.becomes).map((e): [string, string] => [e, e])]} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function MappingsStep({ item, onDone }: { item: Item; onDone: () => void }) {
  const list = useLoad(() => proposals(item.name), [item.name, JSON.stringify(item.settings)], 10000);
  const [chosen, setChosen] = useState<Record<string, string>>({});
  useEffect(() => setChosen({}), [item.name]);
  const accept = async () => {
    const picked = Object.entries(chosen).filter(([, word]) => word);
    if (picked.length) {
      const done = await attempt(() => change('destinations', item.name, { ...item.settings, events: { ...item.settings.events, ...Object.fromEntries(picked) } }), 'Saved, and in force');
      if (!done) return;
    }
    onDone();
  };
  return (
    <div class="stack">
      {item.locked && <Locked item={item} />}
      <Card title={`What events become at ${item.name}`}>
        <Loading of={list}>{(all) => (all.length === 0
          ? <Empty title="No event yet">Send one in the first step, or wait for the first real one.</Empty>
          : <Table list={all} chosen={chosen} locked={item.locked} choose={(event, word) => setChosen({ ...chosen, [event]: word })} />)}</Loading>
      </Card>
      <div class="row">
        <Button kind="main" onClick={accept}>{Object.values(chosen).some(Boolean) ? 'Save and go on' : 'Accept these'}</Button>
        <a href={`/rules?destination=${encodeURIComponent(item.name)}`}>More than names decide? Rules</a>
      </div>
    </div>
  );
}
