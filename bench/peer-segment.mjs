// peer-segment.mjs DIRECTORY CORPUS: how many events a second Segment's own mapping code for Meta
// (@segment/action-destinations, installed in DIRECTORY) handles in this process, without a network: its
// triggers are parsed once, and the request that an action makes is only written as JSON. Prints one JSON
// line. All actions that a new destination has, with the mappings that it begins with.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [directory, corpus] = process.argv.slice(2).map((p) => resolve(p));
const require = createRequire(join(directory, 'package.json'));
const packages = join(directory, 'node_modules', '@segment');
const definition = require(join(packages, 'action-destinations/dist/destinations/facebook-conversions-api')).default;
const { Action } = require(join(packages, 'actions-core/dist/cjs/destination-kit/action'));
const { parseFql, validate } = require(join(packages, 'destination-subscriptions'));

const settings = { pixelId: '1234567890' };
let sent = 0, bytes = 0;
const request = async (url, options) => {
  sent += 1;
  bytes += JSON.stringify(options.json).length;
  return { status: 200, data: {}, content: '{}', headers: {} };
};

const subscriptions = Object.entries(definition.actions)
  .filter(([name, action]) => action.defaultSubscription && !name.endsWith('2'))
  .map(([name, spec]) => {
    const action = new Action('actions-facebook-conversions-api', spec, definition.extendRequest);
    action.createRequestClient = () => request;
    const mapping = {};
    for (const [field, { default: value }] of Object.entries(spec.fields)) if (value !== undefined) mapping[field] = value;
    mapping.action_source = 'website'; // required, and the user's to say
    return { name, action, mapping, trigger: parseFql(spec.defaultSubscription) };
  });

const lines = readFileSync(corpus, 'utf8').trim().split('\n').slice(0, 5000);
let refused = 0;
async function round() {
  sent = refused = bytes = 0;
  const start = process.cpuUsage();
  for (const line of lines) {
    const data = JSON.parse(line);
    for (const s of subscriptions) {
      if (!validate(s.trigger, data)) continue;
      try {
        await s.action.execute({ data, mapping: s.mapping, settings, auth: undefined });
      } catch {
        refused += 1;
      }
    }
  }
  const used = process.cpuUsage(start);
  return lines.length / ((used.user + used.system) / 1e6);
}

const rates = [];
for (let i = 0; i < 4; i += 1) rates.push(await round());
const version = JSON.parse(readFileSync(join(packages, 'action-destinations/package.json'))).version;
console.log(JSON.stringify({ what: 'segment', version, events_per_second: Math.max(...rates), sent, refused, bytes }));
