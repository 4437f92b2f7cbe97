// SPDX-License-Identifier: Apache-2.0
// Who did it: the parameters about a person, where each is found, and how many events have it.
import { get, type Schema } from '../api';
import type { Settings } from '../config';
import { userData } from '../meta';
import { useLoad } from '../state';
import { Card } from '../ui/basics';
import { percent } from '../ui/format';
import type { Draft } from '../ui/form';
import { ExpressionInput, shown } from './expression';

// The share of all events of a destination that carry each parameter.
function coverage(all: Schema<'Quality'>[], destination: string): Map<string, number> | undefined {
  const rows = all.filter((e) => e.destination === destination);
  const events = rows.reduce((sum, row) => sum + row.count, 0);
  if (!events) return undefined;
  const shares = new Map<string, number>();
  for (const row of rows) {
    for (const [key, share] of Object.entries(row.keys)) shares.set(key, (shares.get(key) ?? 0) + (share * row.count) / events);
  }
  return shares;
}

export function PersonTab(props: { draft: Draft; destination: string; preset: Settings }) {
  const { draft, preset } = props;
  const seen = useLoad(() => get('/api/v1/quality'), [], 15000);
  const shares = coverage(seen.data?.events ?? [], props.destination);
  const own: Record<string, unknown> = draft.settings.user_data ?? {};
  return (
    <Card title="Who did it">
      <div class="stack tight">
        <p class="soft">The more of these Meta gets, the more events it can match to people. Names, addresses and ids are normalised and hashed here; what is hashed already passes.
          Leave a field empty to use what the preset says; write <code>null</code> to leave the parameter out.</p>
        <div class="table-wrap">
          <table class="person">
            <thead><tr><th>Parameter</th><th>Where it is found</th>{shares && <th>Events with it</th>}<th>Hashed</th></tr></thead>
            <tbody>
              {userData.map((p) => (
                <tr key={p.name}>
                  <td>
                    {p.label} <code class="soft">{p.name}</code> {p.name === 'external_id' ? <span class="chip info">required</span> : null}
                    {p.hint && <div class="small soft">{p.hint}</div>}
                  </td>
                  <td>
                    <ExpressionInput label={`Where ${p.label} is found`} value={own[p.name]} placeholder={shown((preset.user_data ?? {})[p.name]) || 'nowhere'} disabled={draft.locked}
                      error={draft.problem(p.name)} onInput={(value) => draft.set(['user_data', p.name], value)} />
                  </td>
                  {shares && <td><Share share={shares.get(p.name) ?? 0} label={p.label} /></td>}
                  <td>{p.hashed ? 'yes' : 'no'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </Card>
  );
}

const Share = (props: { share: number; label: string }) => (
  <div class="row nowrap"><meter min={0} max={1} value={props.share} aria-label={`Events with ${props.label}`} />{percent(props.share, 1)}</div>
);
