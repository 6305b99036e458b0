/**
 * What is said of an item: a line when it begins, if it may take long, and its end.
 *
 * Invariants: what begins at the margin is oagent's own; texts of commands, files, the model and the user are indented
 * or follow a label; short outputs are said whole, of long ones how many lines there are; nothing is said that `/last` does
 * not show whole.
 */
import type { Item } from '../../protocol.ts';
import { asToolCallItem } from '../../text/as-tool-call.ts';
import { formatElapsed, groupDigits, plural } from '../../text/digits.ts';
import { showControls } from '../../text/sanitize.ts';
import { innerCommand } from '../../text/shell-word.ts';
import { type TaskItem, taskFigures } from '../../text/task-steps.ts';
import { cleanLines, countLinesOf, headTail, OUTPUT_TAB, oneLine, tailOf } from '../lines/clean.ts';
import type { CommandItem } from '../lines/command.ts';
import { diffLines, diffStat } from '../lines/diff.ts';
import { explorationOf } from '../lines/exploration.ts';
import { shortPath } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import { toolLines } from '../lines/tool.ts';
import { inWords } from './words.ts';

type FileItem = Extract<Item, { type: 'file_change' }>;
type PlanItem = Extract<Item, { type: 'plan' }>;

/** Lines of an output that are said; of a longer one none, or its end if something failed. */
const SHORT = 5;
const END = 3;
/** Lines of the output of the user's own command. */
const OWN = 50;
const COMMAND_LINES = 8;
const SHOWN_MS = 1_000;
const MORE = '/last shows all';

/** Nothing for what is over at once, or is said while it comes. */
export function beginningWords(item: Item): string[] {
  if (item.type === 'task') return labelledLines('Sub-agent: ', cleanLines(item.prompt));
  if (item.type !== 'command_execution' || explorationOf(item) !== undefined) return [];
  // The user's own has just been typed; what went on in the background is over.
  if (item.source === 'user' || item.sessionId !== undefined) return [];
  return commandWords('Running: ', item.command);
}

/** @param isNamed its beginning was not said just before. */
export function endingWords(
  item: Item,
  { isNamed }: { readonly isNamed: boolean },
  ctx: LineContext,
): string[] {
  const explored = explorationOf(item);
  if (explored !== undefined) {
    const hasFailed = 'status' in item && item.status === 'failed';
    const nothing = hasFailed && item.type === 'command_execution' && item.exitCode === 1;
    const note = nothing ? ' (nothing found)' : hasFailed ? ' (failed)' : '';
    return explored.map(({ verb, what }) => `${verb}: ${pathsText(what, ctx)}${note}`);
  }
  switch (item.type) {
    case 'user_message':
      return labelledLines('You: ', cleanLines(item.text));
    case 'agent_message':
      return [];
    case 'reasoning':
      return thoughtWords(item.text);
    case 'command_execution':
      return commandEnd(item, isNamed);
    case 'file_change':
      return fileWords(item, ctx);
    case 'tool_call': {
      const [head = ''] = inWords(toolLines({ ...item, output: '' }, ctx));
      const failed = item.status === 'failed' ? ' (failed)' : '';
      return withOutput(`${head}${failed}`, item.output, item.status === 'failed' ? END : 0);
    }
    case 'task':
      return taskEnd(item, isNamed);
    case 'mcp_tool_call':
      return endingWords(asToolCallItem(item), { isNamed }, ctx);
    case 'plan':
      return planWords(item);
    default:
      return item satisfies never;
  }
}

/** The thinking before an answer. */
export function thoughtWords(text: string): string[] {
  const words = text.match(/\S+/g)?.length ?? 0;
  return words === 0 ? [] : [`Thought: ${groupDigits(words)} ${words === 1 ? 'word' : 'words'}; ${MORE}.`];
}

export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`));
}

/** The label before the first line. */
function labelledLines(label: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [label + lines[0], ...indented(lines.slice(1))];
}

function commandWords(label: string, command: string): string[] {
  const lines = cleanLines(showControls(innerCommand(command).trim()));
  if (lines.length <= COMMAND_LINES) return labelledLines(label, lines);
  const left = lines.length - COMMAND_LINES + 1;
  return [
    ...labelledLines(label, lines.slice(0, COMMAND_LINES - 1)),
    `and ${plural(left, 'more line')}; ${MORE}.`,
  ];
}

function commandEnd(item: CommandItem, isNamed: boolean): string[] {
  const { exitCode, durationMs, output, status, source, sessionId } = item;
  const isBackground = sessionId !== undefined && exitCode === null;
  const time = durationMs > SHOWN_MS && !isBackground ? ` after ${formatElapsed(durationMs)}` : '';
  const end = `${endText(item)}${time}`;
  const name = nameOf(item);
  const head = isNamed ? `${name}: ${end.slice(0, 1).toLowerCase()}${end.slice(1)}` : end;
  if ((isBackground || status === 'declined') && output.trim() === '') return [`${head}.`];
  if (source !== 'user') return withOutput(head, output, status === 'failed' ? END : 0);
  const { head: first, omitted, tail } = headTail(output, OWN);
  if (first.length === 0) return [`${head}, no output.`];
  const gap = omitted > 0 ? [`and ${plural(omitted, 'more line')}; ${MORE}.`] : [];
  return [`${head}:`, ...indented(first), ...gap, ...indented(tail)];
}

function taskEnd(item: TaskItem, isNamed: boolean): string[] {
  const name = isNamed ? 'Sub-agent' : `Sub-agent, ${oneLine(item.prompt, 80)}`;
  const failed = item.status === 'completed' ? '' : ' (failed)';
  return withOutput(`${name}: ${taskFigures(item)}${failed}`, item.output, END);
}

function nameOf({ command, sessionId }: CommandItem): string {
  const name = oneLine(showControls(innerCommand(command)), 80);
  return sessionId === undefined ? name : `Background command ${sessionId}, ${name}`;
}

function endText({ exitCode, sessionId, status }: CommandItem): string {
  if (exitCode !== null) return `Exit ${exitCode}`;
  if (sessionId !== undefined) return `Still running, in the background as number ${sessionId}`;
  return status === 'declined' ? 'Did not run' : 'Did not finish';
}

/** @param end lines of a long output that are said. */
function withOutput(head: string, output: string, end: number): string[] {
  const count = countLinesOf(output);
  if (count === 0) return [`${head}, no output.`];
  if (count <= SHORT) return [`${head}:`, ...indented(cleanLines(output, { tab: OUTPUT_TAB }))];
  const counted = `${head}, ${plural(count, 'line')}; ${MORE}`;
  if (end === 0) return [`${counted}.`];
  return [`${counted}. The end:`, ...indented(tailOf(output, end))];
}

function fileWords(item: FileItem, ctx: LineContext): string[] {
  const names = item.changes.map((change) => pathsText([change.path], ctx)).join(', ');
  if (item.status === 'failed' || item.status === 'declined') {
    const verb = item.status === 'declined' ? 'Edit declined' : 'Edit failed';
    return withOutput(names === '' ? verb : `${verb}: ${names}`, item.output, END);
  }
  return item.changes.flatMap(({ path, movePath, kind, diff }) => {
    const { added, removed } = diffStat(diff);
    const verb = { add: 'Added', delete: 'Deleted', update: movePath === undefined ? 'Edited' : 'Moved' }[
      kind
    ];
    const to = movePath === undefined ? '' : ` to ${pathsText([movePath], ctx)}`;
    const what = `${verb} ${pathsText([path], ctx)}${to}: ${plural(added, 'line')} added, ${removed} removed`;
    const lines = diffLines(diff, ctx);
    return lines.length > 0 && lines.length <= SHORT
      ? [`${what}:`, ...indented(lines)]
      : [`${what}; ${MORE}.`];
  });
}

const STEPS = { pending: 'To do', in_progress: 'Now', completed: 'Done' } as const;

function planWords({ steps, explanation = '' }: PlanItem): string[] {
  const why = oneLine(explanation);
  return [
    why === '' ? 'The plan:' : `The plan: ${why}`,
    ...steps.map(({ step, status }) => `${STEPS[status]}: ${oneLine(step)}`),
  ];
}

function pathsText(paths: readonly string[], ctx: LineContext): string {
  return paths.map((path) => oneLine(shortPath(path, ctx)) || '.').join(', ');
}
