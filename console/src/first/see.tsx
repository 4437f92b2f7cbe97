// SPDX-License-Identifier: Apache-2.0
// The first step: an event comes in, and what became of it stands beside it.
import { useEffect, useState } from 'preact/hooks';
import { get, post, stream, type Answer, type Schema } from '../api';
import { change, isSandbox, newKey, type Config } from '../config';
import { attempt, useLoad } from '../state';
import { usePublicAddress } from '../source/snippets';
import { Button, Card, Chip, Code, Field } from '../ui/basics';
import { Time } from '../ui/format';

type Row = Schema<'Row'>;
type Story = NonNullable<Answer<'/api/v1/events/{id}', 'get'>['event']>;
const SHOWN = 12;
const AGAIN_MS = 400; // while an event is still under way

function useStory(seq: number): Story | undefined {
  const [story, setStory] = useState<Story | undefined>();
  useEffect(() => {
    let timer = 0;
    let alive = true;
    const ask = async () => {
      const answer = await get('/api/v1/events/{id}', { id: seq }).catch(() => undefined);
      if (!alive) return;
      if (answer?.event) setStory(answer.event);
      if (!answer?.event || answer.event.destinations.some((d) => d.state === 'waiting')) timer = window.setTimeout(ask, AGAIN_MS);
    };
    void ask();
    return () => { alive = false; clearTimeout(timer); };
  }, [seq]);
  return story;
}

function Explained({ row }: { row: Row }) {
  const story = useStory(row.seq);
  return (
    <li>
      <div class="row">
        <a href={`/explain/${row.seq}`}><b>{row.event || row.type || 'unreadable'}</b></a>
        {row.value && <span>{row.value} {row.currency}</span>}
        <span class="soft small">{row.person} · <Time at={row.time} exact /></span>
      </div>
      {story?.destinations.map((d) => (
        <p key={d.name} class="small"><Chip kind={d.state} /> {d.name}: {d.dead ? d.dead.meta_text || d.dead.message || d.meaning : d.meaning}</p>
      ))}
      {story && !story.destinations.length && <p class="small soft">Kept on disk. It goes to Meta as soon as there is a destination.</p>}
    </li>
  );
}

// The latest events, as they come.
export function useLatest(source?: string): Row[] {
  const [rows, setRows] = useState<Row[]>([]);
  useEffect(() => {
    let alive = true;
    const add = (fresh: Row[]) => { if (alive) setRows((now) => [...fresh.filter((r) => !now.some((n) => n.seq === r.seq)), ...now].sort((a, b) => b.seq - a.seq).slice(0, SHOWN)); };
    void get('/api/v1/events', { limit: SHOWN, source }).then((page) => add(page.events), () => {});
    const stop = stream('/api/v1/live', { source }, { data: (row, kind) => { if (kind === 'message') add([row]); }, state: () => {} });
    return () => { alive = false; stop(); };
  }, [source]);
  return rows;
}

function FirstSource() {
  const [name, setName] = useState('shop');
  return (
    <form class="row" onSubmit={(e) => { e.preventDefault(); void attempt(() => change('sources', name, { write_key: newKey() }), 'Made'); }}>
      <Field label="Name of your first source" value={name} onInput={setName} hint="Whatever sends events is a source with a key." required />
      <button class="main" type="submit">Make it</button>
    </form>
  );
}

export function SeeEvent({ config }: { config: Config }) {
  const [url] = usePublicAddress();
  const source = config.sources.find((s) => ['segment', 'rudderstack'].includes(String(s.settings.protocol ?? 'segment')) && s.settings.write_key);
  const snippets = useLoad(async () => (source ? (await get('/api/v1/snippets', { source: source.name, url: url.startsWith('http') ? url : undefined })).snippets : []), [source?.name, url]);
  const curl = snippets.data?.find((s) => s.name === 'curl');
  const rows = useLatest();
  return (
    <div class="stack">
      <p>Send something, and see what becomes of it. {config.destinations.every((d) => isSandbox(d.settings)) && `Nothing leaves this machine yet${config.destinations.length ? ': a sandbox stands in for Meta' : ''}.`}</p>
      {!source ? <FirstSource /> : (
        <>
          <div class="row"><Button kind="main" onClick={() => attempt(() => post('/api/v1/demo'))}>Send a demo shop’s events</Button><span class="soft">Two visitors, an order, and one broken event.</span></div>
          {curl && <div><p>Or paste this into a terminal:</p><Code text={curl.text} label="curl" /></div>}
        </>
      )}
      <Card title="What came in">
        {rows.length === 0 ? <p class="soft waiting-dots" role="status">Waiting for the first event</p> : <ul class="plain explained" aria-label="Events">{rows.map((row) => <Explained key={row.seq} row={row} />)}</ul>}
      </Card>
    </div>
  );
}
