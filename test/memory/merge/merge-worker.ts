/**
 * Consolidates until nothing is left to do: HOME CLOCK LOG. The time is what the file CLOCK says; LOG gets a line when the model is
 * asked and when it has answered.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { consolidateNext } from '../../../src/memory/merge/consolidate.ts';
import { openMemoryStore } from '../../../src/memory/store/open-store.ts';
import { MergeModel, mergeAnswer } from './merge-model.ts';

const [home = '', clock = '', log = ''] = process.argv.slice(2);

const note = (what: string): void => appendFileSync(log, `${what} ${process.pid}\n`);
const ANSWER_MS = 15;
const PAUSE_MS = 5;

const model = new MergeModel(async ({ text }) => {
  note('begin');
  await wait(ANSWER_MS);
  note('end');
  return mergeAnswer(text);
});
const deps = {
  store: openMemoryStore(home),
  model,
  now: () => Number(readFileSync(clock, 'utf8')),
  rootOf: (cwd: string) => cwd,
};
for (;;) {
  const { state } = await consolidateNext(deps, new AbortController().signal);
  if (state === 'idle') break;
  if (state === 'busy') await wait(PAUSE_MS);
}
