/**
 * What fills the window, by source. The server counts only the whole, so the whole is shared out by the bytes of the parts: one estimate
 * for each, whose sum is right.
 */

import recalledNote from '../../prompts/memory/recalled.md?raw';
import codeNote from '../../prompts/notes/code.md?raw';
import factsNote from '../../prompts/notes/facts.md?raw';
import resourceNote from '../../prompts/notes/resource.md?raw';
import skillNote from '../../prompts/notes/skill.md?raw';
import summaryNote from '../../prompts/notes/summary.md?raw';
import givenNote from '../../prompts/sub-agent/given.md?raw';
import type { HistoryItem } from '../context/history.ts';
import { messagesOf, type PromptHead } from '../context/prompt.ts';
import type { WindowSource, WindowUse } from '../protocol/requests.ts';

const SOURCES: readonly WindowSource[] = [
  ...(['system', 'tools', 'agents_md', 'environment', 'memories'] as const),
  ...(['code', 'summary', 'talk', 'outputs', 'notes'] as const),
];

/** What a note begins with says what it is. */
const NOTES: readonly (readonly [beginning: string, source: WindowSource])[] = [
  [beginningOf(codeNote), 'code'],
  [beginningOf(recalledNote), 'memories'],
  [beginningOf(skillNote), 'memories'],
  [beginningOf(summaryNote), 'summary'],
  [beginningOf(factsNote), 'summary'],
  [beginningOf(givenNote), 'outputs'],
];

/** Of a note of a led model: the files shown at first, and what a step of it gave. */
const LED_CODE = /^(?:Files: |[^\n]{1,500}:\n(`{3,}))/;
const LED_OUTPUT = /^(?:Exit code: |Process running |[^\n]{1,500}:\n1\t)/;

const ENVIRONMENT = ['<environment_context>', '</environment_context>'] as const;
const EARLIER = ['<earlier_sessions>', '</earlier_sessions>'] as const;

interface Whole {
  /** Tokens. */
  readonly size: number;
  readonly used: number;
  readonly counted?: number | undefined;
}

/** @param imageBytes what an image counts as. */
export function windowUse(
  head: PromptHead,
  items: readonly HistoryItem[],
  { size, used, counted }: Whole,
  imageBytes: number,
): WindowUse {
  const bytes = new Map<WindowSource, number>();
  const add = (source: WindowSource, count: number): void => {
    bytes.set(source, (bytes.get(source) ?? 0) + count);
  };
  add('system', bytesOf(head.system));
  add('tools', head.tools.length === 0 ? 0 : bytesOf(JSON.stringify(head.tools)));
  for (const item of items) {
    const images = head.vision && item.type !== 'assistant' ? (item.images?.length ?? 0) : 0;
    const shares = sharesOf(item, head);
    for (const { source, text } of shares) add(source, bytesOf(text));
    add(shares[0]?.source ?? 'talk', images * imageBytes);
  }
  const all = [...bytes.values()].reduce((sum, count) => sum + count, 0);
  return { size, used, ...(counted !== undefined && { counted }), parts: sharedOut(used, bytes, all) };
}

/** Whole numbers whose sum is `used`: what rounding leaves goes to the largest. */
function sharedOut(used: number, bytes: ReadonlyMap<WindowSource, number>, all: number): WindowUse['parts'] {
  const parts = SOURCES.flatMap((source) => {
    const count = bytes.get(source) ?? 0;
    return count === 0 ? [] : [{ source, tokens: Math.round((used * count) / all) }];
  });
  const rest = used - parts.reduce((sum, { tokens }) => sum + tokens, 0);
  const largest = parts.toSorted((a, b) => b.tokens - a.tokens)[0];
  return parts.map((part) => (part === largest ? { ...part, tokens: part.tokens + rest } : part));
}

interface Share {
  readonly source: WindowSource;
  readonly text: string;
}

function sharesOf(item: HistoryItem, head: PromptHead): readonly Share[] {
  if (item.type === 'tool') return [{ source: 'outputs', text: item.content }];
  if (item.type === 'assistant') return [{ source: 'talk', text: JSON.stringify(messagesOf([item], head)) }];
  if (item.kind === 'prompt') return [{ source: 'talk', text: item.content }];
  return item.kind === 'context'
    ? frameShares(item.content)
    : [{ source: noteSource(item.content), text: item.content }];
}

function noteSource(text: string): WindowSource {
  const known = NOTES.find(([beginning]) => text.startsWith(beginning))?.[1];
  if (known !== undefined) return known;
  if (LED_OUTPUT.test(text) || RESOURCE.test(text)) return 'outputs';
  return LED_CODE.test(text) ? 'code' : 'notes';
}

/** AGENTS.md comes first and may contain anything, so the others are looked for from the end. */
function frameShares(text: string): readonly Share[] {
  const [beforeFacts, facts, after] = parted(text, ENVIRONMENT);
  const [doc, memories, between] = parted(beforeFacts, EARLIER);
  const shares: readonly Share[] = [
    { source: 'agents_md', text: `${doc}${between}`.trim() },
    { source: 'memories', text: memories },
    { source: 'environment', text: facts },
    { source: 'notes', text: after.trim() },
  ];
  return shares.filter(({ text: share }) => share !== '');
}

function parted(text: string, [open, close]: readonly [string, string]): readonly [string, string, string] {
  const start = text.lastIndexOf(open);
  const end = text.indexOf(close, Math.max(0, start));
  if (start < 0 || end < 0) return [text, '', ''];
  const stop = end + close.length;
  return [text.slice(0, start), text.slice(start, stop), text.slice(stop)];
}

/** The name comes first. */
const RESOURCE = new RegExp(
  `^\\[[^\\n]{1,500}${escaped(resourceNote.split('{name}')[1]?.split('\n')[0] ?? '')}`,
);

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Up to its first placeholder. */
function beginningOf(template: string): string {
  return template.trim().split('{')[0] ?? '';
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
