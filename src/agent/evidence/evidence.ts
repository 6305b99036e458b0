/**
 * What was seen in a turn: the files that patches changed, the commands that ran, the last state of each check.
 *
 * Derived from events alone, so that it is the same for every way of running a turn. Commands are classified as checks
 * only when the evidence is requested.
 */

import { checkResult } from '../../context/seen/checks.ts';
import { ChangedFiles, type CommandItem, isModelRun } from '../../context/seen/item-facts.ts';
import type { Evidence, RanCommand } from '../../protocol/evidence.ts';
import type { Event, Item } from '../../protocol.ts';
import { innerCommand } from '../../text/shell-word.ts';
import { exitCodeOf } from '../../tools/commands/exec-command.ts';
import { TurnSigns } from './turn-signs.ts';

/** The most characters of a command that are kept. */
const COMMAND_LIMIT = 1_000;

/** Commands in the background, by session. */
type Running = Map<number, string>;

class Collector {
  readonly #files = new ChangedFiles();
  /** By command, the most recent last. */
  readonly #commands = new Map<string, RanCommand>();
  /** Commands that were run as checks, whatever their names. */
  readonly #verified = new Map<string, boolean>();
  #mcpCalls = 0;

  get evidence(): Evidence {
    const commands = [...this.#commands.values()];
    const verified = [...this.#verified].map(([command, passed]) => ({ command, passed }));
    const checks = commands.flatMap((ran) =>
      this.#verified.has(ran.command) ? [] : (checkResult(ran) ?? []),
    );
    const mcp = this.#mcpCalls === 0 ? {} : { mcpCalls: this.#mcpCalls };
    return { files: this.#files.files, commands, checks: [...checks, ...verified], ...mcp };
  }

  /** A server was called, and says of the tool nothing that keeps it from changing files or running programs. */
  calledServer(): void {
    this.#mcpCalls += 1;
  }

  changed(item: Extract<Item, { type: 'file_change' }>): void {
    this.#files.add(item);
  }

  ran(ran: Omit<RanCommand, 'runs'>): void {
    this.#keep({ ...ran, runs: (this.#commands.get(ran.command)?.runs ?? 0) + 1 });
  }

  /** A command that ran in the background has ended. */
  ended(ran: Omit<RanCommand, 'runs'>): void {
    this.#keep({ ...ran, runs: this.#commands.get(ran.command)?.runs ?? 1 });
  }

  #keep(ran: RanCommand): void {
    this.#commands.delete(ran.command);
    this.#commands.set(ran.command, ran);
  }

  verified(command: string, passed: boolean): void {
    this.#verified.set(command, passed);
  }
}

/** The evidence of a session and of its newest turn. */
export class SessionEvidence {
  readonly #session = new Collector();
  #turn = new Collector();
  readonly #running: Running = new Map();
  readonly signs = new TurnSigns();

  /** Of the current or last turn, without the user's own commands. */
  get turn(): Evidence {
    return this.#turn.evidence;
  }

  /** Of the whole session, with the user's own commands. */
  get session(): Evidence {
    return this.#session.evidence;
  }

  /** Takes the events of the session. */
  readonly hear = (event: Event): void => {
    if (event.type === 'turn_started') this.#turn = new Collector();
    if (event.type === 'item_completed') this.#completed(event.item);
    this.signs.hear(event);
  };

  /** The command that verified the turn. */
  verified(command: string, passed: boolean): void {
    this.#turn.verified(shortened(command.trim()), passed);
  }

  #completed(item: Item): void {
    switch (item.type) {
      case 'file_change':
        for (const collector of [this.#turn, this.#session]) collector.changed(item);
        return;
      case 'command_execution':
        return this.#ran(item);
      case 'tool_call':
        return this.#polled(item);
      case 'mcp_tool_call':
        if (item.isReadOnly !== true)
          for (const collector of [this.#turn, this.#session]) collector.calledServer();
        return;
      case 'user_message':
      case 'agent_message':
      case 'reasoning':
      case 'plan':
      case 'task':
        return;
      default:
        item satisfies never;
    }
  }

  #ran(item: CommandItem): void {
    if (item.status === 'declined') return;
    const { exitCode, sessionId, tests } = item;
    const command = shortened(innerCommand(item.command).trim());
    const ran = { command, exitCode, ...(tests && { tests }) };
    if (sessionId !== undefined && exitCode !== null) return this.#ended(sessionId, ran);
    if (sessionId !== undefined) this.#running.set(sessionId, command);
    this.#session.ran(ran);
    if (isModelRun(item)) this.#turn.ran(ran);
  }

  /** A background command's end arrives as an item of its own, in older sessions only as the output of a call that waits for it. */
  #polled({ tool, arguments: args, output }: Extract<Item, { type: 'tool_call' }>): void {
    if (tool !== 'write_stdin' || typeof args.session_id !== 'number') return;
    const command = this.#running.get(args.session_id);
    const exitCode = exitCodeOf(output);
    if (command === undefined || exitCode === undefined) return;
    this.#ended(args.session_id, { command, exitCode });
  }

  #ended(sessionId: number, ran: Omit<RanCommand, 'runs'>): void {
    this.#running.delete(sessionId);
    for (const collector of [this.#turn, this.#session]) collector.ended(ran);
  }
}

function shortened(command: string): string {
  return command.length > COMMAND_LIMIT ? `${command.slice(0, COMMAND_LIMIT)}…` : command;
}
