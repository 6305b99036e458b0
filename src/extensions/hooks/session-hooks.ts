/**
 * The hooks of a session at their moments. Those of one moment run one after the other, in the order in which they are configured: what a
 * formatter writes, the linter behind it reads.
 *
 * Invariants: a hook that fails never blocks, and is told of once; nothing here rejects; after `close` none runs.
 */
import type { Event, JsonObject } from '../../protocol.ts';
import type { Permissions } from '../../safety/permissions.ts';
import type { Sandbox } from '../../safety/sandbox/sandbox.ts';
import { within } from '../../system/within.ts';
import { errorMessage } from '../../text/error-message.ts';
import { type HookAnswer, readAnswer } from './answer.ts';
import type { Hook, HookEvent } from './hook.ts';
import type { HookCall, HookedTool, HookOutcome, Hooks, PreToolOutcome, SessionStart } from './hooks.ts';
import { isOwnWord, mayLeave } from './leaving.ts';
import { isMatch } from './matcher.ts';
import { notificationOf } from './notification.ts';
import { type HookPlace, runHook } from './run-hook.ts';
import { wireTool } from './tool-names.ts';

export interface SessionPlace extends HookPlace {
  readonly threadId: string;
}

interface HooksOptions {
  readonly place: () => SessionPlace;
  readonly sandbox: (permissions: Permissions) => Promise<Sandbox>;
  /** For what concerns no turn. */
  readonly emit: (event: Event) => void;
  /** Hears how each hook has ended. */
  readonly onEnd?: ((hook: Hook, answer: HookAnswer | Error, ms: number) => void) | undefined;
}

/** How long hooks that nobody waits for may take when the session ends. */
const CLOSE_MS = 5_000;

/** What a moment is about. */
interface Moment {
  readonly fields: JsonObject;
  /** What the matcher is for; absent: there is nothing to match. */
  readonly names?: readonly string[];
}

export class SessionHooks implements Hooks {
  readonly #options: HooksOptions;
  #hooks: readonly Hook[];
  /** What each hook has been told of. */
  readonly #said = new Set<string>();
  readonly #closed = new AbortController();
  readonly #unwaited = new Set<Promise<unknown>>();
  #box: { readonly permissions: Permissions; readonly sandbox: Promise<Sandbox> } | undefined;
  #last: Pick<HookCall, 'model' | 'transcript'> = { model: '' };
  #turnId = '';
  #hasStarted = false;

  constructor(hooks: readonly Hook[], options: HooksOptions) {
    this.#hooks = hooks;
    this.#options = options;
  }

  /** The user has allowed more of them. */
  add(hooks: readonly Hook[]): void {
    this.#hooks = [...this.#hooks, ...hooks];
  }

  get sessionStart(): Hooks['sessionStart'] {
    return this.#ifAny('SessionStart', this.#sessionStart);
  }

  get userPromptSubmit(): Hooks['userPromptSubmit'] {
    return this.#ifAny('UserPromptSubmit', this.#userPromptSubmit);
  }

  get preToolUse(): Hooks['preToolUse'] {
    return this.#ifAny('PreToolUse', this.#preToolUse);
  }

  get postToolUse(): Hooks['postToolUse'] {
    return this.#ifAny('PostToolUse', this.#postToolUse);
  }

  get preCompact(): Hooks['preCompact'] {
    return this.#ifAny('PreCompact', this.#preCompact);
  }

  get stop(): Hooks['stop'] {
    return this.#ifAny('Stop', this.#stop);
  }

  #ifAny<T>(event: HookEvent, method: T): T | undefined {
    return this.#hooks.some((hook) => hook.event === event) ? method : undefined;
  }

  readonly #sessionStart = (given: SessionStart, call: HookCall): Promise<HookOutcome> => {
    // A second conversation of the same session.
    const source = given === 'startup' && this.#hasStarted ? 'clear' : given;
    this.#hasStarted = true;
    return this.#all('SessionStart', { fields: { source }, names: [source] }, call);
  };

  readonly #userPromptSubmit = (prompt: string, call: HookCall): Promise<HookOutcome> =>
    this.#all('UserPromptSubmit', { fields: { prompt } }, call);

  readonly #preCompact = (trigger: 'manual' | 'auto', call: HookCall): Promise<HookOutcome> =>
    this.#all('PreCompact', { fields: { trigger }, names: [trigger] }, call);

  readonly #stop = (lastMessage: string, isAgain: boolean, call: HookCall): Promise<HookOutcome> => {
    const fields = { stop_hook_active: isAgain, last_assistant_message: lastMessage };
    return this.#all('Stop', { fields }, call);
  };

  readonly #postToolUse = (tool: HookedTool, output: string, call: HookCall): Promise<HookOutcome> => {
    const { fields, names } = this.#momentOf(tool);
    return this.#all('PostToolUse', { fields: { ...fields, tool_response: output }, names }, call);
  };

  readonly #preToolUse = async (tool: HookedTool, call: HookCall): Promise<PreToolOutcome> => {
    let now = tool;
    let isAllowed = false;
    const heard = (answer: HookAnswer, hook: Hook): void => {
      if (answer.input !== undefined) {
        now = { ...tool, arguments: wireTool(now, this.#options.place().cwd).withInput(answer.input) };
        // What was allowed is not what will run.
        isAllowed = false;
      }
      isAllowed ||= answer.isAllowed === true && this.#mayAllow(hook, tool, call);
    };
    const answers = await this.#each('PreToolUse', () => this.#momentOf(now), call, heard);
    const changed = now === tool ? undefined : now.arguments;
    return { ...joined(answers), arguments: changed, isAllowed };
  };

  readonly hear = (event: Event): void => {
    if (event.type === 'turn_started') this.#turnId = event.turnId;
    const fields = notificationOf(event);
    if (fields === undefined || this.#ifAny('Notification', true) === undefined) return;
    const { emit } = this.#options;
    const call = { ...this.#last, turnId: this.#turnId, emit, signal: this.#closed.signal };
    const running = this.#all('Notification', { fields, names: [fields.notification_type] }, call);
    this.#unwaited.add(running);
    void running.then(() => this.#unwaited.delete(running));
  };

  readonly close = async (): Promise<void> => {
    await within(Promise.all(this.#unwaited), CLOSE_MS);
    this.#closed.abort();
    await Promise.all(this.#unwaited);
  };

  #momentOf(tool: HookedTool): Required<Moment> {
    const { name, input, names } = wireTool(tool, this.#options.place().cwd);
    return { fields: { tool_name: name, tool_input: input, tool_use_id: tool.callId }, names };
  }

  async #all(event: HookEvent, moment: Moment, call: HookCall): Promise<HookOutcome> {
    return joined(await this.#each(event, () => moment, call));
  }

  async #each(
    event: HookEvent,
    momentNow: () => Moment,
    call: HookCall,
    heard?: (answer: HookAnswer, hook: Hook) => void,
  ): Promise<readonly HookAnswer[]> {
    this.#last = { model: call.model, transcript: call.transcript };
    const answers: HookAnswer[] = [];
    for (const hook of this.#hooks.filter((one) => one.event === event)) {
      const answer = await this.#answerOf(hook, momentNow(), call);
      if (answer === undefined) continue;
      heard?.(answer, hook);
      answers.push(answer);
    }
    return answers;
  }

  /** Undefined: it was not meant, was interrupted, or has failed. */
  async #answerOf(hook: Hook, { fields, names }: Moment, call: HookCall): Promise<HookAnswer | undefined> {
    const signal = AbortSignal.any([call.signal, this.#closed.signal]);
    const began = performance.now();
    const { onEnd } = this.#options;
    try {
      if (names !== undefined && !isMatch(hook.matcher, names)) return undefined;
      const place = this.#options.place();
      const input = JSON.stringify({ ...commonFields(hook.event, call, place), ...fields });
      const sandbox = (): Promise<Sandbox> => this.#sandboxFor(place.permissions);
      if (!hook.isSandboxed && !mayLeave(hook.command, place)) this.#once(hook, STAYS_INSIDE, call.emit);
      // Those of a notification are not waited for.
      if (hook.event !== 'Notification' && !signal.aborted)
        call.emit({ type: 'model_phase', phase: 'hook', detail: hook.event });
      const answer = readAnswer(hook.event, await runHook(hook, input, place, { sandbox, signal }));
      tell(hook, answer, call.emit);
      onEnd?.(hook, answer, performance.now() - began);
      return answer;
    } catch (error) {
      if (signal.aborted) return undefined;
      this.#once(hook, { outcome: 'failed', text: errorMessage(error) }, call.emit);
      onEnd?.(hook, new Error(errorMessage(error)), performance.now() - began);
      return undefined;
    }
  }

  #mayAllow(hook: Hook, { arguments: args }: HookedTool, call: HookCall): boolean {
    if (hook.isOfProject) return false;
    // A hook that repeats what the model says must not speak for the user.
    if (JSON.stringify(args).includes('permissionDecision')) return false;
    if (isOwnWord(hook.command, this.#options.place())) return true;
    this.#once(hook, NOT_TRUSTED, call.emit);
    return false;
  }

  /** Each hook says the same thing once. */
  #once(
    { event, command }: Hook,
    { outcome, text }: { readonly outcome: 'message' | 'failed'; readonly text: string },
    emit: (event: Event) => void,
  ): void {
    const key = JSON.stringify([event, command, outcome === 'failed' ? outcome : text]);
    if (this.#said.has(key)) return;
    this.#said.add(key);
    emit({ type: 'hook_ran', event, command, outcome, text });
  }

  #sandboxFor(permissions: Permissions): Promise<Sandbox> {
    if (this.#box?.permissions !== permissions)
      this.#box = { permissions, sandbox: this.#options.sandbox(permissions) };
    return this.#box.sandbox;
  }
}

const STAYS_INSIDE = {
  outcome: 'message',
  text: 'it stays in the sandbox: its command names what commands can change',
} as const;

const NOT_TRUSTED = {
  outcome: 'message',
  text: 'you are asked all the same: commands could change what this hook runs or reads',
} as const;

function tell({ event, command }: Hook, answer: HookAnswer, emit: (event: Event) => void): void {
  const say = (outcome: 'message' | 'context' | 'blocked', text: string | undefined): void => {
    if (text !== undefined) emit({ type: 'hook_ran', event, command, outcome, text });
  };
  say('message', answer.message);
  if (answer.isQuiet !== true) say('context', answer.context);
  // The error of a message that is not sent says it.
  if (event !== 'UserPromptSubmit') say('blocked', answer.blocked);
  // Anywhere else the turn says it.
  if (event === 'Stop') say('message', answer.stop);
}

function commonFields(event: HookEvent, call: HookCall, place: SessionPlace): JsonObject {
  return {
    session_id: place.threadId,
    turn_id: call.turnId,
    transcript_path: call.transcript ?? null,
    cwd: place.cwd,
    hook_event_name: event,
    model: call.model,
    permission_mode: permissionMode(place.permissions),
  };
}

/** In the words of Codex. */
function permissionMode({ isPlan, mode, approval }: Permissions): string {
  if (isPlan) return 'plan';
  if (approval !== 'never') return 'default';
  return mode === 'danger-full-access' ? 'bypassPermissions' : 'dontAsk';
}

function joined(answers: readonly HookAnswer[]): HookOutcome {
  const texts = (key: 'blocked' | 'context'): string | undefined =>
    answers.flatMap((answer) => answer[key] ?? []).join('\n\n') || undefined;
  return {
    blocked: texts('blocked'),
    context: texts('context'),
    stop: answers.find(({ stop }) => stop !== undefined)?.stop,
  };
}
