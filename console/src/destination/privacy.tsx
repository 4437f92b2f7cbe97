// SPDX-License-Identifier: Apache-2.0
// What else goes along, and what never does.
import { states } from '../meta';
import { Card } from '../ui/basics';
import { BoolKey, ChoiceKey, ListKey, Select, TextKey, type Draft } from '../ui/form';

function Properties({ draft }: { draft: Draft }) {
  const value = draft.settings.properties;
  const chosen = Array.isArray(value) ? 'list' : String(value ?? '');
  return (
    <Card title="Event properties">
      <div class="stack tight">
        <Select label="Which properties of the event go along" value={chosen} disabled={draft.locked}
          options={[['', 'as the preset says'], ['all', 'all'], ['flat', 'all, lists flattened too'], ['none', 'none'], ['list', 'these only']]}
          onPick={(word) => draft.set(['properties'], word === 'list' ? ['plan'] : word)} />
        {chosen === 'list' && <ListKey draft={draft} path={['properties']} label="Properties" placeholder="plan, seats" />}
        <p class="small soft">They become custom_data, from which custom conversions and audiences are made.</p>
      </div>
    </Card>
  );
}

function Personal({ draft }: { draft: Draft }) {
  return (
    <Card title="Personal data">
      <div class="stack tight">
        <BoolKey draft={draft} path={['pii', 'defaults']} usual label="Usual names never go along in the clear" hint="(email, phone, name, city, birthday, …)" />
        <div class="two">
          <ListKey draft={draft} path={['pii', 'deny']} label="Never send these properties" placeholder="iban, passport" />
          <ListKey draft={draft} path={['pii', 'hash']} label="Send these as SHA-256" placeholder="loyalty_id" />
          <ListKey draft={draft} path={['pii', 'allow']} label="Send these all the same" placeholder="city" />
          <ListKey draft={draft} path={['pii', 'query']} label="Query keys that URLs lose, besides the usual" placeholder="customer_no" />
        </div>
        <ChoiceKey draft={draft} path={['pii', 'values']} label="Values that look like an e-mail address, phone or card number"
          options={[['', 'are blotted out'], ['drop', 'are left out'], ['keep', 'go along']]} />
        <ListKey draft={draft} path={['pii', 'only']} label="Nothing but these leaves at all" placeholder="em, fbp, value, currency" hint="For restricted categories. Empty: no such list." />
      </div>
    </Card>
  );
}

function LimitedUse({ draft }: { draft: Draft }) {
  const on = Array.isArray(draft.settings.data_processing_options);
  const state = String(draft.settings.data_processing_options_state ?? 0);
  const pick = (word: string) => {
    const set = (key: string, value: unknown) => draft.set([key], value);
    set('data_processing_options', word === '' ? undefined : ['LDU']);
    set('data_processing_options_country', word === '' ? undefined : word === '0' ? 0 : 1);
    set('data_processing_options_state', word === '' ? undefined : Number(word));
  };
  return (
    <Select label="Limited Data Use" value={on ? state : ''} disabled={draft.locked} onPick={pick}
      options={[['', 'as the event or the preset says'], ...states.map(([code, name]): [string, string] => [code, code === '0' ? 'on; Meta finds out where people are' : `on, for ${name}`])]} />
  );
}

export const PrivacyTab = ({ draft }: { draft: Draft }) => (
  <div class="stack">
    <Properties draft={draft} />
    <Personal draft={draft} />
    <Card title="Where and how">
      <div class="two">
        <LimitedUse draft={draft} />
        <TextKey draft={draft} path={['action_source']} label="Action source" placeholder="as the preset says" suggest={['website', 'app', 'physical_store', 'phone_call', 'chat', 'email', 'system_generated', 'other'].map((w) => `"${w}"`)}
          hint={<>A fixed word is written with quotes: <code>"website"</code>.</>} />
        <TextKey draft={draft} path={['default_country']} label="Country of phone numbers without one" placeholder="de" />
        <ChoiceKey draft={draft} path={['compat']} label="Normalise before hashing" options={[['', 'as Meta’s documents say'], ['param-builder', 'as Meta’s browser pixel does']]} />
        <ListKey draft={draft} path={['website_needs']} label="Website events are refused without" placeholder="client_user_agent, event_source_url" />
      </div>
    </Card>
  </div>
);

export const LimitsTab = ({ draft }: { draft: Draft }) => (
  <Card title="Requests to Meta">
    <div class="stack tight">
      <p class="soft">The usual values suit nearly everybody.</p>
      <div class="two">
        <TextKey draft={draft} path={['batch', 'events']} label="Events in one request, at most" placeholder="1000" />
        <TextKey draft={draft} path={['batch', 'size']} label="Size of one request, at most" placeholder="1MiB" />
        <TextKey draft={draft} path={['batch', 'linger']} label="How long an event may wait for company" placeholder="1s" />
        <TextKey draft={draft} path={['batch', 'in_flight']} label="Requests at one time, at most" placeholder="as many as needed" />
        <TextKey draft={draft} path={['batch', 'timeout']} label="How long Meta may take" placeholder="30s" />
        <TextKey draft={draft} path={['start']} label="Begins with events since" placeholder="now" hint={<><code>now</code>, <code>oldest</code>, or a time such as 2026-11-20T00:00:00Z. Earlier events are sent again when this is changed.</>} />
      </div>
    </div>
  </Card>
);
