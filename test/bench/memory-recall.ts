/**
 * Is the right memory recalled, and none where none is of use? `node --import ./test/support/raw-imports.mjs test/bench/memory-recall.ts`
 *
 * Shows the questions that went wrong. `dev` and `second` are what the recall was made with; `held` was written afterwards: whatever was fitted to it would prove nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ENTRIES, NOTES, SESSIONS } from './memory/corpus.ts';
import { HELD_ENTRIES, HELD_NOTES, HELD_SESSIONS } from './memory/held-corpus.ts';
import { HELD, HELD_UNRELATED, PARAPHRASED } from './memory/held-questions.ts';
import { type Corpus, isRight, MemoryBench } from './memory/memories.ts';
import { type Asked, DEV, DEV_UNRELATED } from './memory/questions.ts';
import { SECOND_ENTRIES, SECOND_NOTES, SECOND_SESSIONS } from './memory/second-corpus.ts';
import { SECOND, SECOND_UNRELATED } from './memory/second-questions.ts';
import { NOISE, USER_QUESTIONS } from './user-questions.ts';

function report(name: string, bench: MemoryBench, questions: readonly Asked[]): void {
  let [good, recalled] = [0, 0];
  for (const asked of questions) {
    const found = bench.recalled(asked);
    recalled += found.length;
    if (isRight(asked, found)) good += 1;
    else
      process.stdout.write(
        `  ${asked.text}\n    wanted ${asked.about.join(' or ') || 'none'}, got ${found.join(', ') || 'none'}\n`,
      );
  }
  process.stdout.write(`${name}: ${good} of ${questions.length} right, ${recalled} memories recalled\n`);
}

const OF_PACKAGES = [...USER_QUESTIONS.flatMap(({ questions }) => questions.map(([text]) => text)), ...NOISE];

function run(name: string, corpus: Corpus, related: readonly Asked[], unrelated: readonly Asked[]): void {
  const home = mkdtempSync(path.join(tmpdir(), 'oagent-memory-recall-'));
  const bench = new MemoryBench(home, corpus);
  try {
    report(name, bench, related);
    if (unrelated.length === 0) return;
    report(`${name}, unrelated`, bench, unrelated);
    const folders = [...new Set(related.map(({ folder }) => folder))];
    const asked = folders.flatMap((folder) => OF_PACKAGES.map((text) => ({ folder, text, about: [] })));
    const wrong = asked.filter((one) => bench.recalled(one).length > 0);
    process.stdout.write(
      `${name}, about published packages: a memory for ${wrong.length} of ${asked.length}\n`,
    );
  } finally {
    bench.close();
    rmSync(home, { recursive: true });
  }
}

run('dev', { entries: ENTRIES, sessions: SESSIONS, notes: NOTES }, DEV, DEV_UNRELATED);
run(
  'second',
  { entries: SECOND_ENTRIES, sessions: SECOND_SESSIONS, notes: SECOND_NOTES },
  SECOND,
  SECOND_UNRELATED,
);
const held = { entries: HELD_ENTRIES, sessions: HELD_SESSIONS, notes: HELD_NOTES };
run('held', held, HELD, HELD_UNRELATED);
run('held, paraphrased', held, PARAPHRASED, []);
