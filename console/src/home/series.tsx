// SPDX-License-Identifier: Apache-2.0
// Numbers over time on the home page: what was sold, and by which way events come.
import { get } from '../api';
import { useLoad } from '../state';
import { Card } from '../ui/basics';
import { Chart } from '../ui/chart';
import { count, money, some } from '../ui/format';

const sum = (points: number[]) => points.reduce((all, n) => all + n, 0);
const series = (metric: string, more: Record<string, string>, range = '24h') => get('/api/v1/series', { metric, range, ...more });
const AGAIN_MS = 30000;
const EVENTS = 8; // names with a line of their own

// Of one destination: what went to two of them was sold once.
async function salesOf(destination: string) {
  const { of } = await series('purchases', { destination });
  const currencies = [...new Set(of.filter((key) => key.destination === destination).map((key) => key.currency))];
  const sold = await Promise.all(currencies.map(async (currency) => ({
    currency, purchases: sum((await series('purchases', { destination, currency })).points), value: sum((await series('value', { destination, currency })).points),
  })));
  const [received, delivered] = await Promise.all([series('received', {}), series('delivered', { destination })]);
  return { sold: sold.filter((one) => one.purchases > 0), received: sum(received.points), delivered: sum(delivered.points) };
}

// taker: who confirmed them, Meta or the sandbox.
export function Money({ destination, taker }: { destination: string; taker: string }) {
  const { data } = useLoad(() => salesOf(destination), [destination], AGAIN_MS);
  if (!data) return null;
  return (
    <>
      {data.sold.map((one) => <p key={one.currency}><span class="big">{money(one.value, one.currency)}</span> <span class="soft">in {some(one.purchases, 'purchase')} that {taker} took</span></p>)}
      {!data.sold.length && <p><span class="big">–</span> <span class="soft">no purchase that {taker} took</span></p>}
      <p class="small soft">{count(data.delivered)} events delivered of {count(data.received)} received</p>
    </>
  );
}

interface Way { event: string; times: number[]; browser: number[]; server: number[]; both: number }

async function ways(): Promise<Way[]> {
  const [{ of }, pairing] = await Promise.all([series('sent', {}, '1h'), get('/api/v1/pairing')]);
  const events = [...new Set(of.map((key) => key.event))].slice(0, EVENTS);
  const all = await Promise.all(events.map(async (event) => {
    const [browser, server] = await Promise.all([series('sent', { event, path: 'browser' }, '1h'), series('sent', { event, path: 'server' }, '1h')]);
    const end = new Date(server.end ?? Date.now()).getTime() / 1000;
    const times = server.points.map((_, i) => end - (server.points.length - 1 - i) * server.step_s);
    const both = sum(pairing.events.filter((p) => p.event === event).map((p) => p.both));
    return { event, times, browser: browser.points, server: server.points, both };
  }));
  return all.filter((way) => sum(way.browser) + sum(way.server) > 0).sort((a, b) => sum(b.browser) + sum(b.server) - sum(a.browser) - sum(a.server));
}

export function Paths() {
  const { data } = useLoad(ways, [], AGAIN_MS);
  if (!data?.length) return null;
  return (
    <Card title="Last hour, by event and way">
      <div class="table-wrap" tabIndex={0} role="region" aria-label="Last hour by event">
        <table class="ways">
          <thead><tr><th>Event at Meta</th><th>A minute each</th><th class="number"><span class="dot server" />Server</th><th class="number"><span class="dot browser" />Browser</th><th class="number">Both, paired</th></tr></thead>
          <tbody>
            {data.map((way) => (
              <tr key={way.event}>
                <td>{way.event}</td>
                <td><Chart bare height={34} label={`${way.event}: ${sum(way.server)} by the server, ${sum(way.browser)} by the browser in the last hour`} times={way.times}
                  lines={[{ name: 'server', colour: '--accent', points: way.server }, { name: 'browser', colour: '--held', points: way.browser }]} /></td>
                <td class="number">{count(sum(way.server))}</td><td class="number">{count(sum(way.browser))}</td><td class="number">{count(way.both)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
