// SPDX-License-Identifier: Apache-2.0
// First run: from nothing to the first event that Meta took, in six steps that can be left and come back to.
import type { ComponentChildren } from 'preact';
import { realDestinations, useConfig, type Config } from '../config';
import { testCode } from '../destination/settings';
import { DoneStep, TestStep } from '../first/golive';
import { MappingsStep } from '../first/mappings';
import { PixelStep } from '../first/pixel';
import { SeeEvent } from '../first/see';
import { SendingStep } from '../first/sending';
import '../first/first.css';
import { query, setQuery } from '../route';
import { may, status } from '../state';
import { Loading, Notice, Page } from '../ui/basics';

interface Step { name: string; done: boolean; body: () => ComponentChildren }

const NeedsPixel = () => <Notice>First a pixel: <a href="/start?step=2">step 2</a>.</Notice>;

function stepsOf(config: Config, next: () => void): Step[] {
  const real = realDestinations(config);
  const item = real.find((d) => !d.locked) ?? real[0];
  const events = status.value?.events ?? 0;
  const delivered = status.value?.destinations.some((d) => d.name === item?.name && (d.states.delivered ?? 0) > 0) ?? false;
  return [
    { name: 'See an event', done: events > 0, body: () => <SeeEvent config={config} /> },
    { name: 'Pixel and token', done: real.length > 0, body: () => <PixelStep config={config} real={real} onDone={next} /> },
    { name: 'Your own events', done: config.sources.length > 0 && delivered, body: () => <SendingStep config={config} /> },
    { name: 'What they become', done: delivered, body: () => (item ? <MappingsStep item={item} onDone={next} /> : <NeedsPixel />) },
    { name: 'Look, and go live', done: delivered && !testCode(item?.settings.test_event_code), body: () => (item ? <TestStep item={item} onDone={next} /> : <NeedsPixel />) },
    { name: 'What remains', done: false, body: () => <DoneStep config={config} real={real} /> },
  ];
}

function Wizard({ config }: { config: Config }) {
  const at = Math.min(6, Math.max(1, Number(query.value.get('step')) || 1)) - 1;
  const go = (to: number) => { setQuery({ step: String(to + 1) }); window.scrollTo(0, 0); };
  const steps = stepsOf(config, () => go(at + 1));
  return (
    <div class="wizard">
      <ol aria-label="Steps">
        {steps.map((step, i) => (
          <li key={step.name}>
            <a href={`/start?step=${i + 1}`} aria-current={i === at ? 'step' : undefined}>
              <span class={`mark ${step.done ? 'good' : ''}`} role={step.done ? 'img' : undefined} aria-label={step.done ? 'done' : undefined}>{step.done ? '✓' : i + 1}</span>{step.name}
            </a>
          </li>
        ))}
      </ol>
      <div class="stack">
        <h2>{steps[at]!.name}</h2>
        {steps[at]!.body()}
        {at < steps.length - 1 && <div class="row"><button type="button" class={steps[at]!.done ? 'main' : ''} onClick={() => go(at + 1)}>Next: {steps[at + 1]!.name}</button></div>}
      </div>
    </div>
  );
}

export function FirstRun() {
  const loaded = useConfig();
  return (
    <Page title="Set up pixeld" lead="From nothing to the first event at Meta. Leave whenever you like; it is under Set up.">
      {may('editor') ? <Loading of={loaded}>{(config) => <Wizard config={config} />}</Loading>
        : <Notice>Setting up is for people with the role editor. Ask one of your admins.</Notice>}
    </Page>
  );
}
