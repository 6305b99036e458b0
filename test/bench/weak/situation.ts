/**
 * What the weak model understands of a request: the task, what it has seen of the files, and what there is to do. Only the request
 * is read, as a model reads it.
 */
import type { ChatRequest, RequestMessage } from '../../../src/demo/chat-request.ts';
import type { ScriptedCall } from '../../../src/demo/script.ts';
import type { Move } from './moves.ts';
import type { WeakTask } from './weak-task.ts';

export interface Situation {
  readonly task: WeakTask;
  /** The right thing to do. */
  readonly next: Move;
  /** Names of the tools that were offered. */
  readonly names: readonly string[];
  /** The last call that the model made, as the history has it. */
  readonly lastCall: ScriptedCall | undefined;
  /** How the last message helps after something went wrong; `fine`: nothing did. */
  readonly help: 'fine' | 'bare' | 'remedy';
}

type FileState = { readonly kind: 'seen'; readonly text: string } | { readonly kind: 'changed' };

const FAILURE =
  /unsupported call|^(?:error|failed|refused|invalid)|\b(?:not found|no such file|does not exist|did not match|could not|cannot|must be|missing|required|rejected|nothing was)\b|exited with code [1-9]|exit code:? [1-9]/im;

/** @throws if the conversation has none of the tasks. */
export function situationOf({ messages, tools }: ChatRequest, tasks: readonly WeakTask[]): Situation {
  const task = tasks.find(({ prompt }) =>
    messages.some(({ role, content }) => role === 'user' && content.includes(prompt)),
  );
  if (task === undefined) throw new Error('the conversation has no known task');
  const work = new Work(task);
  for (const [call, output] of madeCalls(messages)) work.note(call, output);
  const names = tools.map((tool) => (tool as { function: { name: string } }).function.name);
  const next = work.next();
  return { task, next, names, lastCall: lastCallOf(messages), help: helpOf(messages, next, task, names) };
}

/** Each call with its output. */
function madeCalls(messages: readonly RequestMessage[]): (readonly [ScriptedCall, string])[] {
  const waiting: ScriptedCall[] = [];
  const made: (readonly [ScriptedCall, string])[] = [];
  for (const { role, calls, content } of messages) {
    waiting.push(...calls);
    const call = role === 'tool' ? waiting.shift() : undefined;
    if (call !== undefined) made.push([call, content]);
  }
  return made;
}

const lastCallOf = (messages: readonly RequestMessage[]): ScriptedCall | undefined =>
  messages.flatMap(({ calls }) => calls).at(-1);

class Work {
  readonly #task: WeakTask;
  readonly #files = new Map<string, FileState>();
  #isFound: boolean;
  #test: 'not run' | 'passed' | 'failed' = 'not run';
  /** Steps of the plan that are done; undefined: there is none. */
  #planned: number | undefined;

  constructor(task: WeakTask) {
    this.#task = task;
    this.#isFound = task.find === undefined;
  }

  note(call: ScriptedCall, output: string): void {
    const written = JSON.stringify(call.arguments);
    const file = Object.keys(this.#task.files).find((name) => written.includes(name));
    const numbered = numberedLines(output);
    this.#isFound ||= Object.keys(this.#task.fixed).every((name) => output.includes(name));
    if (call.name === 'update_plan' && !FAILURE.test(output))
      this.#planned = written.split('"completed"').length - 1;
    if (written.includes(this.#task.test) && !/Begin Patch/.test(written)) return this.#tested(output);
    if (file === undefined) return;
    if (call.name === 'read_file' && numbered !== undefined)
      this.#files.set(file, { kind: 'seen', text: numbered });
    else if (this.#isEdit(call, written) && !FAILURE.test(output)) this.#changed(written);
  }

  next(): Move {
    const { fixed, find, isPlanned, test } = this.#task;
    const steps = [...Object.keys(fixed).map((file) => `Change ${file}`), 'Run the tests'];
    if (this.#test === 'passed') return this.#answer();
    if (!this.#isFound && find !== undefined) return { kind: 'find', pattern: find };
    if (isPlanned && this.#planned === undefined) return { kind: 'plan', steps, done: 0 };
    for (const [file, after] of Object.entries(fixed)) {
      const state = this.#files.get(file);
      if (state === undefined) return { kind: 'read', file };
      if (state.kind === 'seen' && state.text !== after)
        return { kind: 'edit', file, before: state.text, after };
    }
    if (this.#test === 'not run') return { kind: 'test', command: test };
    return { kind: 'answer', text: `I could not make \`${test}\` pass.` };
  }

  #answer(): Move {
    const files = Object.keys(this.#task.fixed).map((file) => `\`${file}\``);
    return { kind: 'answer', text: `Fixed in ${files.join(' and ')}: \`${this.#task.test}\` passes now.` };
  }

  #isEdit({ name }: ScriptedCall, written: string): boolean {
    return (
      name === 'apply_patch' || /apply_patch|cat >/.test(written) || /edit|write|replace|patch/.test(name)
    );
  }

  #changed(written: string): void {
    for (const file of Object.keys(this.#task.fixed))
      if (written.includes(file)) this.#files.set(file, { kind: 'changed' });
    this.#test = 'not run';
  }

  #tested(output: string): void {
    this.#test = /^ok$/m.test(output) ? 'passed' : 'failed';
    if (this.#test === 'passed') return;
    // What was thought to be right is looked at again.
    const changed = [...this.#files].filter(([, { kind }]) => kind === 'changed');
    for (const [file] of changed) this.#files.delete(file);
    if (changed.length > 0 || this.#files.size < Object.keys(this.#task.fixed).length) this.#test = 'not run';
  }
}

/** The text of a file in an output with line numbers. */
function numberedLines(output: string): string | undefined {
  const lines = output.split('\n').flatMap((line) => /^\s*\d+\t(.*)$/.exec(line)?.[1] ?? []);
  return lines.length === 0 ? undefined : `${lines.join('\n')}\n`;
}

/** Whether the last message names what the next move needs. */
function helpOf(
  messages: readonly RequestMessage[],
  next: Move,
  task: WeakTask,
  names: readonly string[],
): Situation['help'] {
  const last = messages.at(-1);
  if (last === undefined) return 'fine';
  if (last.role === 'user')
    return last.content.includes(task.prompt) || /^<environment/.test(last.content) ? 'fine' : 'remedy';
  const { content } = last;
  // A test that fails is a result.
  if (!FAILURE.test(content) || /exited with code/.test(content)) return 'fine';
  return neededBy(next, names).some((text) => content.includes(text)) ? 'remedy' : 'bare';
}

function neededBy(next: Move, names: readonly string[]): readonly string[] {
  const words = ['got a string', 'wants', 'same arguments', 'Available tools'];
  const tools = names.filter((name) => name.includes('_'));
  if (next.kind === 'read') return [...words, ...tools, next.file];
  if (next.kind !== 'edit') return [...words, ...tools];
  return [...words, next.file, ...next.before.split('\n').filter((line) => line.trim().length > 8)];
}
