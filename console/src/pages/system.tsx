// SPDX-License-Identifier: Apache-2.0
// System: the machine and what is kept on it, alerts, people, and who did what.
import { useState } from 'preact/hooks';
import { get, post, type Schema } from '../api';
import { query, setQuery } from '../route';
import { attempt, may, status, useLoad } from '../state';
import { Button, Card, Code, Empty, Loading, Notice, Page, Tabs } from '../ui/basics';
import { Confirm } from '../ui/confirm';
import { bytes, count, duration, Time } from '../ui/format';
import { Progress } from '../ui/progress';
import { Access, Audit } from './people';
import './watch.css';

const POLL_MS = 5000;

type Info = Schema<'System'>;

function Alerts() {
  const list = useLoad(() => get('/api/v1/alerts'), [], POLL_MS);
  return (
    <Card title="Alerts">
      <Loading of={list}>{({ alerts }) => (alerts.length === 0
        ? <p class="soft">Nothing needs you.</p>
        : (
          <div class="stack">
            {alerts.map((alert) => (
              <Notice key={`${alert.kind}|${alert.destination}|${alert.message}`} kind={alert.severity === 'critical' ? 'bad' : 'warn'}>
                <b>{alert.destination && `${alert.destination}: `}{alert.message}</b> {alert.cure} {alert.since && <span class="soft">Since <Time at={alert.since} />.</span>}
              </Notice>
            ))}
          </div>
        ))}
      </Loading>
    </Card>
  );
}

const Limits = (props: { of: Info }) => (
  <div class="table-wrap" tabIndex={0} role="region" aria-label="Limits">
    <table>
      <thead><tr><th>Limit</th><th class="number">Used</th><th class="number">Of</th><th class="meter"><span class="hidden-text">Share</span></th></tr></thead>
      <tbody>
        {props.of.limits.map((limit) => {
          const show = limit.name.includes('bytes') || limit.name.includes('memory') ? bytes : count;
          return (
            <tr key={limit.name}>
              <td>{limit.name}</td><td class="number">{show(limit.used)}</td><td class="number">{show(limit.value)}</td>
              <td><Progress label={limit.name} value={limit.used} most={limit.value} /></td>
            </tr>
          );
        })}
      </tbody>
    </table>
  </div>
);

function Facts(props: { of: Info }) {
  const { of } = props;
  const s = status.value;
  return (
    <dl class="facts">
      <dt>Version</dt><dd>{of.version}, up since {of.started && new Date(of.started).toLocaleString()} (<Time at={of.started} />)</dd>
      <dt>Memory</dt><dd>{bytes(of.memory_bytes)}, {count(of.threads)} threads</dd>
      <dt>Data</dt><dd><code>{of.data}</code>: {bytes(of.disk_free_bytes)} of {bytes(of.disk_total_bytes)} free on its disk</dd>
      <dt>Journal</dt><dd>{count(of.journal.events)} events in {bytes(of.journal.bytes)} of {bytes(of.journal.limit_bytes)}, the oldest from <Time at={of.journal.oldest} />; safe on disk {duration(of.journal.commit_us / 1000)} after they came, on average</dd>
      <dt>State</dt><dd>{bytes(of.state_bytes)}</dd>
      <dt>Configuration</dt><dd>{of.config_files.map((file) => <code key={file}>{file} </code>)} <span class="soft">loaded {of.generation === 1 ? 'once' : `${count(of.generation)} times`}</span></dd>
      {s && <><dt>Received</dt><dd>{count(s.ingest.events)} events in {count(s.ingest.requests)} requests since the start, {count(s.ingest.rejected)} refused</dd></>}
      {s && <><dt>SDKs send to</dt><dd class="mono">{s.public}</dd></>}
      <dt>For machines</dt><dd><a href="/metrics">OpenMetrics</a> · <a href="/api/v1/openapi.json">OpenAPI</a> · <a href="/healthz" target="_blank">health</a> · <a href="/readyz" target="_blank">readiness</a></dd>
    </dl>
  );
}

function Machine() {
  const info = useLoad(() => get('/api/v1/system'), [], POLL_MS);
  const [asking, ask] = useState(false);
  return (
    <>
      <Alerts />
      <Card title="This server" class="stack" actions={may('admin') && <Button onClick={() => ask(true)}>Restart…</Button>}>
        <Loading of={info}>{(of) => <><Facts of={of} /><Limits of={of} /></>}</Loading>
      </Card>
      {asking && (
        <Confirm title="Restart in place?" button="Restart" onYes={() => attempt(() => post('/api/v1/restart'), 'It restarts; this page goes on by itself')} onClose={() => ask(false)}>
          The program that is installed now takes over, with the configuration as it is on disk. No connection is refused: clients wait a moment.
        </Confirm>
      )}
    </>
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
