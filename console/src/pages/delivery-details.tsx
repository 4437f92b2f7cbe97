// SPDX-License-Identifier: Apache-2.0
// How long delivery takes, in requests of what size, and errors with what to do about each.
import { Fragment } from 'preact';
import type { Schema } from '../api';
import { query } from '../route';
import { count, duration, percent, Time } from '../ui/format';

type DeliveryOf = Schema<'Delivery'>;
type ErrorGroup = DeliveryOf['errors'][number];

function Errors(props: { list: ErrorGroup[] }) {
  const wanted = Number(query.value.get('code') ?? 0);
  return (
    <ul class="errors">
      {props.list.map((e) => (
        <li key={`${e.code}/${e.subcode}/${e.status}`} class={wanted && e.code === wanted ? 'chosen' : ''}>
          <details open={wanted === e.code}>
            <summary>
              <b>{e.cause || e.text || e.title}</b> <span class="soft">{e.title} · {e.count === 1 ? 'once' : `${count(e.count)} times`}, with {count(e.events)} {e.events === 1 ? 'event' : 'events'}, last <Time at={e.last} /></span>
            </summary>
            <dl class="facts">
              {e.cure && <><dt>What to do</dt><dd>{e.cure}</dd></>}
              {e.text && <><dt>Meta said</dt><dd>{e.text}</dd></>}
              {e.fbtrace_id && <><dt>fbtrace_id</dt><dd class="mono">{e.fbtrace_id}</dd></>}
            </dl>
          </details>
        </li>
      ))}
    </ul>
  );
}

export function Speed(props: { of: DeliveryOf }) {
  const { of } = props;
  const batches = of.batches.reduce((sum, b) => sum + b.count, 0);
  return (
    <>
      <div class="grid">
        <div>
          <h3>From received to confirmed</h3>
          <div class="figures">
            {(['p50', 'p95', 'p99'] as const).map((p) => (
              <div key={p} class="figure">
                <span class="soft">{{ p50: 'Half within', p95: '95 % within', p99: '99 % within' }[p]}</span>
                <b>{of.latency_ms[p] === undefined ? '–' : duration(of.latency_ms[p])}</b>
              </div>
            ))}
          </div>
        </div>
        <div>
          <h3>Events in a request</h3>
          <dl class="bars">
            {of.batches.map((b) => (
              <Fragment key={b.size}>
                <dt>{b.size}</dt>
                <dd><div class="bar"><i style={{ width: `${batches ? (100 * b.count) / batches : 0}%` }} /></div><span class="number">{percent(b.count, batches)}</span></dd>
              </Fragment>
            ))}
          </dl>
        </div>
      </div>
      {of.errors.length > 0 && <div><h3>Errors of the latest requests</h3><Errors list={of.errors} /></div>}
    </>
  );
}
