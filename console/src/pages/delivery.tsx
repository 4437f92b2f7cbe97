// SPDX-License-Identifier: Apache-2.0
// Delivery: how what was received gets to Meta, how fast, and what is in the way.
import { get, type Schema } from '../api';
import { status, useLoad } from '../state';
import { Card, Chip, Empty, Loading, Notice, Page } from '../ui/basics';
import { Countdown } from '../ui/countdown';
import { count, percent, Time, withoutTags } from '../ui/format';
import { Progress } from '../ui/progress';
import { Speed } from './delivery-details';
import './watch.css';

type Destination = Schema<'Destination'>;

const POLL_MS = 5000;
const DAY_MS = 86400000;
const PAUSE_MS = 5000; // a shorter back-off is over before one has read of it
const until = (at: string | null) => (at ? new Date(at).getTime() - Date.now() : Infinity);

const Figure = (props: { label: string; children: preact.ComponentChildren; warn?: boolean }) => (
  <div class="figure"><span class="soft">{props.label}</span><b class={props.warn ? 'bad-text' : ''}>{props.children}</b></div>
);

// What stands in the way at the moment, the worst first.
function Troubles(props: { of: Destination }) {
  const d = props.of;
  return (
    <>
      {!d.enabled && <Notice kind="warn">Switched off in the configuration.</Notice>}
      {d.paused && <Notice kind="bad">Paused: {d.pause_reason}. Its events are kept. {d.next_try && <>Next try <Time at={d.next_try} />.</>}</Notice>}
      {d.paused_pixels.map((pixel) => (
        <Notice key={pixel.pixel_id} kind="bad">
          Pixel <code>{pixel.pixel_id}</code> is paused: {pixel.reason} <span class="soft">(code {pixel.code}{pixel.subcode ? `/${pixel.subcode}` : ''})</span>
          {pixel.next_try && <> Next try <Time at={pixel.next_try} />.</>}
        </Notice>
      ))}
      {d.first_loss && until(d.first_loss) < DAY_MS && (
        <Notice kind="bad">
          The first waiting event is lost in <Countdown to={d.first_loss} />: Meta takes it no longer then.
          {d.at_risk > 0 && <> {count(d.at_risk)} events have less than a day left.</>}
        </Notice>
      )}
      {d.slowed_until && <Notice kind="warn">Meta’s limit is near, so that sending is slowed until <Time at={d.slowed_until} />.</Notice>}
      {d.backoff_until && until(d.backoff_until) > PAUSE_MS && <Notice kind="warn">The last request failed; the next goes <Time at={d.backoff_until} />.</Notice>}
      {d.test_events > 0 && <Notice kind="warn">A test code is on: {count(d.test_events)} events went to Test Events, and Meta counts them all the same.</Notice>}
    </>
  );
}

function One(props: { of: Destination; speed?: Schema<'Delivery'> }) {
  const d = props.of;
  const waiting = d.states.waiting ?? 0;
  return (
    <Card title={d.name} class="stack" actions={d.paused ? <Chip kind="bad">paused</Chip> : d.backoff_until ? <Chip kind="warn">backing off</Chip> : d.enabled ? <Chip kind="good">delivering</Chip> : <Chip kind="warn">off</Chip>}>
      <Troubles of={d} />
      <div class="figures">
        <Figure label="Waiting" warn={waiting > 0 && d.paused}>{count(waiting)}</Figure>
        <Figure label="In flight">{count(d.in_flight_events)}</Figure>
        <Figure label="Oldest waiting">{d.oldest_waiting ? <Time at={d.oldest_waiting} /> : 'none'}</Figure>
        <Figure label="First loss">{d.first_loss ? <Countdown to={d.first_loss} /> : 'none near'}</Figure>
        <Figure label="Last delivered"><Time at={d.last_delivered} /></Figure>
        <Figure label="Requests">{count(d.requests)}</Figure>
        <Figure label="Failed requests" warn={d.requests_failed * 10 > d.requests}>{count(d.requests_failed)} <span class="soft small">{percent(d.requests_failed, d.requests)}</span></Figure>
        {d.tokens > 1 && <Figure label="Token in use">{d.token} of {d.tokens}</Figure>}
      </div>
      <div>
        <div class="soft small">Of what Meta lets this app do an hour</div>
        <Progress label={`Use of Meta's limit by ${d.name}`} value={d.usage_percent} most={100} />
      </div>
      {props.speed && <Speed of={props.speed} />}
      {d.last_error && <p class="small"><span class="soft">Last error:</span> {withoutTags(d.last_error)}</p>}
    </Card>
  );
}

function Breakdown() {
  const table = useLoad(() => get('/api/v1/breakdown'), [], POLL_MS);
  const sum = (reasons: Record<string, number>) => Object.values(reasons).reduce((a, b) => a + b, 0);
  return (
    <Card title="By source and event, since the start">
      <Loading of={table}>{({ rows }) => {
        const seen = rows.filter((row) => row.delivered || sum(row.reasons)).sort((a, b) => b.delivered + sum(b.reasons) - a.delivered - sum(a.reasons));
        if (!seen.length) return <Empty title="Nothing delivered yet">What becomes of each event name shows here.</Empty>;
        return (
          <div class="table-wrap" tabIndex={0} role="region" aria-label="By source and event">
            <table>
              <thead><tr><th>Destination</th><th>Source</th><th>Event</th><th class="number">Delivered</th><th>Not delivered</th></tr></thead>
              <tbody>
                {seen.map((row) => (
                  <tr key={[row.destination, row.source, row.event].join('|')}>
                    <td>{row.destination}</td><td>{row.source}</td>
                    <td><a href={`/live?event=${encodeURIComponent(row.event)}&source=${encodeURIComponent(row.source)}`}>{row.event || '–'}</a></td>
                    <td class="number">{count(row.delivered)}</td>
                    <td>{Object.entries(row.reasons).map(([reason, n]) => <span key={reason} class="reason">{count(n)} <code>{reason}</code></span>)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        );
      }}</Loading>
    </Card>
  );
}

export function Delivery() {
  const s = status.value;
  const speed = useLoad(() => get('/api/v1/delivery'), [], POLL_MS);
  return (
    <Page title="Delivery" lead="How events get to Meta: what waits, how fast it goes, and what is in the way.">
      {s && !s.destinations.length && <Empty title="No destination yet">Events are kept until there is one.</Empty>}
      {speed.error && <Notice kind="bad">{speed.error}</Notice>}
      {s?.destinations.map((d) => <One key={d.name} of={d} speed={speed.data?.destinations.find((one) => one.name === d.name)} />)}
      <Breakdown />
    </Page>
  );
}
