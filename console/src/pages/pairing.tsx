// SPDX-License-Identifier: Apache-2.0
// Dedup: do the browser's and the server's copy of an event meet, and what was suppressed here?
import { get, type Answer, type Schema } from '../api';
import { useLoad } from '../state';
import { Card, Empty, Loading, Page } from '../ui/basics';
import { count, percent } from '../ui/format';
import './watch.css';

type PairingRow = Schema<'Pairing'>;
type PairingAnswer = Answer<'/api/v1/pairing', 'get'>;

const parts: [keyof Pick<PairingRow, 'both' | 'server_only' | 'browser_only'>, string, string][] = [
  ['both', 'both, paired', 'both'], ['server_only', 'server only', 'server'], ['browser_only', 'browser only', 'browser'],
];

const total = (row: PairingRow) => row.both + row.server_only + row.browser_only;

function Bar(props: { of: PairingRow }) {
  const all = total(props.of);
  const words = parts.map(([name, text]) => `${percent(props.of[name], all)} ${text}`).join(', ');
  return (
    <div class="share" role="img" aria-label={words} title={words}>
      {parts.map(([name, , kind]) => props.of[name] > 0 && <i key={name} class={kind} style={{ width: `${(100 * props.of[name]) / all}%` }} />)}
    </div>
  );
}

function Pairs(props: { rows: PairingRow[] }) {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label="Pairing by event">
      <table>
        <thead><tr><th>Event</th><th>Destination</th><th class="wide">{parts.map(([name, text, kind]) => <span key={name} class="reason"><i class={`dot ${kind}`} />{text}</span>)}</th><th class="number">Both</th><th class="number">Server</th><th class="number">Browser</th><th>Why not paired</th></tr></thead>
        <tbody>
          {[...props.rows].sort((a, b) => total(b) - total(a)).map((row) => (
            <tr key={`${row.destination}|${row.event}`}>
              <td><strong>{row.event}</strong></td><td>{row.destination}</td><td><Bar of={row} /></td>
              {parts.map(([name]) => <td key={name} class="number">{count(row[name])}</td>)}
              <td>{Object.entries(row.reasons).filter(([, n]) => n > 0).map(([reason, n]) => <span key={reason} class="reason">{count(n)} {reason.replaceAll('_', ' ')}</span>)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Repeated(props: { of: PairingAnswer }) {
  const { repeated } = props.of;
  if (!repeated.length) return <p class="soft">No id came twice with another content.</p>;
  return (
    <table>
      <thead><tr><th>Source</th><th>Message id</th><th class="number">Times</th><th>Events</th></tr></thead>
      <tbody>
        {repeated.map((row) => (
          <tr key={`${row.source}|${row.message_id}`}>
            <td>{row.source}</td><td class="mono">{row.message_id}</td><td class="number">{count(row.times)}</td>
            <td><a href={`/explain/${row.first_seq}`}>{row.first_seq}</a> and <a href={`/explain/${row.last_seq}`}>{row.last_seq}</a></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Pairing() {
  const pairing = useLoad(() => get('/api/v1/pairing'), []);
  return (
    <Page title="Dedup" lead="Meta counts an event once when the browser’s and the server’s copy have the same name and event id and come within 48 hours.">
      <Loading of={pairing}>{(answer) => (
        <>
          <Card title="Browser and server">
            {answer.events.length ? <Pairs rows={answer.events} /> : <Empty title="Nothing to pair yet">Events of the browser pixel and of servers meet here by name and event id.</Empty>}
          </Card>
          {answer.one_in > 1 && <p class="small soft">There are so many events that one in {answer.one_in} is looked at, chosen evenly.</p>}
          <Card title="Sent twice to us" class="stack">
            <p><b>{count(answer.suppressed)}</b> repetitions of the same message id were recognised on arrival and go to Meta once.</p>
            <Repeated of={answer} />
          </Card>
        </>
      )}</Loading>
    </Page>
  );
}
