/**
 * What the harness says to a model that it leads, from prompts/led/.
 *
 * Invariant: the texts are in prompts/, not here. Does not: decide when something is said.
 */
import acts from '../../../prompts/led/acts.md?raw';
import answer from '../../../prompts/led/answer.md?raw';
import choose from '../../../prompts/led/choose.md?raw';
import reply from '../../../prompts/led/reply.md?raw';
import task from '../../../prompts/led/task.md?raw';
import write from '../../../prompts/led/write.md?raw';
import { fill } from '../notes.ts';
import type { Act } from './acts.ts';

const ACTS = new Map(
  acts
    .trim()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(':')), line] as const),
);

/** A longer task is not said again: the model finds it where it stands. */
const MOST_REPEATED = 1_200;

export const ledTexts = {
  choose: (names: readonly Act['act'][]) =>
    fill(choose, { acts: [...new Set(names)].map((name) => ACTS.get(name) ?? name).join('\n') }),
  write: (file: string, what: string, fence: string) => fill(write, { file, what, fence }),
  task: (text: string) => (text.length > MOST_REPEATED ? '' : `${fill(task, { task: text })}\n`),
  answer: () => fill(answer, {}),
  reply: () => fill(reply, {}),
} as const;
