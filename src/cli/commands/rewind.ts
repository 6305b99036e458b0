/** `oagent sessions rewind`: goes back to before a message of the user: files, talk, or both. */
import { lastUserTurns, SUMMARISED } from '../../agent/conversation.ts';
import { NO_HOME, oagentHome, userHome } from '../../config/home.ts';
import { privateHome } from '../../config/private-home.ts';
import type { RewindOutcome, RewindPoint } from '../../protocol/sessions.ts';
import type { RolloutLine } from '../../rollout/lines.ts';
import { appendTo, openStored } from '../../rollout/store.ts';
import type { StoredSession } from '../../rollout/stored-session.ts';
import { planSession } from '../../session/plan.ts';
import { type KeptSession, rewindFiles, rewindPoints, rewoundNote } from '../../session/rewind.ts';
import { SessionError } from '../../session/session-error.ts';
import { chooseSession, refuseOpenTrial } from '../../session/stored.ts';
import { rewindLines } from '../../text/rewind-lines.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { finishCutOff } from '../../tools/checkpoints/commands/cut-off.ts';
import { oneLine } from '../../tui/lines/clean.ts';
import { truncateEnd } from '../../tui/lines/width.ts';

interface RewindFlags {
  readonly files?: boolean;
  readonly talk?: boolean;
  readonly both?: boolean;
  readonly undo?: boolean;
  readonly dryRun?: boolean;
}

interface Wanted {
  readonly hasFiles: boolean;
  readonly hasTalk: boolean;
  readonly isTrial: boolean;
}

/** In cells. */
const TEXT_WIDTH = 60;

/**
 * @returns 1 if a file was left alone.
 * @throws SessionError, RolloutError, Error with a message for the user
 */
export async function rewindCommand(
  session: string,
  message: string | undefined,
  flags: RewindFlags,
): Promise<number> {
  const home = ownHome();
  const { id, path: file } = chooseSession(home, process.cwd(), { kind: 'resume', session, isAll: true });
  refuseOpenTrial(home, id);
  const { session: stored, lock } = openStored(file);
  try {
    const kept = { home, id, file, cwd: stored.cwd };
    const wanted = wantedOf(flags);
    await finishCutOff({ home, session: id });
    if (flags.undo) {
      const outcome = await putBack(kept, 'undo', wanted);
      const lines = [...noteLines(outcome, kept.cwd), ...happenedLines(outcome)];
      if (!wanted.isTrial) await appendTo(file, lock, lines);
      return outcome.refused.length === 0 ? 0 : 1;
    }
    const points = rewindPoints(kept);
    if (message === undefined) return list(points);
    const point = points.find(({ number }) => String(number) === message);
    if (point === undefined) throw new SessionError(`there is no message ${message}: 1 to ${points.length}`);
    // What cannot be done is said before anything is.
    const cut = wanted.hasTalk ? cutOf(stored, points.length - point.number + 1) : undefined;
    const outcome = wanted.hasFiles ? await putBack(kept, point.itemId, wanted) : undefined;
    const told = cut === undefined ? noteLines(outcome, kept.cwd) : [cut];
    const lines = [...told, ...happenedLines(outcome)];
    if (!wanted.isTrial && lines.length > 0) await appendTo(file, lock, lines);
    if (cut !== undefined)
      print([
        `${wanted.isTrial ? 'Would drop' : 'Dropped'} message ${message} and all after it: ${oneLine(point.text)}`,
      ]);
    return outcome === undefined || outcome.refused.length === 0 ? 0 : 1;
  } finally {
    if (!lock.isHeld) lock.release();
  }
}

/** @throws SessionError */
function wantedOf({ files = false, talk = false, both = false, dryRun = false }: RewindFlags): Wanted {
  if ([files, talk, both].filter((flag) => flag).length > 1)
    throw new SessionError('--files, --talk and --both exclude each other: give one');
  return { hasFiles: !talk, hasTalk: !files, isTrial: dryRun };
}

async function putBack(kept: KeptSession, to: string, { isTrial }: Wanted): Promise<RewindOutcome> {
  const { permissions } = planSession({ cd: kept.cwd, sandbox: 'workspace-write' }, { interactive: true });
  if (permissions.mode !== 'workspace-write') throw new SessionError(`${kept.cwd} must not be written`);
  const outcome = await rewindFiles(kept, { to, permissions, isTrial });
  print(rewindLines(outcome, kept.cwd, isTrial));
  return outcome;
}

/** @throws SessionError if that message was summarised */
function cutOf({ items, summarised }: StoredSession, turns: number): RolloutLine {
  const cut = lastUserTurns(items, turns);
  if (cut?.userTurns !== turns || cut.at < summarised) throw new SessionError(`${SUMMARISED} (--files)`);
  return {
    type: 'event_msg',
    payload: { type: 'thread_rolled_back', num_turns: turns, items_left: cut.at },
  };
}

/** The model is told of files that are not as it left them. */
function noteLines(outcome: RewindOutcome | undefined, cwd: string): RolloutLine[] {
  const content = outcome && rewoundNote(outcome, cwd);
  return content === undefined
    ? []
    : [{ type: 'response_item', payload: { type: 'user', kind: 'note', content } }];
}

/** It is shown again when the session is resumed. */
function happenedLines(outcome: RewindOutcome | undefined): RolloutLine[] {
  return outcome === undefined
    ? []
    : [{ type: 'event_msg', payload: { type: 'happened', event: { type: 'rewound', outcome } } }];
}

function list(points: readonly RewindPoint[]): number {
  if (points.length === 0) process.stderr.write('No messages in this session.\n');
  else print(points.map(pointLine));
  return 0;
}

function pointLine({ number, text, files, added, removed }: RewindPoint): string {
  const figures =
    files === 0 ? 'no files' : `${files} ${files === 1 ? 'file' : 'files'} +${added} -${removed}`;
  return `${String(number).padStart(3)}  ${figures.padEnd(20)}  ${truncateEnd(oneLine(text), TEXT_WIDTH)}`;
}

function print(lines: readonly string[]): void {
  const text = `${lines.join('\n')}\n`;
  process.stdout.write(process.stdout.isTTY ? sanitizeForTerminal(text) : text);
}

/** @throws Error if there is none: then there are no sessions. */
function ownHome(): string {
  const home = oagentHome();
  if (home === undefined) throw new Error(NO_HOME);
  privateHome(home, userHome(process.env));
  return home;
}
