// SPDX-License-Identifier: Apache-2.0
// Sources: who sends events, with which key, when the last one came and what names were seen.
import { useState } from 'preact/hooks';
import { get, type Schema } from '../api';
import { removeItem, SECRET, standsIn, useConfig, type Config, type Item } from '../config';
import { go, query } from '../route';
import { protocolOf, protocols, SourceForm } from '../source/form';
import { Snippets } from '../source/snippets';
import { attempt, may, note, useLoad } from '../state';
import { Button, Card, Chip, Empty, Loading, Notice, Page } from '../ui/basics';
import { Confirm } from '../ui/confirm';
import { count, percent, Time } from '../ui/format';

const NEW_MS = 24 * 3600_000;
const isNew = (seen: Schema<'EventName'>) => Boolean(seen.first) && Date.now() - new Date(seen.first!).getTime() < NEW_MS;
const titleOf = (item: Item) => protocols.find(([word]) => word === protocolOf(item.settings))?.[1] ?? protocolOf(item.settings);

function Key({ item }: { item: Item }) {
  const keys: string[] = [item.settings.write_key ?? []].flat().map(String);
  const [open, setOpen] = useState(false);
  if (!keys.length) return <span class="soft">none</span>;
  const key = keys[0]!;
  const copy = () => navigator.clipboard.writeText(key).then(() => note('good', 'Copied'), () => note('bad', 'The browser did not allow copying'));
  if (key === SECRET) return <span class="soft">for editors to see</span>;
  if (/^(\$\{|file:)/.test(key)) return <code>{key}</code>;
  return <span class="row"><code>{open ? key : `${key.slice(0, 4)}…`}</code><button type="button" class="small plain" onClick={() => setOpen(!open)}>{open ? 'Hide' : 'Show'}</button><button type="button" class="small plain" onClick={copy}>Copy</button></span>;
}

// Of what the destinations have settled since the start, the share that died.
function useErrors(): (source: string) => string | undefined {
  const breakdown = useLoad(() => get('/api/v1/breakdown'), [], 10000);
  return (source) => {
    const rows = breakdown.data?.rows.filter((row) => row.source === source) ?? [];
    const sum = (pick: (row: (typeof rows)[number]) => number) => rows.reduce((all, row) => all + pick(row), 0);
    const settled = sum((row) => row.delivered + Object.values(row.reasons).reduce((a, b) => a + b, 0));
    const unsent = new Set(['filter', 'no_action', 'dropped', 'integrations', 'not_routed', 'other_pixel', 'disabled', 'duplicate', 'changed_duplicate']);
    const dead = sum((row) => Object.entries(row.reasons).reduce((all, [reason, n]) => all + (unsent.has(reason) ? 0 : n), 0));
    return settled ? percent(dead, settled) : undefined;
  };
}

function LastEvent({ source }: { source: string }) {
  const last = useLoad(() => get('/api/v1/events', { source, limit: 1 }), [source], 5000);
  const row = last.data?.events[0];
  if (!last.data) return null;
  return row ? <><a href={`/explain/${row.seq}`}>{row.event}</a> <Time at={row.time} /></> : <span class="soft">none yet</span>;
}

function Seen({ list }: { list: Schema<'EventName'>[] }) {
  if (!list.length) return null;
  return (
    <details>
      <summary>{list.length === 1 ? '1 event name' : `${list.length} event names`} {list.some(isNew) && <Chip kind="info">{list.filter(isNew).length} new</Chip>}</summary>
      <div class="table-wrap">
        <table>
          <thead><tr><th>Event</th><th class="number">Seen</th><th>First</th><th>Last</th></tr></thead>
          <tbody>
            {list.map((n) => (
              <tr key={n.event}><td>{n.event} {isNew(n) && <Chip kind="info">new</Chip>}</td><td class="number">{count(n.count)}</td><td><Time at={n.first} /></td><td><Time at={n.last} /></td></tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function One(props: { item: Item; errors?: string; seen: Schema<'EventName'>[] }) {
  const { item } = props;
  const where = encodeURIComponent(item.name);
  return (
    <Card>
      <div class="stack tight">
        <header class="row">
          <h2><a href={`/sources?edit=${where}`}>{item.name}</a></h2>
          {item.settings.enabled === false && <Chip kind="">off</Chip>}
          {item.locked && <Chip kind="">in your own file</Chip>}
        </header>
        <dl class="facts">
          <dt>Sends with</dt><dd>{titleOf(item)}</dd>
          <dt>Write key</dt><dd><Key item={item} /></dd>
          <dt>Last event</dt><dd><LastEvent source={item.name} /></dd>
          {props.errors && <><dt>Errors</dt><dd>{props.errors} of its events died</dd></>}
          {item.settings.destinations && <><dt>Goes to</dt><dd>{[item.settings.destinations].flat().join(', ')}</dd></>}
        </dl>
        <Seen list={props.seen} />
        <div class="row"><a class="button" href={`/sources?edit=${where}`}>Set up</a><a class="button" href={`/live?source=${where}`}>Watch live</a></div>
      </div>
    </Card>
  );
}

function Edit({ item, config }: { item: Item; config: Config }) {
  const [asking, ask] = useState(false);
  return (
    <Page title={item.name} lead={<><a href="/sources">Sources</a> · {titleOf(item)}</>}
      actions={!item.locked && may('editor') && !standsIn(item) && <Button kind="danger" onClick={() => ask(true)}>Remove</Button>}>
      {item.locked && <Notice>This is in your own file, <code>{item.file}:{item.line}</code>, and is changed there. Here it is shown.</Notice>}
      {may('editor') && <Card title="What to paste"><Snippets source={item.name} protocol={protocolOf(item.settings)} /></Card>}
      <SourceForm item={item} config={config} onDone={() => {}} />
      {asking && (
        <Confirm title={`Remove ${item.name}?`} button={`Remove ${item.name}`} onClose={() => ask(false)}
          onYes={async () => { if (await attempt(() => removeItem('sources', item.name), 'Removed')) go('/sources'); }}>
          Whoever sends with its key is refused from then on. Events that came are kept and still delivered.
        </Confirm>
      )}
    </Page>
  );
}

function List({ config }: { config: Config }) {
  const errors = useErrors();
  const seen = useLoad(() => get('/api/v1/names'), [], 10000);
  return (
    <Page title="Sources" lead="Who sends events, each with a key of its own." actions={may('editor') && <a class="button main" href="/sources?add=1">Add a source</a>}>
      {config.sources.length === 0
        ? <Card><Empty title="No source yet">Nobody can send events. {may('editor') ? <a href="/sources?add=1">Add the first</a> : 'Somebody with the role editor can add one.'}</Empty></Card>
        : <div class="cards">{config.sources.map((item) => <One key={item.name} item={item} errors={errors(item.name)} seen={seen.data?.names.filter((n) => n.source === item.name) ?? []} />)}</div>}
    </Page>
  );
}

export function Sources() {
  const loaded = useConfig();
  const name = query.value.get('edit');
  return (
    <Loading of={loaded}>{(config) => {
      if (query.value.get('add') && may('editor')) {
        return (
          <Page title="New source" lead={<a href="/sources">Sources</a>}>
            <SourceForm key="+" config={config} onDone={(made) => go(`/sources?edit=${encodeURIComponent(made)}`)} />
          </Page>
        );
      }
      if (!name) return <List config={config} />;
      const item = config.sources.find((s) => s.name === name);
      return item ? <Edit key={name} item={item} config={config} /> : <Notice kind="warn">There is no source named {name}. <a href="/sources">All sources</a></Notice>;
    }}</Loading>
  );
}
