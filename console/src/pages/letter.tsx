// SPDX-License-Identifier: Apache-2.0
// One dead letter: what is wrong, the event, and a place to find out what would make it right.
import { useState } from 'preact/hooks';
import { get, post, type Schema } from '../api';
import { attempt, may, note, useLoad } from '../state';
import { Button, Chip, Code, Dialog, Loading, Notice } from '../ui/basics';
import { Json, Time } from '../ui/format';

type Letter = Schema<'Letter'>;

// A line for `pixeld test`: this event must be sent. The time is frozen, or the event would grow too old.
function fixture(destination: string, letter: Letter): string {
  const now = new Date(letter.received_ms ?? letter.died_ms).toISOString();
  return JSON.stringify({ name: `dead letter ${letter.seq}`, now, destination, event: letter.event, expect: { send: [{}] } });
}

async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text).then(() => note('good', 'Copied'), () => note('bad', 'The browser did not allow copying'));
}

const sends = (would: Record<string, unknown>) => 'send' in would;

// An event mended by hand: tried, and sent when it is right.
function Mend(props: { destination: string; letter: Letter; sent: () => void }) {
  const { destination, letter } = props;
  const [text, setText] = useState(JSON.stringify(letter.event, null, 2));
  const [would, setWould] = useState<Record<string, unknown> | null>(null);
  const run = (send: boolean) => attempt(async () => {
    let event: Record<string, never>;
    try { event = JSON.parse(text); } catch (error) { throw new Error(`This is not JSON: ${(error as Error).message}`); }
    const answer = await post('/api/v1/dead/try', { destination, seq: letter.seq, event, send });
    setWould(answer.would as Record<string, unknown>);
    if (answer.done) { note('good', 'It is sent'); props.sent(); }
  });
  return (
    <div class="stack">
      <label class="field">
        The event
        <textarea rows={12} spellcheck={false} value={text} onInput={(event) => { setText((event.target as HTMLTextAreaElement).value); setWould(null); }} />
        <span class="hint">Mend it and try. The event as it came stays in the journal.</span>
      </label>
      <div class="row">
        <Button kind={would && sends(would) ? undefined : 'main'} onClick={() => run(false)}>Try</Button>
        {would && sends(would) && <Button kind="main" onClick={() => run(true)}>Send it like this</Button>}
        {would && <Chip kind={sends(would) ? 'good' : 'dead'}>{sends(would) ? 'would be sent' : 'would not be sent'}</Chip>}
      </div>
      {would && <Json value={would} />}
    </div>
  );
}

function Facts(props: { of: Letter }) {
  const { of } = props;
  return (
    <dl class="facts">
      <dt>Event</dt><dd>{of.event_name || 'not an event'}</dd>
      <dt>Reason</dt><dd><Chip kind="dead">{of.reason}</Chip></dd>
      {of.path && <><dt>Where</dt><dd class="mono">{of.path}</dd></>}
      <dt>What</dt><dd>{of.message}</dd>
      {of.meta_text && <><dt>Meta said</dt><dd>{of.code}{of.subcode ? `/${of.subcode}` : ''}: {of.meta_text}</dd></>}
      {of.fbtrace_id && <><dt>fbtrace_id</dt><dd class="mono">{of.fbtrace_id}</dd></>}
      {of.pixel_id && <><dt>Pixel</dt><dd class="mono">{of.pixel_id}</dd></>}
      <dt>Message id</dt><dd class="mono">{of.message_id || '–'}</dd>
      <dt>Source</dt><dd>{of.source || '–'}</dd>
      <dt>Died</dt><dd><Time at={of.died_ms} /></dd>
    </dl>
  );
}

export function LetterView(props: { seq: number; destination: string; reload: () => void; onClose: () => void }) {
  const { seq, destination } = props;
  const one = useLoad(() => get('/api/v1/dead/{destination}/{seq}', { destination, seq }), [seq]);
  const again = async () => {
    if (!await attempt(() => post('/api/v1/dead/retry', { destination, seqs: [seq] }), 'It is sent again')) return;
    props.onClose();
    props.reload();
  };
  return (
    <Dialog title={`Dead letter ${seq}`} onClose={props.onClose}>
      <Loading of={one}>{(letter) => (
        <>
          <Facts of={letter} />
          <div class="row">
            {may('editor') && <Button kind="main" onClick={again}>Send again</Button>}
            <a class="button" href={`/explain/${seq}`}>Explain</a>
            {letter.event !== undefined && <Button onClick={() => copy(fixture(destination, letter))} title="A line for pixeld test: this event must be sent">Copy as fixture</Button>}
          </div>
          {letter.event === undefined
            ? <><Notice kind="warn">It came as something that is not JSON:</Notice><Code text={letter.raw ?? ''} label="The event as it came" /></>
            : may('editor') ? <Mend destination={destination} letter={letter} sent={() => { props.onClose(); props.reload(); }} /> : <Code text={JSON.stringify(letter.event, null, 2)} label="The event" />}
        </>
      )}</Loading>
    </Dialog>
  );
}
