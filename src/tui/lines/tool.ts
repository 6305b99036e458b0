/**
 * A call of a tool that has no cell of its own: its name, its arguments, a few lines of its answer. `write_stdin` reads
 * better in words.
 */
import type { Item } from '../../protocol.ts';
import { formatElapsed } from '../../text/digits.ts';
import { oneLine } from './clean.ts';
import { liveOutputLines, outputLines, sentenceLines } from './output.ts';
import type { LineContext } from './style.ts';
import { truncateEnd, withSuffix } from './width.ts';

type ToolItem = Extract<Item, { type: 'tool_call' }>;

const OUTPUT_LINES = 5;
/** Questions of the model and what the user answered. */
const ANSWER_LINES = 12;
const VALUE_LIMIT = 60;
/** Rows that the arguments may take. */
const MOST_ROWS = 2;

/** A call that was answered. */
export function toolLines(item: ToolItem, ctx: LineContext): string[] {
  const { green, red } = ctx.style;
  const glyph = item.status === 'failed' || item.status === 'declined' ? red('✗') : green('•');
  const head = truncateEnd(`${glyph} ${callText(item, false, ctx)}`, ctx.width * MOST_ROWS);
  // Sentences, unlike what other tools give.
  if (item.tool === 'ask_user') return [head, ...sentenceLines(item.output, ANSWER_LINES, ctx)];
  return [head, ...outputLines(item.output, OUTPUT_LINES, ctx)];
}

/** A call that is being answered. */
export function liveToolLines(
  item: ToolItem,
  { text, elapsedMs }: { readonly text: string; readonly elapsedMs: number },
  ctx: LineContext,
  maxRows: number,
): string[] {
  const { cyan, dim } = ctx.style;
  const time = elapsedMs > 1_000 ? dim(` (${formatElapsed(elapsedMs)})`) : '';
  const head = withSuffix(`${cyan('•')} ${callText(item, true, ctx)}`, time, ctx.width - 1);
  return [head, ...liveOutputLines(text, Math.min(OUTPUT_LINES, maxRows - 1), ctx)].slice(
    0,
    Math.max(0, maxRows),
  );
}

function callText(
  { tool, arguments: args, status }: ToolItem,
  isLive: boolean,
  { style }: LineContext,
): string {
  if (tool === 'write_stdin') {
    const chars = typeof args.chars === 'string' ? args.chars : '';
    const session = `session ${shortValue(args.session_id)}`;
    if (chars === '') return `${style.bold(isLive ? 'Waiting for' : 'Waited for')} ${session}`;
    return `${style.bold(isLive ? 'Typing' : 'Typed')} ${shortValue(chars.replace(/\n$/, '⏎'))} into ${session}`;
  }
  if (tool === 'mcp_start') {
    const verb = !isLive && status === 'completed' ? 'Started' : 'Starting';
    return `${style.bold(verb)} the MCP server ${shortValue(args.server)}`;
  }
  if (tool === 'ask_user') return style.bold(isLive ? 'Asking you' : 'Asked you');
  const given = Object.entries(args).map(
    ([key, value]) => `${oneLine(key, VALUE_LIMIT)}: ${shortValue(value)}`,
  );
  const list = given.length === 0 ? '' : style.dim(` (${given.join(', ')})`);
  return `${style.bold(isLive ? 'Calling' : 'Called')} ${oneLine(tool, VALUE_LIMIT)}${list}`;
}

function shortValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const line = oneLine(text, VALUE_LIMIT);
  return typeof value === 'string' ? `"${line}"` : line;
}
