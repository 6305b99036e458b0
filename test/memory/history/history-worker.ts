/**
 * Makes all memories of a history: ROOT NOW [PAUSE]. NOW is its time, PAUSE how many milliseconds the model takes. Says `ready` on
 * stdout before the first step; it ends when nothing is left to do.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { projectRoot } from '../../../src/config/trust.ts';
import { extractNext } from '../../../src/memory/extract/extract-next.ts';
import { memoryFolder } from '../../../src/memory/folder.ts';
import { MemoryWork } from '../../../src/memory/memory-work.ts';
import { consolidateNext } from '../../../src/memory/merge/consolidate.ts';
import { memoryFiles } from '../../../src/memory/render/memory-files.ts';
import { mergedTexts } from '../../../src/memory/render/merged-texts.ts';
import { writeMemoryFiles } from '../../../src/memory/render/write-files.ts';
import { openMemoryStore } from '../../../src/memory/store/open-store.ts';
import { syncThreads } from '../../../src/memory/store/threads.ts';
import { placesIn, trustOf } from './history.ts';
import { historyModel } from './history-model.ts';

const [root = '', time = '', pause = '0'] = process.argv.slice(2);
const places = placesIn(root);
const { home } = places;
const trust = trustOf(places);
const store = openMemoryStore(home);
const model = historyModel(() => wait(Number(pause)).then(() => undefined));
const now = (): number => Number(time);
const config = { max_rollout_age_days: 30, min_rollout_idle_hours: 12, exec_sessions: true };

process.stdout.write('ready\n');
syncThreads(store, home, trust);
const work = new MemoryWork({
  extract: (signal) => extractNext({ store, model, now, config, secrets: [] }, signal),
  consolidate: (signal) =>
    consolidateNext({ store, model, now, rootOf: (cwd) => projectRoot(trust, cwd) }, signal),
  write: () => writeMemoryFiles(store, memoryFolder(home), () => memoryFiles(store, mergedTexts(store))),
});
for (;;) {
  const { state, problem } = await work.step(new AbortController().signal);
  if (problem !== undefined) throw new Error(problem);
  if (state === 'idle') break;
}
store.close();
