// SPDX-License-Identifier: Apache-2.0
// Signing in, and the first password.
import { useState } from 'preact/hooks';
import { post } from '../api';
import { go } from '../route';
import { loadMe, me } from '../state';
import { Card, Field, Notice } from '../ui/basics';

function Form(props: { title: string; button: string; lead?: string; newPassword?: boolean; onSubmit: (name: string, password: string) => Promise<void> }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await props.onSubmit(name, password);
      await loadMe();
    } catch (e) {
      setError((e as Error).message);
    }
  };
  return (
    <main class="centre">
      <h1 class="hidden-text">pixeld</h1>
      <Card title={props.title}>
        <form class="stack" onSubmit={submit}>
          {props.lead && <p class="soft">{props.lead}</p>}
          {error && <Notice kind="bad">{error}</Notice>}
          <Field label="Name" value={name} onInput={setName} autofocus required autocomplete="username" />
          <Field label="Password" type="password" value={password} onInput={setPassword} required
            autocomplete={props.newPassword ? 'new-password' : 'current-password'}
            hint={props.newPassword ? 'At least 10 characters.' : undefined} />
          <button class="main" type="submit">{props.button}</button>
        </form>
      </Card>
    </main>
  );
}

export const SignIn = () => (
  <Form title="Sign in to pixeld" button="Sign in"
    lead={me.value?.first_run ? 'Nobody has a password yet. Open the link in the file setup-link of the data directory to set the first one.' : undefined}
    onSubmit={async (name, password) => { await post('/api/v1/login', { name, password }); }} />
);

export const SetUp = (props: { code: string }) => (
  <Form title="Welcome to pixeld" button="Set password" newPassword
    lead="You are the first here. Choose a name and a password for the console; you will be its admin."
    onSubmit={async (name, password) => {
      await post('/api/v1/setup', { code: props.code, name, password });
      go('/start', true);
    }} />
);
