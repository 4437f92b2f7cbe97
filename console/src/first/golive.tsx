// SPDX-License-Identifier: Apache-2.0
// The last steps: a look with a test code that ends by itself, going live, and what remains to be done.
import { useState } from 'preact/hooks';
import { change, type Config, type Item } from '../config';
import { Locked } from '../destination/editor';
import { clock, inAnHour, testCode, useTimeLeft } from '../destination/settings';
import { testEventsPage } from '../meta';
import { usePublicAddress } from '../source/snippets';
import { attempt, me, status } from '../state';
import { Button, Card, Code, Field, Notice } from '../ui/basics';
import { some } from '../ui/format';

export function TestStep({ item, onDone }: { item: Item; onDone: () => void }) {
  const now = testCode(item.settings.test_event_code);
  const [code, setCode] = useState('');
  const left = useTimeLeft(now?.expires);
  const running = now && (left === undefined || left > 0);
  const page = testEventsPage.replace('{pixel}', String(item.settings.pixel_id));
  const put = (value: object | undefined, said: string) => {
    const { test_event_code: _, ...rest } = item.settings;
    return attempt(() => change('destinations', item.name, value ? { ...rest, test_event_code: value } : rest), said);
  };
  if (item.locked) return <Locked item={item} />;
  return (
    <Card>
      {running ? (
        <div class="stack tight">
          <p class="row"><span class="big" role="timer" aria-label="time left">{left === undefined ? 'no end' : clock(left)}</span><span>Events go out with the code <code>{now.code}</code>; after that as usual.</span></p>
          <p>Now look at <a href={page} target="_blank" rel="noreferrer">Test events</a> in Events Manager and do something in your shop.</p>
          <div class="row">
            <Button kind="main" onClick={async () => { if (await put(undefined, 'Live: events go out as real ones')) onDone(); }}>I see them there: go live</Button>
            <Button onClick={() => put({ code: now.code, expires: inAnHour() }, 'Another 60 minutes')}>Another 60 minutes</Button>
          </div>
        </div>
      ) : (
        <form class="stack tight" onSubmit={(e) => { e.preventDefault(); void put({ code, expires: inAnHour() }, 'For 60 minutes'); }}>
          <p>See your events at Meta within seconds: open <a href={page} target="_blank" rel="noreferrer">Test events</a> and copy the code that stands there.</p>
          <Field label="Test event code" value={code} onInput={(v) => setCode(v.trim())} placeholder="TEST12345" required hint="Events with a code are used and counted by Meta like all others." />
          <div class="row"><button class="main" type="submit" disabled={!code}>Use it for 60 minutes</button><Button onClick={onDone}>Go live without</Button></div>
        </form>
      )}
    </Card>
  );
}

interface Remaining { done: boolean; title: string; text: preact.ComponentChildren }

function useRemaining(config: Config, real: Item[]): Remaining[] {
  const [url] = usePublicAddress();
  const testing = real.some((d) => testCode(d.settings.test_event_code));
  const delivered = status.value?.destinations.some((d) => real.some((r) => r.name === d.name) && (d.states.delivered ?? 0) > 0) ?? false;
  return [
    { done: delivered, title: 'Meta has taken an event', text: <>Its overview shows it within some twenty minutes, as connection method Server.</> },
    { done: !testing, title: 'No test code is left on', text: <>Only until it ends by itself.</> },
    { done: url.startsWith('https://'), title: 'Senders reach pixeld by TLS, under a host name of your site', text: <>Put a proxy with a certificate before the public address, name it in <code>trusted_proxies</code>, and say the address under <a href="/sources">Sources</a>.</> },
    { done: !me.value?.first_run, title: 'The console has a password', text: <>Until then whoever reaches this address may do everything. <a href="/system">System</a></> },
    { done: false, title: 'Only people who agreed are sent', text: <>Send the choice with the event and say it as a filter, for example <code>context.consent.ads = true</code>, under the destination’s Events.</> },
    { done: !config.sources.some((s) => s.settings.bots === 'keep'), title: 'No crawlers', text: <>Events of bots that say so in their user agent are left out, but for sources with <code>bots: keep</code>.</> },
    { done: false, title: 'Somebody is told when it stops', text: <>Name a webhook or a command under <code>alerts</code> in the configuration file, or let your monitoring read <a href="/metrics">/metrics</a>.</> },
    { done: false, title: 'A backup of the data directory', text: <>It has the events, what became of them, and the tokens.</> },
  ];
}

export function DoneStep({ config, real }: { config: Config; real: Item[] }) {
  const all = useRemaining(config, real);
  const open = all.filter((one) => !one.done).length;
  const managed = config.files.find((file) => file.managed);
  return (
    <div class="stack">
      {real.length ? <Notice kind="good">That is all that has to be. {some(open, 'thing')} {open === 1 ? 'remains' : 'remain'} worth a look.</Notice> : <Notice>Nothing goes to Meta yet: first a pixel, <a href="/start?step=2">step 2</a>.</Notice>}
      <Card title="What remains">
        <ul class="checks">
          {all.map((one) => (
            <li key={one.title}><span class={`mark ${one.done ? 'good' : ''}`} role="img" aria-label={one.done ? 'done' : 'to do'}>{one.done ? '✓' : '·'}</span><div><b>{one.title}</b>{!one.done && <p class="small soft">{one.text}</p>}</div></li>
          ))}
        </ul>
      </Card>
      {managed && (
        <Card title="What was written">
          <div class="stack tight">
            <p>All that was set up here is in <code>{managed.name}</code>. The same file under version control reproduces it; tokens are in files beside it.</p>
            <Code text={managed.text} label="managed.yaml" />
          </div>
        </Card>
      )}
      <div class="row"><a class="button main" href="/">To the overview</a><a class="button" href="/live">Watch events come in</a></div>
    </div>
  );
}
