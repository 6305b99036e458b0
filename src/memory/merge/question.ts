/** One question about one record: its lines, beside the entries that are most alike. */
import mergeText from '../../../prompts/memory/merge.md?raw';
import systemText from '../../../prompts/memory/merge-system.md?raw';
import { closedObject } from '../../model/constrained.ts';
import type { JsonObject } from '../../protocol.ts';
import { estimateTokens } from '../../repo-index/search/pack.ts';
import { likeness, rarityIn, tellingWords, type Words } from '../alike.ts';
import { isStanding } from '../extract/words.ts';
import type { MemoryQuestion } from '../model.ts';
import { oneLine } from '../render/text.ts';
import type { EntryRow } from '../store/schema.ts';
import { type Candidate, ENTRY_KINDS } from './candidates.ts';

export interface AskedLine {
  readonly letter: string;
  readonly candidate: Candidate;
  /** What it may be the same as, or contradict; most alike first. */
  readonly alike: readonly NumberedEntry[];
}

interface NumberedEntry {
  readonly number: number;
  readonly entry: EntryRow;
}

export interface MergeQuestion {
  readonly lines: readonly AskedLine[];
  readonly topics: readonly string[];
}

const MOST_ENTRIES = 12;
const ALIKE_OF_LINE = 3;
const LEAST_LIKENESS = 0.2;
const MOST_TOPICS = 24;

/** Offered from the start; others come from lines that were taken over. */
const TOPICS = [
  'build and test',
  'code style',
  'structure',
  'dependencies',
  'environment',
  'git',
  'ways of working',
  'other',
];

/** An answer about one line, as JSON that is indented. */
const TOKENS_OF_LINE = 90;
const TOKENS_OF_FRAME = 40;

/** @param pool the entries that a line of the record may be the same as. */
export function mergeQuestion(
  candidates: readonly Candidate[],
  pool: readonly EntryRow[],
  topics: readonly string[],
): MergeQuestion {
  const words = pool.map(({ text }) => tellingWords(text));
  const rarity = rarityIn(words);
  const nearest = candidates.map((candidate) => nearestTo(tellingWords(candidate.text), pool, words, rarity));
  const chosen = chooseEntries(nearest);
  const lines = candidates.map((candidate, at) => {
    const alike = (nearest[at] ?? []).flatMap(({ entry }) => {
      const number = chosen.indexOf(entry) + 1;
      return number === 0 ? [] : [{ number, entry }];
    });
    return { letter: String.fromCharCode(65 + at), candidate, alike };
  });
  return { lines, topics: [...new Set([...TOPICS, ...topics])].slice(0, MOST_TOPICS) };
}

interface Near {
  readonly entry: EntryRow;
  readonly score: number;
}

function nearestTo(
  line: Words,
  pool: readonly EntryRow[],
  words: readonly Words[],
  rarity: (token: string) => number,
): readonly Near[] {
  return pool
    .map((entry, at) => ({ entry, score: likeness(line, words[at] ?? tellingWords(entry.text), rarity) }))
    .filter(({ score }) => score >= LEAST_LIKENESS)
    .sort((a, b) => b.score - a.score || a.entry.id - b.entry.id)
    .slice(0, ALIKE_OF_LINE);
}

/** The most alike of all lines, in the order of the handbook. */
function chooseEntries(nearest: readonly (readonly Near[])[]): readonly EntryRow[] {
  const best = new Map<EntryRow, number>();
  for (const { entry, score } of nearest.flat()) best.set(entry, Math.max(score, best.get(entry) ?? 0));
  return [...best]
    .sort(([a, one], [b, other]) => other - one || a.id - b.id)
    .slice(0, MOST_ENTRIES)
    .map(([entry]) => entry)
    .sort((a, b) => a.id - b.id);
}

/** As it is asked. The schema offers each line only what it may be. */
export function asked({ lines, topics }: MergeQuestion): MemoryQuestion {
  const known = new Map(
    lines.flatMap(({ alike }) => alike.map(({ number, entry }) => [number, entry.text] as const)),
  );
  const knownLines = [...known]
    .sort(([a], [b]) => a - b)
    .map(([number, text]) => `${number}. ${oneLine(text)}`);
  const newLines = lines.map(({ letter, candidate }) => `${letter}. ${candidate.text}`);
  const parts = [
    ...(knownLines.length === 0 ? [] : [`Known lines:\n${knownLines.join('\n')}`]),
    `New lines:\n${newLines.join('\n')}`,
    mergeText.trim(),
  ];
  return {
    system: systemText.trim(),
    text: parts.join('\n\n'),
    schema: schemaOf(lines, topics),
    maxTokens: TOKENS_OF_FRAME + TOKENS_OF_LINE * lines.length,
  };
}

function schemaOf(lines: readonly AskedLine[], topics: readonly string[]): JsonObject {
  const properties = Object.fromEntries(
    lines.map(({ letter, candidate, alike }) => {
      const numbered = alike.flatMap(({ number }) => [`same ${number}`, `replaces ${number}`]);
      const of = {
        act: { type: 'string', enum: ['new', ...numbered, ...(mayDrop(candidate) ? ['drop'] : [])] },
        everywhere: { type: 'boolean' },
        kind: { type: 'string', enum: [...ENTRY_KINDS] },
        topic: { type: 'string', enum: [...topics] },
        weight: { type: 'integer', enum: [1, 2, 3] },
      };
      return [letter, closedObject(of)];
    }),
  );
  return closedObject(properties);
}

/** What the user said is to hold from now on is kept, whatever a small model thinks of it. */
export function mayDrop({ text, kind }: Candidate): boolean {
  return !(kind === 'preference' && isStanding(text));
}

/** The question with as many lines as fit the window; the words alone decide about the others. */
export function fitting(question: MergeQuestion, numCtx: number): MergeQuestion {
  for (let { lines } = question; ; lines = lines.slice(0, -1)) {
    const fewer = { ...question, lines };
    if (lines.length === 0 || tokensOf(asked(fewer)) <= numCtx) return fewer;
  }
}

function tokensOf({ system, text, maxTokens }: MemoryQuestion): number {
  return estimateTokens(system) + estimateTokens(text) + maxTokens + TOKENS_OF_FRAME;
}
