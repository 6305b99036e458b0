/**
 * Builds one picture: the live region below the finished cells.
 *
 * Invariants: reads and changes nothing but its arguments; the live region is lower than the screen.
 */
import type { LineContext } from '../lines/style.ts';
import type { Cells } from './cells.ts';
import { footerLine } from './footer.ts';
import type { Frame } from './frame.ts';
import { queueLines } from './queue-lines.ts';
import { type Body, composeRegion } from './region.ts';
import type { SessionState } from './session-state.ts';
import { statusLine } from './status.ts';

interface PictureFacts {
  readonly ctx: LineContext;
  /** Rows of the terminal. */
  readonly rows: number;
  readonly now: number;
  readonly cells: Cells;
  /** The terminal is being resized: only where the user types is shown, and what is short below it. */
  readonly hidesLive: boolean;
  readonly state: SessionState;
  readonly branch: string | undefined;
  /** What the session changes is on trial. */
  readonly isOnTrial: boolean;
  /** What takes the place of the status while nothing runs. */
  readonly idleStatus: string | undefined;
  /** False: nothing may move. */
  readonly mayAnimate: boolean;
  /** The composer or a dialog. */
  readonly body: (maxRows: number) => Body;
  /** For the footer. */
  readonly hint: string;
  readonly isHintNeeded: boolean;
  /** vi's, of the composer. */
  readonly mode: string | undefined;
  readonly interruptKey: string | undefined;
  readonly warning: string | undefined;
}

export function pictureOf(facts: PictureFacts): Frame {
  const { ctx, rows, now, cells, state } = facts;
  const {
    lines: live,
    cursor,
    regions,
  } = composeRegion(rows, {
    live: (maxRows) => (facts.hidesLive ? [] : cells.liveLines(maxRows, now)),
    status: facts.hidesLive ? undefined : status(facts),
    queue: (maxRows) =>
      facts.hidesLive
        ? []
        : queueLines(
            state.queue,
            { isRunning: state.turn !== undefined, interruptKey: facts.interruptKey },
            ctx,
            maxRows,
          ),
    body: facts.body,
    footer: footer(facts),
  });
  return { printed: cells.printed, live, regions, cursor, size: { columns: ctx.width, rows } };
}

function status({ ctx, now, state, idleStatus, mayAnimate, interruptKey }: PictureFacts): string | undefined {
  const { turn, tokensPerSecond } = state;
  const activity = turn?.activity ?? state.ownCommand;
  if (activity === undefined) return idleStatus;
  const isAnimated = mayAnimate && activity.kind !== 'approval';
  const elapsedMs = turn?.timer.elapsed(now) ?? now - activity.since;
  return statusLine({ activity, elapsedMs, tokensPerSecond, isAnimated, interruptKey }, now, ctx);
}

function footer({ ctx, state, branch, isOnTrial, hint, isHintNeeded, mode, warning }: PictureFacts): string {
  const { model, isLed, isIncognito, permissions, window, queue, background, indexing, remembering } = state;
  return footerLine(
    {
      model,
      isLed,
      isIncognito,
      sandbox: permissions.isPlan ? 'plan mode' : isOnTrial ? 'on trial' : permissions.mode,
      branch,
      window,
      queued: queue.length,
      background: background.length,
      indexing,
      remembering,
      warning,
      hint,
      isHintNeeded,
      mode,
    },
    ctx,
  );
}
