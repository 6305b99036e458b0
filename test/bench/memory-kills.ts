/**
 * A history of forty sessions through both phases of memories, killed at random moments: is what comes of it the same as without?
 *
 * node --import ./test/support/raw-imports.mjs test/bench/memory-kills.ts [KILLS [SEED]]. Exits with 1 if it is not.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { outcomeOf, runKilled, runWhole, startOver } from '../memory/history/history-runs.ts';

const [kills = 100, seed = Date.now() % 100_000] = process.argv.slice(2).map(Number);

/** xorshift: the same seed, the same moments, as far as the machine is as fast. */
function randomOf(start: number): () => number {
  let state = start | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'oagent-memory-kills-')));
try {
  startOver(root);
  await runWhole(root);
  const whole = outcomeOf(root);
  const random = randomOf(seed);
  const began = performance.now();
  let [killed, rounds] = [0, 0];
  while (killed < kills) {
    startOver(root);
    killed += await runKilled(root, { kills: kills - killed, random, pauseMs: 8, livesMs: 40 });
    rounds += 1;
    assert.deepEqual(outcomeOf(root), whole);
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  const entries = whole.tables.entries?.length ?? 0;
  console.log(
    `${killed} kills in ${rounds} rounds, ${seconds} s, seed ${seed}: the same ${entries} entries and ${Object.keys(whole.files).length} files`,
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
