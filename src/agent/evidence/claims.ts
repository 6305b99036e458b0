/**
 * Finds claims in an answer that the evidence contradicts: tests that passed, files that were changed.
 *
 * Pure; when in doubt, the answer is believed. Only a plain statement in English counts: no question, plan, condition,
 * negation or quotation, nothing about the past, no code; a claimed change must name a file.
 */

import { checkOf, mayEdit } from '../../context/seen/checks.ts';
import type { Evidence, RanCommand } from '../../protocol/evidence.ts';
import { isKnownSafe } from '../../safety/commands.ts';
import { checkText, NO_TEST_RUN, NOTHING_CHANGED } from '../../text/evidence-line.ts';
import { statements } from './statements.ts';

/** What was seen in the turn, and in the whole session. Only read if something is claimed. */
export interface Seen {
  readonly turn: Evidence;
  readonly session: Evidence;
}

/** What follows may not be true, or may not be the model's own present claim. */
const UNSURE =
  /\b(?:if|when|whenever|once|until|unless|whether|would|should|could|can|may|might|must|will|shall|cannot|not|no|never|none|without|unable|please|ensure[sd]?|sure|verif(?:y|ies)|confirms?|need(?:s|ed)?|want|try|let|let's|says?|said|states?|stated|claims?|claimed|according|reports?|expect(?:s|ed)?|assum(?:e|es|ing)|suppose[ds]?|hopefully|likely|probably|seems?|appears?|plan|going|next|example|e\.g|you|your|we|were|so that|in order|todo|except|only|some|most|few|but|although|fail(?:s|ed|ing|ures?)?|errors?)\b|n['’]t\b|['’](?:ll|d)\b/i;

/** A sentence about the past, or a question. */
const EARLIER =
  /\?|\b(?:previous(?:ly)?|earlier|already|originally|before|formerly|ago|yesterday|last time|used to)\b/i;

/** Written into the answer, not into a file. */
const IN_ANSWER =
  /\b(?:summar\w+|explanations?|overview|lists?|table|descriptions?|examples?|snippets?|below|following|reviews?|analysis|outline|proposals?|suggest\w*|draft|diff|patch|understanding|nothing)\b/i;

const CLAUSE = String.raw`(?:^|[,;:–—-]\s+(?:and |so |then )?|\band )`;

const WHICH_TESTS =
  '(?:(?:all|both|every|each|the|these|existing|new|updated|unit|integration|regression|of|now|[0-9]+|CODE|FILE|broken|remaining|other) )*';

const PASS =
  '(?:(?:all|now|have|has|are|is) )*(?:pass(?:e[sd]|ing)?|succeed(?:s|ed)?|green)' +
  String.raw`(?=\s*(?:$|[.,;:!)]|✅|🎉|now\b|again\b|successfully\b|and\b|with\b|well\b))`;

/** `all 5 tests pass`, `the failing test now passes`; not `the test passes x to f`. */
const TESTS_PASS = new RegExp(
  `${CLAUSE}${WHICH_TESTS}tests?(?: cases?| suites?)?(?: in FILE| for CODE| for FILE)? ${PASS}`,
  'i',
);

/** `I ran the tests and they all pass` */
const RAN_AND_PASSED =
  /\bI(?:['’]ve| have)? (?:just |also |now |then )?(?:re-?)?ran (?:(?:all|the|unit|full|complete) )*(?:tests?|test suite)\b.{0,40}\b(?:they|it|all|everything|which)\b.{0,20}\bpass(?:ed|es)?\b/i;

const CHANGED =
  '(?:changed|fixed|updated|added|created|renamed|deleted|removed|modified|edited|moved|replaced|written|corrected|refactored|rewritten|implemented)';

/** `I have updated the function in FILE`, `I fixed FILE`, `Successfully created FILE`. */
const I_CHANGED = new RegExp(
  `${CLAUSE}(?:I(?:['’]ve| have)?(?: (?:now|also|just|then|successfully))*|successfully) (?:${CHANGED}|wrote|rewrote)\\b.*?\\bFILE\\b`,
  'i',
);

const HAS_BEEN = `(?:has|have) (?:now )?been (?:now |successfully )?${CHANGED}\\b`;

/** `The file FILE has been created`, `The sign in FILE has been fixed`, `The function CODE has been added to FILE`. */
const WAS_CHANGED = new RegExp(
  `${CLAUSE}(?:the |your |an? )(?:[\\w'-]+ ){0,6}(?:(?:file |in )FILE (?:file )?${HAS_BEEN}|` +
    `${HAS_BEEN} (?:successfully )?(?:to|in|into) (?:the )?(?:file )?FILE\\b)`,
  'i',
);

/** No claim without one of these words. Checking for them is free, compiling the expressions takes 10 ms. */
const PASS_WORDS = ['pass', 'succeed', 'green'];
const CHANGE_WORDS = [
  ...[
    'changed',
    'fixed',
    'updated',
    'added',
    'created',
    'renamed',
    'deleted',
    'removed',
    'modified',
    'edited',
  ],
  ...['moved', 'replaced', 'written', 'wrote', 'corrected', 'refactored', 'implemented'],
];

/** @returns what was seen instead, in a few words; undefined: no claim is contradicted. */
export function deniedClaim(answer: string, seen: Seen): string | undefined {
  const words = answer.toLowerCase();
  const has = (some: readonly string[]): boolean => some.some((word) => words.includes(word));
  const { turn } = seen;
  const noPass = has(PASS_WORDS) && words.includes('test') ? testDenial(seen) : undefined;
  const mayClaimChange = turn.files.length === 0 && has(CHANGE_WORDS);
  if (noPass === undefined && !mayClaimChange) return undefined;
  const said = statements(answer);
  if (noPass !== undefined && said.some(({ text }) => isPassClaim(text))) return noPass;
  if (!mayClaimChange) return undefined;
  return changeDenial(
    said.filter(({ text }) => isChangeClaim(text)).flatMap(({ files }) => files),
    seen,
  );
}

function isPassClaim(text: string): boolean {
  const plain = text
    .replace(
      /\b(?:without|no|0|zero)(?: any| further)? (?:errors?|fail(?:ed|ures?)|issues?|problems?)\b/gi,
      'well',
    )
    .replace(/\b(?:previously |once )?failing (?=tests?\b)/gi, '');
  if (UNSURE.test(plain) || EARLIER.test(plain)) return false;
  return TESTS_PASS.test(plain) || RAN_AND_PASSED.test(plain);
}

function isChangeClaim(text: string): boolean {
  if (EARLIER.test(text)) return false;
  const found = I_CHANGED.exec(text) ?? WAS_CHANGED.exec(text);
  if (found === null) return false;
  const claim = text.slice(0, found.index + found[0].length);
  return !UNSURE.test(claim) && !IN_ANSWER.test(text);
}

/** The last run counts. If the result of a test is unknown, or a server may have run one, the answer is believed. */
function testDenial({ turn, session }: Seen): string | undefined {
  const last = turn.commands.findLast(isTest);
  if (last !== undefined) {
    const check = turn.checks.find(({ command }) => command === last.command);
    return check === undefined || check.passed ? undefined : checkText(check);
  }
  if (turn.mcpCalls !== undefined) return undefined;
  const isOfBefore = turn.files.length === 0 && session.commands.some(isTest);
  return isOfBefore ? undefined : NO_TEST_RUN;
}

const WRITES = /(?:^|&& *)(?:sed|mv|cp|rm|touch|mkdir|echo|printf|git|tee|pip|npm (?:i|install)) /;

/** Including what may be a test under a name of its own. */
function isTest({ command, tests }: RanCommand): boolean {
  if (tests !== undefined) return true;
  const check = checkOf(command);
  if (check !== undefined) return check.kind === 'test';
  return /test|spec|check|verif|assert/i.test(command) && !WRITES.test(command) && !isKnownSafe(command);
}

function changeDenial(claimed: readonly string[], { session }: Seen): string | undefined {
  if (claimed.length === 0 || session.mcpCalls !== undefined) return undefined;
  if (session.commands.some(mayEdit)) return undefined;
  const known = new Set(session.files.map(({ path }) => baseName(path)));
  return claimed.some((file) => known.has(baseName(file))) ? undefined : NOTHING_CHANGED;
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
