// SPDX-License-Identifier: Apache-2.0
// The left of the rules editor: one of the last events, or a text of one's own.
import { useEffect } from 'preact/hooks';
import { get, type Schema } from '../api';
import { useLoad } from '../state';
import { Card, Empty, Loading } from '../ui/basics';
import { Area, Select } from '../ui/form';

export interface Sample { seq: number | null; text: string; source: string } // text: edited, tried instead of the event itself

const nameOf = (row: Schema<'Row'>) => `${row.event || row.type} · ${row.source} · ${row.seq}`;
const invented = JSON.stringify({
  type: 'track', event: 'Order Completed', userId: 'customer-1', properties: { order_id: '1001', revenue: 19.9, currency: 'EUR' },
  context: { traits: { email: 'jane@example.com' } },
}, null, 2);

export function SamplePane(props: { sample: Sample; raw: unknown; onChange: (sample: Sample) => void }) {
  const rows = useLoad(() => get('/api/v1/events', { limit: 100 }), [], 5000);
  const { sample, raw } = props;
  const newest = (events: Schema<'Row'>[]) => [...events].sort((a, b) => b.seq - a.seq);
  const shown = sample.text || (raw === undefined ? '' : JSON.stringify(raw, null, 2));
  useEffect(() => {
    const events = newest(rows.data?.events ?? []);
    const first = events.find((row) => row.type === 'track') ?? events[0];
    if (sample.seq === null && !sample.text && first) props.onChange({ seq: first.seq, text: '', source: first.source });
  }, [rows.data, sample]);
  let wrong: string | undefined;
  try {
    if (sample.text) JSON.parse(sample.text);
  } catch (error) {
    wrong = (error as Error).message;
  }
  return (
    <Card title="1. A real event">
      <div class="stack tight">
        <Loading of={rows}>{(page) => {
          const events = newest(page.events);
          return events.length === 0 && !sample.text
            ? <Empty title="No event yet">Send one, or <button type="button" class="small" onClick={() => props.onChange({ seq: null, text: invented, source: '' })}>use an example</button></Empty>
            : (
              <div data-filter>
                <Select label="Event" value={sample.seq === null ? '' : String(sample.seq)} onPick={(seq) => props.onChange({ seq: seq ? Number(seq) : null, text: seq ? '' : invented, source: events.find((row) => String(row.seq) === seq)?.source ?? '' })}
                  options={[...events.map((row): [string, string] => [String(row.seq), nameOf(row)]), ['', 'an example to change']]} />
              </div>
            );
        }}</Loading>
        {shown && (
          <Area label={sample.text && sample.seq !== null ? 'The event, as changed here' : 'The event'} rows={22} value={shown} error={wrong}
            hint={sample.text ? undefined : 'Personal values are masked here; the rules see the real ones. Type to try another.'}
            onInput={(text) => props.onChange({ ...sample, text })} />
        )}
        {sample.text && sample.seq !== null && <div><button type="button" class="small" onClick={() => props.onChange({ ...sample, text: '' })}>Back to the event as it came</button></div>}
      </div>
    </Card>
  );
}
