/**
 * Whether an answer is a plan: it has steps in words, one under the other. A call written as text, code, a whole file, a question with its
 * answers, or an announcement is none.
 *
 * Pure. By its form only, which is the same in every language: plan mode asks for numbered steps.
 */
import { endsWithQuestion, withoutCode, withoutOptions } from './asks.ts';

/** `1.`, `2)`, `**3.**`, `4、`, `Step 5:`, `第六步`. A line of a file that was read begins with `7:`. */
const MARKS = [
  String.raw`\d{1,3}[*_]{0,2}[.)][*_]{0,2}\s+`,
  String.raw`[\d一二三四五六七八九十]{1,3}\s?[、．]\s*`,
  String.raw`\p{L}{1,12}\s?\d{1,2}[*_]{0,2}\s?[.:：)–-][*_]{0,2}\s+`,
  String.raw`第[\d一二三四五六七八九十]{1,3}步[*_]{0,2}[：:、，]?\s*`,
];
const NUMBERED = new RegExp(String.raw`^[\s>#*_]{0,12}(?:${MARKS.join('|')})(?=["'“(*_\x60]{0,2}\p{L})`, 'u');
/** More than a name; Chinese and Japanese have no spaces. */
const WORDS = /\p{L}\S*\s+\S*\p{L}|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{2}/u;
const WORD = /^[*_]{0,2}\p{L}[\p{L}-]*[*_:.]{0,3}$/u;
const CODE = /^(?:def|class|function)\s+\w+\s*[(:{]|^(?:const|let|var)\s+\w+\s*=|[;{]$/;
const STEP_HEADING = /^\s{0,3}#{1,6}\s+[*_]{0,2}\p{L}{1,12}\s\d{1,2}\b/u;
const BULLET = /^\s{0,8}[-*•+–]\s+["'“(*_`[\]x ]{0,6}\p{L}/u;
const TEXT_LABEL = /^(?:markdown|md|text|plan|)$/;
/** Of bullets, and of steps of one word, which are in other texts as well. */
const LEAST = 2;
const MOST_CHARACTERS = 40_000;

export function isPlan(answer: string): boolean {
  // A plan may be put into a fence as a whole.
  const isText = (label: string, inner: string): boolean => TEXT_LABEL.test(label) && hasNumbered(inner);
  const text = withoutCode(answer.slice(0, MOST_CHARACTERS), isText);
  return hasSteps(endsWithQuestion(text) ? text : optionless(text));
}

/** Without the answers to a question. */
function optionless(text: string): string {
  const rest = withoutOptions(text);
  return endsWithQuestion(rest) ? rest : text;
}

function hasSteps(text: string): boolean {
  return hasNumbered(text) || linesOf(text).filter((line) => BULLET.test(line)).length >= LEAST;
}

function hasNumbered(text: string): boolean {
  const lines = linesOf(text);
  const steps = lines.filter((line) => NUMBERED.test(line)).map((line) => line.replace(NUMBERED, '').trim());
  const isStep = (step: string): boolean => WORDS.test(step) && !CODE.test(step);
  return (
    steps.some(isStep) ||
    steps.filter((step) => WORD.test(step)).length >= LEAST ||
    lines.some((line) => STEP_HEADING.test(line))
  );
}

const linesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => !endsWithQuestion(line.trimEnd()));
