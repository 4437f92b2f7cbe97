// SPDX-License-Identifier: Apache-2.0
// Match quality: how much of what Meta matches people by is sent with each event, and what would help most.
import { Fragment } from 'preact';
import { get, type Schema } from '../api';
import { query, setQuery } from '../route';
import { status, useLoad } from '../state';
import { Card, Empty, Field, Loading, Page } from '../ui/basics';
import { count } from '../ui/format';
import './watch.css';

type QualityRow = Schema<'Quality'>;

// Meta's names for the keys, the strongest first.
const keyNames: Record<string, string> = {
  em: 'E-mail', ph: 'Phone', fbc: 'Click id', external_id: 'External id', fbp: 'Browser id', client_ip_address: 'IP address', client_user_agent: 'User agent',
  fn: 'First name', ln: 'Last name', db: 'Date of birth', ge: 'Gender', ct: 'City', st: 'State', zp: 'Postal code', country: 'Country',
};
const share = (part: number) => `${Math.round(100 * part)} %`;
const order = Object.keys(keyNames);
const keysOf = (row: QualityRow) => Object.entries(row.keys).sort(([a], [b]) => (order.indexOf(a) + 1 || 99) - (order.indexOf(b) + 1 || 99));

function One(props: { of: QualityRow }) {
  const { of } = props;
  return (
    <Card title={of.event} class="stack" actions={<span class="soft">{of.destination} · {count(of.count)} sent</span>}>
      <div class="row"><b class="big">{of.estimate.toFixed(1)}</b><span class="soft">of 10, our estimate</span></div>
      <dl class="bars" aria-label={`Coverage of match keys of ${of.event}`}>
        {keysOf(of).map(([key, part]) => (
          <Fragment key={key}><dt title={key}>{keyNames[key] ?? key}</dt><dd><div class="bar"><i style={{ width: `${100 * part}%` }} /></div><span class="number">{share(part)}</span></dd></Fragment>
        ))}
      </dl>
      {of.advice.length > 0 && (
        <div>
          <h3>What would help most</h3>
          <ol class="advice">{of.advice.map((a) => <li key={a.key}><b>+{a.gain.toFixed(1)}</b>: {a.text}</li>)}</ol>
        </div>
      )}
    </Card>
  );
}

export function Quality() {
  const names = status.value?.destinations.map((d) => d.name) ?? [];
  const destination = query.value.get('destination') ?? '';
  const quality = useLoad(() => get('/api/v1/quality'), []);
  return (
    <Page title="Match quality" lead="How much of what Meta recognises people by goes with each event. The estimate is ours, made before sending; Meta’s own score comes about two days later and counts more than we can see.">
      {names.length > 1 && (
        <div class="row" data-filter><Field label="Destination" value={destination} options={['', ...names]} onInput={(value) => setQuery({ destination: value })} /></div>
      )}
      <Loading of={quality}>{({ events, formula, left_out }) => {
        const shown = events.filter((row) => !destination || row.destination === destination).sort((a, b) => b.count - a.count);
        if (!shown.length) return <Empty title="Nothing was sent yet">As soon as events go to Meta, this page tells how well they can be matched.</Empty>;
        return (
          <>
            <div class="grid">{shown.map((row) => <One key={`${row.destination}|${row.event}`} of={row} />)}</div>
            <p class="small soft">Of what was sent since yesterday. {formula}</p>
            {left_out > 0 && <p class="small soft">{count(left_out)} events have names beyond the number that is counted apart.</p>}
          </>
        );
      }}</Loading>
    </Page>
  );
}
