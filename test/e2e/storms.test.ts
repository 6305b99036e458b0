/** Storms over the terminal of a session: its history loses no word, in xterm and in tmux. Many: test/bench/storms.ts. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAIN } from '../support/exec.ts';
import { judge, tearsLines } from '../support/storm/expected.ts';
import { recordStorm } from '../support/storm/session.ts';
import { storms } from '../support/storm/storm.ts';
import { hasTmux, inTmux } from '../support/storm/tmux.ts';
import { inXterm } from '../support/storm/xterm.ts';

const terminals = hasTmux() ? [inXterm, inTmux] : [inXterm];

/** Each size can be known before the next one; what is faster is for the bench. */
const CALM_MS = 250;

test.each([...fc.sample(storms, { numRuns: 2, seed: 1 }).entries()])(
  'storm %i',
  async (_, storm) => {
    const steps = storm.steps
      .slice(0, 20)
      .map((step) => ({ ...step, after: step.do === 'size' ? CALM_MS : step.after }));
    const { printed, ...recording } = await recordStorm({ ...storm, steps }, MAIN);
    for (const replay of terminals) {
      const history = (await replay(recording)).at(-1) ?? [];
      const mayBeTorn = replay === inTmux && tearsLines(recording);
      const { lost, doubled } = judge(history, printed, { hasEnded: true, mayBeTorn });
      expect({ lost, doubled, words: printed.length > 0 }).toEqual({ lost: [], doubled: [], words: true });
    }
  },
  60_000,
);
