// SPDX-License-Identifier: Apache-2.0
// Former versions of what the console wrote, and the way back to one.
import { useState } from 'preact/hooks';
import { get, post, type Answer } from '../api';
import { config, configChanged } from '../config';
import { attempt, may, useLoad } from '../state';
import { Button, Card, Dialog, Empty, Loading } from '../ui/basics';
import { diffLines } from '../ui/diff';
import { bytes, Time } from '../ui/format';
import { Diff } from '../ui/form';

type Version = Answer<'/api/v1/config/history', 'get'>['history'][number];

// Only what differs, with a few lines around it.
const AROUND = 3;
function difference(before: string, after: string): string {
  const lines = diffLines(before.split('\n'), after.split('\n'));
  const near = lines.map((_, i) => lines.slice(Math.max(0, i - AROUND), i + AROUND + 1).some(([mark]) => mark !== ' '));
  return lines.flatMap(([mark, line], i) => (near[i] ? [`${mark} ${line}`] : near[i - 1] ? ['…'] : [])).join('\n');
}

function Back({ version, onClose, onDone }: { version: Version; onClose: () => void; onDone: () => void }) {
  const present = config.value?.files.find((file) => file.managed)?.text ?? '';
  const text = useLoad(() => get('/api/v1/config/history/{id}', { id: version.id }), [version.id]);
  const rollback = async () => {
    const done = await attempt(() => post('/api/v1/config/rollback', { id: version.id }), 'Gone back, and in force');
    if (done) { configChanged(); onDone(); }
    onClose();
  };
  return (
    <Dialog title={`The configuration of ${new Date(version.time).toLocaleString()}`} onClose={onClose}>
      <Loading of={text}>{(former) => (
        <>
          <p class="soft">What going back would change in managed.yaml. Tokens stay as they are.</p>
          <Diff text={difference(present, former.text)} />
        </>
      )}</Loading>
      <div class="row">{may('editor') && <Button kind="main" onClick={rollback}>Go back to this</Button>}<Button onClick={onClose}>Close</Button></div>
    </Dialog>
  );
}

export function History() {
  const list = useLoad(() => get('/api/v1/config/history'), [config.value?.generation]);
  const [open, setOpen] = useState<Version | null>(null);
  return (
    <Card title="History">
      <Loading of={list}>{({ history }) => (history.length === 0
        ? <Empty title="No former versions">Each time something is saved in the console, the version is kept here.</Empty>
        : (
          <div class="table-wrap">
            <table>
              <thead><tr><th>When</th><th>Who</th><th class="number">Size</th><th /></tr></thead>
              <tbody>
                {history.map((version, i) => (
                  <tr key={version.id}>
                    <td><Time at={version.time} /></td><td>{version.who}</td><td class="number">{bytes(version.bytes)}</td>
                    <td class="right">{i === 0 ? <span class="soft">in force</span> : <Button kind="plain" onClick={() => setOpen(version)}>Compare, go back</Button>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ))}</Loading>
      {open && <Back version={open} onClose={() => setOpen(null)} onDone={list.reload} />}
    </Card>
  );
}
