// SPDX-License-Identifier: Apache-2.0
// Explain: everything that became of one event, from the connection it came in on to Meta's answer.
import { useState } from 'preact/hooks';
import { get, post, type Schema } from '../api';
import { go, path } from '../route';
import { attempt, may, useLoad } from '../state';
import { Button, Card, Chip, Code, Empty, Loading, Notice, Page } from '../ui/basics';
import { bytes, count, duration, Json, Time, withoutTags } from '../ui/format';
import { Mapping } from '../ui/mapping';
import './watch.css';

type Story = Schema<'Story'>;
type Part = Schema<'StoryPart'>;
type Found = Awaited<ReturnType<typeof find>>;

const SEARCH_PIECES = 40; // how many stretches of the journal are searched before one is asked to go on

// An id that is no longer remembered is searched for in the journal, stretch by stretch.
async function find(id: string, from?: number, reveal?: boolean) {
  let answer = await get('/api/v1/events/{id}', { id, scan: from, reveal });
  for (let i = 0; from !== undefined && !answer.found && answer.next !== undefined && i < SEARCH_PIECES; i++) {
    answer = await get('/api/v1/events/{id}', { id, scan: answer.next, reveal });
  }
  return answer;
}

const between = (from: string | null | undefined, to: string | null | undefined) =>
  (from && to ? new Date(to).getTime() - new Date(from).getTime() : undefined);

function Attempts(props: { of: Part }) {
  if (!props.of.attempts.length) return null;
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={`Requests to Meta for ${props.of.name}`}>
      <table>
        <thead><tr><th>Sent</th><th class="number">Took</th><th>Pixel</th><th class="number">In a batch of</th><th>Answer</th><th>fbtrace_id</th></tr></thead>
        <tbody>
          {props.of.attempts.map((a) => (
            <tr key={a.number}>
              <td><Time at={a.sent} exact /></td>
              <td class="number">{duration(a.took_ms)}</td>
              <td class="mono">{a.pixel_id}</td>
              <td class="number">{count(a.events)}</td>
              <td>
                <Chip kind={a.status === 200 ? 'good' : 'bad'}>{a.status ? `HTTP ${a.status}` : 'no answer'}</Chip>{' '}
                {a.code !== 0 && <a href={`/delivery?code=${a.code}`}>code {a.code}{a.subcode ? `/${a.subcode}` : ''}</a>} {withoutTags(a.text)}
              </td>
              <td class="mono">{a.fbtrace_id || '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Hold(props: { of: Part['holds'][number] }) {
  const { of } = props;
  if (of.state === 'waiting')
    return <p>The hold <b>{of.name}</b> keeps it back since <Time at={of.since} />, until it is confirmed or <Time at={of.until} />; then: {of.then}.</p>;
  return <p>The hold <b>{of.name}</b> was {of.state} <Time at={of.at} /> by <a href={`/explain/${of.by}`}>number {of.by}</a>.</p>;
}

function Destination(props: { of: Part; story: Story; again: () => void }) {
  const { of } = props;
  const reason = of.reason !== 'none' && of.reason !== 'unknown' ? of.reason : '';
  const retry = async () => {
    if (await attempt(() => post('/api/v1/dead/retry', { destination: of.name, seqs: [props.story.seq] }), 'It is sent again')) props.again();
  };
  return (
    <li class={`step ${of.state}`}>
      <div class="row">
        <h3>{of.name}</h3><Chip kind={of.state} />{reason && <code>{reason}</code>}
        {of.dead && may('editor') && <Button onClick={retry}>Send again</Button>}
        {may('editor') && <a class="button" href={`/rules?destination=${encodeURIComponent(of.name)}&event=${props.story.seq}`}>Edit the rules on it</a>}
      </div>
      {of.meaning && of.state !== 'delivered' && <p>{of.meaning}</p>}
      {of.dead && (
        <Notice kind="bad">
          {!of.dead.message.startsWith(of.dead.path) && <code>{of.dead.path}</code>} {of.dead.message} {of.dead.meta_text && <>Meta said: {of.dead.meta_text}</>} <span class="soft">(<Time at={of.dead.died} />)</span>
        </Notice>
      )}
      {of.holds.map((hold) => <Hold key={hold.name} of={hold} />)}
      <Attempts of={of} />
      <details open={of.state === 'dead' || of.state === 'filtered'}>
        <summary>What the present rules make of it</summary>
        <Mapping rules={of.rules} />
      </details>
    </li>
  );
}

function Timeline(props: { story: Story; again: () => void }) {
  const s = props.story;
  const late = between(s.sent, s.received);
  const durable = between(s.received, s.stored);
  return (
    <ol class="timeline">
      {s.sent && (
        <li class="step">
          <strong>Sent</strong> by the client at {new Date(s.sent).toLocaleString()}
          {late !== undefined && Math.abs(late) >= 1000 && <>, by its clock {duration(Math.abs(late))} {late > 0 ? 'before it came in' : 'after it came in: its clock is ahead'}</>}
        </li>
      )}
      <li class="step">
        <strong>Received</strong> by the source <a href={`/live?source=${encodeURIComponent(s.source)}`}>{s.source || 'none'}</a> from {s.address || 'an unknown address'}
        {' '}at {s.received ? new Date(s.received).toLocaleString() : 'an unknown time'}, as {s.protocol}, {s.from_browser ? 'by a browser' : 'by a server'}, {bytes(s.bytes)}
        {s.rejected && <Notice kind="bad">Not taken as an event: <code>{s.rejected}</code></Notice>}
      </li>
      <li class="step">
        <strong>Stored</strong> as number {s.seq}{durable !== undefined && durable >= 0 && <>, safe on disk after {duration(durable)}</>}
        {s.duplicate_of !== undefined && (
          <Notice kind="warn">
            Its message id came before, in <a href={`/explain/${s.duplicate_of}`}>number {s.duplicate_of}</a>
            {s.changed ? ', with another content. Does the client use ids more than once?' : ': the client sent it twice, it goes to Meta once.'}
          </Notice>
        )}
      </li>
      {s.destinations.map((part) => <Destination key={part.name} of={part} story={s} again={props.again} />)}
    </ol>
  );
}

// A line for `pixeld test`: what the rules make of this event now must stay so.
async function copyFixture(destination: string, story: Story): Promise<void> {
  const tried = await post('/api/v1/try', { destination, source: story.source, event: story.content });
  const fixture = { name: `event ${story.seq}`, now: story.received, destination, event: story.content, expect: tried.result };
  await navigator.clipboard.writeText(JSON.stringify(fixture));
}

function Content(props: { story: Story; reveal: () => void }) {
  const { story } = props;
  const first = story.destinations[0];
  return (
    <Card title="The event as it was sent" class="stack" actions={(
      <>
        {may('admin') && !story.revealed && <Button onClick={props.reveal} title="This is noted in the audit log">Show personal data</Button>}
        {story.revealed && first && <Button onClick={() => attempt(() => copyFixture(first.name, story), 'Copied: a line for pixeld test')}>Copy as fixture</Button>}
      </>
    )}>
      {story.revealed && <Notice kind="warn">Personal data is shown, and that you looked is noted.</Notice>}
      {typeof story.content === 'string' ? <Code text={story.content} label="The event" /> : <Json value={story.content} />}
    </Card>
  );
}

function Missing(props: { id: string; found: Found; search: () => void }) {
  const { found } = props;
  if (found.next === undefined) {
    return (
      <Empty title="No such event">
        No event in the journal has the message id or number <code>{props.id}</code>.
        The journal reaches from number {found.oldest} to {(found.end ?? 1) - 1}; what is older was removed by its retention.
      </Empty>
    );
  }
  return (
    <Empty title="Not among the ids that are remembered">
      <p>It may still be in the journal, from number {found.next} on.</p>
      <Button kind="main" onClick={props.search}>Search the journal</Button>
    </Empty>
  );
}

function One(props: { id: string }) {
  const [from, search] = useState<number | undefined>();
  const [revealed, reveal] = useState(false);
  const story = useLoad(() => find(props.id, from, revealed || undefined), [props.id, from, revealed]);
  return (
    <Loading of={story}>{(found) => (found.found && found.event
      ? (
        <>
          <Card title={`Number ${found.event.seq}`} actions={<code>{found.event.message_id}</code>}>
            <Timeline story={found.event} again={story.reload} />
          </Card>
          <Content story={found.event} reveal={() => reveal(true)} />
        </>
      )
      : <Missing id={props.id} found={found} search={() => search(found.next)} />)}
    </Loading>
  );
}

export function Explain() {
  const id = decodeURIComponent(path.value.split('/').slice(2).join('/'));
  const [text, setText] = useState(id);
  return (
    <Page title="Explain" lead="What became of one event, and why. Personal data is masked.">
      <form class="row" onSubmit={(event) => { event.preventDefault(); if (text.trim()) go(`/explain/${encodeURIComponent(text.trim())}`); }}>
        <input type="search" class="wide" aria-label="Message id or number of an event" placeholder="message id or number" value={text}
          onInput={(event) => setText((event.target as HTMLInputElement).value)} />
        <button type="submit" class="main">Explain</button>
      </form>
      {id ? <One key={id} id={id} /> : <Empty title="Which event?">Its message id is in the client’s log, its number on <a href="/live">Live</a>.</Empty>}
    </Page>
  );
}
