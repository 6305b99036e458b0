/**
 * The conversation for the pager: all of it, with complete outputs, the thinking, the diffs, and what happened between the items.
 *
 * Invariant: the lines of an item are built when they are looked at, once for each width and style.
 */
import { stripVTControlCharacters } from 'node:util';
import type { Item, ItemStatus } from '../../protocol.ts';
import { asToolCallItem } from '../../text/as-tool-call.ts';
import { formatElapsed, plural } from '../../text/digits.ts';
import { isItem } from '../../text/entries.ts';
import { type TaskItem, taskFigures } from '../../text/task-steps.ts';
import { cleanLines, OUTPUT_TAB, oneLine } from '../lines/clean.ts';
import { hang, markdownLines } from '../lines/markdown.ts';
import { shortPath } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import type { TranscriptEntry } from '../screen/transcript-store.ts';
import { changesRows } from './changes.ts';
import { happeningLines, indented, typedLines, words } from './happening-lines.ts';
import type { PagerSection, PagerSource } from './pager-place.ts';

const INDENT = '  ';

/**
 * The conversation as a text to scroll. When something was added, call it again with the same `ctx` and cache: the lines of the
 * others are not rebuilt.
 */
export function transcriptSource(
  entries: readonly TranscriptEntry[],
  ctx: LineContext,
  title = 'Transcript',
  cache: TranscriptCache = new WeakMap(),
): PagerSource {
  return {
    title,
    sections: entries.map((entry) => sectionOf(entry, ctx, cache)),
    textOf: stripVTControlCharacters,
  };
}

/** Any lines as a text to scroll: a request, the output of a command. */
export function linesSource(lines: readonly string[], title: string): PagerSource {
  return {
    title,
    sections: [{ lines: () => lines, weight: lines.length }],
    textOf: stripVTControlCharacters,
  };
}

/** Keep it as long as the lines of the entries may be asked for. */
export type TranscriptCache = WeakMap<
  TranscriptEntry,
  { readonly section: PagerSection; readonly ctx: LineContext }
>;

function sectionOf(entry: TranscriptEntry, ctx: LineContext, cache: TranscriptCache): PagerSection {
  const known = cache.get(entry);
  if (known !== undefined && isSameLook(known.ctx, ctx)) return known.section;
  let built: readonly string[] | undefined;
  const section: PagerSection = {
    lines: () => {
      built ??= ['', ...(isItem(entry) ? wholeItemLines(entry, ctx) : happeningLines(entry, ctx))];
      return built;
    },
    weight: isItem(entry) ? weightOf(entry) : 80 + JSON.stringify(entry).length,
    messageId: entry.type === 'user_message' ? entry.id : undefined,
  };
  cache.set(entry, { section, ctx });
  return section;
}

function isSameLook(a: LineContext, b: LineContext): boolean {
  return a.width === b.width && a.style === b.style && a.cwd === b.cwd;
}

/** One item, whole, as logical lines. */
export function wholeItemLines(item: Item, ctx: LineContext): string[] {
  const { style } = ctx;
  switch (item.type) {
    case 'user_message':
      return [
        ...hang(words(item.text, ctx), '› ', INDENT).map(style.bold),
        ...(item.sent === undefined ? [] : indented(words(item.sent, ctx).map(style.dim))),
      ];
    case 'agent_message':
      return hang(
        [...markdownLines(item.text, { ...ctx, width: ctx.width - 2 }), ...statusLines(item.status, ctx)],
        '• ',
        INDENT,
      );
    case 'reasoning':
      return hang(
        [style.dim('Thinking'), ...words(item.text, ctx).map((line) => style.dim(style.italic(line)))],
        style.dim('• '),
        INDENT,
      );
    case 'command_execution': {
      return [
        ...typedLines(item.command, ctx),
        ...indented(cleanLines(item.output, { tab: OUTPUT_TAB })),
        `${INDENT}${style.dim(endOf(item, ctx))}`,
      ];
    }
    case 'file_change':
      return [
        `${editSign(item.status, ctx)} ${style.bold(EDITS[item.status])} ${plural(item.changes.length, 'file')}`,
        ...changesRows(item.changes, ctx, undefined),
        ...indented(cleanLines(item.output)).map((line) => style.dim(line)),
      ];
    case 'tool_call':
      return [
        `• ${style.bold(oneLine(item.tool))} ${oneLine(JSON.stringify(item.arguments))}`,
        ...indented([...cleanLines(item.output), ...statusLines(item.status, ctx)]),
      ];
    case 'mcp_tool_call':
      return wholeItemLines(asToolCallItem(item), ctx);
    case 'task':
      return wholeTaskLines(item, ctx);
    case 'plan':
      return [
        `• ${style.bold('Plan')}`,
        ...indented(item.explanation === undefined ? [] : words(item.explanation, ctx)),
        ...item.steps.map(({ step, status }) => `${INDENT}${MARKS[status]} ${oneLine(step)}`),
      ];
    default:
      return item satisfies never;
  }
}

function wholeTaskLines(item: TaskItem, ctx: LineContext): string[] {
  const { bold, dim } = ctx.style;
  const inner = { ...ctx, width: ctx.width - INDENT.length };
  return [
    ...hang([bold('Sub-agent'), ...words(item.prompt, ctx)], '• ', INDENT),
    ...item.steps.flatMap((step) => ['', ...indented(wholeItemLines(step, inner))]),
    '',
    ...indented([
      dim(`Result (${taskFigures(item)})`),
      ...words(item.output, ctx),
      ...statusLines(item.status, ctx),
    ]),
  ];
}

const EDITS: Readonly<Record<ItemStatus, string>> = {
  completed: 'Edited',
  in_progress: 'Editing',
  failed: 'Edit failed:',
  declined: 'Edit declined:',
};

function editSign(status: ItemStatus, { style }: LineContext): string {
  return status === 'failed' || status === 'declined' ? style.red('✗') : '•';
}

const MARKS = { pending: '□', in_progress: '▸', completed: '✔' } as const;

function endOf(item: Extract<Item, { type: 'command_execution' }>, ctx: LineContext): string {
  const where = `in ${oneLine(shortPath(item.cwd, ctx))}`;
  const exit = item.exitCode === null ? '' : `exit code ${item.exitCode}, `;
  if (item.sessionId !== undefined && item.status !== 'in_progress') {
    const name = `background command ${item.sessionId}`;
    return item.exitCode === null
      ? `${name} keeps running, ${where}`
      : `${name} ended: ${exit}${formatElapsed(item.durationMs)}, ${where}`;
  }
  switch (item.status) {
    case 'in_progress':
      return `running ${where}`;
    case 'declined':
      return `not run: declined, ${where}`;
    case 'failed':
    case 'completed':
      return `${exit}${formatElapsed(item.durationMs)}, ${where}`;
    default:
      return item.status satisfies never;
  }
}

/** How an item ended, if that needs saying. */
function statusLines(status: ItemStatus, { style }: LineContext): string[] {
  switch (status) {
    case 'completed':
      return [];
    case 'in_progress':
      return [style.dim('(in progress)')];
    case 'failed':
      return [style.red('(failed)')];
    case 'declined':
      return [style.dim('(declined)')];
    default:
      return status satisfies never;
  }
}

/** Roughly, in characters. */
function weightOf(item: Item): number {
  switch (item.type) {
    case 'user_message':
      return 80 + item.text.length + (item.sent?.length ?? 0);
    case 'agent_message':
    case 'reasoning':
      return 80 + item.text.length;
    case 'command_execution':
    case 'tool_call':
    case 'mcp_tool_call':
      return 160 + item.output.length;
    case 'file_change':
      return item.changes.reduce((sum, { diff }) => sum + 80 + diff.length, 160);
    case 'task':
      return item.steps.reduce((sum, step) => sum + weightOf(step), 160 + item.output.length);
    case 'plan':
      return 80 * (1 + item.steps.length);
    default:
      return item satisfies never;
  }
}
