// SPDX-License-Identifier: Apache-2.0
// System: the machine and what is kept on it, alerts, people, and who did what.
import { useState } from 'preact/hooks';
import { get, post } from '../api';
import { query, setQuery } from '../route';
import { attempt, may, status, useLoad } from '../state';
import { Button, Card, Code, Empty, Loading, Notice, Page, Tabs } from '../ui/basics';
import { Confirm } from '../ui/confirm';
import { bytes, count, Time } from '../ui/format';
import { Access, Audit } from './people';
import './watch.css';

const LOW_DISK = 1 << 30; // bytes

function Machine() {
  const s = status.value;
  const [asking, ask] = useState(false);
  if (!s) return null;
  return (
    <Card title="This server" class="stack" actions={may('admin') && <Button onClick={() => ask(true)}>Restart…</Button>}>
      {s.journal_failing && <Notice kind="bad">The disk refuses writes: clients are told to send again later, and they do. Free some space, or look into the system’s log.</Notice>}
      {s.state_lost && <Notice kind="bad">The record of what was delivered was damaged and began anew: events may have gone to Meta again, with the same event ids.</Notice>}
      {s.disk_free_bytes < LOW_DISK && <Notice kind="warn">Only {bytes(s.disk_free_bytes)} are free on the disk.</Notice>}
      <dl class="facts">
        <dt>Version</dt><dd>{s.version}</dd>
        <dt>Up since</dt><dd>{new Date(s.started).toLocaleString()} (<Time at={s.started} />)</dd>
        <dt>Events kept</dt><dd>{count(s.events)} in {bytes(s.journal_bytes)}</dd>
        <dt>Disk free</dt><dd>{bytes(s.disk_free_bytes)}</dd>
        <dt>Received</dt><dd>{count(s.ingest.events)} events in {count(s.ingest.requests)} requests since the start, {count(s.ingest.rejected)} refused</dd>
        <dt>SDKs send to</dt><dd class="mono">{s.public}</dd>
        {s.sandbox && <><dt>Sandbox</dt><dd class="mono">{s.sandbox}</dd></>}
        <dt>For machines</dt><dd><a href="/metrics">OpenMetrics</a> · <a href="/api/v1/openapi.json">OpenAPI</a> · <a href="/healthz" target="_blank">health</a> · <a href="/readyz" target="_blank">readiness</a></dd>
      </dl>
      {asking && (
        <Confirm title="Restart in place?" button="Restart" onYes={() => attempt(() => post('/api/v1/restart'), 'It restarts; this page goes on by itself')} onClose={() => ask(false)}>
          The program that is installed now takes over, with the configuration as it is on disk. No connection is refused: clients wait a moment.
        </Confirm>
      )}
    </Card>
  );
}

function History() {
  const list = useLoad(() => get('/api/v1/config/history'), []);
  const chosen = query.value.get('version') ?? '';
  const version = useLoad(() => (chosen ? get('/api/v1/config/history/{id}', { id: chosen }) : Promise.resolve({ text: '' })), [chosen]);
  return (
    <Card title="Changes of the configuration" class="stack">
      <Loading of={list}>{({ history }) => (history.length === 0
        ? <Empty title="Nothing was changed in the console yet">What is changed here can be taken back here; your own file is never touched.</Empty>
        : (
          <table>
            <thead><tr><th>When</th><th>Who</th><th class="number">Size</th><th><span class="hidden-text">Actions</span></th></tr></thead>
            <tbody>
              {history.map((entry) => (
                <tr key={entry.id} class={entry.id === chosen ? 'chosen' : ''}>
                  <td><Time at={entry.time} /></td><td>{entry.who}</td><td class="number">{bytes(entry.bytes)}</td>
                  <td class="right"><Button kind="plain" onClick={() => setQuery({ version: entry.id === chosen ? undefined : entry.id })}>{entry.id === chosen ? 'Hide' : 'Show'}</Button></td>
                </tr>
              ))}
            </tbody>
          </table>
        ))}</Loading>
      {chosen && <Loading of={version}>{({ text }) => <Code text={text} label="That version" />}</Loading>}
    </Card>
  );
}

const tabs: { name: string; role: string; show: () => preact.JSX.Element }[] = [
  { name: 'Server', role: 'viewer', show: () => <Machine /> },
  { name: 'Configuration', role: 'viewer', show: () => <History /> },
  { name: 'People and tokens', role: 'admin', show: () => <Access /> },
  { name: 'Audit log', role: 'admin', show: () => <Audit /> },
];

export function System() {
  const allowed = tabs.filter((tab) => may(tab.role));
  const at = allowed.find((tab) => tab.name === query.value.get('tab')) ?? allowed[0]!;
  return (
    <Page title="System">
      <Tabs names={allowed.map((tab) => tab.name)} at={at.name} onPick={(tab) => setQuery({ tab })} />
      <at.show />
    </Page>
  );
}
