// SPDX-License-Identifier: Apache-2.0
// The second step: a pixel and its token, verified before they are saved.
import { useState } from 'preact/hooks';
import { ApiError } from '../api';
import { change, type Config, type Item, type Settings } from '../config';
import { Checks, useVerify } from '../destination/verify';
import { note } from '../state';
import { Button, Card, Field, Notice } from '../ui/basics';
import { Problems } from '../ui/form';

function Fields(props: { settings: Settings; set: (key: string, value: string) => void; name: string; setName: (name: string) => void; taken: boolean }) {
  const { settings, set } = props;
  return (
    <>
      <ol class="small soft">
        <li>Open Meta’s Events Manager and choose your dataset (pixel).</li>
        <li>Settings, Conversions API: Generate access token.</li>
        <li>Copy the dataset’s ID and the token here.</li>
      </ol>
      <div class="two">
        <Field label="Pixel ID" value={settings.pixel_id ?? ''} onInput={(v) => set('pixel_id', v.trim())} placeholder="123456789012345" required
          error={settings.pixel_id && !/^\d{1,20}$/.test(settings.pixel_id) ? 'A pixel id is digits only.' : undefined} />
        <Field label="Conversions API access token" type="password" value={settings.access_token ?? ''} onInput={(v) => set('access_token', v.trim())} required />
        <Field label="Name here" value={props.name} onInput={props.setName} hint="It stands in reports and metrics." required error={props.taken ? 'There is a destination of that name already.' : undefined} />
      </div>
      <details>
        <summary>API address</summary>
        <Field label="API address" value={settings.api_url ?? ''} onInput={(v) => set('api_url', v.trim())} placeholder="https://graph.facebook.com/v26.0" />
      </details>
    </>
  );
}

export function PixelStep({ config, real, onDone }: { config: Config; real: Item[]; onDone: () => void }) {
  const [settings, setSettings] = useState<Settings>({});
  const [name, setName] = useState('meta');
  const [refusal, setRefusal] = useState<ApiError | null>(null);
  const check = useVerify();
  const taken = real.some((d) => d.name === name) || config.destinations.some((d) => d.locked && d.name === name);
  const ready = settings.pixel_id && settings.access_token && name && !taken;
  const set = (key: string, value: string) => {
    check.clear();
    setSettings((now) => { const next = { ...now, [key]: value }; if (!value) delete next[key]; return next; });
  };
  const save = async () => {
    try {
      await change('destinations', name, settings);
      note('good', `Saved. Events go to ${name} from now on.`);
      onDone();
    } catch (error) {
      setRefusal(error as ApiError);
    }
  };
  return (
    <div class="stack">
      {real.length > 0 && <Notice kind="good">{real.map((d) => d.name).join(', ')} {real.length > 1 ? 'are' : 'is'} set up. <a href="/destinations">Destinations</a>. You can add another, or go on.</Notice>}
      <Card>
        <form class="stack tight" onSubmit={async (e) => {
          e.preventDefault();
          setRefusal(null);
          if ((await check.run(undefined, settings))?.ok) await save();
        }}>
          <Fields settings={settings} set={set} name={name} setName={setName} taken={taken} />
          <div class="row"><button class="main" type="submit" disabled={!ready}>Verify and save</button><span class="soft small">Asks Meta. Sends no event.</span></div>
          <div aria-live="polite" class="stack tight">
            {check.result && <Checks checks={check.result.checks} />}
            {refusal && (refusal.problems.length ? <Problems list={refusal.problems} /> : <Notice kind="bad">{refusal.message}</Notice>)}
            {check.result && !check.result.ok && <div class="row"><span>Put it right and verify again, or</span><Button onClick={save}>save it as it is</Button></div>}
          </div>
        </form>
      </Card>
    </div>
  );
}
