/** The entries of a queue in an open session: what a command of the user's own wants holds for its entry alone. */
import { type AccessParts, createAccess } from '../../../session/access.ts';
import type { OpenSession } from '../../../session/build-agent.ts';
import type { Extensions } from '../../../session/extensions.ts';
import { limitsOf } from '../../../session/limits.ts';
import type { SessionPlan } from '../../../session/plan.ts';
import { SessionError } from '../../../session/session-error.ts';
import type { ExecFlags, Task } from '../exec-input.ts';
import { asTyped, ownCommand } from '../own-command.ts';
import { Spent } from '../spent.ts';
import type { FirstEntry, Queue } from './queue-run.ts';

export interface QueueSession {
  readonly session: OpenSession;
  readonly plan: SessionPlan;
  readonly flags: ExecFlags;
  readonly signal: AbortSignal;
  readonly openExtensions: () => Promise<Extensions>;
  readonly parts: Pick<AccessParts, 'index' | 'memories' | 'extensions'>;
  readonly warn: (message: string) => void;
  /** Does one entry. @returns its exit code */
  readonly perform: (task: Task, plan: SessionPlan, more: EntryParts) => Promise<number>;
  /** The plan as it is from now on. */
  readonly planned: (plan: SessionPlan) => void;
  /** Writes the file of `-o`. */
  readonly write: ((text: string) => void) | undefined;
}

interface EntryParts {
  readonly spent: Spent;
  /** Gets the last answer. */
  readonly write: (text: string) => void;
}

/** @returns the exit code. @throws SessionError */
export async function runQueue(queue: Queue, first: FirstEntry, run: QueueSession): Promise<number> {
  const { session, plan, flags, signal, write } = run;
  const spent = new Spent(limitsOf(plan.loaded.config));
  let answer: string | undefined;
  const keep = (text: string): void => {
    answer = text;
  };
  const perform = async (task: Task): Promise<number> => {
    const own = await ownCommand(task.text, flags, plan, run.openExtensions);
    const mine = own?.plan ?? plan;
    refuseOtherModel(mine, run);
    const widen = narrow(mine, run);
    try {
      return await run.perform(asTyped(task, own), mine, { spent, write: keep });
    } finally {
      widen();
    }
  };
  const threadId = plan.isEphemeral ? undefined : session.agent.threadId;
  const code = await queue.run(first, { spent, signal, perform, threadId });
  if (answer !== undefined) write?.(answer);
  return code;
}

/** Each change of the model would have the server read all of the session again, twice. @throws SessionError */
function refuseOtherModel({ loaded }: SessionPlan, { plan, session }: QueueSession): void {
  const { model } = loaded.config;
  if (loaded === plan.loaded || model === undefined || model === session.model) return;
  throw new SessionError(
    `this command sets the model to ${model}, and a queue has one model. Name it with -m, or run the command on its own`,
  );
}

/** @returns gives back what was allowed before. */
function narrow(mine: SessionPlan, { session, plan, parts, warn, planned }: QueueSession): () => void {
  if (mine.permissions === plan.permissions) return () => undefined;
  const { recorder } = session.record;
  const allow = (now: SessionPlan, before: AccessParts['before']): ReturnType<typeof createAccess> => {
    const access = createAccess(now, warn, { ...parts, before, recorder });
    session.agent.setAccess(access);
    planned(now);
    return access;
  };
  const narrowed = allow(mine, session.access);
  return () => void allow(plan, narrowed);
}
