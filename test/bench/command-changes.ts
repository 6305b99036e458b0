/**
 * What it costs to keep what commands change, in a repository of 5,000 files:
 * `node --import ./test/support/raw-imports.mjs test/bench/command-changes.ts`
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CommandChanges } from '../../src/tools/checkpoints/commands/command-changes.ts';

const FILES = 5_000;
const PER_FOLDER = 12;
const ROUNDS = 40;

const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-bench-commands-')));
const [root, home] = [path.join(base, 'root'), path.join(base, 'home')];
mkdirSync(home);
const fileOf = (number: number): string => {
  const folder = Math.floor(number / PER_FOLDER);
  return path.join(root, `p${folder % 20}`, `m${folder}`, `f${number}.ts`);
};
for (let number = 0; number < FILES; number++) {
  mkdirSync(path.dirname(fileOf(number)), { recursive: true });
  writeFileSync(fileOf(number), `${number} `.repeat(200 + ((number * 7_919) % 2_400)));
}

const changes = new CommandChanges({ home, session: 'bench' }, (message) => console.log(message));

/** Milliseconds before and after a command. */
async function cost(turn: AbortSignal, command: () => void): Promise<number> {
  const start = performance.now();
  const kept = await changes.begin([root], 1, turn);
  const begun = performance.now() - start;
  command();
  const ended = performance.now();
  await kept?.end();
  return begun + performance.now() - ended;
}

async function median(turn: () => AbortSignal, command: (round: number) => void): Promise<number> {
  const all: number[] = [];
  for (let round = 0; round < ROUNDS; round++) all.push(await cost(turn(), () => command(round)));
  return all.toSorted((a, b) => a - b)[ROUNDS / 2] ?? Number.NaN;
}

const newTurn = (): AbortSignal => new AbortController().signal;
const oneTurn = newTurn();
const nothing = (): void => {};
const write = (round: number): void => writeFileSync(fileOf(round * 97), `round ${round}`);
const make = (round: number): void => writeFileSync(path.join(root, `new-${round}`), 'new');
const figures = {
  'the first command of the session': await cost(oneTurn, nothing),
  'the first command of a turn': await median(newTurn, nothing),
  'a command that changes nothing': await median(() => oneTurn, nothing),
  'a command that changes a file': await median(() => oneTurn, write),
  'a command that makes a file': await median(() => oneTurn, make),
};
for (const [name, ms] of Object.entries(figures)) console.log(`${ms.toFixed(1).padStart(8)} ms  ${name}`);
changes.close();
rmSync(base, { recursive: true });
