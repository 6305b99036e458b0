/** What a history of Codex showed, made of the history itself: its events differ from version to version. */
import type { HistoryItem } from '../../context/history.ts';
import type { ToolCall } from '../../model/chat.ts';
import type { Item } from '../../protocol.ts';
import { arrayOf, textOf } from './codex-line.ts';

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never;
/** An item without its id. */
export type ShownItem = Unnumbered<Item>;

const COMMANDS: ReadonlySet<string> = new Set([
  'shell',
  'exec_command',
  'shell_command',
  'container.exec',
  'local_shell',
]);

/** @param call the call that a tool's output belongs to. @param cwd where its command ran. */
export function shownItems(item: HistoryItem, call: ToolCall | undefined, cwd: string): ShownItem[] {
  switch (item.type) {
    case 'user':
      return item.kind === 'prompt' ? [{ type: 'user_message', text: item.content }] : [];
    case 'assistant': {
      const { thinking, content } = item;
      const done = { status: 'completed' } as const;
      return [
        ...(thinking === '' ? [] : [{ type: 'reasoning', text: thinking, ...done } as const]),
        ...(content === '' ? [] : [{ type: 'agent_message', text: content, ...done } as const]),
      ];
    }
    case 'tool':
      return call === undefined ? [] : [callItem(call, item.content, cwd)];
    default:
      return item satisfies never;
  }
}

function callItem(call: ToolCall, output: string, cwd: string): ShownItem {
  if (!COMMANDS.has(call.name)) {
    return { type: 'tool_call', tool: call.name, arguments: call.arguments, output, status: 'completed' };
  }
  const { text, exitCode } = commandEnd(output);
  return {
    type: 'command_execution',
    command: commandOf(call),
    cwd: textOf(call.arguments.workdir) ?? cwd,
    output: text,
    exitCode,
    durationMs: 0,
    status: exitCode === null || exitCode === 0 ? 'completed' : 'failed',
  };
}

/** A list is `bash -lc SCRIPT`, of which the script is shown, or a program with its arguments. */
function commandOf({ arguments: args }: ToolCall): string {
  const command = args.cmd ?? args.command;
  if (typeof command === 'string') return command;
  const words = arrayOf(command).map(String);
  return /^-l?c$/.test(words[1] ?? '') ? words.slice(2).join(' ') : words.join(' ');
}

/** Codex has written the end of a command as JSON, and as lines before the output. */
function commandEnd(output: string): { readonly text: string; readonly exitCode: number | null } {
  const found = /(?:exited with code|Exit code:|"exit_code":) ?(-?\d+)/.exec(
    output.slice(0, 4_096) + output.slice(-512),
  );
  const exitCode = found === null ? null : Number(found[1]);
  const json = /^\{"output":/.test(output) ? jsonOutput(output) : undefined;
  const at = output.search(/^Output:\n/m);
  return { text: json ?? (at < 0 ? output : output.slice(at + 'Output:\n'.length)), exitCode };
}

function jsonOutput(text: string): string | undefined {
  try {
    return textOf(JSON.parse(text).output);
  } catch {
    return undefined;
  }
}
