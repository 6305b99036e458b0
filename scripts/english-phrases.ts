/**
 * Phrases that read as translated, and what a native speaker would write.
 *
 * Only what can be told by its words alone is here: "behind" in the sense of "after", or a "room" for a window, takes a
 * reader. Pure.
 */

interface Phrase {
  readonly pattern: RegExp;
  readonly better: string;
}

/** After "is no" these make ordinary English: `is no longer there`, `is no better`. */
const AFTER_NO =
  'longer|more than|matter|doubt|wonder|good|use|better|worse|different|larger|smaller|older|newer|faster|slower|further|point|need|reason|way|such|one|exception|substitute|secret';

const LIST: readonly Phrase[] = [
  { pattern: /\b(?:go|goes|going|gone|went) on with\b/, better: 'resume, continue with' },
  { pattern: /\b(?:go|goes|went) on\b(?! with)/, better: 'continue' },
  { pattern: /\banew\b/, better: 'again, from scratch' },
  {
    pattern: new RegExp(
      String.raw`(?<!\b(?:there|here|where|if) )\b(?:is|are|was|were) no (?!(?:${AFTER_NO})\b)(?=[a-z])`,
    ),
    better: 'is not a, is not',
  },
  { pattern: /\bso many\b/, better: 'that many, or the number' },
  { pattern: /\bshall\b/, better: 'should, will' },
  { pattern: /\balso (?:if|when|where|while)\b/, better: 'even if, even when, even where' },
  { pattern: /\b(?:stands|standing|stood) in\b/, better: 'is in, takes the place of' },
  {
    pattern:
      /\b(?:stand|stands|standing|stood) (?:above|below|behind|before|after|there|alone|beside|around)\b/,
    better: 'is above, comes after, …',
  },
  { pattern: /\bfor ever\b/, better: 'forever' },
  {
    pattern: /\bwho(?:ever)? (?:asks|reads|calls|writes|wants)\b/,
    better: 'the caller, the user, a reader',
  },
  {
    pattern: /\b(?:nothing|something|anything|all|what comes|what stands|put|text) behind\b/,
    better: 'after',
  },
  {
    pattern:
      /\bbehind (?:the|a|its|each) (?:name|message|call|answer|command|word|marker|option|prompt|subcommand)\b/,
    better: 'after',
  },
  { pattern: /\bwhat holds\b/, better: 'what applies' },
  { pattern: /\b(?:is|are|was|were|be|been) told of\b/, better: 'is reported, is informed' },
  { pattern: /\bno (?:more|longer) be had\b|\bto be had\b/, better: 'available' },
];

/** A blank may be the end of a line. */
const PHRASES: readonly Phrase[] = LIST.map(({ pattern, better }) => ({
  pattern: new RegExp(pattern.source.replaceAll(' ', String.raw`\s+`), 'gi'),
  better,
}));

export interface Found {
  /** Characters from the start of the text. */
  readonly at: number;
  readonly phrase: string;
  readonly better: string;
}

/** The phrases in a text, in its order. */
export function findPhrases(text: string): readonly Found[] {
  return PHRASES.flatMap(({ pattern, better }) =>
    [...text.matchAll(pattern)].map((match) => ({ at: match.index, phrase: match[0], better })),
  ).sort((a, b) => a.at - b.at);
}
