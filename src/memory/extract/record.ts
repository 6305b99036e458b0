/**
 * What is kept of a session: the model's lines that hold, after the user's own wishes and corrections, which need no model.
 *
 * Invariants: no line that `Grounding` refuses, no secret, nothing longer than the limits.
 */
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import type { ExtractAnswer } from './answer.ts';
import type { NewRecord } from './claims.ts';
import type { Evidence } from './evidence.ts';
import { Grounding } from './grounding.ts';
import { contentWords, isOnlyAReminder, isQuestion, isStanding, sentences } from './words.ts';

type Texts = Pick<NewRecord, 'slug' | 'summary' | 'raw'>;

export const EMPTY_RECORD: Texts = { slug: '', summary: '', raw: '' };

const MOST_SUMMARY = 1_500;
const MOST_LINES = 12;
const MOST_LINE = 300;
const MOST_WISHES = 6;
const MOST_SLUG = 60;
const MOST_FILES = 10;
const BULLET = /^\s*(?:[-*•#>]+|\d+[.)])\s*/;
/** Of a part of what the model reads (model-input.ts). */
const HEADER = /(?:^|\s)(?:certain|user|assistant|call|output):\s+(?:\(message \d+\)\s*)?/i;
/** As phase 2 reads them. */
const KIND = /^(preference|fact|procedure|failure):\s*/i;
/** Words by which a check is known, and nothing that could be chosen by a stranger. */
const PLAIN_CHECK = /^[a-z]+(?: [a-z]+){0,2}$/;

/** @param clean takes secrets out of a text. */
export function recordOf(answer: ExtractAnswer, evidence: Evidence, clean: (text: string) => string): Texts {
  const grounding = new Grounding(evidence);
  const wishes = wishLines(evidence, clean);
  const raw = [...wishes, ...memoryLines(clean(answer.raw), evidence, grounding)];
  const said = sentences(shown(clean(answer.summary))).filter(
    (one) => grounding.holds(one) && grounding.isOfSession(one),
  );
  const isAnswered = answer.summary.trim() !== '' || answer.raw.trim() !== '';
  if (!isAnswered && wishes.length === 0) return EMPTY_RECORD;
  const summary = summaryText(said, factLines(evidence));
  if (raw.length === 0 && summary === '') return EMPTY_RECORD;
  return {
    slug: slugOf(clean(answer.slug), clean(evidence.said[0] ?? ''), grounding),
    summary: clean(summary),
    raw: distinct(raw.map(clean)).slice(0, MOST_LINES).join('\n'),
  };
}

/** What the user corrected, and what is to hold from now on, newest last, in their own words. */
function wishLines(evidence: Evidence, clean: (text: string) => string): readonly string[] {
  // "No, not that one" says nothing in another session.
  const corrected = evidence.facts.corrections.flatMap(({ text }) =>
    contentWords(text).size > 1 && !isOnlyAReminder(text) && !isQuestion(text) ? [text] : [],
  );
  const standing = evidence.said
    .flatMap(standingSentences)
    .filter((text) => !corrected.some((whole) => whole.includes(text)));
  return distinct([...standing, ...corrected].map(oneLine))
    .slice(-MOST_WISHES)
    .map((text) => cut(`preference: ${clean(text)}`, MOST_LINE));
}

/** What only says that something is to be remembered means the sentence before it. */
function standingSentences(text: string): readonly string[] {
  const all = sentences(text);
  return all.flatMap((sentence, at) => {
    if (!isStanding(sentence)) return [];
    if (!isOnlyAReminder(sentence)) return [sentence];
    return all.slice(0, at).findLast((one) => !isOnlyAReminder(one)) ?? [];
  });
}

/** A small model puts several things on one line, and copies the headers of what it has read. */
function memoryLines(raw: string, evidence: Evidence, grounding: Grounding): readonly string[] {
  // The harness tells these facts where they are wanted: they are of one session.
  const known = blankless(evidence.facts.text(evidence.cwd) ?? '');
  return shown(raw)
    .split('\n')
    .flatMap((line) => oneThingEach(line.replace(BULLET, ''), grounding))
    .filter((line) => !known.includes(blankless(line)))
    .map((line) => cut(oneLine(line), MOST_LINE));
}

function oneThingEach(line: string, grounding: Grounding): readonly string[] {
  const [prefix = '', kind = ''] = KIND.exec(line) ?? [];
  const isWish = /^p/i.test(kind);
  return line
    .slice(prefix.length)
    .split(HEADER)
    .flatMap(sentences)
    .filter((one) => !isQuestion(one) && grounding.holdsAsMemory(one, isWish))
    .map((one) => (kind === '' ? one : `${kind.toLowerCase()}: ${one}`));
}

function factLines(evidence: Evidence): readonly string[] {
  const files = evidence.changedFiles.slice(-MOST_FILES);
  const checks = evidence.facts.checks.filter(
    ({ command }) => PLAIN_CHECK.test(command) || evidence.commands.includes(command),
  );
  return [
    ...(files.length === 0 ? [] : [`Files changed: ${files.join(', ')}.`]),
    ...checks.map(({ command, passed }) => `\`${command}\` ${passed ? 'passed' : 'failed'} last.`),
  ];
}

function summaryText(said: readonly string[], facts: readonly string[]): string {
  const certain = cut(facts.join(' '), MOST_SUMMARY / 2);
  const left = MOST_SUMMARY - certain.length - 1;
  let told = '';
  for (const sentence of said.map(oneLine)) {
    const more = told === '' ? sentence : `${told} ${sentence}`;
    if (more.length > left) break;
    told = more;
  }
  return [told, certain].filter((part) => part !== '').join('\n');
}

/** A name for files: what the model calls it, if that holds, or the user's first words. */
function slugOf(wanted: string, firstWords: string, grounding: Grounding): string {
  const own = slug(wanted);
  return own !== '' && grounding.holdsAsMemory(own.replaceAll('-', ' ')) ? own : slug(firstWords);
}

function slug(text: string): string {
  const words = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
  let name = '';
  for (const word of words.slice(0, 8)) {
    const more = name === '' ? word.slice(0, MOST_SLUG) : `${name}-${word}`;
    if (more.length > MOST_SLUG) break;
    name = more;
  }
  return name;
}

function shown(text: string): string {
  return sanitizeForTerminal(text).replace(/\t/g, ' ');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The first of lines that differ in nothing but their signs. */
function blankless(text: string): string {
  return text.replaceAll(/\s+/g, '');
}

function distinct(lines: readonly string[]): readonly string[] {
  const known = new Set<string>();
  return lines.filter((line) => {
    const key = line
      .replace(KIND, '')
      .toLowerCase()
      .replace(/[\s.!。！]+$/, '');
    return !known.has(key) && known.add(key);
  });
}
