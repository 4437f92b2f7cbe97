// SPDX-License-Identifier: Apache-2.0
// Dead letters: what could not be delivered, grouped by what is wrong, and what to do about it.
import { useMemo, useState } from 'preact/hooks';
import { post } from '../api';
import { dryRun, eachPage, groupLetters, listLetters, type DryRun, type Group, type Letter } from '../letters';
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

async function exportLetters(destination: string, group?: Group): Promise<void> {
  const wanted = group && new Set(group.letters.map((letter) => letter.seq));
  const lines: string[] = [];
  const more = await eachPage(destination, true, (page) => {
    for (const letter of page) if (!wanted || wanted.has(letter.seq)) lines.push(`${JSON.stringify(letter)}\n`);
    return lines.length < EXPORTED && (!wanted || lines.length < wanted.size);
  });
  download(`dead-${destination}.ndjson`, lines);
  if (more && !wanted) throw new Error(`The file has the first ${count(lines.length)}; pixeld dead export has all of them.`);
}

function DryResult(props: { of: DryRun; total: number }) {
  const { of } = props;
  const part = of.tried < props.total ? ` of the first ${count(of.tried)}` : '';
  return (
    <Notice kind={of.send ? 'good' : 'warn'}>
      By the rules in force {count(of.send)}{part} would be sent
      {of.filtered > 0 && <>, {count(of.filtered)} left out</>}
      {[...of.dead].map(([reason, n]) => <>, {count(n)} would die again (<code>{reason}</code>)</>)}
      {of.gone > 0 && <>; {count(of.gone)} could not be tried, their events are no longer in the journal</>}.
      {of.send > 0 && ' What Meta refused before it may refuse again, unless a rule has changed what is sent.'}
    </Notice>
  );
}

function Actions(props: { destination: string; group: Group; reload: () => void }) {
  const { destination, group } = props;
  const [asking, ask] = useState(false);
  const [dry, setDry] = useState<DryRun | null>(null);
  const [progress, setProgress] = useState('');
  const seqs = group.letters.map((letter) => letter.seq);
  const act = async (what: 'retry' | 'discard') => {
    const done = await attempt(() => post(`/api/v1/dead/${what}`, { destination, seqs }), what === 'retry' ? 'They are sent again' : 'Discarded');
    if (done) props.reload();
  };
  const tryAll = async () => {
    setDry(await attempt(() => dryRun(destination, group.letters, (done, all) => setProgress(`${done} of ${all}`))) ?? null);
    setProgress('');
  };
  return (
    <div class="stack">
      <div class="row">
        {may('editor') && <Button onClick={tryAll} title="Map them by the rules in force, without sending anything">Dry run {progress}</Button>}
        {may('editor') && <Button kind="main" onClick={() => act('retry')}>Send {seqs.length === 1 ? 'it' : `all ${count(seqs.length)}`} again</Button>}
        <Button onClick={() => attempt(() => exportLetters(destination, group))}>Export as NDJSON</Button>
        {may('editor') && <Button kind="danger" onClick={() => ask(true)}>Discard…</Button>}
      </div>
      {dry && <DryResult of={dry} total={seqs.length} />}
      {asking && (
        <Confirm title={`Discard ${count(seqs.length)} dead letters?`} button="Discard them" onYes={() => act('discard')} onClose={() => ask(false)}>
          They will never reach Meta, and are removed from this list. Export them first if you may want them back.
        </Confirm>
      )}
    </div>
  );
}

const letterColumns: Column<Letter>[] = [
  { name: 'No.', width: '90px', number: true, cell: (letter) => letter.seq },
  { name: 'Died', width: '120px', cell: (letter) => <Time at={letter.died_ms} /> },
  { name: 'Where', width: 'minmax(120px, .6fr)', cell: (letter) => <span class="mono">{letter.path}</span> },
  { name: 'What', width: 'minmax(240px, 2fr)', cell: (letter) => <span title={letter.meta_text || letter.message}>{letter.meta_text || letter.message}</span> },
];

function Groups(props: { groups: Group[]; chosen?: Group; destination: string }) {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label="Groups of dead letters">
      <table>
        <thead><tr><th class="number">Letters</th><th>Reason</th><th>What is wrong</th><th>First</th><th>Last</th></tr></thead>
        <tbody>
          {props.groups.map((group) => (
            <tr key={group.key} class={`link ${group === props.chosen ? 'chosen' : ''}`} onClick={() => setQuery({ group: group === props.chosen ? undefined : group.key })}>
              <td class="number">{count(group.letters.length)}</td>
              <td>
                <button type="button" class="plain" aria-expanded={group === props.chosen}><Chip kind="dead">{group.reason}</Chip></button>
              </td>
              <td>
                {group.path && !group.what.startsWith(group.path) && <code>{group.path} </code>}{group.what}
                {group.code > 0 && <span class="soft"> (Meta’s code {group.code}{group.subcode ? `/${group.subcode}` : ''})</span>}
              </td>
              <td><Time at={group.first} /></td>
              <td><Time at={group.last} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Letters(props: { destination: string; letters: Letter[]; more: boolean; reload: () => void }) {
  const { destination } = props;
  const groups = useMemo(() => groupLetters(props.letters), [props.letters]);
  const chosen = groups.find((group) => group.key === query.value.get('group')) ?? (groups.length === 1 ? groups[0] : undefined);
  const seq = Number(query.value.get('letter') ?? -1);
  const open = props.letters.find((letter) => letter.seq === seq);
  return (
    <>
      {props.more && <Notice kind="warn">These are the oldest {count(props.letters.length)}; deal with them, and the next ones show.</Notice>}
      <Card title={`${groups.length === 1 ? 'One kind' : `${groups.length} kinds`} of trouble`}><Groups groups={groups} chosen={chosen} destination={destination} /></Card>
      {chosen && (
        <Card title={chosen.reason} class="stack">
          <Actions key={chosen.key} destination={destination} group={chosen} reload={props.reload} />
          <Table label={`Dead letters: ${chosen.reason}`} columns={letterColumns} rows={chosen.letters} keyOf={(letter) => letter.seq}
            onOpen={(letter) => setQuery({ letter: String(letter.seq) })} />
        </Card>
      )}
      {open && <LetterView key={open.seq} seq={open.seq} destination={destination} reload={props.reload} onClose={() => setQuery({ letter: undefined })} />}
    </>
  );
}

export function DeadLetters() {
  const destinations = status.value?.destinations ?? [];
  const worst = [...destinations].sort((a, b) => (b.states.dead ?? 0) - (a.states.dead ?? 0))[0]?.name ?? '';
  const destination = query.value.get('destination') ?? worst;
  const list = useLoad(() => (destination ? listLetters(destination) : Promise.resolve({ letters: [], more: false })), [destination]);
  return (
    <Page title="Dead letters" lead="Events that could not be delivered, by what is wrong with them. They are kept until you send them again or discard them."
      actions={<Button onClick={list.reload}>Look again</Button>}>
      {destinations.length > 1 && (
        <div class="row" data-filter>
          <Field label="Destination" value={destination} options={destinations.map((d) => d.name)} onInput={(value) => setQuery({ destination: value, group: undefined, letter: undefined })} />
        </div>
      )}
      <Loading of={list}>{({ letters, more }) => (letters.length === 0
        ? <Empty title="No dead letters">Everything that could be sent{destination && <> to <strong>{destination}</strong></>} was sent.</Empty>
        : <Letters destination={destination} letters={letters} more={more} reload={list.reload} />)}
      </Loading>
    </Page>
  );
}
