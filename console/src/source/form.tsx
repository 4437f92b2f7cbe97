// SPDX-License-Identifier: Apache-2.0
// One source: who may send, with which key, and where its events go.
import { useState } from 'preact/hooks';
import { newKey, SECRET, type Config, type Item } from '../config';
import { may } from '../state';
import { Button, Card, Check, Field } from '../ui/basics';
import { ChoiceKey, ListKey, SaveBar, SecretKey, Switch, TextKey, useDraft, type Draft } from '../ui/form';

export const protocols: [string, string][] = [
  ['segment', 'Segment SDK or HTTP API'], ['rudderstack', 'RudderStack SDK'], ['amplitude', 'Amplitude SDK or HTTP API'], ['customerio', 'Customer.io SDK'],
  ['jitsu', 'Jitsu SDK'], ['pixel', 'Browser pixel of pixeld'], ['meta', 'Meta’s own shape, as its Business SDKs send'], ['webhook', 'Webhook: Shopify, Stripe, others'],
];
export const protocolOf = (settings: Item['settings']): string => String(settings.protocol ?? 'segment');

function Keys({ draft }: { draft: Draft }) {
  const key = draft.settings.write_key;
  if (Array.isArray(key)) return <ListKey draft={draft} path={['write_key']} label="Write keys" />;
  return (
    <div class="row">
      <TextKey draft={draft} path={['write_key']} label="Write key" hint={key === SECRET ? 'One is stored. Type to replace it.' : 'The sender says it with each request.'} />
      {!draft.locked && <Button onClick={() => draft.set(['write_key'], newKey())}>Make a new key</Button>}
    </div>
  );
}

function Destinations({ draft, config }: { draft: Draft; config: Config }) {
  const all = config.destinations.map((d) => d.name);
  const chosen: string[] | undefined = draft.settings.destinations && [draft.settings.destinations].flat();
  return (
    <fieldset>
      <legend>Its events go to</legend>
      <div class="row">
        <Check label="all destinations" checked={!chosen} disabled={draft.locked} onChange={(on) => draft.set(['destinations'], on ? undefined : all)} />
        {chosen && all.map((name) => (
          <Check key={name} label={name} checked={chosen.includes(name)} disabled={draft.locked}
            onChange={(on) => draft.set(['destinations'], on ? [...chosen, name] : chosen.filter((n) => n !== name))} />
        ))}
      </div>
    </fieldset>
  );
}

function Special({ draft, protocol }: { draft: Draft; protocol: string }) {
  if (protocol === 'pixel') {
    return (
      <div class="two">
        <TextKey draft={draft} path={['pixel', 'path']} label="Path of the script" placeholder="/pixel" hint="A path of your own is less likely to be on a block list." />
        <ListKey draft={draft} path={['pixel', 'ids']} label="Pixels whose /tr requests are taken" placeholder="123456789012345" />
      </div>
    );
  }
  if (protocol !== 'webhook') return null;
  return (
    <div class="two">
      <ChoiceKey draft={draft} path={['webhook', 'preset']} label="Sender" options={[['', 'another'], ['shopify', 'Shopify'], ['stripe', 'Stripe'], ['customerio', 'Customer.io']]} />
      <SecretKey draft={draft} path={['webhook', 'secret']} label="Secret it signs with" hint="What the sender shows where the webhook is made." />
    </div>
  );
}

export function SourceForm({ item, config, onDone }: { item?: Item; config: Config; onDone: (name: string) => void }) {
  const [newName, setNewName] = useState('');
  const [fresh] = useState(() => ({ write_key: newKey() }));
  const name = item?.name ?? newName;
  const taken = !item && config.sources.some((s) => s.name === name);
  const draft = useDraft('sources', taken ? '' : name, item?.settings ?? {}, item ? item.locked || !may('editor') : false, item ? undefined : fresh);
  const protocol = protocolOf(draft.settings);
  return (
    <div class="stack">
      <Card title={item ? 'Settings' : undefined}>
        <div class="stack tight">
          {!item && <Field label="Name" value={newName} onInput={setNewName} autofocus required placeholder="shop-web" error={taken ? `There is a source named ${name} already; take another name.` : undefined} />}
          <div class="two">
            <ChoiceKey draft={draft} path={['protocol']} label="What sends" options={protocols.map(([word, text]) => [word === 'segment' ? '' : word, text])} />
            <Keys draft={draft} />
          </div>
          <Special draft={draft} protocol={protocol} />
          <Destinations draft={draft} config={config} />
          <details>
            <summary>Who may send, and how much</summary>
            <div class="two">
              <ListKey draft={draft} path={['origins']} label="Web sites that may send" placeholder="any" hint="https://shop.example" />
              <ListKey draft={draft} path={['allow_from']} label="Addresses that may send" placeholder="any" hint="203.0.113.0/24" />
              <TextKey draft={draft} path={['rate', 'requests']} label="Most requests a second" placeholder="no bound" />
              <TextKey draft={draft} path={['rate', 'events']} label="Most events a second" placeholder="no bound" />
              <TextKey draft={draft} path={['default_country']} label="Country of phone numbers without one" placeholder="us" />
            </div>
          </details>
          <Switch label="Take its events" on={draft.settings.enabled !== false} disabled={draft.locked} onChange={(on) => draft.set(['enabled'], on ? undefined : false)} />
        </div>
      </Card>
      <SaveBar draft={draft} kind="sources" name={name} generation={config.generation} isNew={!item} onSaved={() => onDone(name)} />
    </div>
  );
}
