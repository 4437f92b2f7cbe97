// SPDX-License-Identifier: Apache-2.0
// The frame around all pages: who is signed in, the navigation, and which page the address means.
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { post } from './api';
import { DeadLetters } from './pages/dead';
import { Delivery } from './pages/delivery';
import { Destinations } from './pages/destinations';
import { Explain } from './pages/explain';
import { FirstRun } from './pages/first';
import { Home } from './pages/home';
import { Live } from './pages/live';
import { Pairing } from './pages/pairing';
import { Quality } from './pages/quality';
import { Replay } from './pages/replay';
import { Rules } from './pages/rules';
import { Sandbox } from './pages/sandbox';
import { SignIn, SetUp } from './pages/signin';
import { Sources } from './pages/sources';
import { System } from './pages/system';
import { followLinks, path } from './route';
import { attempt, loadMe, lost, may, me, startStatus, status } from './state';
import { Notes, Notice } from './ui/basics';
import { Keys } from './ui/keys';

// letter: g and this letter goes there.
interface Entry { path: string; name: string; page: ComponentType; group?: string; role?: string; letter?: string }

// The one list of pages.
const entries: Entry[] = [
  { path: '/', name: 'Home', page: Home, letter: 'h' },
  { path: '/live', name: 'Live', page: Live, letter: 'l' },
  { path: '/explain', name: 'Explain', page: Explain, letter: 'e' },
  { path: '/sources', name: 'Sources', page: Sources, group: 'Set up', letter: 's' },
  { path: '/destinations', name: 'Destinations', page: Destinations, group: 'Set up', letter: 't' },
  { path: '/rules', name: 'Rules', page: Rules, group: 'Set up', letter: 'u' },
  { path: '/start', name: 'First steps', page: FirstRun, group: 'Set up', role: 'editor' },
  { path: '/delivery', name: 'Delivery', page: Delivery, group: 'Delivery', letter: 'm' },
  { path: '/dead', name: 'Dead letters', page: DeadLetters, group: 'Delivery', letter: 'd' },
  { path: '/replay', name: 'Replay', page: Replay, group: 'Delivery', letter: 'r' },
  { path: '/quality', name: 'Match quality', page: Quality, group: 'Data', letter: 'q' },
  { path: '/dedup', name: 'Dedup', page: Pairing, group: 'Data', letter: 'p' },
  { path: '/sandbox', name: 'Sandbox', page: Sandbox, group: 'Operation', letter: 'x' },
  { path: '/system', name: 'System', page: System, group: 'Operation', letter: 'y' },
];
const shortcuts = entries.flatMap(({ letter, name, path: to }) => (letter ? [{ letter, name, path: to }] : []));

const menuOpen = signal(false);

type Theme = 'light' | 'dark';
const preferred = (): Theme => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
const theme = signal<Theme>((localStorage.getItem('theme') as Theme | null) ?? preferred());
function setTheme(next: Theme) {
  theme.value = next;
  localStorage.setItem('theme', next);
  document.documentElement.dataset.theme = next;
}

const isAt = (entry: Entry) => (entry.path === '/' ? path.value === '/' : path.value === entry.path || path.value.startsWith(`${entry.path}/`));

function Side() {
  const dead = status.value?.destinations.reduce((sum, d) => sum + (d.states.dead ?? 0), 0) ?? 0;
  let group: string | undefined;
  return (
    <nav class={`side ${menuOpen.value ? 'open' : ''}`} aria-label="Pages" onClick={() => { menuOpen.value = false; }}>
      <a class="brand" href="/"><img src="/icon.svg" alt="" />pixeld</a>
      {entries.filter((entry) => may(entry.role ?? 'viewer')).map((entry) => {
        const heading = entry.group !== group && entry.group;
        group = entry.group;
        return (
          <>
            {heading && <div class="group">{heading}</div>}
            <a key={entry.path} class="item" href={entry.path} aria-current={isAt(entry) ? 'page' : undefined}>
              {entry.name}
              {entry.path === '/dead' && dead > 0 && <span class="count" title="dead letters">{dead > 999 ? '999+' : dead}</span>}
            </a>
          </>
        );
      })}
      <div class="foot">
        <span class="small soft">{me.value?.name} · {me.value?.role}</span>
        <div class="row">
          <button type="button" class="small" onClick={() => setTheme(theme.value === 'dark' ? 'light' : 'dark')}>
            {theme.value === 'dark' ? 'Light' : 'Dark'}
          </button>
          {!me.value?.first_run && <button type="button" class="small" onClick={() => void attempt(async () => { await post('/api/v1/logout'); await loadMe(); })}>Sign out</button>}
        </div>
      </div>
    </nav>
  );
}

function Body() {
  const entry = entries.find(isAt);
  if (entry) return <entry.page />;
  return <Notice kind="warn">There is no page at <code>{path.value}</code>. <a href="/">Home</a></Notice>;
}

export function App() {
  useEffect(() => {
    document.documentElement.dataset.theme = theme.value;
    void loadMe();
    startStatus();
  }, []);
  const setup = new URLSearchParams(window.location.hash.slice(1)).get('setup');
  if (!me.value) return lost.value ? <div class="centre"><Notice kind="bad">{lost.value}</Notice></div> : null;
  if (setup && me.value.first_run) return <><SetUp code={setup} /><Notes /></>;
  if (!may('viewer')) return <><SignIn /><Notes /></>;
  return (
    <div class="frame" onClick={followLinks}>
      <div>
        <button type="button" class="menu-button" aria-expanded={menuOpen.value} onClick={() => { menuOpen.value = !menuOpen.value; }}>Menu</button>
        <Side />
      </div>
      <main id="main">
        {lost.value && <Notice kind="bad">{lost.value}</Notice>}
        <Body />
      </main>
      <Keys shortcuts={shortcuts} />
      <Notes />
    </div>
  );
}
