/**
 * Whether an answer claims what did not happen: tests that passed, files that were changed.
 *
 * Invariants: pure; in doubt an answer is believed. Only a plain statement in English counts: no question, plan,
 * condition, negation or quotation, nothing about earlier, no code; a file must be named where a change is claimed.
 * Does not: look at the disk, or speak to the model (turn.ts).
 */
import type { CheckResult, Evidence } from '../protocol/turn-end.ts';
import { checkText, NO_TEST_RUN, NOTHING_CHANGED } from '../text/evidence-line.ts';
import { cannotEdit, checkOf } from './checks.ts';
import { statements } from './statements.ts';

/** What was seen of the turn, and of the session with it. Read only where something is claimed. */
export interface Seen {
  readonly turn: Evidence;
  readonly session: Evidence;
}

/** What follows may not be so, or not be the model's own words of now. */
const UNSURE =
  /\b(?:if|when|whenever|once|until|unless|whether|would|should|could|can|may|might|must|will|shall|cannot|not|no|never|none|without|unable|please|ensure[sd]?|sure|verif(?:y|ies)|confirms?|need(?:s|ed)?|want|try|let|let's|says?|said|states?|stated|claims?|claimed|according|reports?|expect(?:s|ed)?|assum(?:e|es|ing)|suppose[ds]?|hopefully|likely|probably|seems?|appears?|plan|going|next|example|e\.g|you|your|we|were|so that|in order|todo|except|only|some|most|few|but|although|fail(?:s|ed|ing|ures?)?|errors?)\b|n['’]t\b|['’](?:ll|d)\b/i;

/** What is said is about earlier, or is a question. */
const EARLIER =
  /\?|\b(?:previous(?:ly)?|earlier|already|originally|before|formerly|ago|yesterday|last time|used to)\b/i;

/** It was written into the answer, not into a file. */
const IN_ANSWER =
  /\b(?:summar\w+|explanations?|overview|lists?|table|descriptions?|examples?|snippets?|below|following|reviews?|analysis|outline|proposals?|suggest\w*|draft|diff|patch|understanding|nothing)\b/i;

const CLAUSE = String.raw`(?:^|[,;:–—-]\s+(?:and |so |then )?|\band )`;

const WHICH_TESTS =
  '(?:(?:all|both|every|each|the|these|existing|new|updated|unit|integration|regression|of|now|[0-9]+|CODE|FILE|broken|remaining|other) )*';

const PASS =
  '(?:(?:all|now|have|has|are|is) )*(?:pass(?:e[sd]|ing)?|succeed(?:s|ed)?|green)' +
  String.raw`(?=\s*(?:$|[.,;:!)✅🎉]|now\b|again\b|successfully\b|and\b|with\b|well\b))`;

/** `all 5 tests pass`, `the failing test now passes`; not `the test passes x to f`. */
const TESTS_PASS = new RegExp(
  `${CLAUSE}${WHICH_TESTS}tests?(?: cases?| suites?)?(?: in FILE| for CODE| for FILE)? ${PASS}`,
  'iu',
);

/** `I ran the tests and they all pass` */
const RAN_AND_PASSED =
  /\bI(?:['’]ve| have)? (?:just |also |now |then )?(?:re-?)?ran (?:(?:all|the|unit|full|complete) )*(?:tests?|test suite)\b.{0,40}\b(?:they|it|all|everything|which)\b.{0,20}\bpass(?:ed|es)?\b/iu;

const CHANGED =
  '(?:changed|fixed|updated|added|created|renamed|deleted|removed|modified|edited|moved|replaced|written|corrected|refactored|rewritten|implemented)';

/** `I have updated the function in FILE`, `I fixed FILE`, `Successfully created FILE`. */
const I_CHANGED = new RegExp(
  `${CLAUSE}(?:I(?:['’]ve| have)?(?: (?:now|also|just|then|successfully))*|successfully) (?:${CHANGED}|wrote|rewrote)\\b.*?\\bFILE\\b`,
  'iu',
);

/** `The file FILE has been created`, `The sign in FILE has been fixed`. */
const WAS_CHANGED = new RegExp(
  `${CLAUSE}(?:the |your )(?:[\\w'-]+ ){0,6}(?:file |in )FILE (?:file )?(?:has|have) (?:now )?been (?:now |successfully )?${CHANGED}\\b`,
  'iu',
);

/** @returns what was seen instead, in a few words; undefined: nothing in the answer is denied. */
export function deniedClaim(answer: string, seen: Seen): string | undefined {
  const said = statements(answer);
  const claimsPass = said.some(({ text }) => isPassClaim(text));
  const changed = said.filter(({ text }) => isChangeClaim(text)).flatMap(({ files }) => files);
  if (!claimsPass && changed.length === 0) return undefined;
  return (claimsPass ? testDenial(seen) : undefined) ?? changeDenial(changed, seen);
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

function testDenial({ turn, session }: Seen): string | undefined {
  const last = lastTest(turn);
  if (last !== undefined) return last.passed ? undefined : checkText(last);
  if (turn.commands.some(({ command }) => mayBeTest(command))) return undefined;
  const isOfBefore = turn.files.length === 0 && session.commands.some(({ command }) => mayBeTest(command));
  return isOfBefore ? undefined : NO_TEST_RUN;
}

/** A check that oagent does not know by its name counts too: the user has named it. */
function lastTest({ checks }: Evidence): CheckResult | undefined {
  return checks.findLast(({ command }) => (checkOf(command)?.kind ?? 'test') === 'test');
}

/** It tests something under a name of its own, or its result is not known. */
function mayBeTest(command: string): boolean {
  return /test|spec|check|verif|assert/i.test(command) || checkOf(command) !== undefined;
}

function changeDenial(claimed: readonly string[], { turn, session }: Seen): string | undefined {
  if (claimed.length === 0 || turn.files.length > 0) return undefined;
  if (session.commands.some(({ command }) => !cannotEdit(command))) return undefined;
  const known = new Set(session.files.map(({ path }) => baseName(path)));
  return claimed.some((file) => known.has(baseName(file))) ? undefined : NOTHING_CHANGED;
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
