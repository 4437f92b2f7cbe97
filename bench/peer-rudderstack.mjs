// peer-rudderstack.mjs DIRECTORY CORPUS: how many events a second RudderStack's own mapping code for Meta handles
// in this process. DIRECTORY is a checkout of rudder-transformer with what it needs installed (npm ci), built
// (npm run build:start) or not. It has two ways in, neither of which needs a network: `process` makes the request of
// one event, `processRouterDest` those of a batch, as its server is asked by RudderStack's. Both are run in turns,
// what they make is written as JSON, as the server would, and the faster one's best round counts. Prints one JSON line.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [directory, corpus] = process.argv.slice(2).map((p) => resolve(p));
const require = createRequire(join(directory, 'package.json'));
const file = ['dist/src', 'dist', 'src'].map((d) => join(directory, d, 'v0/destinations/facebook_pixel/transform.js')).find(existsSync);
if (!file) throw new Error(`${directory} has no v0/destinations/facebook_pixel/transform.js: is it a checkout of rudder-transformer?`);
const { process: transform, processRouterDest: transformBatch } = require(file);

// A new destination's settings, with its advanced mapping on, and pages as Meta's PageView, so that it sends what the
// preset sends.
const destination = {
  ID: 'bench',
  Config: {
    pixelId: '1234567890', accessToken: 'token', valueFieldIdentifier: 'properties.price', advancedMapping: true,
    limitedDataUSage: false, testDestination: false, testEventCode: '', standardPageCall: true,
    blacklistPiiProperties: [], whitelistPiiProperties: [], categoryToContent: [], eventsToEvents: [],
  },
};

// It refuses what is older than seven days.
const timestamp = new Date().toISOString();
const lines = readFileSync(corpus, 'utf8').trim().split('\n').slice(0, 5000)
  .map((line) => JSON.stringify({ ...JSON.parse(line), timestamp, originalTimestamp: timestamp }));

const batch = 200;
const counts = { sent: 0, refused: 0 };
let written = 0;
const write = (made) => { written += JSON.stringify(made).length; };

function one(line) {
  try {
    write(transform({ message: JSON.parse(line), destination }));
    counts.sent += 1;
  } catch {
    counts.refused += 1;
  }
}

async function many(some) {
  const events = JSON.parse(`[${some.join(',')}]`);
  write(await transformBatch(events.map((message, jobId) => ({ message, destination, metadata: { jobId } })), {}));
}

const ways = {
  process: async () => lines.forEach(one),
  processRouterDest: async () => {
    for (let i = 0; i < lines.length; i += batch) await many(lines.slice(i, i + batch));
  },
};

// Its rate by the processor's time: other programs on the machine cost it nothing.
async function rate(way) {
  counts.sent = counts.refused = 0;
  const start = process.cpuUsage();
  await ways[way]();
  const used = process.cpuUsage(start);
  return lines.length / ((used.user + used.system) / 1e6);
}

const best = { process: 0, processRouterDest: 0 };
for (let i = 0; i < 4; i += 1) {
  for (const way of ['processRouterDest', 'process']) best[way] = Math.max(best[way], await rate(way));
}
const { version } = JSON.parse(readFileSync(join(directory, 'package.json')));
console.log(JSON.stringify({ what: 'rudderstack', version, events_per_second: Math.max(...Object.values(best)), best, ...counts }));
