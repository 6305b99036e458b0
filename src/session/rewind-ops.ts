/** Going back in the open session: the list of messages, and what the choice does. */
import type { Agent } from '../agent/agent.ts';
import { SUMMARISED } from '../agent/conversation.ts';
import type { RewindOp, RewindOutcome } from '../protocol/sessions.ts';
import type { Event } from '../protocol.ts';
import { errorMessage } from '../text/error-message.ts';
import { finishCutOff } from '../tools/checkpoints/commands/cut-off.ts';
import type { SessionPlan } from './plan.ts';
import { hasRewind, type KeptSession, rewindFiles, rewindPoints, rewoundNote } from './rewind.ts';
import { SessionError } from './session-error.ts';

export interface OpenSession {
  readonly plan: SessionPlan;
  readonly agent: Agent;
  /** The rollout; undefined: nothing of the session is kept. */
  readonly file: string | undefined;
  readonly emit: (event: Event) => void;
}

/** Never rejects. */
export async function performRewind(op: RewindOp, open: OpenSession): Promise<void> {
  try {
    const session = keptOf(open);
    await finishCutOff({ home: session.home, session: session.id });
    if (op.type === 'list_rewinds') return open.emit(pointsOf(session, open));
    // What cannot be done is said before anything is.
    const turns = op.type === 'rewind' && op.what !== 'files' ? turnsFrom(session, op.itemId, open) : 0;
    const what = op.type === 'rewind' ? op.what : 'files';
    const outcome = what === 'talk' ? undefined : await putBack(op, session, open);
    if (what !== 'files') open.agent.submit({ type: 'rollback', userTurns: turns });
    // Behind the talk that is dropped, so that it stays.
    if (outcome !== undefined) open.emit({ type: 'rewound', outcome });
  } catch (error) {
    const message = errorMessage(error);
    if (op.type === 'list_rewinds')
      open.emit({ type: 'rewind_points', points: [], canUndo: false, error: message });
    else open.emit({ type: 'warning', message });
  }
}

async function putBack(
  op: Exclude<RewindOp, { type: 'list_rewinds' }>,
  session: KeptSession,
  { plan, agent }: OpenSession,
): Promise<RewindOutcome> {
  const to = op.type === 'undo_rewind' ? 'undo' : op.itemId;
  const outcome = await rewindFiles(session, { to, permissions: plan.permissions });
  const note = rewoundNote(outcome, session.cwd);
  const keepsTalk = op.type === 'undo_rewind' || op.what === 'files';
  if (note !== undefined && keepsTalk) agent.history.note(note);
  return outcome;
}

/** @throws SessionError */
function keptOf({ plan, file }: OpenSession): KeptSession {
  if (file === undefined)
    throw new SessionError('this session is not kept, so nothing was kept of its files');
  return { home: plan.home, id: plan.threadId, file, cwd: plan.cwd };
}

function pointsOf(session: KeptSession, { agent }: OpenSession): Extract<Event, { type: 'rewind_points' }> {
  const points = rewindPoints(session);
  const first = points.length - agent.droppableTurns;
  // The last summary can be taken back.
  const marked = points.map((point, at) => (at < first ? point : { ...point, isSummarised: undefined }));
  return { type: 'rewind_points', points: marked, canUndo: hasRewind(session) };
}

/** @throws SessionError */
function turnsFrom(session: KeptSession, itemId: string, { agent }: OpenSession): number {
  const points = rewindPoints(session);
  const at = points.findIndex((point) => point.itemId === itemId);
  if (at === -1) throw new SessionError('that message is no longer part of the conversation');
  const turns = points.length - at;
  if (points[at]?.isSummarised && turns > agent.droppableTurns) throw new SessionError(SUMMARISED);
  return turns;
}
