/**
 * The hooks of one turn: what they have said comes to the model behind what it gets anyway, cut to a share of the window, and what is cut
 * is in a file.
 *
 * Loaded only where there are hooks. A hook that ends the turn is remembered until the outputs are recorded (`throwIfStopped`).
 */
import path from 'node:path';
import hookChanged from '../../prompts/notes/hook-changed.md?raw';
import hookDenied from '../../prompts/notes/hook-denied.md?raw';
import hookEnded from '../../prompts/notes/hook-ended.md?raw';
import hookNotDone from '../../prompts/notes/hook-not-done.md?raw';
import hookSaid from '../../prompts/notes/hook-said.md?raw';
import { keptText } from '../context/kept-text.ts';
import { truncateText } from '../context/truncate.ts';
import type { HookCall, HookedTool, Hooks, SessionStart } from '../extensions/hooks/hooks.ts';
import { ModelError } from '../model/errors.ts';
import type { JsonObject } from '../protocol.ts';
import type { Hides } from '../safety/reads.ts';
import { fill } from '../text/fill.ts';
import { unifiedDiff } from '../tools/apply-patch/summary.ts';
import { textsOf } from './hooked-files.ts';

interface TurnHooksDeps {
  readonly hooks: Hooks;
  readonly call: HookCall;
  /** Absolute. */
  readonly cwd: string;
  /** A path in a folder that the model may read. */
  readonly newFile: () => string;
  /** Bytes of one output. */
  readonly outputBytes: () => number;
  /** The session begins with this turn's message. */
  readonly start?: SessionStart | undefined;
  /** It has begun. */
  readonly onStarted: () => void;
}

/** How often in one turn the model is sent back to work. */
const MOST_STOPS = 3;
/** Of the space for one output. */
const SHARE = 0.5;

export class TurnHooks {
  readonly #deps: TurnHooksDeps;
  #stopped: string | undefined;
  #stops = 0;

  #start: SessionStart | undefined;

  constructor(deps: TurnHooksDeps) {
    this.#deps = deps;
    this.#start = deps.start;
  }

  /** Calls wait for each other: a hook may change what one does. */
  get isSerial(): boolean {
    return this.#deps.hooks.preToolUse !== undefined;
  }

  /** A message of the user has to wait for one. */
  get hearsMessages(): boolean {
    const { hooks } = this.#deps;
    return (
      hooks.userPromptSubmit !== undefined || (hooks.sessionStart !== undefined && this.#start !== undefined)
    );
  }

  /** @throws ModelError if a hook has ended the turn. */
  throwIfStopped(): void {
    if (this.#stopped !== undefined)
      throw new ModelError(`a hook has ended the turn: ${this.#stopped}`, 'fail');
  }

  /** Before a call: why it is not to be run, or the arguments that a hook has put in place of the model's. */
  async before(tool: HookedTool): Promise<
    | { readonly refused: string }
    | {
        readonly arguments?: JsonObject | undefined;
        readonly isAllowed: boolean;
        readonly said?: string | undefined;
      }
  > {
    if (this.#stopped !== undefined) return { refused: fill(hookEnded, {}) };
    const { hooks, call } = this.#deps;
    if (hooks.preToolUse === undefined) return { isAllowed: false };
    const outcome = await hooks.preToolUse(tool, call);
    this.#stopped ??= outcome.stop;
    const said = this.#said('PreToolUse', outcome.context);
    const refused =
      outcome.blocked === undefined
        ? this.#stopped && fill(hookEnded, {})
        : fill(hookDenied, { reason: this.#cut(outcome.blocked) });
    if (refused !== undefined) return { refused: joinedLines(refused, said) };
    return { arguments: outcome.arguments, isAllowed: outcome.isAllowed, said };
  }

  /** Behind the output of a call that has run; undefined: nothing. */
  async after(tool: HookedTool, output: string, hides: Hides): Promise<string | undefined> {
    const { hooks, call, cwd } = this.#deps;
    if (hooks.postToolUse === undefined || call.signal.aborted) return undefined;
    const before = textsOf(tool.files ?? [], hides);
    const outcome = await hooks.postToolUse(tool, output, call);
    this.#stopped ??= outcome.stop;
    const after = textsOf([...before.keys()], hides);
    const files = [...before].flatMap(([file, old]) => {
      const text = after.get(file);
      return text === undefined || text === old ? [] : [{ name: path.relative(cwd, file), old, text }];
    });
    const diffs = files.map(({ name, old, text: now }) => changeOf(name, old, now));
    // Otherwise the user would see the patch, and not that the file is another one by now.
    if (files.length > 0) this.#tell(`it has changed ${files.map(({ name }) => name).join(', ')}`);
    const changed = diffs.length === 0 ? undefined : fill(hookChanged, { diff: this.#cut(diffs.join('\n')) });
    const said = joinedLines(outcome.blocked, outcome.context) || undefined;
    return joinedLines(changed, this.#said('PostToolUse', said)) || undefined;
  }

  /**
   * Before a message of the user is taken. @returns notes to be put behind it, or why it is not to be sent.
   * @throws ModelError if a hook has ended the turn; the signal's reason.
   */
  async message(
    text: string,
  ): Promise<{ readonly notes: readonly string[]; readonly refused?: string | undefined }> {
    const { hooks, call, onStarted } = this.#deps;
    const notes = this.#start === undefined ? [] : await this.#started(this.#start);
    const outcome = await hooks.userPromptSubmit?.(text, call);
    call.signal.throwIfAborted();
    if (outcome?.blocked !== undefined) return { notes: [], refused: outcome.blocked };
    this.#stopped ??= outcome?.stop;
    this.throwIfStopped();
    if (this.#start !== undefined) onStarted();
    this.#start = undefined;
    return { notes: [...notes, ...listed(this.#said('UserPromptSubmit', outcome?.context))] };
  }

  /** After a compaction, what was said at the start is gone. @returns a note for the model. */
  async compacted(): Promise<string | undefined> {
    const outcome = await this.#deps.hooks.sessionStart?.('compact', this.#deps.call);
    return this.#said('SessionStart', outcome?.context);
  }

  /** Before a compaction: why it is not to be. */
  async beforeCompaction(trigger: 'manual' | 'auto'): Promise<string | undefined> {
    const outcome = await this.#deps.hooks.preCompact?.(trigger, this.#deps.call);
    return outcome?.blocked ?? outcome?.stop;
  }

  /** The model is done. @returns what it has to do first, for the model. */
  async stop(lastMessage: string): Promise<string | undefined> {
    const { hooks, call } = this.#deps;
    if (hooks.stop === undefined) return undefined;
    const { blocked, stop } = await hooks.stop(lastMessage, this.#stops > 0, call);
    call.signal.throwIfAborted();
    if (blocked === undefined || stop !== undefined) return undefined;
    this.#stops += 1;
    if (this.#stops <= MOST_STOPS) return fill(hookNotDone, { reason: this.#cut(blocked) });
    const message = `the Stop hook has sent the model back ${MOST_STOPS} times; the turn ends all the same`;
    call.emit({ type: 'warning', message });
    return undefined;
  }

  async #started(source: SessionStart): Promise<readonly string[]> {
    const { hooks, call } = this.#deps;
    const outcome = await hooks.sessionStart?.(source, call);
    call.signal.throwIfAborted();
    if (outcome === undefined) return [];
    this.#stopped ??= outcome.stop;
    this.throwIfStopped();
    return listed(this.#said('SessionStart', outcome.context));
  }

  #tell(text: string): void {
    this.#deps.call.emit({ type: 'hook_ran', event: 'PostToolUse', command: '', outcome: 'message', text });
  }

  #said(event: string, text: string | undefined): string | undefined {
    return text === undefined ? undefined : fill(hookSaid, { event, text: this.#cut(text) });
  }

  #cut(text: string): string {
    const limitBytes = Math.floor(this.#deps.outputBytes() * SHARE);
    if (!truncateText(text, { limitBytes }).truncated) return text;
    return truncateText(text, { limitBytes, fullOutputPath: keptText(text, this.#deps.newFile) }).text;
  }
}

function listed(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [text];
}

function joinedLines(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('\n');
}

/** Without the header: `name` is shorter. */
function changeOf(name: string, old: string, text: string): string {
  const hunks = unifiedDiff(name, name, old, text).trimEnd().split('\n').slice(2);
  return [`${name}:`, ...hunks].join('\n');
}
