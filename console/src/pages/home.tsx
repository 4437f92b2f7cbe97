// SPDX-License-Identifier: Apache-2.0
// Home: is everything all right, and if not, what?
import type { Schema } from '../api';
import { status } from '../state';
import { Card, Chip, Notice, Page } from '../ui/basics';
import { bytes, count, Time } from '../ui/format';

type Destination = Schema<'Destination'>;
const states = ['waiting', 'delivered', 'filtered', 'duplicate', 'held', 'dead'];

function sentence(all: Destination[]): string {
  const paused = all.filter((d) => d.paused);
  const backing = all.filter((d) => !d.paused && d.backoff_until);
  if (!all.length) return 'No destination yet: events are kept, and go nowhere.';
  if (paused.length) return `${paused.map((d) => d.name).join(', ')} ${paused.length > 1 ? 'are' : 'is'} paused; the events are kept.`;
  if (backing.length) return `Delivering, but Meta does not take everything from ${backing.map((d) => d.name).join(', ')} at the moment.`;
  return 'Delivering.';
}

// The strip adds up: everything received is in exactly one of the boxes.
function Flow(props: { destination: Destination }) {
  const d = props.destination;
  const where = `?destination=${encodeURIComponent(d.name)}`;
  return (
    <div class="flow" aria-label={`States of the events for ${d.name}`}>
      <a href={`/live${where}`}><span class="soft">received</span><b>{count(d.received)}</b></a>
      {states.map((state) => (
        <a key={state} href={state === 'dead' ? `/dead${where}` : `/live${where}&state=${state}`}>
          <Chip kind={state} /><b>{count(d.states[state] ?? 0)}</b>
        </a>
      ))}
    </div>
  );
}

export function Home() {
  const s = status.value;
  if (!s) return <Page title="Home"><p class="soft">Loading…</p></Page>;
  return (
    <Page title={sentence(s.destinations)} lead={<>pixeld {s.version}, up since <Time at={s.started} /></>}>
      {s.journal_failing && <Notice kind="bad">The disk refuses writes: clients are told to send again later. {bytes(s.disk_free_bytes)} are free.</Notice>}
      {s.destinations.map((d) => (
        <Card key={d.name} title={d.name}>
          <div class="stack">
            {d.paused && <Notice kind="bad">Paused: {d.pause_reason}</Notice>}
            {!d.paused && d.last_error && <Notice kind="warn">Last error: {d.last_error}</Notice>}
            <Flow destination={d} />
            <p class="small soft">
              Last delivered <Time at={d.last_delivered} />
              {d.oldest_waiting && <> · oldest waiting event <Time at={d.oldest_waiting} /></>}
            </p>
          </div>
        </Card>
      ))}
    </Page>
  );
}
