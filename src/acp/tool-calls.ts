/**
 * What an agent does, as tool calls that a client shows: their kind, their title, the places they are about, what came
 * of them.
 *
 * Invariants: a title is one line, with nothing invisible in it; an output is what a terminal would show, in a fence that
 * it cannot leave.
 */
import path from 'node:path';
import type { ToolCallContent, ToolCallLocation, ToolCallStatus, ToolKind } from '@agentclientprotocol/sdk';
import type { FileChange, Item } from '../protocol.ts';
import { plural } from '../text/digits.ts';
import { relativePath } from '../text/relative-path.ts';
import { showInvisible } from '../text/sanitize.ts';
import { innerCommand } from '../text/shell-word.ts';
import { taskFigures } from '../text/task-steps.ts';
import { headTail, oneLine } from '../tui/lines/clean.ts';
import { type Exploration, explorationOf } from '../tui/lines/exploration.ts';
import { diffsOf, placesOf } from './file-diffs.ts';

/** Items that are tool calls. */
export type CallItem = Exclude<Item, { type: 'user_message' | 'agent_message' | 'reasoning' | 'plan' }>;

export interface CallHead {
  readonly title: string;
  readonly kind: ToolKind;
  readonly locations: ToolCallLocation[];
  readonly rawInput: unknown;
}

export interface CallEnd {
  readonly status: ToolCallStatus;
  readonly content: ToolCallContent[];
}

const TITLE_LIMIT = 300;
/** Lines of an output that are shown. */
const MOST_LINES = 400;

export function isCall(item: Item): item is CallItem {
  return !['user_message', 'agent_message', 'reasoning', 'plan'].includes(item.type);
}

/** @param cwd the session's folder, absolute. */
export function callHead(item: CallItem, cwd: string): CallHead {
  const explored = explorationOf(item);
  if (explored !== undefined) return explorationHead(item, explored, cwd);
  switch (item.type) {
    case 'command_execution':
      return { ...head(item.command, 'execute'), ...commandHead(item.command), rawInput: inputOf(item) };
    case 'file_change':
      return changesHead(item.changes, cwd);
    case 'mcp_tool_call':
      return { ...head(`${item.server}: ${item.tool}`, 'other'), rawInput: item.arguments };
    case 'task':
      return { ...head(`Sub-agent: ${item.prompt}`, 'think'), rawInput: { prompt: item.prompt } };
    case 'tool_call':
      return toolHead(item, cwd);
    default:
      return item satisfies never;
  }
}

/** A command before and while it runs. */
export function commandHead(command: string): Pick<CallHead, 'title' | 'kind'> {
  return { title: titleOf(innerCommand(command)), kind: 'execute' };
}

export function changesHead(changes: readonly FileChange[], cwd: string): CallHead {
  const [first] = changes;
  const kinds = new Set(changes.map(kindOf));
  const verb = { add: 'Add', delete: 'Delete', update: 'Edit' }[first?.kind ?? 'update'];
  const title =
    changes.length === 1 && first !== undefined
      ? `${first.movePath === undefined ? verb : 'Move'} ${namesOf(first, cwd)}`
      : `Edit ${plural(changes.length, 'file')}: ${changes.map((change) => namesOf(change, cwd)).join(', ')}`;
  const [only] = kinds;
  return {
    ...head(title, kinds.size === 1 && only !== undefined ? only : 'edit'),
    locations: placesOf(changes),
    rawInput: { paths: changes.map((change) => change.path) },
  };
}

/** @param hasTerminal the output of a command was shown while it came. */
export function callEnd(item: CallItem, hasTerminal = false): CallEnd {
  return { status: endStatus(item), content: contentOf(item, hasTerminal) };
}

/** Text of a program, as Markdown. */
export function fenced(text: string): ToolCallContent[] {
  const { head: first, omitted, tail } = headTail(text, MOST_LINES);
  const lines = omitted === 0 ? first : [...first, `… ${plural(omitted, 'line')} left out …`, ...tail];
  if (lines.length === 0) return [];
  const longest = Math.max(2, ...lines.map((line) => /`{3,}/.exec(line)?.[0].length ?? 0));
  const fence = '`'.repeat(longest + 1);
  return [words(`${fence}\n${lines.join('\n')}\n${fence}`)];
}

export function words(text: string): ToolCallContent {
  return { type: 'content', content: { type: 'text', text } };
}

export function titleOf(text: string): string {
  return oneLine(showInvisible(text), TITLE_LIMIT);
}

function head(title: string, kind: ToolKind): CallHead {
  return { title: titleOf(title), kind, locations: [], rawInput: undefined };
}

function inputOf({ command, cwd }: Extract<Item, { type: 'command_execution' }>): unknown {
  return { command: innerCommand(command), cwd };
}

function explorationHead(item: CallItem, explored: readonly Exploration[], cwd: string): CallHead {
  const isRead = explored.every(({ verb }) => verb === 'Read');
  const folder = item.type === 'command_execution' ? item.cwd : cwd;
  const files = isRead ? explored.flatMap(({ what }) => what) : [];
  const title = explored.map(({ verb, what }) => `${verb} ${what.join(', ')}`).join('; ');
  return {
    ...head(title, isRead ? 'read' : 'search'),
    locations: files.map((file) => ({ path: path.resolve(folder, file), ...lineOf(item) })),
    rawInput: item.type === 'command_execution' ? inputOf(item) : 'arguments' in item ? item.arguments : {},
  };
}

function lineOf(item: CallItem): { line?: number } {
  const offset = item.type === 'tool_call' ? item.arguments.offset : undefined;
  return typeof offset === 'number' && Number.isInteger(offset) && offset > 0 ? { line: offset } : {};
}

function toolHead({ tool, arguments: args }: Extract<Item, { type: 'tool_call' }>, cwd: string): CallHead {
  const text = (name: string): string => (typeof args[name] === 'string' ? args[name] : '');
  const given = { rawInput: args };
  switch (tool) {
    case 'search_code':
      return { ...head(`Search the code: ${text('query')}`, 'search'), ...given };
    case 'write_stdin':
      return {
        ...head(`Type into a running command: ${text('chars') || 'nothing, wait'}`, 'execute'),
        ...given,
      };
    case 'mcp_start':
      return { ...head(`Start the MCP server ${text('server')}`, 'other'), ...given };
    case 'ask_user':
      return { ...head('Ask you', 'other'), ...given };
    default: {
      const file = text('path');
      const locations = file === '' ? [] : [{ path: path.resolve(cwd, file) }];
      return { ...head(file === '' ? tool : `${tool} ${file}`, 'other'), locations, ...given };
    }
  }
}

function kindOf({ kind, movePath, diff }: FileChange): ToolKind {
  if (kind === 'delete') return 'delete';
  return movePath !== undefined && !diff.includes('@@') ? 'move' : 'edit';
}

function namesOf({ path: file, movePath }: FileChange, cwd: string): string {
  const name = relativePath(file, cwd);
  return movePath === undefined ? name : `${name} to ${relativePath(movePath, cwd)}`;
}

function endStatus(item: CallItem): ToolCallStatus {
  return item.status === 'failed' || item.status === 'declined' ? 'failed' : 'completed';
}

function contentOf(item: CallItem, hasTerminal: boolean): ToolCallContent[] {
  switch (item.type) {
    case 'command_execution':
      return hasTerminal ? [] : [...fenced(item.output), ...exitWords(item)];
    case 'file_change':
      return [...diffsOf(item.changes), ...(item.status === 'completed' ? [] : fenced(item.output))];
    case 'task':
      return [words(taskFigures(item)), words(item.output)];
    default:
      return fenced(item.output);
  }
}

function exitWords({
  exitCode,
  status,
  sessionId,
}: Extract<Item, { type: 'command_execution' }>): ToolCallContent[] {
  if (exitCode !== null && exitCode !== 0) return [words(`Exit code ${exitCode}`)];
  if (exitCode === null && status === 'completed' && sessionId !== undefined)
    return [words('It keeps running in the background.')];
  return [];
}
