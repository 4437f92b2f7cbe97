// SPDX-License-Identifier: Apache-2.0
// Home: is everything all right, and if not, what? It shows a loss before Meta does.
import { useEffect } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { get, type Schema } from '../api';
import { isSandbox, realDestinations, useConfig, type Config, type Item } from '../config';
import { clock, testCode, useTimeLeft } from '../destination/settings';
import { Verify } from '../destination/verify';
import { Money, Paths } from '../home/series';
import { go } from '../route';
import { may, me, status, useLoad } from '../state';
import { Card, Chip, Notice, Page } from '../ui/basics';
import { bytes, count, duration, some, Time } from '../ui/format';
import './home.css';

type Destination = Schema<'Destination'>;
type Status = Schema<'Status'>;
const states = ['waiting', 'delivered', 'filtered', 'duplicate', 'held', 'dead'];
const where = (d: Destination) => `?destination=${encodeURIComponent(d.name)}`;
const namesOf = (all: Destination[]) => all.map((d) => d.name).join(', ');

// What somebody has to look at, the worst first.
function needs(s: Status): ComponentChildren[] {
  const list: ComponentChildren[] = [];
  if (s.journal_failing) list.push(<>The disk refuses writes: clients are told to send again later. {bytes(s.disk_free_bytes)} are free.</>);
  if (s.state_lost) list.push(<>The state of deliveries was lost; events since then are sent again with the same ids.</>);
  for (const d of s.destinations) {
    if (d.first_loss && d.at_risk > 0) list.push(<><b>{d.name}</b>: {count(d.at_risk)} events will be too old for Meta from <Time at={d.first_loss} />.</>);
    if (d.paused) list.push(<><b>{d.name}</b> is paused, its events are kept: {d.pause_reason} <a href={`/destinations?name=${encodeURIComponent(d.name)}`}>Look</a></>);
    for (const p of d.paused_pixels) list.push(<>Pixel {p.pixel_id} of <b>{d.name}</b> is paused: {p.reason}</>);
    if ((d.states.dead ?? 0) > 0) list.push(<><b>{d.name}</b>: <a href={`/dead${where(d)}`}>{d.states.dead === 1 ? 'one dead letter' : some(d.states.dead ?? 0, 'dead letter')}</a> {d.states.dead === 1 ? 'waits' : 'wait'} for a decision.</>);
  }
  return list;
}

function sentence(s: Status, open: number): string {
  const paused = s.destinations.filter((d) => d.paused);
  const slow = s.destinations.filter((d) => !d.paused && d.backoff_until);
  const more = open ? ` ${open === 1 ? 'One thing needs' : `${open} things need`} you.` : '';
  if (s.journal_failing) return 'Not taking events: the disk refuses them.';
  if (!s.destinations.length) return 'Taking events. They go nowhere yet.';
  if (paused.length === s.destinations.length) return `Paused.${more}`;
  if (slow.length) return `Delivering, but Meta does not take everything from ${namesOf(slow)} at the moment.${more}`;
  return `Delivering.${more}`;
}

// The strip adds up: everything received is in exactly one of the boxes.
function Flow({ destination: d }: { destination: Destination }) {
  return (
    <nav class="flow" aria-label={`Events for ${d.name} by state`}>
      <a href={`/live${where(d)}`}><span class="soft">received</span><b>{count(d.received)}</b></a>
      {states.map((state) => (
        <a key={state} class={d.states[state] ? undefined : 'none'} href={state === 'dead' ? `/dead${where(d)}` : `/live${where(d)}&state=${state}`}>
          <Chip kind={state} /><b>{count(d.states[state] ?? 0)}</b>
        </a>
      ))}
    </nav>
  );
}

// Meta takes web events for seven days after they happened.
// https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/server-event#event-time
const DEADLINE_MS = 7 * 24 * 3600_000;

function Deadline({ destination: d }: { destination: Destination }) {
  if (!d.oldest_waiting) return <p><span class="big">–</span><br /><span class="soft">nothing waits</span></p>;
  const age = Date.now() - new Date(d.oldest_waiting).getTime();
  const left = DEADLINE_MS - age;
  return (
    <div>
      <p><span class="big">{left > 0 ? duration(left) : 'none'}</span> <span class="soft">left for the oldest waiting event</span></p>
      <meter class="wide" min={0} max={DEADLINE_MS} low={DEADLINE_MS / 4} high={DEADLINE_MS / 2} optimum={DEADLINE_MS} value={Math.max(0, left)} aria-label="time left before Meta refuses it" />
      <p class="small soft">received <Time at={d.oldest_waiting} />; Meta takes web events for 7 days</p>
    </div>
  );
}

function Token({ destination: d, item }: { destination: Destination; item?: Item }) {
  return (
    <div class="stack tight">
      <p>
        {d.paused ? <Chip kind="bad">refused or missing</Chip> : item && isSandbox(item.settings) ? <Chip kind="info">the sandbox needs none</Chip> : d.last_delivered ? <Chip kind="good">taken by Meta</Chip> : <Chip kind="">not used yet</Chip>}
        {d.tokens > 1 && <span class="soft"> · token {d.token + 1} of {d.tokens}</span>}
      </p>
      <p class="small soft">Last delivered <Time at={d.last_delivered} />{d.usage_percent > 0 && <> · {d.usage_percent} % of Meta’s rate limit used</>}</p>
      {item && may('editor') && <Verify name={d.name} settings={item.settings} short />}
    </div>
  );
}

function TestBanner({ name, settings }: { name: string; settings: Record<string, unknown> }) {
  const code = testCode(settings.test_event_code);
  const left = useTimeLeft(code?.expires);
  if (!code || (left !== undefined && left <= 0)) return null;
  return (
    <Notice kind="warn">
      Test mode: everything for <b>{name}</b> goes out with the code <code>{code.code}</code>{left === undefined ? ', without an end' : `, for another ${clock(left)}`}. Meta counts these events all the same. <a href={`/destinations?name=${encodeURIComponent(name)}`}>Change</a>
    </Notice>
  );
}

function One({ destination: d, config }: { destination: Destination; config?: Config }) {
  const item = config?.destinations.find((one) => one.name === d.name);
  return (
    <Card title={d.name} actions={!d.enabled ? <Chip kind="">off</Chip> : undefined}>
      <div class="stack">
        {!d.paused && d.last_error && d.backoff_until && <Notice kind="warn">{d.last_error}. Again <Time at={d.backoff_until} />.</Notice>}
        <Flow destination={d} />
        <div class="two three">
          <section><h3>Last 24 hours</h3><Money destination={d.name} taker={item && isSandbox(item.settings) ? 'the sandbox' : 'Meta'} /></section>
          <section><h3>Deadline</h3><Deadline destination={d} /></section>
          <section><h3>Token</h3><Token destination={d} item={item} /></section>
        </div>
      </div>
    </Card>
  );
}

function Alerts() {
  const list = useLoad(() => get('/api/v1/alerts'), [], 15000);
  if (!list.data?.alerts.length) return null;
  return (
    <Card title="Alerts">
      <ul class="plain">
        {list.data.alerts.slice(0, 5).map((a) => <li key={a.kind + a.destination}><Chip kind={a.severity === 'info' ? 'info' : a.severity === 'warning' ? 'warn' : 'bad'}>{a.kind}</Chip> {a.destination && <b>{a.destination}: </b>}{a.message} <span class="soft">{a.cure}{a.since && <> Since <Time at={a.since} />.</>}</span></li>)}
      </ul>
    </Card>
  );
}

const Invitation = () => (
  <Card>
    <div class="row"><div class="grow"><h2>Nothing goes to Meta yet</h2><p class="soft">A pixel, a token, and a line to paste: six short steps.</p></div><a class="button main" href="/start">Set up pixeld</a></div>
  </Card>
);

// Somebody who comes for the first time begins with the first steps; once.
function useFirstVisit(s: Status | null, config: Config | undefined): void {
  useEffect(() => {
    if (!s || !config || !me.value?.first_run || s.events > 0 || realDestinations(config).length || sessionStorage.getItem('welcomed')) return;
    sessionStorage.setItem('welcomed', '1');
    go('/start', true);
  }, [s, config]);
}

export function Home() {
  const s = status.value;
  const config = useConfig().data;
  useFirstVisit(s, config);
  if (!s) return <Page title="Home"><p class="soft">Loading…</p></Page>;
  const open = needs(s);
  return (
    <Page title={sentence(s, open.length)} lead={<>{count(s.events)} events kept · pixeld {s.version}, up since <Time at={s.started} /></>}>
      {open.length > 0 && <Notice kind="bad"><ul class="plain">{open.map((need, i) => <li key={i}>{need}</li>)}</ul></Notice>}
      {config?.destinations.map((d) => <TestBanner key={d.name} name={d.name} settings={d.settings} />)}
      {config && may('editor') && realDestinations(config).length === 0 && <Invitation />}
      {s.destinations.map((d) => <One key={d.name} destination={d} config={config} />)}
      <Paths />
      <Alerts />
    </Page>
  );
}
