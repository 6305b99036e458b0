/**
 * Storms over the terminal of a session: how many words of its history are lost or doubled, in xterm and in tmux.
 *
 * node test/bench/storms.ts [--storms N] [--seed N] [--at INDEX] [--keep FOLDER] [--bin dist/main.js]. Needs `npm run build`.
 * Exit code 1 when a word is lost or doubled; `--keep` writes the recordings of such storms.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { judge } from '../support/storm/expected.ts';
import type { History, Recording } from '../support/storm/recording.ts';
import { recordStorm } from '../support/storm/session.ts';
import { type Storm, storms } from '../support/storm/storm.ts';
import { hasTmux, inTmux } from '../support/storm/tmux.ts';
import { inXterm } from '../support/storm/xterm.ts';

const MAIN = path.resolve(import.meta.dirname, '../../dist/main.js');

const { values } = parseArgs({
  options: {
    storms: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    at: { type: 'string' },
    keep: { type: 'string' },
    bin: { type: 'string', default: MAIN },
  },
});

const TERMINALS: { readonly [name: string]: (recording: Recording) => Promise<History[]> } = {
  xterm: inXterm,
  ...(hasTmux() && { tmux: inTmux }),
};
const totals = new Map(Object.keys(TERMINALS).map((name) => [name, { lost: 0, doubled: 0, storms: 0 }]));

const count = Number(values.storms);
const all = fc.sample(storms, { numRuns: count, seed: Number(values.seed) });
const chosen =
  values.at === undefined ? [...all.entries()] : [[Number(values.at), all[Number(values.at)]] as const];
for (const [index, storm] of chosen) if (storm !== undefined) await run(index, storm);
for (const [name, { lost, doubled, storms: bad }] of totals) {
  console.log(
    `${name}: ${chosen.length} storms, ${bad} with a fault; words lost ${lost}, doubled ${doubled}`,
  );
}
process.exitCode = [...totals.values()].some(({ storms: bad }) => bad > 0) ? 1 : 0;

async function run(index: number, storm: Storm): Promise<void> {
  const { printed, ...recording } = await recordStorm(storm, values.bin);
  for (const [name, replay] of Object.entries(TERMINALS)) {
    const histories = await replay(recording);
    const verdicts = histories.map((history, at) => judge(history, printed, at === histories.length - 1));
    const lost = new Set(verdicts.flatMap((verdict) => verdict.lost));
    const doubled = new Set(verdicts.flatMap((verdict) => verdict.doubled));
    const total = totals.get(name);
    if (
      total === undefined ||
      (lost.size === 0 && doubled.size === 0 && verdicts.every((one) => one.isInOrder))
    )
      continue;
    total.lost += lost.size;
    total.doubled += doubled.size;
    total.storms += 1;
    console.log(`storm ${index}, ${name}: lost ${[...lost].join(' ')}; doubled ${[...doubled].join(' ')}`);
    keep(`${index}-${name}.json`, { storm, printed, ...recording, history: histories.at(-1) });
  }
}

function keep(name: string, content: object): void {
  if (values.keep === undefined) return;
  mkdirSync(values.keep, { recursive: true });
  writeFileSync(path.join(values.keep, name), JSON.stringify(content));
}
