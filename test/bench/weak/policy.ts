/**
 * The weak model: at each request it makes the right move with probability p, else one of the slips. After a failure it does better
 * if the message names what it needs, and worse if it does not.
 *
 * Only the request is read, and the seed; the number of the request chooses the chance, so that two harnesses that do the same see
 * the same.
 */
import type { ChatRequest } from '../../../src/demo/chat-request.ts';
import { callFor, effectOf } from './moves.ts';
import { Random } from './random.ts';
import { type Situation, situationOf } from './situation.ts';
import { type Said, slip } from './slips.ts';
import type { WeakTask } from './weak-task.ts';

export interface Policy {
  /** The probability of a right move. */
  readonly p: number;
  readonly seed: string;
  readonly tasks: readonly WeakTask[];
}

/** Of the distance to 1, what a message that names the remedy adds to p. */
const REMEDY_HELPS = 0.7;
/** What a failure without a remedy leaves of p. */
const BARE_LEAVES = 0.8;
/** How often a slip is the one that the request before would have got. */
const STUBBORN = 0.3;

export class WeakModel {
  readonly #policy: Policy;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** @param index of the request in its run, from 0. */
  answer(request: ChatRequest, index: number): Said {
    const { p, seed, tasks } = this.#policy;
    const random = new Random(`${seed}/${index}`);
    const situation = situationOf(request, tasks);
    if (random.chance(rightChance(p, situation))) return right(situation, random);
    // The chances of the request before, if the model is stubborn: they choose the same slip.
    return slip(situation, random.chance(STUBBORN) ? new Random(`${seed}/${index - 1}`).skip(2) : random);
  }
}

function rightChance(p: number, { help }: Situation): number {
  if (help === 'remedy') return p + (1 - p) * REMEDY_HELPS;
  return help === 'bare' ? p * BARE_LEAVES : p;
}

function right({ next, names, task }: Situation, random: Random): Said {
  const name = 'right';
  if (next.kind !== 'answer') {
    const content = random.chance(0.3) ? `I ${next.kind} now.` : '';
    return { name, turn: { content, toolCalls: [callFor(next, names)] }, asked: effectOf(next) };
  }
  // An answer may show what was done, which is not to be done.
  const shown = `${next.text}\n\n${random.pick(SHOWN)}`.replaceAll('COMMAND', task.test).trim();
  return { name, turn: { content: shown }, asked: [] };
}

const SHOWN: readonly [string, ...string[]] = [
  '',
  '',
  '',
  'I checked it with:\n\n```bash\nCOMMAND\n```\n\nNothing else was changed.',
  'A call such as `{"name": "exec_command", "arguments": {"cmd": "touch example.txt"}}` was not needed.',
];
