// SPDX-License-Identifier: Apache-2.0
// Dead letters: what could not be delivered, and why.
import { useState } from 'preact/hooks';
import { get, post, type Schema } from '../api';
import { query, setQuery } from '../route';
import { attempt, may, status, useLoad } from '../state';
import { Button, Card, Dialog, Empty, Field, Loading, Page } from '../ui/basics';
import { Json, Time } from '../ui/format';

type Letter = Schema<'Letter'>;

function Show(props: { letter: Letter; destination: string; onClose: () => void }) {
  const one = useLoad(() => get('/api/v1/dead/{destination}/{seq}', { destination: props.destination, seq: props.letter.seq }), [props.letter.seq]);
  return (
    <Dialog title={`Dead letter ${props.letter.seq}`} onClose={props.onClose}>
      <Loading of={one}>{(letter) => (
        <>
          <dl class="facts">
            <dt>Reason</dt><dd>{letter.reason}</dd>
            {letter.path && <><dt>Where</dt><dd class="mono">{letter.path}</dd></>}
            <dt>What</dt><dd>{letter.message}</dd>
            {letter.meta_text && <><dt>Meta said</dt><dd>{letter.code}/{letter.subcode}: {letter.meta_text}</dd></>}
            {letter.fbtrace_id && <><dt>fbtrace_id</dt><dd class="mono">{letter.fbtrace_id}</dd></>}
          </dl>
          {letter.raw !== undefined ? <pre>{letter.raw}</pre> : <Json value={letter.event} />}
        </>
      )}</Loading>
    </Dialog>
  );
}

export function DeadLetters() {
  const names = status.value?.destinations.map((d) => d.name) ?? [];
  const destination = query.value.get('destination') ?? names[0] ?? '';
  const reason = query.value.get('reason') ?? '';
  const [open, setOpen] = useState<Letter | null>(null);
  const list = useLoad(() => (destination ? get('/api/v1/dead', { destination, reason }) : Promise.resolve({ dead: [] })), [destination, reason]);
  const act = async (what: 'retry' | 'discard', seqs?: number[]) => {
    const body = { destination, ...(seqs ? { seqs } : reason ? { reason } : { all: true }) };
    const done = await attempt(() => post(`/api/v1/dead/${what}`, body));
    if (done) list.reload();
  };
  return (
    <Page title="Dead letters" lead="Events that could not be delivered, each with its reason. They are kept until you retry or discard them."
      actions={may('editor') && (
        <>
          <Button onClick={() => act('retry')}>Retry all shown</Button>
          <Button kind="danger" onClick={() => act('discard')}>Discard all shown</Button>
        </>
      )}>
      <div class="row">
        <Field label="Destination" value={destination} options={names} onInput={(value) => setQuery({ destination: value })} />
        <Field label="Reason" value={reason} onInput={(value) => setQuery({ reason: value })} />
      </div>
      <Card>
        <Loading of={list}>{(page) => (page.dead.length === 0
          ? <Empty title="No dead letters">Everything that could be sent was sent.</Empty>
          : (
            <div class="table-wrap">
              <table>
                <thead><tr><th class="number">No.</th><th>Died</th><th>Reason</th><th>What</th><th /></tr></thead>
                <tbody>
                  {page.dead.map((letter) => (
                    <tr key={letter.seq}>
                      <td class="number">{letter.seq}</td>
                      <td><Time at={letter.died_ms} /></td>
                      <td>{letter.reason}</td>
                      <td>{letter.meta_text || letter.message}</td>
                      <td class="nowrap right">
                        <Button kind="plain" onClick={() => setOpen(letter)}>Show</Button>
                        {may('editor') && <Button kind="plain" onClick={() => act('retry', [letter.seq])}>Retry</Button>}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          ))}
        </Loading>
      </Card>
      {open && <Show letter={open} destination={destination} onClose={() => setOpen(null)} />}
    </Page>
  );
}
