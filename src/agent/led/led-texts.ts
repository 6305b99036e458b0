/**
 * What the harness says to a model that it leads, from prompts/led/.
 */
import acts from '../../../prompts/led/acts.md?raw';
import answer from '../../../prompts/led/answer.md?raw';
import choose from '../../../prompts/led/choose.md?raw';
import diagnose from '../../../prompts/led/diagnose.md?raw';
import locate from '../../../prompts/led/locate.md?raw';
import part from '../../../prompts/led/part.md?raw';
import plan from '../../../prompts/led/plan.md?raw';
import reply from '../../../prompts/led/reply.md?raw';
import task from '../../../prompts/led/task.md?raw';
import write from '../../../prompts/led/write.md?raw';
import writeAfter from '../../../prompts/led/write-after.md?raw';
import writePart from '../../../prompts/led/write-part.md?raw';
import { fill } from '../../text/fill.ts';
import type { Act } from './acts.ts';

const ACTS = new Map(
  acts
    .trim()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(':')), line] as const),
);

/** A longer task is not repeated: the model finds it further up. */
const MOST_REPEATED = 1_200;

export const ledTexts = {
  choose: (names: readonly Act['act'][]) =>
    fill(choose, { acts: [...new Set(names)].map((name) => ACTS.get(name) ?? name).join('\n') }),
  write: (file: string, what: string, fence: string) => fill(write, { file, what, fence }),
  diagnose: (file: string | undefined) => (file === undefined ? fill(locate, {}) : fill(diagnose, { file })),
  part: (file: string, outline: string) => fill(part, { file, outline }),
  writePart: (file: string, text: string, what: string, fence: string) =>
    fill(writePart, { file, text, what, fence }),
  writeAfter: (file: string, label: string, fence: string) => fill(writeAfter, { file, label, fence }),
  task: (text: string) => (text.length > MOST_REPEATED ? '' : `${fill(task, { task: text })}\n`),
  plan: () => fill(plan, {}),
  answer: () => fill(answer, {}),
  reply: () => fill(reply, {}),
} as const;
