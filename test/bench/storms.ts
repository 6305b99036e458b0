/**
 * Storms over the terminal of a session: how many words of its history are lost or doubled, in xterm and in tmux.
 *
 * node test/bench/storms.ts [--storms N] [--seed N] [--from INDEX] [--keep FOLDER] [--bin dist/main.js]
 * node test/bench/storms.ts --replay RECORDING
 *
 * Needs `npm run build`. A storm with a fault is named by its seed and its index, and its recording is kept: `--from INDEX
 * --storms 1` records the same storm again, `--replay` brings what was recorded to the terminals. Exit code 1 when a word
 * is lost or doubled, or a storm cannot be judged. Words that tmux has parted, which no program can prevent, are named, and
 * are no fault.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { judge, tearsLines, type Verdict } from '../support/storm/expected.ts';
import type { History, Recording } from '../support/storm/recording.ts';
import { recordStorm } from '../support/storm/session.ts';
import { storms } from '../support/storm/storm.ts';
import { hasTmux, inTmux } from '../support/storm/tmux.ts';
import { inXterm } from '../support/storm/xterm.ts';

type Recorded = Recording & { readonly printed: readonly string[] };

interface Total {
  lost: number;
  doubled: number;
  storms: number;
}

const MAIN = path.resolve(import.meta.dirname, '../../dist/main.js');
const BAR = 30;

const { values } = parseArgs({
  options: {
    storms: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    keep: { type: 'string', default: path.join(tmpdir(), 'oagent-storms') },
    replay: { type: 'string' },
    bin: { type: 'string', default: MAIN },
  },
});

const TERMINALS: { readonly [name: string]: (recording: Recording) => Promise<History[]> } = {
  xterm: inXterm,
  ...(hasTmux() && { tmux: inTmux }),
};
const newTotal = (): Total => ({ lost: 0, doubled: 0, storms: 0 });
const totals = new Map(Object.keys(TERMINALS).map((name) => [name, newTotal()]));

let done = 0;
/** Storms that no terminal could judge: the session hung, or could not start. */
let broken = 0;
if (values.replay === undefined) await runAll(Number(values.from), Number(values.storms));
else {
  done = 1;
  await judged(values.replay, JSON.parse(readFileSync(values.replay, 'utf8')) as Recorded);
}
for (const [name, { lost, doubled, storms: bad }] of totals) {
  console.log(`${name}: ${done} storms, ${bad} with a fault; words lost ${lost}, doubled ${doubled}`);
}
if (broken > 0) console.log(`${broken} storms could not be judged`);
process.exitCode = broken > 0 || [...totals.values()].some(({ storms: bad }) => bad > 0) ? 1 : 0;

async function runAll(from: number, count: number): Promise<void> {
  const all = fc.sample(storms, { numRuns: from + count, seed: Number(values.seed) }).slice(from);
  const startedAt = performance.now();
  for (const [index, storm] of all.entries()) {
    const name = `seed ${values.seed}, storm ${from + index}`;
    try {
      const recorded = await recordStorm(storm, path.resolve(values.bin));
      if (!(await judged(name, recorded))) keep(from + index, { ...recorded, storm });
    } catch (error) {
      broken += 1;
      tell(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    done += 1;
    progress(count, (performance.now() - startedAt) / done);
  }
  if (process.stderr.isTTY) process.stderr.write('\n');
}

/** @returns false if a terminal's history is not what it should be. */
async function judged(name: string, { printed, ...recording }: Recorded): Promise<boolean> {
  let isRight = true;
  for (const [terminal, replay] of Object.entries(TERMINALS)) {
    const histories = await replay(recording);
    const mayBeTorn = terminal === 'tmux' && tearsLines(recording);
    const verdicts = histories.map((history, at) =>
      judge(history, printed, { hasEnded: at === histories.length - 1, mayBeTorn }),
    );
    const torn = new Set(verdicts.flatMap((verdict) => verdict.torn));
    if (torn.size > 0) tell(`${name}, ${terminal}: parted by tmux itself: ${[...torn].join(' ')}`);
    const fault = faultOf(verdicts);
    if (fault === undefined) continue;
    isRight = false;
    const total = totals.get(terminal) ?? newTotal();
    total.lost += fault.lost.length;
    total.doubled += fault.doubled.length;
    total.storms += 1;
    const order = fault.isInOrder ? '' : '; not in order';
    tell(`${name}, ${terminal}: lost ${fault.lost.join(' ')}; doubled ${fault.doubled.join(' ')}${order}`);
  }
  return isRight;
}

/** All that is wrong at some look; undefined: nothing. */
function faultOf(verdicts: readonly Verdict[]): Verdict | undefined {
  const lost = [...new Set(verdicts.flatMap((verdict) => verdict.lost))];
  const doubled = [...new Set(verdicts.flatMap((verdict) => verdict.doubled))];
  const isInOrder = verdicts.every((verdict) => verdict.isInOrder);
  if (lost.length === 0 && doubled.length === 0 && isInOrder) return undefined;
  return { lost, doubled, isInOrder, torn: [] };
}

function keep(index: number, content: object): void {
  mkdirSync(values.keep, { recursive: true });
  const file = path.join(values.keep, `${values.seed}-${index}.json`);
  writeFileSync(file, JSON.stringify(content));
  tell(`  kept: ${file}`);
}

function tell(text: string): void {
  console.log(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${text}`);
}

function progress(count: number, msEach: number): void {
  const bad = Math.max(...[...totals.values()].map(({ storms: some }) => some));
  const minutes = Math.ceil((msEach * (count - done)) / 60_000);
  const bar = '█'.repeat(Math.round((BAR * done) / count)).padEnd(BAR, '·');
  const text = `${bar} ${done}/${count} · ${bad} with a fault · ${(msEach / 1_000).toFixed(1)} s each · ${minutes} min left`;
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\x1b[K`);
  else if (done % 10 === 0 || done === count) console.error(text);
}
