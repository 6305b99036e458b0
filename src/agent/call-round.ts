/** The calls of one answer: run, watched for loops, and recorded with what the model has to know about them. */
import type { History } from '../context/history.ts';
import type { ToolCall } from '../model/chat.ts';
import { ModelError } from '../model/errors.ts';
import type { Event } from '../protocol.ts';
import type { Tool } from '../tools/tool.ts';
import type { LoopGuard } from './loop-guard.ts';
import { notes } from './notes.ts';
import { type SkillForFiles, skillUsed } from './skill-input.ts';
import { type CallOutput, type ContextOf, runToolCalls } from './tool-calls.ts';
import { touchedBy } from './touched.ts';
import type { TurnHooks } from './turn-hooks.ts';
import type { WindowKeeper } from './window-keeper.ts';

export interface RoundDeps {
  readonly tools: readonly Tool[];
  readonly contextOf: ContextOf;
  readonly history: History;
  /** Absent: there are none. */
  readonly hooks?: TurnHooks | undefined;
  readonly window: Pick<WindowKeeper, 'note' | 'progress' | 'outputBytes'>;
  readonly emit: (event: Event) => void;
  /** The skill that is about what was touched, and that the model does not have yet. Absent: there are none. */
  readonly forFiles?: SkillForFiles | undefined;
}

/** A call of a command that only waits. */
const WAITING = /(?:^|[\s;&|(])(?:sleep|wait)\b/;

/**
 * Every call has its output in the history when this returns or throws.
 *
 * @throws the signal's reason if it is aborted; ModelError if the model is in a loop.
 */
export async function runCalls(
  deps: RoundDeps,
  calls: readonly ToolCall[],
  guard: LoopGuard,
  signal: AbortSignal,
): Promise<void> {
  const judged = guard.judge(calls);
  const notRun = new Map<ToolCall, string>();
  for (const [index, { permit }] of judged.entries()) {
    const call = calls[index];
    if (call !== undefined && permit !== 'run') notRun.set(call, notes.refusedRepeat());
  }
  const share = deps.window.outputBytes(calls.length);
  const contextOf: ContextOf = (call) => {
    const context = deps.contextOf(call);
    return { ...context, outputLimit: Math.min(context.outputLimit, share) };
  };
  record(deps, await runToolCalls(calls, deps.tools, contextOf, notRun), guard, notRun);
  signal.throwIfAborted();
  deps.hooks?.throwIfStopped();
  const at = judged.findIndex(({ permit }) => permit === 'stop');
  if (at !== -1) throw new ModelError(loopText(calls[at]?.name, judged[at]?.count), 'fail');
}

function loopText(name = '', count = 0): string {
  return `the model is in a loop: it called ${name} ${count} times with the same arguments and got the same result. Rephrase the task, or use a larger model`;
}

function record(
  deps: RoundDeps,
  outputs: readonly CallOutput[],
  guard: LoopGuard,
  notRun: ReadonlyMap<ToolCall, string>,
): void {
  const used = deps.forFiles?.(
    outputs.filter(({ refused }) => !refused).flatMap(({ call }) => touchedBy(call)),
  );
  const texts = [...outputs.map(({ text, added = '' }) => text + added), used?.text ?? ''];
  const pending = texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
  // Appended to an output, not as a message of its own: many templates drop the thinking before the last message in the
  // user's role, and the server would have to read everything after it again.
  const budget = deps.window.note(pending);
  const counted = new Set<string>();
  for (const [index, output] of outputs.entries()) {
    const { call, text, added, images } = output;
    const key = JSON.stringify([call.name, call.arguments]);
    const note = counted.has(key) ? undefined : count(deps, output, guard, notRun.has(call));
    counted.add(key);
    const isLast = index === outputs.length - 1;
    const last = isLast ? [used?.text, budget] : [];
    const content = [text, added, note, ...last].filter((part) => part !== undefined).join('\n');
    deps.history.record({ type: 'tool', callId: call.id, name: call.name, content, images });
  }
  if (used !== undefined) deps.emit(skillUsed(used));
}

/** @returns what the model has to be told about a repetition. */
function count(
  { window }: RoundDeps,
  { call, text, added = '', mayRepeat }: CallOutput,
  guard: LoopGuard,
  isRefused: boolean,
): string | undefined {
  if (isRefused) {
    guard.refused(call.name, call.arguments);
    return undefined;
  }
  if (mayRepeat || isWaiting(call)) {
    window.progress();
    return undefined;
  }
  const seen = guard.observe(call.name, call.arguments, withoutTimes(text + added));
  if (seen.isNew) window.progress();
  return seen.isRepeated ? notes.repeatedCall(seen.count) : undefined;
}

function isWaiting({ arguments: { cmd, command } }: ToolCall): boolean {
  return [cmd, command].some((text) => typeof text === 'string' && WAITING.test(text));
}

/** Removes what differs between two identical runs of a command: durations, and the path of the copy. */
function withoutTimes(text: string): string {
  return text
    .replace(/\[full output: [^\]]*\]/g, '')
    .replace(/^Wall time: .*$/gm, '')
    .replace(/\b(?:duration_ms:? )?\d+(?:\.\d+)? ?(?:ms|s|seconds)\b|\bduration_ms:? [\d.]+/g, '');
}
