// SPDX-License-Identifier: Apache-2.0
// Sandbox: what the stand-in for Meta received, what it answered, and faults to see how pixeld takes them.
import { useMemo, useState } from 'preact/hooks';
import { get, post, remove } from '../api';
import { query, setQuery } from '../route';
import { attempt, may, status, useLoad } from '../state';
import { Button, Card, Chip, Dialog, Empty, Loading, Page, Tabs } from '../ui/basics';
import { bytes, count, Json, money, some, Time } from '../ui/format';
import { Table, type Column } from '../ui/table';
import './watch.css';

// The sandbox's own answers, as far as they are shown.
interface SandboxEvent { n: number; pixel_id: string; received_at: string; test_event_code?: string; event: Record<string, unknown>; warnings: unknown[]; duplicate: boolean; changed: boolean }
interface SandboxRequest { n: number; received_at: string; pixel_id?: string; bytes: number; events: number; stored: number; status: number; code?: number; subcode?: number; error?: string; fault?: string }
interface SandboxSummary { total: number; duplicates: number; refused: number; requests: number; requests_ok: number; purchases: { currency: string; count: number; value: number }[] }
interface Fault { kind: string; applied: number; left?: number; probability?: number; status?: number; code?: number; subcode?: number; percent?: number }

const sandbox = {
  summary: () => get('/api/v1/sandbox/summary') as Promise<unknown> as Promise<SandboxSummary>,
  events: (since: number) => get('/api/v1/sandbox/events', { since, limit: SHOWN }) as Promise<unknown> as Promise<{ events: SandboxEvent[] }>,
  requests: () => get('/api/v1/sandbox/requests') as Promise<unknown> as Promise<{ requests: SandboxRequest[] }>,
  faults: () => get('/api/v1/sandbox/faults') as Promise<unknown> as Promise<{ faults: Fault[] }>,
};

const POLL_MS = 1500;
const SHOWN = 200;

// What can go wrong at Meta, as one meets it, and what should be seen here then.
const faults: { name: string; expect: string; body: object }[] = [
  { name: 'Three server errors', expect: 'three failed requests, then everything is delivered', body: { kind: 'status', status: 500, count: 3 } },
  { name: 'Too many calls', expect: 'sending pauses for a while, nothing is lost', body: { kind: 'error', code: 80004, count: 3 } },
  { name: 'Token no longer valid', expect: 'the destination is paused until the fault is gone', body: { kind: 'error', code: 190, subcode: 463 } },
  { name: 'One Purchase refused', expect: 'that event alone becomes a dead letter, its batch is delivered', body: { kind: 'error', code: 100, subcode: 2804008, event: 'Purchase', count: 1 } },
  { name: 'The answer is lost', expect: 'the batch goes again with the same ids and is recognised', body: { kind: 'lost_answer', count: 1 } },
  { name: 'Silence', expect: 'the request times out and goes again', body: { kind: 'hang', ms: 30000, count: 1 } },
  { name: 'Slow', expect: 'answers take two seconds', body: { kind: 'slow', ms: 2000, count: 20 } },
  { name: 'Limit nearly reached', expect: 'sending slows down', body: { kind: 'usage', percent: 95, count: 50 } },
];

const describe = (f: Fault) => [f.kind, f.status && `HTTP ${f.status}`, f.code && `code ${f.code}${f.subcode ? `/${f.subcode}` : ''}`, f.percent && `${f.percent} %`,
  f.probability !== undefined && f.probability < 1 && `${Math.round(f.probability * 100)} % of requests`].filter(Boolean).join(', ');

function Faults() {
  const list = useLoad(() => sandbox.faults(), [], POLL_MS);
  const change = async (work: () => Promise<unknown>, done: string) => { if (await attempt(work, done)) list.reload(); };
  const active = list.data?.faults.filter((fault) => fault.left !== 0) ?? [];
  return (
    <Card title="Make it misbehave" class="stack" actions={active.length > 0 && <Button onClick={() => change(() => remove('/api/v1/sandbox/faults'), 'All faults are gone')}>Behave again</Button>}>
      <div class="grid">
        {faults.map((fault) => (
          <div key={fault.name} class="fault">
            <Button onClick={() => change(() => post('/api/v1/sandbox/faults', fault.body), `${fault.name}: from the next request on`)}>{fault.name}</Button>
            <span class="soft small">{fault.expect}</span>
          </div>
        ))}
      </div>
      {active.length > 0 && (
        <ul class="counts">{active.map((fault, i) => <li key={i}><Chip kind="warn">on</Chip> {describe(fault)}, played {some(fault.applied, 'time')}{fault.left !== undefined && `, ${count(fault.left)} to go`}</li>)}</ul>
      )}
    </Card>
  );
}

const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
function moneyOf(event: Record<string, unknown>): string {
  const custom = event.custom_data as Record<string, unknown> | undefined;
  return custom?.value === undefined ? '' : `${text(custom.value)} ${text(custom.currency)}`;
}

const eventColumns: Column<SandboxEvent>[] = [
  { name: 'No.', width: '80px', number: true, spare: true, cell: (row) => row.n },
  { name: 'Received', width: '92px', cell: (row) => <Time at={row.received_at} exact /> },
  { name: 'Event', width: 'minmax(130px, 1fr)', cell: (row) => <strong>{text(row.event.event_name)}</strong> },
  { name: 'Event id', width: 'minmax(140px, 1.4fr)', spare: true, cell: (row) => <span class="mono">{text(row.event.event_id)}</span> },
  { name: 'Pixel', width: '150px', spare: true, cell: (row) => <span class="mono">{row.pixel_id}</span> },
  { name: 'Value', width: '110px', number: true, cell: (row) => moneyOf(row.event) },
  { name: 'Notes', width: '170px', cell: (row) => (
    <>
      {row.duplicate && <Chip kind="warn">{row.changed ? 'changed repetition' : 'repetition'}</Chip>}
      {row.test_event_code && <Chip kind="info">test</Chip>}
      {row.warnings.length > 0 && <Chip kind="warn">{some(row.warnings.length, 'warning')}</Chip>}
    </>
  ) },
];

const requestColumns: Column<SandboxRequest>[] = [
  { name: 'No.', width: '80px', number: true, spare: true, cell: (row) => row.n },
  { name: 'Received', width: '92px', cell: (row) => <Time at={row.received_at} exact /> },
  { name: 'Pixel', width: '150px', spare: true, cell: (row) => <span class="mono">{row.pixel_id}</span> },
  { name: 'Events', width: '80px', number: true, cell: (row) => count(row.events) },
  { name: 'Stored', width: '80px', number: true, spare: true, cell: (row) => count(row.stored) },
  { name: 'Size', width: '90px', number: true, spare: true, cell: (row) => bytes(row.bytes) },
  { name: 'Answer', width: 'minmax(200px, 1fr)', cell: (row) => (
    <><Chip kind={row.status === 200 ? 'good' : 'bad'}>HTTP {row.status}</Chip> {row.code && <>code {row.code}{row.subcode ? `/${row.subcode}` : ''}</>} {row.fault && <span class="soft">fault: {row.fault}</span>} {row.error}</>
  ) },
];

function Inbox() {
  const [open, setOpen] = useState<SandboxEvent | null>(null);
  const list = useLoad(async () => {
    const { total } = await sandbox.summary();
    return sandbox.events(Math.max(0, total - SHOWN));
  }, [], POLL_MS);
  const rows = useMemo(() => [...(list.data?.events ?? [])].reverse(), [list.data]);
  return (
    <Loading of={list}>{() => (
      <>
        {rows.length ? <Table label="Events that the sandbox received" columns={eventColumns} rows={rows} keyOf={(row) => row.n} onOpen={setOpen} />
          : <Empty title="Nothing received yet">What a destination sends to the sandbox shows here, as Meta would get it.</Empty>}
        {open && (
          <Dialog title={`${text(open.event.event_name)}, as Meta would get it`} onClose={() => setOpen(null)}>
            {open.warnings.length > 0 && <><h3>What Meta would complain of</h3><Json value={open.warnings} /></>}
            <Json value={open.event} />
          </Dialog>
        )}
      </>
    )}</Loading>
  );
}

function Requests() {
  const list = useLoad(() => sandbox.requests(), [], POLL_MS);
  const rows = useMemo(() => [...(list.data?.requests ?? [])].reverse(), [list.data]);
  return (
    <Loading of={list}>{() => (rows.length
      ? <Table label="Requests to the sandbox" columns={requestColumns} rows={rows} keyOf={(row) => row.n} />
      : <Empty title="No request yet">Requests of a destination to the sandbox show here, with its answers.</Empty>)}
    </Loading>
  );
}

function Summary() {
  const summary = useLoad(() => sandbox.summary(), [], POLL_MS);
  return (
    <Loading of={summary}>{(s) => (
      <div class="figures">
        <div class="figure"><span class="soft">Events</span><b>{count(s.total)}</b></div>
        <div class="figure"><span class="soft">Repetitions recognised</span><b>{count(s.duplicates)}</b></div>
        <div class="figure"><span class="soft">Refused</span><b>{count(s.refused)}</b></div>
        <div class="figure"><span class="soft">Requests answered well</span><b>{count(s.requests_ok)} <span class="soft small">of {count(s.requests)}</span></b></div>
        {s.purchases.map((p) => <div key={p.currency} class="figure"><span class="soft">{some(p.count, 'purchase')}</span><b>{money(p.value, p.currency)}</b></div>)}
      </div>
    )}</Loading>
  );
}

const tabs = { Inbox, Requests };
export function Sandbox() {
  const at = query.value.get('tab') === 'Requests' ? 'Requests' : 'Inbox';
  const Shown = tabs[at];
  if (!status.value) return <Page title="Sandbox">{null}</Page>;
  if (!status.value.sandbox) {
    return (
      <Page title="Sandbox">
        <Empty title="No sandbox runs inside this server">
          A destination without an access token goes to the built-in one. <code>pixeld sandbox</code> starts one of its own, for tests.
        </Empty>
      </Page>
    );
  }
  return (
    <Page title="Sandbox" lead="A stand-in for Meta inside this server: it checks and answers as Meta does, and nothing leaves this machine.">
      <Summary />
      {may('editor') && <Faults />}
      <Card>
        <Tabs names={Object.keys(tabs)} at={at} onPick={(tab) => setQuery({ tab })} />
        <Shown />
      </Card>
    </Page>
  );
}
