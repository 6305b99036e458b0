/**
 * What the harness knows for certain about a session, whatever the model remembers: the plan, the changed files, the
 * commands and how they ended, the output of the last failure, what runs in the background. Derived from events alone,
 * so that the items of a stored session give the same facts; bounded, however long the session is.
 */

import type { ChangedFile, CheckResult, TestRun } from '../../protocol/evidence.ts';
import type { Event, Happening, Item, PlanStep, RunningSession } from '../../protocol.ts';
import { relativePath } from '../../text/relative-path.ts';
import { innerCommand } from '../../text/shell-word.ts';
import { truncateText } from '../truncate.ts';
import { checkResult } from './checks.ts';
import { type Correction, Corrections } from './corrections.ts';
import { ChangedFiles, type CommandItem, isModelRun } from './item-facts.ts';

const MAX_FILES = 40;
const MAX_COMMANDS = 40;
/** Only the newest are reported. */
const SHOWN_COMMANDS = 8;
const SHOWN_COMMAND_BYTES = 120;
const SHOWN_CORRECTIONS = 6;
const ERROR_BYTES = 600;
/** Of runs in which tests failed, the newest. */
const SHOWN_RUNS = 2;
const NAMES_BYTES = 800;
const COMMAND_BYTES = 300;

const MARKS: { readonly [S in PlanStep['status']]: string } = {
  completed: '[x]',
  in_progress: '[>]',
  pending: '[ ]',
};

interface Ran {
  readonly exitCode: number | null;
  readonly tests: TestRun | undefined;
  /** The number of the user's message for which it ran. */
  readonly message: number;
}

export class Facts {
  #plan: readonly PlanStep[] = [];
  readonly #changed = new ChangedFiles();
  /** By path: the number of the user's message for which it was last changed. */
  readonly #changedFor = new Map<string, number>();
  /** By command, the most recent last. */
  readonly #commands = new Map<string, Ran>();
  readonly #corrections: Corrections;
  #failed: CommandItem | undefined;
  #running: readonly RunningSession[] = [];

  /** @param messagesBefore how many messages of the user there were before what it will hear of. */
  constructor(messagesBefore = 0) {
    this.#corrections = new Corrections(messagesBefore);
  }

  handle(event: Event | Happening): void {
    this.#corrections.hear(event);
    if (event.type === 'background_changed') this.#running = event.running;
    if (event.type === 'item_completed') this.#completed(event.item);
  }

  /** Commands that ran to their end, with the exit code of the last run. */
  get commands(): readonly { readonly command: string; readonly exitCode: number | null }[] {
    return [...this.#commands].map(([command, { exitCode }]) => ({ command, exitCode }));
  }

  get files(): readonly ChangedFile[] {
    return this.#changed.files;
  }

  /** The last state of each command that tests, builds or lints. */
  get checks(): readonly CheckResult[] {
    return [...this.#commands].flatMap(
      ([command, { exitCode, tests }]) => checkResult({ command, exitCode, tests }) ?? [],
    );
  }

  get corrections(): readonly Correction[] {
    return this.#corrections.all;
  }

  /** All facts in a few lines, paths relative to `cwd`; undefined: there are none. */
  text(cwd: string): string | undefined {
    const parts = [
      this.#planText(),
      this.#correctionsText(),
      this.#filesText(cwd),
      this.#commandsText(),
      this.#testsText(),
      this.#failedText(),
      this.#runningText(),
    ];
    const known = parts.filter((part) => part !== undefined);
    return known.length === 0 ? undefined : known.join('\n');
  }

  #completed(item: Item): void {
    switch (item.type) {
      case 'plan':
        this.#plan = item.steps;
        return;
      case 'file_change':
        this.#changed.add(item);
        if (item.status === 'completed')
          for (const change of item.changes) this.#changedNow(change.movePath ?? change.path);
        return;
      case 'command_execution':
        this.#ran(item);
        if (hasFailed(item)) this.#failed = item;
        else if (item.command === this.#failed?.command && item.exitCode === 0) this.#failed = undefined;
        return;
      case 'user_message':
      case 'agent_message':
      case 'reasoning':
      case 'tool_call':
      case 'mcp_tool_call':
      case 'task':
        return;
      default:
        item satisfies never;
    }
  }

  #ran(item: CommandItem): void {
    if (!hasEnded(item)) return;
    const command = shortened(item.command);
    this.#commands.delete(command);
    const { exitCode, tests } = item;
    this.#commands.set(command, { exitCode, tests, message: this.#corrections.messages });
    const [oldest] = this.#commands.keys();
    if (this.#commands.size > MAX_COMMANDS && oldest !== undefined) this.#commands.delete(oldest);
  }

  #changedNow(file: string): void {
    this.#changedFor.set(file, this.#corrections.messages);
  }

  #correctionsText(): string | undefined {
    const lines = this.#corrections.all
      .slice(-SHOWN_CORRECTIONS)
      .map(({ message, text }) => `${shortened(text, SHOWN_COMMAND_BYTES)}${since(message)}`);
    return lines.length === 0 ? undefined : ['Corrected by the user:', ...lines].join('\n');
  }

  #planText(): string | undefined {
    if (this.#plan.length === 0) return undefined;
    return ['Plan:', ...this.#plan.map(({ step, status }) => `${MARKS[status]} ${step}`)].join('\n');
  }

  #filesText(cwd: string): string | undefined {
    if (this.#changed.size === 0) return undefined;
    const newest = this.#changed.files.slice(-MAX_FILES);
    const more = this.#changed.size - newest.length;
    const lines = newest.map(
      (file) => `${relativePath(file.path, cwd)} ${statText(file)}${since(this.#changedFor.get(file.path))}`,
    );
    return ['Files changed:', ...lines, ...(more > 0 ? [`and ${more} before them`] : [])].join('\n');
  }

  /** Without the one that is reported with its output. */
  #commandsText(): string | undefined {
    const failed = this.#failed && shortened(this.#failed.command);
    const others = [...this.#commands].filter(([command]) => command !== failed).slice(-SHOWN_COMMANDS);
    if (others.length === 0) return undefined;
    const lines = others.map(
      ([command, { exitCode, message }]) =>
        `${shortened(command, SHOWN_COMMAND_BYTES)} (${endText(exitCode)})${since(message)}`,
    );
    return ['Commands run:', ...lines].join('\n');
  }

  /** Which tests failed when they last ran. */
  #testsText(): string | undefined {
    const failing = [...this.#commands].filter(([, { tests }]) => (tests?.failing.length ?? 0) > 0);
    const lines = failing.slice(-SHOWN_RUNS).map(([command, { tests }]) => {
      const { failed = 0, failing: names = [] } = tests ?? {};
      const more = Math.max(0, failed - names.length);
      const list = truncateText(names.join('; '), { limitBytes: NAMES_BYTES }).text;
      return `${shortened(command, SHOWN_COMMAND_BYTES)}: ${list}${more > 0 ? ` and ${more} more` : ''}`;
    });
    return lines.length === 0 ? undefined : ['Tests that failed in the last run:', ...lines].join('\n');
  }

  #failedText(): string | undefined {
    if (this.#failed === undefined) return undefined;
    const { command, exitCode, output } = this.#failed;
    const end = truncateText(output.trim(), { limitBytes: ERROR_BYTES }).text;
    return `Last failed command: ${shortened(command)} (${endText(exitCode)})${end === '' ? '' : `\n${end}`}`;
  }

  #runningText(): string | undefined {
    if (this.#running.length === 0) return undefined;
    const lines = this.#running.map(
      ({ sessionId, command }) => `session ${sessionId}: ${shortened(command)}`,
    );
    return ['Running in the background:', ...lines].join('\n');
  }
}

function hasFailed(item: CommandItem): boolean {
  // A command in the background that a signal has ended was stopped.
  const wasStopped = item.sessionId !== undefined && (item.exitCode ?? 0) > 128;
  return hasEnded(item) && item.exitCode !== 0 && !wasStopped;
}

/** A command of the model's that was allowed and is not in the background. */
function hasEnded(item: CommandItem): boolean {
  return isModelRun(item) && (item.sessionId === undefined || item.exitCode !== null);
}

function endText(exitCode: number | null): string {
  return exitCode === null ? 'ended by a signal' : `exit code ${exitCode}`;
}

/** Nothing for the first message, of which most sessions consist. */
function since(message = 0): string {
  return message > 1 ? ` [message ${message}]` : '';
}

function statText({ kind, added, removed }: ChangedFile): string {
  if (kind === 'delete') return '(deleted)';
  return `${kind === 'add' ? '(new) ' : ''}+${added} -${removed}`;
}

function shortened(command: string, limitBytes = COMMAND_BYTES): string {
  return truncateText(innerCommand(command).replace(/\s+/g, ' ').trim(), { limitBytes }).text;
}
