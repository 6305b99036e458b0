/**
 * A model that is being downloaded: how far, how fast, how long to go.
 *
 * Invariants: the rate is that of the last seconds, so that it follows the connection and a pause shows; a layer that
 * was already there does not count towards it; time is an argument.
 */
import { cellWidth } from '../../text/cell-width.ts';
import { formatBytes, formatElapsed } from '../../text/digits.ts';
import { oneLine } from '../lines/clean.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateEnd } from '../lines/width.ts';
import { dialogLines } from './dialog.ts';
import { hintLine, roomOf, titleLines } from './text.ts';

/** One line of `/api/pull`. */
export interface PullProgress {
  readonly status: string;
  /** The layer that `total` and `completed` are about. */
  readonly digest?: string;
  readonly total?: number;
  readonly completed?: number;
}

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

export interface PullState {
  readonly model: string;
  readonly status: string;
  /** Bytes of each layer: all, and those downloaded. */
  readonly layers: ReadonlyMap<string, { readonly total: number; readonly completed: number }>;
  /** Bytes downloaded at moments of the last seconds, oldest first. */
  readonly samples: readonly Sample[];
}

const WINDOW_MS = 8_000;
/** Closer samples would say the same. */
const SAMPLE_MS = 250;

export function startPull(model: string): PullState {
  return { model, status: '', layers: new Map(), samples: [] };
}

/** @param now milliseconds of a clock that never goes back. */
export function pullProgress(state: PullState, progress: PullProgress, now: number): PullState {
  const { digest, total, completed = 0, status } = progress;
  if (digest === undefined || total === undefined) return { ...state, status };
  const before = state.layers.get(digest);
  const layers = new Map(state.layers).set(digest, { total, completed });
  const bytes = sumOf(layers, 'completed');
  // What is there of a new layer came in an earlier try: measuring starts again.
  const isNew = before === undefined || before.total !== total || completed < before.completed;
  const kept = isNew ? [] : state.samples.filter(({ at }) => now - at <= WINDOW_MS);
  const last = kept.at(-1);
  const isDue = last === undefined || kept.length < 2 || now - (kept.at(-2)?.at ?? 0) >= SAMPLE_MS;
  const samples = [...(isDue ? kept : kept.slice(0, -1)), { at: now, bytes }];
  return { ...state, status, layers, samples };
}

interface PullFigures {
  readonly completed: number;
  /** 0: not known yet. */
  readonly total: number;
  /** Bytes a second; undefined: not known yet. */
  readonly rate: number | undefined;
  readonly remainingMs: number | undefined;
}

export function pullFigures({ layers, samples }: PullState): PullFigures {
  const [completed, total] = [sumOf(layers, 'completed'), sumOf(layers, 'total')];
  const [first, last] = [samples[0], samples.at(-1)];
  const ms = first === undefined || last === undefined ? 0 : last.at - first.at;
  const rate = ms < 1000 ? undefined : (((last?.bytes ?? 0) - (first?.bytes ?? 0)) / ms) * 1000;
  const left = Math.max(0, total - completed);
  return {
    completed,
    total,
    rate,
    remainingMs: rate === undefined || rate <= 0 ? undefined : (left / rate) * 1000,
  };
}

export function pullLines(state: PullState, ctx: LineContext, maxRows: number): string[] {
  return dialogLines(
    {
      title: titleLines(`Downloading ${oneLine(state.model)}`, ctx),
      options: [[progressLine(state, ctx)]],
      selected: 0,
      hint: hintLine(['esc cancel', 'what was downloaded is kept'], ctx),
    },
    ctx,
    maxRows,
  );
}

const BAR_CELLS = 24;

/** The bar gives way to the figures, of which the least important go first. */
function progressLine(state: PullState, ctx: LineContext): string {
  const { style } = ctx;
  const { completed, total, rate, remainingMs } = pullFigures(state);
  if (total === 0) return truncateEnd(`  ${oneLine(state.status) || 'requesting the model'}`, roomOf(ctx));
  const share = Math.min(1, completed / total);
  // 100% is only what is complete.
  const percent = `${Math.floor(share * 100)}%`;
  const isDone = completed >= total;
  const figures = [
    `${formatBytes(completed)} of ${formatBytes(total)}`,
    ...(isDone ? [oneLine(state.status)] : []),
    ...(rate === undefined || isDone ? [] : [`${formatBytes(rate)}/s`]),
    ...(remainingMs === undefined || isDone ? [] : [`${formatElapsed(remainingMs)} left`]),
  ];
  const room = roomOf(ctx) - 2 - cellWidth(percent);
  while (figures.length > 1 && cellWidth(figures.join(' · ')) + 2 > room)
    figures.splice(figures.length - 2, 1);
  const text = figures.join(' · ');
  const barRoom = Math.min(BAR_CELLS, room - cellWidth(text) - 4);
  const filled = Math.round(share * barRoom);
  const bar =
    barRoom < 6 ? '' : `${style.cyan('━'.repeat(filled))}${style.dim('─'.repeat(barRoom - filled))}  `;
  return truncateEnd(`  ${bar}${style.bold(percent)}  ${style.dim(text)}`, roomOf(ctx));
}

function sumOf(layers: PullState['layers'], what: 'total' | 'completed'): number {
  return [...layers.values()].reduce((sum, layer) => sum + layer[what], 0);
}
