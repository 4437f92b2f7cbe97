// SPDX-License-Identifier: Apache-2.0
// Live: events as they come in. The address holds the filters, so that a view can be sent to somebody.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get, stream, type Schema } from '../api';
import { go, query, setQuery } from '../route';
import { status, useLoad } from '../state';
import { Empty, Field, Notice, Page } from '../ui/basics';
import { Filter } from '../ui/filter';
import { count, Time } from '../ui/format';
import { Table, type Column } from '../ui/table';
import './watch.css';

interface Sample { shown: number; seen: number }

type Row = Schema<'Row'>;

const KEPT = 2000; // rows in the browser
const FIRST = 200; // rows shown at the beginning
const FLUSH_MS = 250; // how often new rows are shown: faster than that nobody reads
const RATE_MS = 3000;
const REFRESH_MS = 1500; // how often states of what is in sight are asked for again
const REFRESHED = 100;

interface Filters { source: string; event: string; person: string; state: string }
const filterNames: (keyof Filters)[] = ['source', 'event', 'person', 'state'];
const states = ['waiting', 'delivered', 'filtered', 'duplicate', 'held', 'dead'];
const filtersOf = (q: URLSearchParams) => Object.fromEntries(filterNames.map((name) => [name, q.get(name) ?? ''])) as unknown as Filters;

// The newest first, each once.
function merge(fresh: Row[], rows: Row[]): Row[] {
  const newest = rows[0]?.seq ?? -1;
  const more = fresh.filter((row) => row.seq > newest).sort((a, b) => b.seq - a.seq);
  return more.length ? [...more, ...rows].slice(0, KEPT) : rows;
}

// How many events a second come in, of the last seconds.
class Rate {
  private noted: [number, number][] = [];
  note(events: number): void { this.noted.push([Date.now(), events]); }
  read(): number {
    const since = Date.now() - RATE_MS;
    this.noted = this.noted.filter(([time]) => time > since);
    return Math.round((1000 * this.noted.reduce((sum, [, events]) => sum + events, 0)) / RATE_MS);
  }
}

interface Stream { rows: Row[]; rate: number; sample: Sample | null; connected: boolean; error?: string; sight: (rows: Row[]) => void }

const isOpen = (row: Row) => row.destinations.some((d) => d.state === 'waiting' || d.state === 'held');

// What has become of rows in the meantime.
async function refresh(rows: Row[], seqs: number[]): Promise<Row[]> {
  const { events } = await get('/api/v1/events', { seqs: seqs.join(','), limit: seqs.length });
  const now = new Map(events.map((row) => [row.seq, row]));
  return rows.map((row) => now.get(row.seq) ?? row);
}

function useStream(filters: Filters, running: boolean): Stream {
  const [state, setState] = useState<Omit<Stream, 'sight'>>({ rows: [], rate: 0, sample: null, connected: true });
  const rows = useRef<Row[]>([]);
  const inSight = useRef<Row[]>([]);
  const key = JSON.stringify(filters);
  useEffect(() => { rows.current = []; setState({ rows: [], rate: 0, sample: null, connected: true }); }, [key]);
  useEffect(() => {
    if (!running) return undefined;
    let fresh: Row[] = [];
    let rest: Sample = { shown: 0, seen: 0 }; // what sampling left out since the last look
    let sample: Sample | null = null;
    let alive = true;
    let stop = () => {};
    const rate = new Rate();
    const begin = async () => {
      try {
        const page = await get('/api/v1/events', { ...filters, limit: FIRST });
        if (!alive) return;
        rows.current = merge(page.events, rows.current);
        stop = stream('/api/v1/live', { ...filters, after: page.next }, { data: take, state: (connected) => setState((s) => ({ ...s, connected })) }, ['sampled']);
        setState((s) => ({ ...s, rows: rows.current, error: undefined }));
      } catch (error) {
        if (alive) setState((s) => ({ ...s, error: (error as Error).message }));
      }
    };
    const take = (value: any, kind: string) => {
      if (kind === 'sampled') rest = { shown: rest.shown + value.shown, seen: rest.seen + value.seen };
      else fresh.push(value as Row);
    };
    const show = () => {
      const left = rest.seen - rest.shown;
      if (fresh.length) sample = left > 0 ? { shown: fresh.length, seen: fresh.length + left } : null;
      rate.note(fresh.length + Math.max(0, left));
      rows.current = merge(fresh, rows.current);
      [fresh, rest] = [[], { shown: 0, seen: 0 }];
      const now = { rows: rows.current, rate: rate.read(), sample };
      setState((s) => (s.rows === now.rows && s.rate === now.rate && s.sample === now.sample ? s : { ...s, ...now }));
    };
    void begin();
    const timer = setInterval(show, FLUSH_MS);
    return () => { alive = false; clearInterval(timer); stop(); };
  }, [key, running]);
  useEffect(() => {
    const look = async () => {
      const open = inSight.current.filter(isOpen).slice(0, REFRESHED).map((row) => row.seq);
      if (!open.length || document.hidden) return;
      try {
        rows.current = await refresh(rows.current, open);
        setState((s) => ({ ...s, rows: rows.current }));
      } catch { /* the stream itself says that there is no connection */ }
    };
    const timer = setInterval(() => void look(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [key]);
  return { ...state, sight: (list) => { inSight.current = list; } };
}

const isMasked = (person: string) => person.includes('*');

const marks: Record<string, string> = { waiting: '…', delivered: '✓', filtered: '–', duplicate: '=', held: '⏸', dead: '✕' };

// With several destinations there is no room for words: a mark, which the title spells out.
const Fate = (props: { of: Schema<'RowState'>; alone: boolean }) => {
  const { name, state, reason } = props.of;
  const title = `${name}: ${state}${reason === 'none' ? '' : `, ${reason}`}`;
  return <span class={`chip ${state}`} title={title} aria-label={title}>{props.alone ? state : `${marks[state]} ${name}`}</span>;
};

function Fates(props: { of: Row }) {
  const told = props.of.destinations.filter((d) => d.reason !== 'not_routed');
  return <>{told.map((d) => <Fate key={d.name} of={d} alone={told.length === 1} />)}</>;
}

// What the event is at Meta, once each however many destinations there are.
const metaNames = (row: Row) => [...new Set(row.destinations.map((d) => d.meta_event).filter((name) => name && name !== row.event))].join(', ');

function columnsOf(): Column<Row>[] {
  return [
    { name: 'Time', width: '92px', cell: (row) => <Time at={row.time} exact /> },
    { name: 'Source', width: 'minmax(72px, .6fr)', spare: true, cell: (row) => <>{row.source} {row.browser && <span class="soft small">browser</span>}</> },
    { name: 'Event', width: 'minmax(160px, 2fr)', cell: (row) => (
      <><strong>{row.event || row.type || 'not an event'}</strong>{metaNames(row) && <span class="soft"> → {metaNames(row)}</span>}</>
    ) },
    { name: 'Person', width: 'minmax(100px, .8fr)', spare: true, cell: (row) => (!row.person || isMasked(row.person)
      ? <span class="soft">{row.person || '–'}</span>
      : <button type="button" class="plain" tabIndex={-1} title="Follow this visitor" onClick={() => setQuery({ person: row.person })}>{row.person}</button>) },
    { name: 'Value', width: '104px', number: true, spare: true, cell: (row) => row.value && `${row.value} ${row.currency}` },
    { name: 'Destinations', width: 'minmax(110px, 1.2fr)', cell: (row) => <Fates of={row} /> },
    { name: 'No.', width: '84px', number: true, spare: true, cell: (row) => <span class="soft" title={`${row.protocol}, message id ${row.message_id || 'none'}`}>{row.seq}</span> },
  ];
}

function Summary(props: { of: Stream; paused: boolean; filtered: boolean }) {
  const { rate, sample, connected } = props.of;
  if (props.paused) return <span role="status">Paused. Nothing is lost: what came since is shown when you go on.</span>;
  if (!connected) return <span role="status"><span class="chip bad">no connection</span> tries again by itself</span>;
  return (
    <span role="status" aria-live="off">
      <span class="chip good">live</span> {count(rate)} {props.filtered ? 'matching ' : ''}events a second
      {sample && <span class="soft"> · too many to read: an even sample of 1 in {Math.max(2, Math.round(sample.seen / sample.shown))} is shown</span>}
    </span>
  );
}

export function Live() {
  const filters = filtersOf(query.value);
  const filtered = filterNames.some((name) => filters[name]);
  const [paused, pause] = useState(false);
  const live = useStream(filters, !paused);
  const columns = useMemo(columnsOf, []);
  const sources = useLoad(() => get('/api/v1/config').then((config) => config.sources.map((source) => source.name)), []);
  return (
    <Page title="Live" lead="Events as they come in, newest first. Open one to see everything that became of it."
      actions={<button type="button" class={paused ? 'main' : ''} aria-pressed={paused} onClick={() => pause(!paused)}>{paused ? 'Go on' : 'Pause'}</button>}>
      <form class="filters" data-filter onSubmit={(event) => event.preventDefault()}>
        <Filter label="Event name" name="event" placeholder="Order Completed" />
        <Filter label="Person" name="person" placeholder="user id, anonymous id or e-mail" />
        <Field label="Source" value={filters.source} options={['', ...(sources.data ?? [filters.source].filter(Boolean))]} onInput={(source) => setQuery({ source })} />
        <Field label="State" value={filters.state} options={['', ...states]} onInput={(state) => setQuery({ state })} />
        {filtered && <button type="button" onClick={() => go('/live')}>Show all</button>}
      </form>
      {live.error && <Notice kind="bad">{live.error}</Notice>}
      <p class="soft"><Summary of={live} paused={paused} filtered={filtered} /></p>
      {live.rows.length
        ? <Table label="Events" columns={columns} rows={live.rows} keyOf={(row) => row.seq} onSight={live.sight} onOpen={(row) => go(`/explain/${row.seq}`)} />
        : <NoEvents filtered={filtered} />}
    </Page>
  );
}

const NoEvents = (props: { filtered: boolean }) => (props.filtered
  ? <Empty title="No event like that yet">New ones appear here as they come. <a href="/live">Show all events</a></Empty>
  : (
    <Empty title="No events yet">
      They appear here within a second of being sent to <code>{status.value?.public}</code>.
    </Empty>
  ));
