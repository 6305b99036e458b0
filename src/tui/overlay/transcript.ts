/**
 * The conversation for the pager: all of it, with complete outputs, the thinking, and the diffs.
 *
 * Invariant: the lines of an item are built when they are looked at, once for each width and style.
 */
import { stripVTControlCharacters } from 'node:util';
import type { Item, ItemStatus } from '../../protocol.ts';
import { formatElapsed, plural } from '../../text/digits.ts';
import { showControls } from '../../text/sanitize.ts';
import { CODE_TAB, cleanLines, OUTPUT_TAB, oneLine } from '../lines/clean.ts';
import { hang, markdownLines } from '../lines/markdown.ts';
import { shortPath } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import { changesRows } from './changes.ts';
import type { PagerSection, PagerSource } from './pager-place.ts';

const INDENT = '  ';

/**
 * The items as a text to scroll. When items were added, call it again with the same `ctx` and cache: the lines of the
 * others are not rebuilt.
 */
export function transcriptSource(
  items: readonly Item[],
  ctx: LineContext,
  title = 'Transcript',
  cache: TranscriptCache = new WeakMap(),
): PagerSource {
  return {
    title,
    sections: items.map((item) => sectionOf(item, ctx, cache)),
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

/** Keep it as long as the lines of the items may be asked for. */
export type TranscriptCache = WeakMap<Item, { readonly section: PagerSection; readonly ctx: LineContext }>;

function sectionOf(item: Item, ctx: LineContext, cache: TranscriptCache): PagerSection {
  const known = cache.get(item);
  if (known !== undefined && isSameLook(known.ctx, ctx)) return known.section;
  let built: readonly string[] | undefined;
  const section: PagerSection = {
    lines: () => {
      built ??= ['', ...transcriptLines(item, ctx)];
      return built;
    },
    weight: weightOf(item),
    messageId: item.type === 'user_message' ? item.id : undefined,
  };
  cache.set(item, { section, ctx });
  return section;
}

function isSameLook(a: LineContext, b: LineContext): boolean {
  return a.width === b.width && a.style === b.style && a.cwd === b.cwd;
}

/** One item, whole, as logical lines. */
function transcriptLines(item: Item, ctx: LineContext): string[] {
  const { style } = ctx;
  switch (item.type) {
    case 'user_message':
      return cleanLines(item.text).map((line, at) => style.bold(`${at === 0 ? '› ' : INDENT}${line}`));
    case 'agent_message':
      return hang(
        [...markdownLines(item.text, { ...ctx, width: ctx.width - 2 }), ...statusLines(item.status, ctx)],
        '• ',
        INDENT,
      );
    case 'reasoning':
      return hang(
        [style.dim('Thinking'), ...cleanLines(item.text).map((line) => style.dim(style.italic(line)))],
        style.dim('• '),
        INDENT,
      );
    case 'command_execution': {
      const command = cleanLines(showControls(item.command), { tab: CODE_TAB });
      return [
        ...command.map((line, at) => `${at === 0 ? style.bold('$ ') : INDENT}${line}`),
        ...indented(cleanLines(item.output, { tab: OUTPUT_TAB })),
        `${INDENT}${style.dim(endOf(item, ctx))}`,
      ];
    }
    case 'file_change':
      return [
        `• ${style.bold(plural(item.changes.length, 'changed file'))}`,
        ...changesRows(item.changes, ctx, undefined),
        ...indented(statusLines(item.status, ctx)),
        ...indented(cleanLines(item.output)).map((line) => style.dim(line)),
      ];
    case 'tool_call':
      return [
        `• ${style.bold(oneLine(item.tool))} ${oneLine(JSON.stringify(item.arguments))}`,
        ...indented([...cleanLines(item.output), ...statusLines(item.status, ctx)]),
      ];
    case 'plan':
      return [
        `• ${style.bold('Plan')}`,
        ...indented(item.explanation === undefined ? [] : cleanLines(item.explanation)),
        ...item.steps.map(({ step, status }) => `${INDENT}${MARKS[status]} ${oneLine(step)}`),
      ];
    default:
      return item satisfies never;
  }
}

const MARKS = { pending: '□', in_progress: '▸', completed: '✔' } as const;

function endOf(item: Extract<Item, { type: 'command_execution' }>, ctx: LineContext): string {
  const where = `in ${oneLine(shortPath(item.cwd, ctx))}`;
  const exit = item.exitCode === null ? '' : `exit code ${item.exitCode}, `;
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

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `${INDENT}${line}`);
}

/** Roughly, in characters. */
function weightOf(item: Item): number {
  switch (item.type) {
    case 'user_message':
    case 'agent_message':
    case 'reasoning':
      return 80 + item.text.length;
    case 'command_execution':
    case 'tool_call':
      return 160 + item.output.length;
    case 'file_change':
      return item.changes.reduce((sum, { diff }) => sum + 80 + diff.length, 160);
    case 'plan':
      return 80 * (1 + item.steps.length);
    default:
      return item satisfies never;
  }
}
