// SPDX-License-Identifier: Apache-2.0
// One destination: its settings on tabs, in the words of vendors' set-up pages.
import { useState } from 'preact/hooks';
import { realDestinations, removeItem, standsIn, type Config, type Item } from '../config';
import { go, query, setQuery } from '../route';
import { attempt, may } from '../state';
import { Button, Chip, Field, Notice, Page, Tabs } from '../ui/basics';
import { Confirm } from '../ui/confirm';
import { SaveBar, useDraft } from '../ui/form';
import { ActionsTab } from './actions';
import { EventsTab } from './events';
import { PersonTab } from './person';
import { presetName, usePreset } from './preset';
import { LimitsTab, PrivacyTab } from './privacy';
import { SettingsTab } from './settings';

const tabs = ['Settings', 'Events', 'Person', 'Rules', 'Data and privacy', 'Limits'];

export const Locked = ({ item }: { item: Item }) => (
  <Notice>This is in your own file, <code>{item.file}:{item.line}</code>, and is changed there; <code>pixeld reload</code> or SIGHUP takes it. Here it is shown.</Notice>
);

function Remove({ item }: { item: Item }) {
  const [asking, ask] = useState(false);
  if (item.locked || standsIn(item) || !may('editor')) return null;
  return (
    <>
      <Button kind="danger" onClick={() => ask(true)}>Remove</Button>
      {asking && (
        <Confirm title={`Remove ${item.name}?`} button={`Remove ${item.name}`} onClose={() => ask(false)}
          onYes={async () => { if (await attempt(() => removeItem('destinations', item.name), 'Removed')) go('/destinations'); }}>
          No more events go there, and what waits for it is not sent. Events stay in the journal; the former configuration stays in the history.
        </Confirm>
      )}
    </>
  );
}

export function Editor({ item, config }: { item?: Item; config: Config }) {
  const [newName, setNewName] = useState('');
  const [rule, pickRule] = useState(0);
  const isNew = !item;
  const name = item?.name ?? newName;
  const taken = isNew && realDestinations(config).some((d) => d.name === name);
  const draft = useDraft('destinations', taken ? '' : name, item?.settings ?? {}, item ? item.locked || !may('editor') : false);
  const preset = usePreset(draft.settings);
  const at = tabs.find((tab) => tab === query.value.get('tab')) ?? tabs[0]!;
  const body: Record<string, () => preact.JSX.Element> = {
    Settings: () => <SettingsTab draft={draft} name={name} isNew={isNew} config={config} />,
    Events: () => <EventsTab draft={draft} destination={name} />,
    Person: () => <PersonTab draft={draft} destination={name} preset={preset} />,
    Rules: () => <ActionsTab draft={draft} destination={name} preset={preset} presetName={presetName(draft.settings)} at={rule} onPick={pickRule} />,
    'Data and privacy': () => <PrivacyTab draft={draft} />,
    Limits: () => <LimitsTab draft={draft} />,
  };
  return (
    <Page title={isNew ? 'New destination' : name} lead={<><a href="/destinations">Destinations</a>{item?.locked && <> · <Chip kind="info">in your own file</Chip></>}</>}
      actions={item && <Remove item={item} />}>
      {item?.locked && <Locked item={item} />}
      {isNew && (
        <Field label="Name" value={newName} onInput={setNewName} autofocus required placeholder="acme-us" error={taken ? `There is a destination named ${name} already; open it, or take another name.` : undefined}
          hint="Unique; it stands in reports, alerts and metrics." />
      )}
      <div>
        <Tabs names={tabs} at={at} onPick={(tab) => setQuery({ tab: tab === tabs[0] ? undefined : tab })} />
        {body[at]!()}
      </div>
      <SaveBar draft={draft} kind="destinations" name={name} generation={config.generation} isNew={isNew} onSaved={() => { if (isNew) go(`/destinations?name=${encodeURIComponent(name)}`); }} />
    </Page>
  );
}
