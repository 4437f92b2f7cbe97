// SPDX-License-Identifier: Apache-2.0
// Replay: events that the journal still has go to a destination again, mapped by the rules in force.
import { useState } from 'preact/hooks';
import { get, post, remove, type Schema } from '../api';
import { attempt, may, status, useLoad } from '../state';
import { Button, Card, Check, Chip, Empty, Field, Loading, Page } from '../ui/basics';
import { count, Time } from '../ui/format';
import { Progress } from '../ui/progress';

type Job = Schema<'Replay'>;

const POLL_MS = 1000;

// In the order in which one asks: what goes, what does not, and why.
const kinds: [string, string, string?][] = [
  ['queued', 'queued to be sent', 'would be sent'], ['delivered', 'delivered before, left alone'], ['waiting', 'waiting to be sent anyway'],
  ['filtered', 'left out by the rules'], ['would_fail', 'would be dead'], ['too_old', 'too old for Meta'], ['duplicate', 'repetitions'],
  ['other', 'of another source or event'], ['before', 'from before the destination began'], ['lost', 'no longer in the journal'],
];
const chips: Record<string, string> = { running: 'info', done: 'good', cancelled: 'warn', failed: 'bad' };

function What(props: { of: Job }) {
  const { of } = props;
  return (
    <>
      <strong>{of.destination}</strong>
      {of.event && <>, only <em>{of.event}</em></>}{of.source && <>, from {of.source}</>}
      {of.from && <>, since {new Date(of.from).toLocaleString()}</>}{of.to && <>, until {new Date(of.to).toLocaleString()}</>}
      {of.include_delivered && ', delivered ones too'}
    </>
  );
}

function JobCard(props: { of: Job; reload: () => void }) {
  const { of } = props;
  const running = of.state === 'running';
  const cancel = async () => { if (await attempt(() => remove('/api/v1/replays/{id}', { id: of.id }), 'Cancelled')) props.reload(); };
  return (
    <li class="job">
      <div class="row">
        <Chip kind={chips[of.state] ?? ''}>{of.state}</Chip>{of.dry_run && <Chip kind="held">dry run</Chip>}
        <span><What of={of} /></span>
        <span class="soft push"><Time at={of.started} /></span>
        {running && may('editor') && <Button onClick={cancel}>Cancel</Button>}
      </div>
      {running && <Progress label={`Replay ${of.id}`} value={of.next - of.first} most={of.end - of.first} />}
      {of.error && <p class="bad-text">{of.error}</p>}
      <ul class="counts">
        {kinds.filter(([name]) => of.counts[name]).map(([name, text, dry]) => <li key={name}><b>{count(of.counts[name]!)}</b> {of.dry_run && dry ? dry : text}</li>)}
        {!of.counts.looked_at && !running && <li>There was no event in that stretch.</li>}
      </ul>
    </li>
  );
}

const asTime = (local: string) => (local ? new Date(local).toISOString() : undefined);

function Begin(props: { reload: () => void }) {
  const names = status.value?.destinations.map((d) => d.name) ?? [];
  const [destination, setDestination] = useState('');
  const [source, setSource] = useState('');
  const [event, setEvent] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [delivered, setDelivered] = useState(false);
  const begin = (dry: boolean) => attempt(async () => {
    await post('/api/v1/replays', {
      destination: destination || names[0] || '', source: source || undefined, event: event || undefined, from: asTime(from), to: asTime(to),
      include_delivered: delivered, dry_run: dry,
    });
    props.reload();
  });
  return (
    <Card title="Send again" class="stack">
      <div class="filters">
        <Field label="Destination" value={destination || names[0] || ''} options={names} onInput={setDestination} />
        <Field label="Only the event" value={event} placeholder="any" onInput={setEvent} />
        <Field label="Only from the source" value={source} placeholder="any" onInput={setSource} />
        <Field label="Stored since" type="datetime-local" value={from} onInput={setFrom} />
        <Field label="Stored until" type="datetime-local" value={to} onInput={setTo} />
      </div>
      <Check checked={delivered} onChange={setDelivered} label="Also what Meta has confirmed already (Meta drops repetitions for 48 hours by event id; later it counts them twice)" />
      <div class="row">
        <Button kind="main" onClick={() => begin(true)}>Dry run</Button>
        <Button onClick={() => begin(false)}>Start</Button>
        <span class="soft">A dry run counts what would go, and sends nothing.</span>
      </div>
    </Card>
  );
}

export function Replay() {
  const list = useLoad(() => get('/api/v1/replays'), [], POLL_MS);
  return (
    <Page title="Replay" lead="After a rule is repaired: what it left out goes to Meta after all, with its own time and id. What was delivered stays where it is.">
      {may('editor') && <Begin reload={list.reload} />}
      <Card title="Replays">
        <Loading of={list}>{({ replays }) => (replays.length
          ? <ul class="jobs">{[...replays].reverse().map((job) => <JobCard key={job.id} of={job} reload={list.reload} />)}</ul>
          : <Empty title="No replay yet">{may('editor') ? 'A dry run above tells what one would do.' : 'Editors can begin one.'}</Empty>)}
        </Loading>
      </Card>
    </Page>
  );
}
