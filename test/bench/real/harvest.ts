/**
 * Makes test data of recordings: node test/bench/real/harvest.ts [DIR…] [--agents oagent] [--longest 2000] [--into DIR]
 *
 * DIR is what `--record` filled. What is there already stays; the expectations of all answers are written again, to
 * be reviewed as a diff. Without a DIR only those are written.
 * Invariants: whatever is left out is told, with the reason. Paths of the machine do not get into the data.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { ToolSchema } from '../../../src/model/chat.ts';
import { isObject } from '../../../src/model/json-object.ts';
import { sha256 } from '../../../src/text/uuid.ts';
import { startReplay } from '../../support/answer-replay.ts';
import {
  type Offer,
  RECORDINGS,
  type RecordedAnswer,
  readOffers,
  readRecordedAnswers,
  type ShortLine,
  shortened,
} from '../../support/recorded-answers.ts';
import { type Recording, readRecordings } from './recordings.ts';

interface Harvest {
  readonly answers: Map<string, RecordedAnswer>;
  readonly offers: Map<string, Offer>;
  /** Reason to number. */
  readonly leftOut: Map<string, number>;
}

interface Choice {
  readonly agents: readonly string[];
  /** Lines of an answer. */
  readonly longest: number;
}

const PERSONAL: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`${escaped(tmpdir())}/oagent-real-\\w+/[\\w-]+`, 'g'), '/tmp/repository'],
  [new RegExp(escaped(path.resolve(import.meta.dirname, '../../..')), 'g'), '/opt/oagent'],
  [new RegExp(`${escaped(homedir())}\\b`, 'g'), '/home/user'],
];

function add(harvest: Harvest, recording: Recording, { agents, longest }: Choice): void {
  const leave = (reason: string): void => {
    harvest.leftOut.set(reason, (harvest.leftOut.get(reason) ?? 0) + 1);
  };
  const { agent, model, task, path: place, status, raw, request } = recording;
  if (!agents.includes(agent)) return leave(`of ${agent}`);
  if (place !== '/api/chat') return leave(`from ${place}`);
  if (status !== 200) return leave(`with status ${status}`);
  const lines = withoutPaths(shortened(raw, model));
  if (lines.length > longest) return leave(`longer than ${longest} lines`);
  const offer: Offer = JSON.parse(clean(JSON.stringify(offerOf(request))));
  const key = digest(offer);
  const id = `${task} ${digest({ model, key, lines })}`;
  if (harvest.answers.has(id)) return leave('there already');
  harvest.offers.set(key, offer);
  harvest.answers.set(id, { id, model, offer: key, lines });
}

function offerOf({ tools, format }: Recording['request']): Offer {
  const schemas = Array.isArray(tools) ? (tools as ToolSchema[]) : [];
  return isObject(format) ? { tools: schemas, format } : { tools: schemas };
}

/** A path may be spread over chunks: those chunks then become one. */
function withoutPaths(lines: readonly ShortLine[]): ShortLine[] {
  const result: ShortLine[] = [];
  let run: string[] = [];
  const flush = () => {
    const joined = run.join('');
    const cleaned = clean(joined);
    result.push(...(cleaned === joined ? run : [cleaned]));
    run = [];
  };
  for (const line of lines) {
    if (typeof line === 'string') {
      run.push(line);
      continue;
    }
    flush();
    result.push('line' in line ? { line: clean(line.line) } : { rest: clean(line.rest) });
  }
  flush();
  return result;
}

function clean(text: string): string {
  return PERSONAL.reduce((so, [pattern, replacement]) => so.replace(pattern, replacement), text);
}

function escaped(text: string): string {
  return text.replace(/[^\w/-]/g, '\\$&');
}

function digest(value: unknown): string {
  return sha256(JSON.stringify(value)).replace(/\W/g, '').slice(0, 10);
}

async function write(folder: string, { answers, offers }: Harvest): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const used = new Set([...answers.values()].map(({ offer }) => offer));
  const kept = [...offers].filter(([key]) => used.has(key)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(path.join(folder, 'offers.json'), `${JSON.stringify(Object.fromEntries(kept), null, 1)}\n`);
  const replay = await startReplay();
  for (const [model, its] of Map.groupBy(answers.values(), (answer) => answer.model)) {
    const sorted = its.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const expected: { [id: string]: unknown } = {};
    for (const answer of sorted)
      expected[answer.id] = await replay.read(answer, offers.get(answer.offer) ?? { tools: [] });
    const name = path.join(folder, model.replace(/[^\w.-]/g, '-'));
    writeFileSync(`${name}.ndjson`, sorted.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
    writeFileSync(`${name}.expected.json`, `${JSON.stringify(expected, null, 1)}\n`);
    process.stdout.write(`${model}: ${sorted.length} answers\n`);
  }
  await replay.close();
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      agents: { type: 'string', default: 'oagent' },
      longest: { type: 'string', default: '2000' },
      into: { type: 'string', default: RECORDINGS },
    },
  });
  const choice = { agents: values.agents.split(','), longest: Number(values.longest) };
  const there = readRecordedAnswers(values.into).flatMap(({ answers }) => answers);
  const harvest: Harvest = {
    answers: new Map(there.map((answer) => [answer.id, answer])),
    offers: new Map(Object.entries(readOffers(values.into))),
    leftOut: new Map(),
  };
  for (const recording of positionals.flatMap(readRecordings)) add(harvest, recording, choice);
  for (const [reason, number] of harvest.leftOut) process.stdout.write(`left out: ${number} ${reason}\n`);
  await write(values.into, harvest);
}

await main();
