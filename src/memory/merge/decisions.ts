/**
 * What becomes of each line: the model's answer where it can be used, else what the words say.
 *
 * Every answer has a result. A line that the answer leaves out, or says nonsense about, is decided by its words.
 */
import { isObject } from '../../model/json-object.ts';
import { differBothWays, hasSameFacts, isIdentical, tellingWords } from '../alike.ts';
import type { EntryKind } from '../store/schema.ts';
import { ENTRY_KINDS } from './candidates.ts';
import { type AskedLine, type MergeQuestion, mayDrop } from './question.ts';

export interface Decision {
  readonly text: string;
  /** The user has said it, to phase 1's knowledge. */
  readonly isUsers: boolean;
  readonly act: 'drop' | 'new' | 'same' | 'replaces';
  /** The entry; only of `same` and `replaces`. */
  readonly entry: number | undefined;
  readonly topic: string;
  readonly kind: EntryKind;
  readonly weight: 1 | 2 | 3;
  /** The model holds that it applies to all projects. */
  readonly isEverywhere: boolean;
}

const TOPIC_OF: { readonly [kind in EntryKind]: string } = {
  preference: 'ways of working',
  fact: 'structure',
  procedure: 'build and test',
  failure: 'other',
};

/**
 * A small model takes lines that share most of their words for the same, and does not see that a line is known. Numbers and negations
 * make another statement, and so may a word that is exchanged: then the newer line applies, and the older one is kept behind it. The same
 * words make none.
 */
function corrected(decision: Decision, { alike }: AskedLine): Decision {
  if (decision.act === 'drop') return decision;
  const words = tellingWords(decision.text);
  const known = alike.map(({ entry }) => ({ id: entry.id, words: tellingWords(entry.text) }));
  const same = known.find((one) => isIdentical(words, one.words));
  if (same !== undefined && decision.act !== 'same') return { ...decision, act: 'same', entry: same.id };
  const meant = known.find(({ id }) => id === decision.entry);
  const isOther =
    decision.act === 'same' &&
    meant !== undefined &&
    (!hasSameFacts(words, meant.words) || differBothWays(words, meant.words));
  return isOther ? { ...decision, act: 'replaces' } : decision;
}

/** @param answer whatever came; undefined: the model was not asked. */
export function decisionsOf({ lines, topics }: MergeQuestion, answer: unknown): readonly Decision[] {
  const answers = isObject(answer) ? answer : {};
  return lines.map((line) => corrected(decisionOf(line, topics, answers[line.letter]) ?? asNew(line), line));
}

/** Whether a usable decision came for any of the lines. */
export function isUsable({ lines, topics }: MergeQuestion, answer: unknown): boolean {
  return (
    isObject(answer) && lines.some((line) => decisionOf(line, topics, answer[line.letter]) !== undefined)
  );
}

function decisionOf(line: AskedLine, topics: readonly string[], value: unknown): Decision | undefined {
  if (!isObject(value) || typeof value.act !== 'string') return undefined;
  const [, act, number] =
    /^(drop|new|same|replaces)(?: (\d{1,2}))?$/.exec(value.act.trim().toLowerCase()) ?? [];
  if (act === 'drop' && !mayDrop(line.candidate)) return undefined;
  const entry = line.alike.find((one) => one.number === Number(number))?.entry;
  if (act === undefined || ((act === 'same' || act === 'replaces') && entry === undefined)) return undefined;
  const { text, kind: said } = line.candidate;
  const kind = said ?? ENTRY_KINDS.find((one) => one === value.kind) ?? 'fact';
  return {
    text,
    isUsers: line.candidate.kind === 'preference',
    act: act as Decision['act'],
    entry: act === 'same' || act === 'replaces' ? entry?.id : undefined,
    topic: topics.find((one) => one === value.topic) ?? TOPIC_OF[kind],
    kind,
    weight: value.weight === 3 || value.weight === 2 ? value.weight : 1,
    isEverywhere: value.everywhere === true,
  };
}

/** Kept, if nothing else is known of it. */
function asNew({ candidate: { text, kind = 'fact' } }: AskedLine): Decision {
  return {
    text,
    isUsers: kind === 'preference',
    act: 'new',
    entry: undefined,
    topic: TOPIC_OF[kind],
    kind,
    weight: 1,
    isEverywhere: false,
  };
}
