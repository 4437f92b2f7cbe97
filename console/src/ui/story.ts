// SPDX-License-Identifier: Apache-2.0
// The story that the mapping tells of one event, as text, taken apart for showing: what was decided by which
// line, and for each parameter where its value came from.
export interface Place { file: string; line: number }
export interface Decision { text: string; place?: Place }
export interface Parameter { name: string; value: string; left: string; place?: Place; steps: string[] }
export interface MetaEvent { title: string; place?: Place; parameters: Parameter[]; absent: string[]; withheld: string[] }
export interface MappingStory { decisions: Decision[]; events: MetaEvent[]; verdict: string; outputs: { title: string; json: string }[] }

const placed = (line: string): { text: string; place?: Place } => {
  const match = /^(.*?)\s{3}\(([^()]+):(\d+)\)$/.exec(line);
  return match ? { text: match[1]!, place: { file: match[2]!, line: Number(match[3]) } } : { text: line };
};
const names = (list: string) => list.split(', ').filter(Boolean);

function takeParameter(event: MetaEvent, line: string): void {
  const { text, place } = placed(line.slice(2));
  const is = text.indexOf(' = ');
  if (text.startsWith('nothing for: ')) event.absent.push(...names(text.slice(13)));
  else if (text.startsWith('withheld by pii.only: ')) event.withheld.push(...names(text.slice(22)));
  else if (is >= 0) event.parameters.push({ name: text.slice(0, is), value: text.slice(is + 3), left: '', place, steps: [] });
  else event.parameters.push({ name: text.split(' ')[0]!, value: '', left: text.endsWith(' fails') ? 'fails' : 'left out', place, steps: [] });
}

// Lines that begin with "- " are decisions, two blanks a parameter, six blanks a step of the last one. After the
// verdict come the events as they would be sent.
export function readStory(text: string): MappingStory {
  const story: MappingStory = { decisions: [], events: [], verdict: '', outputs: [] };
  let event: MetaEvent | undefined;
  for (const line of text.split('\n').slice(1)) {
    const output = story.outputs.at(-1);
    if (line.startsWith('Verdict: ')) story.verdict = line.slice(9);
    else if (story.verdict && /^For pixel .*:$/.test(line)) story.outputs.push({ title: line.slice(0, -1), json: '' });
    else if (output) output.json += `${line}\n`;
    else if (story.verdict) story.verdict += line ? ` ${line.trim()}` : '';
    else if (line.startsWith('- event for pixel')) {
      event = { title: placed(line.slice(2)).text, place: placed(line).place, parameters: [], absent: [], withheld: [] };
      story.events.push(event);
    } else if (line.startsWith('- ')) story.decisions.push(placed(line.slice(2)));
    else if (line.startsWith('      ')) event?.parameters.at(-1)?.steps.push(line.trim());
    else if (line.startsWith('  ') && event) takeParameter(event, line);
  }
  return story;
}
