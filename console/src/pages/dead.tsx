// SPDX-License-Identifier: Apache-2.0
// Dead letters: what could not be delivered, grouped by what is wrong, and what to do about it.
import { useRef, useState } from 'preact/hooks';
import { post, type Schema } from '../api';
import { eachPage, groupKey, listGroups, listLetters, selectionOf, type Group, type Letter } from '../letters';
import { query, setQuery } from '../route';
import { attempt, may, status, useLoad } from '../state';
import { Button, Card, Chip, Empty, Field, Loading, Notice, Page } from '../ui/basics';
import { Confirm } from '../ui/confirm';
import { download } from '../ui/download';
import { count, Time } from '../ui/format';
import { Table, type Column } from '../ui/table';
import { LetterView } from './letter';
import './watch.css';

const EXPORTED = 100000; // letters in one file: what a browser holds in memory without trouble

async function exportLetters(group: Group): Promise<void> {
  const lines: string[] = [];
  await eachPage(group, true, (page) => lines.push(...page.map((letter) => `${JSON.stringify(letter)}\n`)) < EXPORTED);
  download(`dead-${group.destination}-${group.reason}.ndjson`, lines);
  if (lines.length >= EXPORTED) throw new Error(`The file has the first ${count(lines.length)}; pixeld dead export gives all of them.`);
}

function DryResult(props: { of: Schema<'Done'> }) {
  const { would_send = 0, would_stay = {} } = props.of;
  const stay = Object.entries(would_stay);
  return (
    <Notice kind={would_send ? 'good' : 'warn'}>
      By the rules in force {count(would_send)} would be sent{stay.map(([reason, n]) => <>, {count(n)} not (<code>{reason}</code>)</>)}.
      {would_send > 0 && ' What Meta refused before it may refuse again, unless a rule has changed what is sent.'}
    </Notice>
  );
}

function Actions(props: { group: Group; letters: Letter[]; reload: () => void }) {
  const { group, letters } = props;
  const [asking, ask] = useState(false);
  const [dry, setDry] = useState<Schema<'Done'> | null>(null);
  const selection = selectionOf(group, letters);
  const act = async (what: 'retry' | 'discard') => {
    const done = await attempt(() => post(`/api/v1/dead/${what}`, selection), what === 'retry' ? 'They are sent again' : 'Discarded');
    if (done) props.reload();
  };
  const tryAll = async () => setDry(await attempt(() => post('/api/v1/dead/retry', { ...selection, dry_run: true })) ?? null);
  return (
    <>
      <div class="row">
        {may('editor') && <Button onClick={tryAll} title="Map them by the rules in force, without sending anything">Dry run</Button>}
        {may('editor') && <Button kind="main" onClick={() => act('retry')}>Send {letters.length === 1 ? 'it' : `all ${count(letters.length)}`} again</Button>}
        <Button onClick={() => attempt(() => exportLetters(group))}>Export as NDJSON</Button>
        {may('editor') && <Button kind="danger" onClick={() => ask(true)}>Discard…</Button>}
      </div>
      {dry && <DryResult of={dry} />}
      {asking && (
        <Confirm title={`Discard ${count(letters.length)} dead letters?`} button="Discard them" onYes={() => act('discard')} onClose={() => ask(false)}>
          They will never reach Meta, and are removed from this list. Export them first if you may want them back.
        </Confirm>
      )}
    </>
  );
}

const letterColumns: Column<Letter>[] = [
  { name: 'No.', width: '90px', number: true, spare: true, cell: (letter) => letter.seq },
  { name: 'Died', width: '110px', cell: (letter) => <Time at={letter.died_ms} /> },
  { name: 'Event', width: 'minmax(120px, .7fr)', cell: (letter) => <strong>{letter.event_name || 'not an event'}</strong> },
  { name: 'Where', width: 'minmax(120px, .6fr)', spare: true, cell: (letter) => <span class="mono">{letter.path}</span> },
  { name: 'What', width: 'minmax(120px, 2fr)', cell: (letter) => <span title={letter.meta_text || letter.message}>{letter.meta_text || letter.message}</span> },
];

function Groups(props: { groups: Group[]; chosen?: Group }) {
  const pick = (group: Group) => setQuery({ group: group === props.chosen ? undefined : groupKey(group) });
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label="Groups of dead letters">
      <table>
        <thead><tr><th class="number">Letters</th><th>Reason</th><th>Cause</th><th>What to do</th><th>First</th><th>Last</th></tr></thead>
        <tbody>
          {props.groups.map((group) => (
            <tr key={groupKey(group)} class={`link ${group === props.chosen ? 'chosen' : ''}`} onClick={() => pick(group)}>
              <td class="number">{count(group.count)}</td>
              <td>
                <button type="button" class="plain" aria-expanded={group === props.chosen}><Chip kind="dead">{group.reason}</Chip></button>
                {group.code > 0 && <div class="small soft">Meta’s code {group.code}{group.subcode ? `/${group.subcode}` : ''}</div>}
              </td>
              <td class="words">{group.cause}</td>
              <td class="words">{group.cure}</td>
              <td><Time at={group.first} /></td>
              <td><Time at={group.last} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Chosen(props: { group: Group; reload: () => void }) {
  const { group } = props;
  const list = useLoad(() => listLetters(group), [groupKey(group), group.destination, group.count]);
  const seq = query.value.get('letter');
  return (
    <Card title={group.reason} class="stack">
      <Loading of={list}>{(letters) => (
        <>
          {letters.length < group.count && <Notice kind="warn">These are the oldest {count(letters.length)}; deal with them, and the next ones show.</Notice>}
          <Actions group={group} letters={letters} reload={() => { props.reload(); list.reload(); }} />
          <Table label={`Dead letters: ${group.reason}`} columns={letterColumns} rows={letters} keyOf={(letter) => letter.seq}
            onOpen={(letter) => setQuery({ letter: String(letter.seq) })} />
        </>
      )}</Loading>
      {seq && <LetterView key={seq} seq={Number(seq)} destination={group.destination} reload={props.reload} onClose={() => setQuery({ letter: undefined })} />}
    </Card>
  );
}

function Trouble(props: { groups: Group[]; reload: () => void }) {
  const { groups } = props;
  const chosen = groups.find((group) => groupKey(group) === query.value.get('group')) ?? (groups.length === 1 ? groups[0] : undefined);
  return (
    <>
      <Card title={groups.length === 1 ? 'One kind of trouble' : `${groups.length} kinds of trouble`}><Groups groups={groups} chosen={chosen} /></Card>
      {chosen && <Chosen key={groupKey(chosen)} group={chosen} reload={props.reload} />}
    </>
  );
}

export function DeadLetters() {
  const destinations = status.value?.destinations ?? [];
  const worst = useRef(''); // where most died, when the page was opened
  worst.current ||= [...destinations].sort((a, b) => (b.states.dead ?? 0) - (a.states.dead ?? 0))[0]?.name ?? '';
  const destination = query.value.get('destination') ?? worst.current;
  const list = useLoad(() => listGroups(destination), [destination]);
  return (
    <Page title="Dead letters" lead="Events that could not be delivered, by what is wrong with them. They are kept for dead_letters.retention, 30 days if not set otherwise, until you send them again or discard them."
      actions={<Button onClick={list.reload}>Look again</Button>}>
      {destinations.length > 1 && (
        <div class="row" data-filter>
          <Field label="Destination" value={destination} options={destinations.map((d) => d.name)} onInput={(value) => setQuery({ destination: value, group: undefined, letter: undefined })} />
        </div>
      )}
      <Loading of={list}>{(groups) => (groups.length === 0
        ? <Empty title="No dead letters">Everything that could be sent{destination && <> to <strong>{destination}</strong></>} was sent.</Empty>
        : <Trouble groups={groups} reload={list.reload} />)}
      </Loading>
    </Page>
  );
}
