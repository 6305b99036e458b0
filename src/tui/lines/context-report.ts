/** What `/context` and `oagent debug context` print: what fills the window, as bars; where nothing is painted, as a list. */
import type { WindowSource, WindowUse } from '../../protocol/requests.ts';
import { groupDigits } from '../../text/digits.ts';
import { prose } from './prose.ts';
import type { LineContext } from './style.ts';

const NAMES: Readonly<Record<WindowSource, string>> = {
  system: 'System message',
  tools: 'Tools',
  agents_md: 'AGENTS.md',
  environment: 'Environment',
  memories: 'Memories, skills',
  code: 'Code of the index',
  summary: 'Summary',
  talk: 'Talk',
  outputs: 'Outputs of tools',
  notes: 'Notes',
};

const FREE = 'Free';
const LABEL = Math.max(...Object.values(NAMES).map((name) => name.length));
const MAX_BAR = 40;
/** A narrower bar shows nothing. */
const MIN_BAR = 4;

/** From this share of the window on, what can be done is said. */
const FULL = 0.6;
/** A share that is worth changing something for. */
const MUCH = 0.15;

/** @param isList for a screen reader. */
export function contextReport(use: WindowUse, ctx: LineContext, isList = false): string[] {
  const { size, used } = use;
  const free = Math.max(0, size - used);
  const head = `Context: ${sign(use)}${groupDigits(used)} of ${groupDigits(size)} tokens used, ${percent(free, size)} free (${countedText(use)})`;
  const rows = [
    ...use.parts.map(({ source, tokens }) => ({ name: NAMES[source], tokens, isSure: false })),
    { name: FREE, tokens: free, isSure: sign(use) === '' },
  ];
  return [
    ...prose(head, ctx, { first: '• ', rest: '  ' }),
    ...rows.map((row) => (isList ? listed(row, size) : barred(row, rows, size, ctx))),
    ...advice(use).flatMap((line) => prose(line, ctx, { first: '  ', rest: '  ' })),
  ];
}

interface Row {
  readonly name: string;
  readonly tokens: number;
  readonly isSure: boolean;
}

function listed({ name, tokens, isSure }: Row, size: number): string {
  return `  ${name}: ${isSure ? '' : 'about '}${groupDigits(tokens)}, ${percent(tokens, size)}`;
}

function barred(row: Row, rows: readonly Row[], size: number, { width, style }: LineContext): string {
  const figures = Math.max(...rows.map(({ tokens }) => groupDigits(tokens).length)) + 1;
  const count = `${row.isSure ? '' : '~'}${groupDigits(row.tokens)}`.padStart(figures);
  const line = `  ${row.name.padEnd(LABEL)} ${count} ${percent(row.tokens, size).padStart(4)}`;
  const room = Math.min(MAX_BAR, width - line.length - 2);
  if (room < MIN_BAR || row.tokens === 0) return line;
  const most = Math.max(...rows.map(({ tokens }) => tokens));
  const full = Math.min(room, Math.max(1, Math.round((row.tokens / most) * room)));
  return `${line}  ${row.name === FREE ? style.dim('─'.repeat(full)) : '━'.repeat(full)}`;
}

function percent(tokens: number, size: number): string {
  const share = (tokens / size) * 100;
  return share > 0 && share < 1 ? '<1%' : `${Math.round(share)}%`;
}

/** Exact, if nothing has come since the server counted. */
function sign({ used, counted }: WindowUse): '' | '~' {
  return used === counted ? '' : '~';
}

function countedText({ used, counted }: WindowUse): string {
  if (counted === undefined) return 'estimated';
  return used === counted ? 'counted by the server' : `${groupDigits(counted)} counted by the server`;
}

/** What would make room, the largest source first. */
function advice({ size, used, parts }: WindowUse): string[] {
  if (used < FULL * size) return [];
  const said = parts
    .toSorted((a, b) => b.tokens - a.tokens)
    .flatMap(({ source, tokens }) => (tokens < MUCH * size ? [] : (WAYS[source] ?? [])));
  const ways = new Set([
    ...said,
    'or raise `model_context_window` where the memory of the machine allows it',
  ]);
  return [`To make room: ${[...ways].join('; ')}.`];
}

const COMPACT = '/compact replaces talk and outputs by a summary, /new begins again';

const WAYS: { readonly [source in WindowSource]?: string } = {
  talk: COMPACT,
  outputs: COMPACT,
  tools: 'switch off MCP servers that are not needed (/mcp)',
  agents_md: 'shorten AGENTS.md',
  code: 'lower `index.inject_tokens`',
  memories: 'see /memories for what can be forgotten',
  summary: '/new begins again',
};
