/**
 * Starts a led turn: reads the message, and puts the listing and the files that it is about before it. What the history
 * already shows, word for word, is not shown again.
 */
import type { HistoryItem } from '../../context/history.ts';
import type { Event } from '../../protocol.ts';
import { RUN_TESTS } from '../../tools/run-tests/run-tests.ts';
import type { Tool } from '../../tools/tool.ts';
import { openingOf } from './opening.ts';
import { Progress } from './progress.ts';
import { readTask, type Task } from './task.ts';
import { listFiles } from './workspace.ts';

/** Recorded before the message. */
export interface LedOpening {
  /** Undefined: there is nothing new to show. */
  readonly text: string | undefined;
  readonly task: Task;
  readonly progress: Progress;
  /** Set if it is not known yet whether the server enforces a schema; called once the first step shows that it does. */
  readonly onHeld?: () => void;
}

export interface LedBeginning {
  readonly cwd: string;
  readonly message: string;
  /** Plan mode. */
  readonly isPlan: boolean;
  readonly history: readonly HistoryItem[];
  readonly tools: readonly Tool[];
  /** Free tokens in the window. */
  readonly left: number;
  readonly emit: (event: Event) => void;
}

/** The listing and the small files: under 700 tokens, together with the system message and a message of one line. */
const LISTING_BYTES = 600;
const OTHERS_BYTES = 1_500;
/**
 * Named files get this share of the free tokens, and at most this many bytes: a small machine reads 70 tokens a second.
 */
const NAMED_SHARE = 0.3;
const NAMED_BYTES = 12_000;
const BYTES_PER_TOKEN = 3;

export async function openLedTurn(
  { cwd, message, isPlan, history, left, tools, emit }: LedBeginning,
  signal: AbortSignal,
): Promise<LedOpening> {
  const files = await listFiles(cwd, signal);
  const tests = await tools
    .find(({ schema }) => schema.function.name === RUN_TESTS)
    ?.commandOf?.({}, { cwd });
  const task = readTask(message, files, { isPlan, tests });
  const budget = {
    listing: LISTING_BYTES,
    named: Math.min(NAMED_BYTES, left * NAMED_SHARE * BYTES_PER_TOKEN),
    others: OTHERS_BYTES,
  };
  const isKnown = (text: string): boolean =>
    history.some((item) => item.type === 'user' && item.content.includes(text));
  const { text, shown } = await openingOf(cwd, { task, files }, budget, isKnown);
  const progress = new Progress();
  for (const { file } of shown) progress.inView.add(file);
  if (shown.length > 0 && text !== '') {
    emit({
      type: 'retrieved',
      places: shown.map(({ file, lines }) => ({ path: file, start: 1, end: lines })),
      text,
    });
  }
  return { text: text === '' ? undefined : text, task, progress };
}
