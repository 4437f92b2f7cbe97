// SPDX-License-Identifier: Apache-2.0
// Rules: a trigger and the event that it sends. One rule's form, and the list of them.
import { valueAt, type Settings } from '../config';
import { standardEvents, userData } from '../meta';
import { Button, Card, Chip, Empty, Field } from '../ui/basics';
import { Area, Switch, type Draft } from '../ui/form';
import { Pairs } from './expression';

export interface Action { name: string; trigger: string; enabled?: boolean; send?: string; event_name?: string; pixel_id?: string | number; custom_data?: Record<string, unknown>; user_data?: Record<string, unknown> }

const customData = ['value', 'currency', 'content_ids', 'contents', 'content_type', 'content_name', 'content_category', 'num_items', 'order_id', 'search_string', 'predicted_ltv', 'net_revenue', 'status', 'delivery_category'];

export const actionsOf = (settings: Settings): Action[] => valueAt(settings, ['actions']) ?? [];
export const newAction = (names: string[]): Action => {
  let name = 'New rule';
  for (let i = 2; names.includes(name); i++) name = `New rule ${i}`;
  return { name, trigger: 'type = "track" and event = "Order Completed"', send: 'Purchase' };
};

export function ActionForm(props: { draft: Draft; at: number }) {
  const { draft, at } = props;
  const all = actionsOf(draft.settings);
  const action = all[at]!;
  const put = (key: keyof Action, value: unknown) => {
    const next: Record<string, unknown> = { ...action, [key]: value };
    if (value === '' || value === undefined || (typeof value === 'object' && value && !Object.keys(value).length)) delete next[key];
    draft.set(['actions'], all.map((a, i) => (i === at ? next : a)));
  };
  const field = (key: 'name' | 'send' | 'pixel_id' | 'event_name', label: string, more: object = {}) => (
    <Field label={label} value={String(action[key] ?? '')} disabled={draft.locked} error={draft.problem(key)} onInput={(text) => put(key, text)} {...more} />
  );
  return (
    <div class="stack tight">
      <div class="two">
        {field('name', 'Name of the rule')}
        {action.event_name === undefined || action.send !== undefined
          ? field('send', 'Sends', { suggest: standardEvents, hint: 'A standard event, or a name of your own.' })
          : field('event_name', 'Sends the name that is found at')}
      </div>
      <Area label="When" rows={3} value={action.trigger ?? ''} disabled={draft.locked} error={draft.problem('trigger')} onInput={(text) => put('trigger', text)}
        hint={<>Such as <code>type = "track" and properties.revenue &gt;= 1000</code>; <code>otherwise</code> for what no rule above took.</>} />
      <fieldset>
        <legend>What it is about <code class="soft">custom_data</code></legend>
        <Pairs label="custom_data" names={customData} value={action.custom_data ?? {}} disabled={draft.locked} problem={draft.problem} onChange={(value) => put('custom_data', value)} />
      </fieldset>
      <fieldset>
        <legend>Who did it, for this rule only <code class="soft">user_data</code></legend>
        <Pairs label="user_data" names={userData.map((p) => p.name)} value={action.user_data ?? {}} disabled={draft.locked} problem={draft.problem} onChange={(value) => put('user_data', value)} />
      </fieldset>
      <div class="two">{field('pixel_id', 'A pixel of its own', { placeholder: 'the destination’s', hint: 'Instead of the destination’s.' })}</div>
      <Switch label="This rule is on" on={action.enabled !== false} disabled={draft.locked} onChange={(on) => put('enabled', on ? undefined : false)} />
    </div>
  );
}

export function ActionList(props: { draft: Draft; at: number; onPick: (i: number) => void }) {
  const { draft } = props;
  const all = actionsOf(draft.settings);
  const move = (i: number, by: number) => {
    const next = [...all];
    [next[i], next[i + by]] = [next[i + by]!, next[i]!];
    draft.set(['actions'], next);
    props.onPick(i + by);
  };
  return (
    <div class="stack tight">
      {all.length === 0 && <p class="soft">No rules of your own yet; the preset’s apply.</p>}
      <ol class="rules">
        {all.map((a, i) => (
          <li key={i} aria-current={i === props.at ? 'true' : undefined}>
            <button type="button" class="plain grow" onClick={() => props.onPick(i)}><b>{a.name || '(no name)'}</b> → {a.send ?? a.event_name} {a.enabled === false && <Chip kind="">off</Chip>}</button>
            {!draft.locked && (
              <>
                <button type="button" class="plain" disabled={i === 0} aria-label={`Move ${a.name} up`} onClick={() => move(i, -1)}>↑</button>
                <button type="button" class="plain" disabled={i === all.length - 1} aria-label={`Move ${a.name} down`} onClick={() => move(i, 1)}>↓</button>
                <button type="button" class="plain" aria-label={`Remove ${a.name}`} onClick={() => { draft.set(['actions'], all.filter((_, j) => j !== i)); props.onPick(Math.max(0, i - 1)); }}>✕</button>
              </>
            )}
          </li>
        ))}
      </ol>
      {!draft.locked && <div><Button onClick={() => { draft.set(['actions'], [...all, newAction(all.map((a) => a.name))]); props.onPick(all.length); }}>Add a rule</Button></div>}
    </div>
  );
}

// The preset's rules, which come after one's own, to read.
export function PresetActions({ preset, name }: { preset: Settings; name: string }) {
  const all = actionsOf(preset);
  if (!all.length) return null;
  return (
    <Card>
      <details>
        <summary><b>Rules of the preset {name}</b> <span class="soft">apply when none of yours did</span></summary>
      <div class="table-wrap" tabIndex={0} role="region" aria-label={`Rules of the preset ${name}`}>
        <table>
          <thead><tr><th>Rule</th><th>When</th><th>Sends</th></tr></thead>
          <tbody>{all.map((a) => <tr key={a.name}><td>{a.name}</td><td class="mono small">{a.trigger}</td><td>{a.send ?? <code>{a.event_name}</code>}</td></tr>)}</tbody>
        </table>
      </div>
      </details>
    </Card>
  );
}

export function ActionsTab(props: { draft: Draft; destination: string; preset: Settings; presetName: string; at: number; onPick: (i: number) => void }) {
  const { draft } = props;
  const all = actionsOf(draft.settings);
  return (
    <div class="stack">
      <Card title="Your rules" actions={<a class="button" href={`/rules?destination=${encodeURIComponent(props.destination)}`}>Try them on real events</a>}>
        <ActionList draft={draft} at={props.at} onPick={props.onPick} />
      </Card>
      {all[props.at] ? <Card title={all[props.at]!.name}><ActionForm draft={draft} at={props.at} /></Card>
        : !actionsOf(props.preset).length && <Empty title="No rules">Add one: a trigger, and the event that it sends.</Empty>}
      <PresetActions preset={props.preset} name={props.presetName} />
    </div>
  );
}
