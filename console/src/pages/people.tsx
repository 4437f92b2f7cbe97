// SPDX-License-Identifier: Apache-2.0
// Who may sign in, tokens for scripts, and who did what. For admins.
import { useState } from 'preact/hooks';
import { get, post, put, remove, type Schema } from '../api';
import { query, setQuery } from '../route';
import { attempt, useLoad, type Loaded } from '../state';
import { Button, Card, Code, Empty, Field, Loading } from '../ui/basics';
import { Confirm } from '../ui/confirm';
import { Filter } from '../ui/filter';
import { count, Time } from '../ui/format';

type Person = Schema<'Person'>;
type Lists = { users: Person[]; tokens: Person[] };

const roles = ['viewer', 'editor', 'admin'];
const roleHint = 'A viewer sees, an editor changes rules and sends again, an admin sees personal data and manages people.';

interface Leaving { kind: 'users' | 'tokens'; name: string }

function Users(props: { list: Loaded<Lists>; leave: (who: Leaving) => void }) {
  const { list } = props;
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [chosen, choose] = useState('');
  const role = chosen || (list.data?.users.length === 0 ? 'admin' : 'viewer'); // somebody has to be able to add the others
  const change = async (work: () => Promise<unknown>, done: string) => { if (await attempt(work, done)) list.reload(); };
  const add = async (event: Event) => {
    event.preventDefault();
    await change(() => put('/api/v1/people/{name}', { role, password }, { name }), `${name} may sign in`);
    setPassword('');
    choose('');
  };
  return (
    <Card title="People" class="stack">
      <Loading of={list}>{({ users }) => (users.length === 0
        ? <p class="soft">Nobody has a password yet: whoever can reach this address on this machine may do everything. Add yourself as admin.</p>
        : (
          <table>
            <thead><tr><th>Name</th><th>Role</th><th><span class="hidden-text">Actions</span></th></tr></thead>
            <tbody>
              {users.map((user) => (
                <tr key={user.name}>
                  <td>{user.name}</td>
                  <td>
                    <select aria-label={`Role of ${user.name}`} value={user.role}
                      onChange={(e) => void change(() => put('/api/v1/people/{name}', { role: (e.target as HTMLSelectElement).value }, { name: user.name }), 'Role changed')}>
                      {roles.map((r) => <option key={r}>{r}</option>)}
                    </select>
                  </td>
                  <td class="right"><Button kind="danger" onClick={() => props.leave({ kind: 'users', name: user.name })}>Remove…</Button></td>
                </tr>
              ))}
            </tbody>
          </table>
        ))}</Loading>
      <form class="filters" onSubmit={add}>
        <Field label="Name" value={name} onInput={setName} required />
        <Field label="Password" type="password" value={password} onInput={setPassword} required autocomplete="new-password" />
        <Field label="Role" value={role} options={roles} onInput={choose} />
        <button class="main" type="submit">Add</button>
      </form>
      <p class="small soft">{roleHint}</p>
    </Card>
  );
}

function Tokens(props: { list: Loaded<Lists>; leave: (who: Leaving) => void }) {
  const { list } = props;
  const [name, setName] = useState('');
  const [role, setRole] = useState('viewer');
  const [made, setMade] = useState('');
  const make = (event: Event) => {
    event.preventDefault();
    void attempt(async () => {
      setMade((await post('/api/v1/tokens', { name, role })).token);
      setName('');
      list.reload();
    });
  };
  return (
    <Card title="Tokens for scripts" class="stack">
      <Loading of={list}>{({ tokens }) => (tokens.length === 0
        ? <p class="soft">None. The command line and scripts need one when they ask from another machine.</p>
        : (
          <table>
            <thead><tr><th>Name</th><th>Role</th><th><span class="hidden-text">Actions</span></th></tr></thead>
            <tbody>
              {tokens.map((token) => (
                <tr key={token.name}>
                  <td>{token.name}</td><td>{token.role}</td>
                  <td class="right"><Button kind="danger" onClick={() => props.leave({ kind: 'tokens', name: token.name })}>Revoke…</Button></td>
                </tr>
              ))}
            </tbody>
          </table>
        ))}</Loading>
      <form class="filters" onSubmit={make}>
        <Field label="Token name" value={name} onInput={setName} required placeholder="grafana" />
        <Field label="Role of the token" value={role} options={roles} onInput={setRole} />
        <button type="submit">Make a token</button>
      </form>
      {made && <div role="status"><p>Copy it now; it is shown only once:</p><Code text={`export PIXELD_TOKEN=${made}`} label="The new token" /></div>}
    </Card>
  );
}

export function Access() {
  const list = useLoad<Lists>(() => get('/api/v1/people'), []);
  const [leaving, leave] = useState<Leaving | null>(null);
  const go = async () => {
    const { kind, name } = leaving!;
    const gone = await attempt(() => (kind === 'users' ? remove('/api/v1/people/{name}', { name }) : remove('/api/v1/tokens/{name}', { name })), `${name} is removed`);
    if (gone) list.reload();
  };
  return (
    <>
      <div class="grid"><Users list={list} leave={leave} /><Tokens list={list} leave={leave} /></div>
      {leaving && (
        <Confirm title={`Remove ${leaving.name}?`} button="Remove" onYes={go} onClose={() => leave(null)}>
          {leaving.kind === 'users' ? 'Who is signed in with that name is signed out at once.' : 'Scripts that use this token are refused from now on.'}
        </Confirm>
      )}
    </>
  );
}

const PAGE = 100;
const MOST = 1000;

export function Audit() {
  const most = Number(query.value.get('audit') ?? PAGE);
  const word = (query.value.get('q') ?? '').toLowerCase();
  const list = useLoad(() => get('/api/v1/audit', { limit: most }), [most]);
  return (
    <Card title="Who did what" class="stack" actions={<Button onClick={list.reload}>Look again</Button>}>
      <div data-filter><Filter label="Only lines with" name="q" placeholder="a name, an action" /></div>
      <Loading of={list}>{({ audit }) => {
        const shown = audit.filter((line) => !word || `${line.who} ${line.what} ${line.detail}`.toLowerCase().includes(word));
        if (!shown.length) return <Empty title={word ? 'No such line' : 'Nothing yet'}>Changes made here and looks at personal data are noted, with name and time.</Empty>;
        return (
          <>
            <div class="table-wrap" tabIndex={0} role="region" aria-label="Audit log">
              <table>
                <thead><tr><th>When</th><th>Who</th><th>What</th><th>Detail</th></tr></thead>
                <tbody>{shown.map((line, i) => <tr key={i}><td><Time at={line.time} /></td><td>{line.who || '–'}</td><td>{line.what}</td><td>{line.detail}</td></tr>)}</tbody>
              </table>
            </div>
            {audit.length === most && most < MOST && <button type="button" onClick={() => setQuery({ audit: String(MOST) })}>Show the last {count(MOST)}</button>}
          </>
        );
      }}</Loading>
    </Card>
  );
}
