/** Going back in the open session: the list of messages, and what the choice does. */
import type { Agent } from '../agent/agent.ts';
import type { Event, RewindOp } from '../protocol.ts';
import { errorMessage } from '../text/error-message.ts';
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
    if (op.type === 'list_rewinds') return open.emit(pointsOf(session));
    // The number of messages is that of the session before anything is put back.
    const turns = op.type === 'rewind' ? turnsFrom(session, op.itemId) : 0;
    const what = op.type === 'rewind' ? op.what : 'files';
    if (what !== 'talk') await putBack(op, session, open);
    if (what !== 'files') open.agent.submit({ type: 'rollback', userTurns: turns });
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
  { plan, agent, emit }: OpenSession,
): Promise<void> {
  const to = op.type === 'undo_rewind' ? 'undo' : op.itemId;
  const outcome = await rewindFiles(session, { to, permissions: plan.permissions });
  const note = rewoundNote(outcome, session.cwd);
  const keepsTalk = op.type === 'undo_rewind' || op.what === 'files';
  if (note !== undefined && keepsTalk) agent.history.note(note);
  emit({ type: 'rewound', outcome });
}

/** @throws SessionError */
function keptOf({ plan, file }: OpenSession): KeptSession {
  if (file === undefined)
    throw new SessionError('this session is not kept, so nothing was kept of its files');
  return { home: plan.home, id: plan.threadId, file, cwd: plan.cwd };
}

function pointsOf(session: KeptSession): Extract<Event, { type: 'rewind_points' }> {
  return { type: 'rewind_points', points: rewindPoints(session), canUndo: hasRewind(session) };
}

/** @throws SessionError */
function turnsFrom(session: KeptSession, itemId: string): number {
  const points = rewindPoints(session);
  const at = points.findIndex((point) => point.itemId === itemId);
  if (at === -1) throw new SessionError('that message is no longer part of the conversation');
  return points.length - at;
}
