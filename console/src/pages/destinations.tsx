// SPDX-License-Identifier: Apache-2.0
// Destinations: the pixels that events go to.
import { useState } from 'preact/hooks';
import { post, type Schema } from '../api';
import { isSandbox, useConfig, type Config, type Item } from '../config';
import { Editor } from '../destination/editor';
import { clock, testCode, useTimeLeft } from '../destination/settings';
import { query } from '../route';
import { attempt, may, status } from '../state';
import { Button, Card, Chip, Empty, Loading, Notice, Page } from '../ui/basics';
import { Confirm } from '../ui/confirm';
import { count, some, Time } from '../ui/format';

function Chips({ item }: { item: Item }) {
  const d = status.value?.destinations.find((one) => one.name === item.name);
  const code = testCode(item.settings.test_event_code);
  const left = useTimeLeft(code?.expires);
  const testing = code && (left === undefined || left > 0);
  return (
    <span class="row">
      {item.settings.enabled === false ? <Chip kind="">off</Chip> : d?.paused ? <Chip kind="bad">paused</Chip> : <Chip kind="good">on</Chip>}
      {testing && <Chip kind="warn">test events{left !== undefined && `, ${clock(left)} left`}</Chip>}
      {isSandbox(item.settings) && <Chip kind="info">on this machine</Chip>}
      {item.locked && <Chip kind="">in your own file</Chip>}
    </span>
  );
}

function One({ item }: { item: Item }) {
  const d = status.value?.destinations.find((one) => one.name === item.name);
  const where = encodeURIComponent(item.name);
  return (
    <Card>
      <div class="stack tight">
        <header class="row"><h2><a href={`/destinations?name=${where}`}>{item.name}</a></h2><Chips item={item} /></header>
        <dl class="facts">
          <dt>Pixel</dt><dd class="mono">{String(item.settings.pixel_id)}</dd>
          <dt>Mapping</dt><dd>{String(item.settings.preset ?? 'standard')}</dd>
          {d && <><dt>Delivered</dt><dd>{count(d.states.delivered ?? 0)} of {count(d.received)}, last <Time at={d.last_delivered} /></dd></>}
          {d && (d.states.dead ?? 0) > 0 && <><dt>Dead</dt><dd><a href={`/dead?destination=${where}`}>{some(d.states.dead ?? 0, 'dead letter')}</a></dd></>}
        </dl>
        {d?.paused && <Notice kind="bad">{d.pause_reason}</Notice>}
        <div class="row"><a class="button" href={`/destinations?name=${where}`}>{item.locked || !may('editor') ? 'Look' : 'Change'}</a><a class="button" href={`/rules?destination=${where}`}>Rules</a></div>
      </div>
    </Card>
  );
}

// What is kept of one that is no longer configured; with its name given again it goes on where it was.
function Removed({ of }: { of: Schema<'Removed'> }) {
  const [sure, ask] = useState(false);
  const forget = () => attempt(() => post('/api/v1/forget', { destination: of.name }), 'It is being forgotten');
  return (
    <li class="row">
      <strong>{of.name}</strong><span class="mono soft">{of.pixel_id}</span>
      <span>removed <Time at={of.since} />, forgotten <Time at={of.forgotten} /></span>
      <a class="push" href={`/dead?destination=${encodeURIComponent(of.name)}`}>Dead letters</a>
      {may('admin') && <Button onClick={() => ask(true)}>Forget</Button>}
      {sure && (
        <Confirm title={`Forget ${of.name}?`} button={`Forget ${of.name}`} onYes={forget} onClose={() => ask(false)}>
          Its dead letters, counts and the place where it was go at once and for good.
        </Confirm>
      )}
    </li>
  );
}

function List({ config }: { config: Config }) {
  const gone = status.value?.removed ?? [];
  return (
    <Page title="Destinations" lead="The pixels (Meta calls them datasets) that events go to."
      actions={may('editor') && <a class="button main" href="/destinations?add=1">Add a destination</a>}>
      {gone.length > 0 && <Card title="Removed, and not forgotten yet"><ul class="jobs">{gone.map((one) => <Removed key={one.name} of={one} />)}</ul></Card>}
      {config.destinations.length === 0
        ? <Card><Empty title="No destination yet">Events are kept and go nowhere. {may('editor') ? <a href="/destinations?add=1">Add one</a> : 'Somebody with the role editor can add one.'}</Empty></Card>
        : <div class="cards">{config.destinations.map((item) => <One key={item.name} item={item} />)}</div>}
    </Page>
  );
}

export function Destinations() {
  const loaded = useConfig();
  const name = query.value.get('name');
  return (
    <Loading of={loaded}>{(config) => {
      if (query.value.get('add') && may('editor')) return <Editor key="+" config={config} />;
      if (!name) return <List config={config} />;
      const item = config.destinations.find((d) => d.name === name);
      return item ? <Editor key={name} item={item} config={config} /> : <Notice kind="warn">There is no destination named {name}. <a href="/destinations">All destinations</a></Notice>;
    }}</Loading>
  );
}
