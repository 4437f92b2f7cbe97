// peer-rudderstack.mjs DIRECTORY CORPUS: how many events a second RudderStack's own mapping code for Meta handles
// in this process. DIRECTORY is a checkout of rudder-transformer with what it needs installed (npm ci), built
// (npm run build:start) or not; its `process` makes the request of one event, without a network. The request is
// written as JSON, as its server would. Prints one JSON line.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [directory, corpus] = process.argv.slice(2).map((p) => resolve(p));
const require = createRequire(join(directory, 'package.json'));
const file = ['dist/src', 'dist', 'src'].map((d) => join(directory, d, 'v0/destinations/facebook_pixel/transform.js')).find(existsSync);
if (!file) throw new Error(`${directory} has no v0/destinations/facebook_pixel/transform.js: is it a checkout of rudder-transformer?`);
const { process: transform } = require(file);

// A new destination's settings, with its advanced mapping on.
const destination = {
  ID: 'bench',
  Config: {
    pixelId: '1234567890', accessToken: 'token', valueFieldIdentifier: 'properties.price', advancedMapping: true,
    limitedDataUSage: false, testDestination: false, testEventCode: '', standardPageCall: false,
    blacklistPiiProperties: [], whitelistPiiProperties: [], categoryToContent: [], eventsToEvents: [],
  },
};

// It refuses what is older than seven days.
const timestamp = new Date().toISOString();
const lines = readFileSync(corpus, 'utf8').trim().split('\n').slice(0, 5000)
  .map((line) => JSON.stringify({ ...JSON.parse(line), timestamp, originalTimestamp: timestamp }));

let sent, refused, bytes;
function round() {
  sent = refused = bytes = 0;
  const start = process.cpuUsage();
  for (const line of lines) {
    try {
      bytes += JSON.stringify(transform({ message: JSON.parse(line), destination })).length;
      sent += 1;
    } catch {
      refused += 1;
    }
  }
  const used = process.cpuUsage(start);
  return lines.length / ((used.user + used.system) / 1e6);
}

const rates = [];
for (let i = 0; i < 4; i += 1) rates.push(round());
const { version } = JSON.parse(readFileSync(join(directory, 'package.json')));
console.log(JSON.stringify({ what: 'rudderstack', version, events_per_second: Math.max(...rates), sent, refused, bytes }));
