// SPDX-License-Identifier: Apache-2.0
// Rules: a real event on the left, a rule in the middle, and on the right what Meta gets, as one types.
import { useState } from 'preact/hooks';
import { ActionForm, ActionList, actionsOf, PresetActions } from '../destination/actions';
import { Locked } from '../destination/editor';
import { presetName, usePreset } from '../destination/preset';
import { useConfig, type Config, type Item } from '../config';
import { query, setQuery } from '../route';
import { History } from '../rules/history';
import { LastEvents } from '../rules/last';
import { ResultPane, useTrial } from '../rules/result';
import { SamplePane, type Sample } from '../rules/sample';
import '../rules/rules.css';
import { may } from '../state';
import { Card, Empty, Loading, Notice, Page } from '../ui/basics';
import { SaveBar, Select, useDraft } from '../ui/form';

function Workbench({ item, config }: { item: Item; config: Config }) {
  const draft = useDraft('destinations', item.name, item.settings, item.locked || !may('editor'));
  const preset = usePreset(draft.settings);
  const [at, pick] = useState(0);
  const [sample, setSample] = useState<Sample>({ seq: Number(query.value.get('event')) || null, text: '', source: '' });
  const trial = useTrial(draft.settings, sample);
  const action = actionsOf(draft.settings)[at];
  return (
    <>
      {item.locked && <Locked item={item} />}
      <div class="split rules-split">
        <SamplePane sample={sample} raw={trial.tried?.event} onChange={setSample} />
        <Card title="2. The rules">
          <div class="stack">
            <ActionList draft={draft} at={at} onPick={pick} />
            {action && <ActionForm draft={draft} at={at} />}
          </div>
        </Card>
        <ResultPane trial={trial} />
      </div>
      <SaveBar draft={draft} kind="destinations" name={item.name} generation={config.generation} />
      <LastEvents settings={draft.settings} destination={item.name} />
      <PresetActions preset={preset} name={presetName(draft.settings)} />
      <History />
    </>
  );
}

export function Rules() {
  const loaded = useConfig();
  return (
    <Page title="Rules" lead="Which event is sent to Meta as what, tried on real events before it is saved.">
      {!may('editor') && <Notice>Rules are tried and changed by people with the role editor. Yours shows what is in force: see <a href="/destinations">Destinations</a>.</Notice>}
      <Loading of={loaded}>{(config) => {
        const name = query.value.get('destination') ?? config.destinations[0]?.name ?? '';
        const item = config.destinations.find((d) => d.name === name);
        if (!item) return <Card><Empty title="No destination">Rules belong to a destination. <a href="/destinations">Destinations</a></Empty></Card>;
        if (!may('editor')) return <History />;
        return (
          <>
            {config.destinations.length > 1 && (
              <div class="narrow"><Select label="Destination" value={name} options={config.destinations.map((d): [string, string] => [d.name, d.name])} onPick={(picked) => setQuery({ destination: picked })} /></div>
            )}
            <Workbench key={name} item={item} config={config} />
          </>
        );
      }}</Loading>
    </Page>
  );
}
