// SPDX-License-Identifier: Apache-2.0
// System: version and disk, people and tokens, and who did what.
import { useState } from 'preact/hooks';
import { get, post, put, remove } from '../api';
import { attempt, may, status, useLoad } from '../state';
import { Button, Card, Code, Field, Loading, Page } from '../ui/basics';
import { bytes, count, Time } from '../ui/format';

const roles = ['viewer', 'editor', 'admin'];

function Facts() {
  const s = status.value;
  if (!s) return null;
  return (
    <Card title="This machine">
      <dl class="facts">
        <dt>Version</dt><dd>{s.version}</dd>
        <dt>Up since</dt><dd><Time at={s.started} /></dd>
        <dt>Events kept</dt><dd>{count(s.events)} in {bytes(s.journal_bytes)}</dd>
        <dt>Disk free</dt><dd>{bytes(s.disk_free_bytes)}</dd>
        <dt>SDKs send to</dt><dd class="mono">{s.public}</dd>
        <dt>For machines</dt><dd><a href="/metrics">OpenMetrics</a> · <a href="/api/v1/openapi.json">OpenAPI</a></dd>
      </dl>
    </Card>
  );
}

function People() {
  const list = useLoad(() => get('/api/v1/people'), []);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState('viewer');
  const [token, setToken] = useState('');
  const [made, setMade] = useState('');
  const change = async (work: () => Promise<unknown>, done: string) => { if (await attempt(work, done)) list.reload(); };
  return (
    <>
      <Card title="People">
        <Loading of={list}>{(all) => (
          <table>
            <thead><tr><th>Name</th><th>Role</th><th /></tr></thead>
            <tbody>
              {all.users.map((user) => (
                <tr key={user.name}>
                  <td>{user.name}</td>
                  <td>
                    <select aria-label={`Role of ${user.name}`} value={user.role}
                      onChange={(e) => change(() => put('/api/v1/people/{name}', { role: (e.target as HTMLSelectElement).value }, { name: user.name }), 'Role changed')}>
                      {roles.map((r) => <option key={r}>{r}</option>)}
                    </select>
                  </td>
                  <td class="right"><Button kind="danger" onClick={() => change(() => remove('/api/v1/people/{name}', { name: user.name }), 'Removed')}>Remove</Button></td>
                </tr>
              ))}
              {!all.users.length && <tr><td colSpan={3} class="soft">Nobody has a password yet: whoever can reach this address may do everything. Add yourself.</td></tr>}
            </tbody>
          </table>
        )}</Loading>
        <form class="row" onSubmit={(e) => {
          e.preventDefault();
          void change(() => put('/api/v1/people/{name}', { role, password }, { name }), 'Added');
        }}>
          <Field label="Name" value={name} onInput={setName} required />
          <Field label="Password" type="password" value={password} onInput={setPassword} required autocomplete="new-password" />
          <Field label="Role" value={role} options={roles} onInput={setRole} />
          <button class="main" type="submit">Add</button>
        </form>
      </Card>
      <Card title="Tokens for scripts">
        <Loading of={list}>{(all) => (
          <table>
            <tbody>
              {all.tokens.map((t) => (
                <tr key={t.name}>
                  <td>{t.name}</td><td>{t.role}</td>
                  <td class="right"><Button kind="danger" onClick={() => change(() => remove('/api/v1/tokens/{name}', { name: t.name }), 'Removed')}>Remove</Button></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}</Loading>
        <form class="row" onSubmit={(e) => {
          e.preventDefault();
          void attempt(async () => {
            const answer = await post('/api/v1/tokens', { name: token, role: 'viewer' });
            setMade(answer.token);
            list.reload();
          });
        }}>
          <Field label="Token name" value={token} onInput={setToken} required />
          <button type="submit">Make a viewer's token</button>
        </form>
        {made && <><p>This is the only time you see it:</p><Code text={`export PIXELD_TOKEN=${made}`} /></>}
      </Card>
    </>
  );
}

function Audit() {
  const list = useLoad(() => get('/api/v1/audit', { limit: 100 }), []);
  return (
    <Card title="Who did what">
      <Loading of={list}>{(log) => (
        <table>
          <tbody>
            {log.audit.map((line, i) => (
              <tr key={i}><td><Time at={line.time} /></td><td>{line.who || '–'}</td><td>{line.what}</td><td>{line.detail}</td></tr>
            ))}
          </tbody>
        </table>
      )}</Loading>
    </Card>
  );
}

export const System = () => (
  <Page title="System">
    <Facts />
    {may('admin') && <People />}
    {may('admin') && <Audit />}
  </Page>
);
