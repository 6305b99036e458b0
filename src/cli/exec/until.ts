/**
 * `exec --until CMD`: rounds of one session until the command succeeds.
 *
 * Each round is a turn that ends with the command as `--verify` does; the next one is told only how it failed. Invariants: the
 * limits are those of all rounds together; it ends, also where the model does nothing any more. Does not: judge an answer.
 */
import untilFailed from '../../../prompts/until-failed.md?raw';
import { truncateText } from '../../context/truncate.ts';
import type { Event, LimitCode, TurnEnd, TurnLimits } from '../../protocol.ts';
import { fill } from '../../text/fill.ts';
import type { Task } from './exec-input.ts';
import { Spent } from './spent.ts';
import type { ExecTurns } from './turns.ts';

/** Rounds, unless configured otherwise. */
export const USUAL_ROUNDS = 10;
/** Of the command's output, from its start and its end. */
const OUTPUT_BYTES = 3_000;
/** Turns in a row that failed, or changed nothing, while the command fails in the same way. */
const MOST_VAIN = 2;

export interface Until {
  readonly command: string;
  readonly rounds: number;
  readonly limits: TurnLimits | undefined;
  /** What they have in common with other turns; absent: nothing. */
  readonly spent?: Spent | undefined;
  readonly turns: Pick<ExecTurns, 'run' | 'warn'>;
}

export interface UntilEnd {
  readonly end: TurnEnd;
  /** What ended it between two rounds. */
  readonly limit?: LimitCode;
}

export async function untilSuccess(
  first: Task,
  { command, rounds, limits, turns, spent = new Spent(limits) }: Until,
): Promise<UntilEnd> {
  let task: Task = { ...first, verify: command };
  let [before, vain] = ['', 0];
  for (let round = 1; ; round += 1) {
    const heard = new Heard();
    const end = await turns.run({ ...task, limits: spent.left }, (event) => {
      heard.hear(event);
      spent.hear(event);
    });
    if (!mayGoOn(end)) return { end };
    if (end.type === 'turn_failed') heard.ended(end.message);
    const { failure, how } = heard;
    const isVain = end.type === 'turn_failed' || (failure === before && end.evidence.files.length === 0);
    vain = isVain ? vain + 1 : 0;
    before = failure;
    const limit = spent.reached;
    const why = whyOver({ round, rounds, vain, limit });
    const short = `\`${command}\` failed (${how})`;
    if (why !== undefined) {
      turns.warn(`${short}; ${why}`);
      return { end, ...(limit && { limit }) };
    }
    turns.warn(`${short}: round ${round + 1} of ${rounds}`);
    const text = fill(untilFailed, { command, how, output: failure });
    task = { type: 'user_turn', text, verify: command };
  }
}

/** Neither done, nor ended by the user or at a limit. */
function mayGoOn(end: TurnEnd): end is Exclude<TurnEnd, { type: 'turn_aborted' }> {
  if (end.type === 'turn_completed') return end.isVerified === false;
  return end.type === 'turn_failed' && end.limit === undefined;
}

interface Standing {
  readonly round: number;
  readonly rounds: number;
  readonly vain: number;
  readonly limit: LimitCode | undefined;
}

function whyOver({ round, rounds, vain, limit }: Standing): string | undefined {
  if (limit !== undefined) return `stopped at a limit of the whole run (limits.${limit})`;
  if (round >= rounds)
    return `stopped after ${rounds === 1 ? 'one round' : `${rounds} rounds`} (--max-rounds)`;
  return vain >= MOST_VAIN ? 'stopped: the last rounds changed nothing about it' : undefined;
}

/** How the command ended in this round. */
class Heard {
  how = 'did not run';
  failure = '';

  /** Without the command. */
  ended(message: string): void {
    this.how = 'did not run: the turn failed';
    this.failure = message;
  }

  hear(event: Event): void {
    if (event.type !== 'item_completed' || event.callId !== 'verify') return;
    if (event.item.type !== 'command_execution') return;
    const { exitCode, output } = event.item;
    this.how = exitCode === null ? 'did not finish' : `exit code ${exitCode}`;
    this.failure = truncateText(output.trim(), { limitBytes: OUTPUT_BYTES }).text;
  }
}
