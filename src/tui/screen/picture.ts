/**
 * From the state of the app to one picture of it.
 *
 * Invariants: reads and changes nothing; the live region is lower than the screen. Does not: decide when.
 */
import type { App } from '../control/app.ts';
import type { Frame } from '../frame.ts';
import type { LineContext } from '../lines/style.ts';
import { footerLine } from './footer.ts';
import { queueLines } from './queue-lines.ts';
import { type Body, composeRegion } from './region.ts';
import { statusLine } from './status.ts';

export function pictureOf(app: App): Frame {
  const ctx = app.context();
  const now = app.now();
  const region = composeRegion(app.options.size().rows, {
    live: (maxRows) => app.conversation.liveLines(maxRows, now),
    status: status(app, ctx, now),
    queue: (maxRows) => queueLines(app.state.queue, app.state.turn !== undefined, ctx, maxRows),
    body: (maxRows) => body(app, ctx, maxRows, now),
    footer: footer(app, ctx),
  });
  const { lines: live, cursor } = region;
  return { printed: app.conversation.printed, live, cursor };
}

function status(app: App, ctx: LineContext, now: number): string | undefined {
  const { turn, tokensPerSecond } = app.state;
  const activity = turn?.activity ?? app.state.ownCommand;
  if (activity === undefined) return app.begin.statusLine(ctx);
  const isAnimated = app.hasFocus && !app.options.isForScreenReader && activity.kind !== 'approval';
  const elapsedMs = turn?.timer.elapsed(now) ?? now - activity.since;
  return statusLine({ activity, elapsedMs, tokensPerSecond, isAnimated }, now, ctx);
}

function body(app: App, ctx: LineContext, maxRows: number, now: number): Body {
  if (app.overlay !== undefined) return app.overlay.lines(ctx, maxRows, now);
  return app.approvals.body(ctx, maxRows, (rows) => app.composer.body(ctx, rows));
}

function footer(app: App, ctx: LineContext): string {
  const { model, isLed, permissions, window, queue, background } = app.state;
  return footerLine(
    {
      model,
      isLed,
      sandbox: permissions.mode,
      branch: app.options.services.gitBranch(),
      window,
      queued: queue.length,
      background: background.length,
      warning: app.turns.warning(),
      hint:
        app.overlay !== undefined || app.approvals.isOpen ? '' : (app.turns.hint() ?? app.composer.hint()),
    },
    ctx,
  );
}
