/**
 * Commands that the user runs from the composer (`!cmd`): unsandboxed, without a question, with all of the user's
 * variables except those that would make a program wait for a key or colour its output. Every item is closed; the
 * report for the model is cut to the output limit.
 */
import { truncateText } from '../context/truncate.ts';
import type { Event } from '../protocol.ts';
import { commandEnvironment, DEFAULT_ENVIRONMENT_POLICY } from '../safety/env.ts';
import { runPermitted } from '../tools/commands/run-command.ts';
import type { ToolContext } from '../tools/tool.ts';

const TIMEOUT_MS = 3_600_000;

export class UserShells {
  readonly #env: NodeJS.ProcessEnv;
  readonly #running = new Map<AbortController, Promise<void>>();
  #records: string[] = [];

  /** @param env of the user. */
  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.#env = env;
  }

  /** Starts a command. `onEnd` is called when its report is ready. */
  start(command: string, ctx: ToolContext, onEnd: () => void): void {
    const controller = new AbortController();
    const run = runUserShell(command, this.#env, { ...ctx, signal: controller.signal }).then((record) => {
      this.#running.delete(controller);
      this.#records.push(record);
      onEnd();
    });
    this.#running.set(controller, run);
  }

  /** Takes the reports for the model, in the order in which the commands ended. */
  takeRecords(): string[] {
    return this.#records.splice(0);
  }

  abort(): void {
    for (const controller of this.#running.keys()) controller.abort();
  }

  /** Resolves when none is running. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }
}

/** Runs the command to its end. @returns the report for the model. */
async function runUserShell(command: string, userEnv: NodeJS.ProcessEnv, ctx: ToolContext): Promise<string> {
  const env = commandEnvironment(
    userEnv,
    { ...DEFAULT_ENVIRONMENT_POLICY, ignore_default_excludes: true },
    { networkAccess: true },
  );
  let shown = '';
  const emit = (event: Event): void => {
    if (event.type !== 'item_started' && event.type !== 'item_completed') return ctx.emit(event);
    if (event.item.type !== 'command_execution') return ctx.emit(event);
    shown = event.item.output;
    ctx.emit({ ...event, item: { ...event.item, command, source: 'user' } });
  };
  const wanted = { command, workdir: ctx.cwd, timeoutMs: TIMEOUT_MS, env };
  const { text } = await runPermitted(wanted, { allowed: true }, { ...ctx, emit });
  // For the model an interrupted command has no output; the user has seen it, and may talk about it.
  const result = ctx.signal.aborted
    ? `${text}\n${truncateText(shown, { limitBytes: ctx.outputLimit }).text}`
    : text;
  return `<user_shell_command>\n<command>\n${command}\n</command>\n<result>\n${result.trimEnd()}\n</result>\n</user_shell_command>`;
}
