/**
 * Asks for the text of a file and writes it.
 *
 * The model is asked for plain text, not JSON and not a patch. A text that is not plausible is neither written nor kept
 * in the history, because a model that sees it writes it again.
 */
import { closedObject } from '../../model/constrained.ts';
import { ModelError } from '../../model/errors.ts';
import { isObject } from '../../model/json-object.ts';
import { parseTolerant } from '../../model/repair/tolerant-json.ts';
import type { JsonObject } from '../../protocol.ts';
import { languageOf, problemOf, textOfAnswer } from './file-text.ts';
import { ledTexts } from './led-texts.ts';
import { mergeParts } from './merge.ts';
import { fenced, OUTLINE_BYTES, WHOLE_BYTES } from './opening.ts';
import { relevantParts } from './parts/relevance.ts';
import { partText, replacePart, rowsOf } from './parts/replace.ts';
import { outline, type Part, partsOf } from './parts.ts';
import { type PerformDeps, writeWhole } from './perform.ts';
import { readText } from './workspace.ts';

/** Bytes of the parts that the task is about. */
const RELEVANT_BYTES = 12_000;
const MOST_OFFERED = 8;
const LEAST_BYTES = 300;
const LEAST_PARTS = 3;
const KEYWORDS = new Set([
  'def',
  'class',
  'function',
  'async',
  'export',
  'default',
  'const',
  'let',
  'var',
  'static',
  'self',
  'return',
  'func',
  'interface',
  'type',
  'enum',
  'struct',
  'public',
  'private',
  'import',
  'from',
  'the',
  'and',
  'for',
  'with',
]);

/** A part of a file, and whether it is replaced or something is added after it. */
interface Place {
  readonly part: Part;
  readonly place: 'here' | 'after';
}

interface WrittenAnswer {
  readonly content: string;
  /** It was cut off: an incomplete text must not be written. */
  readonly isCut: boolean;
}

const CUT = 'the text was cut off before its end';

export interface WriteDeps extends PerformDeps {
  /** Records a note for the model. */
  readonly note: (text: string) => void;
  /** Asks for an answer that begins with `prefill`. The user is shown `shownAs`. */
  readonly ask: (prefill: string, shownAs: string) => Promise<WrittenAnswer>;
  /** Asks for an answer within a schema. */
  readonly choose: (format: JsonObject, shownAs: string) => Promise<string>;
  readonly recordAnswer: (text: string) => void;
  /** The model has said something since the task. */
  readonly isTaskFar: boolean;
}

/** @returns the report for the model. */
export async function writeFile(file: string, deps: WriteDeps): Promise<string> {
  const old = await readText(deps.cwd, file);
  if (old !== undefined && isForParts(old, file, deps)) return writePart(file, old, deps);
  const what = old === undefined ? 'text' : newText(deps);
  const fence = fenceOf(file, old);
  deps.note(`${broughtIntoView(file, old, deps)}${repeatedTask(deps)}${ledTexts.write(file, what, fence)}`);
  const { content: answer, isCut } = await deps.ask(`${fence}${languageOf(file)}\n`, `writing ${file}`);
  const text = textOfAnswer(answer, fence, old);
  const about = { file, task: deps.task.text };
  const problem = isCut ? CUT : problemOf(text, old, about);
  const merged =
    problem === undefined || isCut || old === undefined ? undefined : mergeParts(old, text, file);
  const isMerged = merged !== undefined && problemOf(merged, old, about) === undefined;
  return keep(
    file,
    answer,
    isMerged ? { old, text: merged, problem: undefined } : { old, text, problem },
    deps,
  );
}

/** Writes a whole text that the model gave unasked. @returns the report for the model. */
export async function writeGiven(file: string, text: string, deps: WriteDeps): Promise<string> {
  const old = await readText(deps.cwd, file);
  const problem = problemOf(text, old, { file, task: deps.task.text });
  return problem === undefined ? writeWhole(file, old, text, deps) : `${file}: nothing changed: ${problem}.`;
}

/** A long file, or one with several parts of which the task names exactly one. */
function isForParts(old: string, file: string, { task }: WriteDeps): boolean {
  if (Buffer.byteLength(old) > WHOLE_BYTES) return true;
  if (task.adds || Buffer.byteLength(old) < LEAST_BYTES) return false;
  const parts = partsOf(old, file);
  return parts.length >= LEAST_PARTS && parts.filter(({ label }) => isNamedIn(label, task.text)).length === 1;
}

/** Asks for one part of a file. */
async function writePart(file: string, old: string, deps: WriteDeps): Promise<string> {
  const { part, place } = await choosePlace(file, old, deps);
  const fence = fenceOf(file, old);
  const before = partText(old, part);
  const wanted =
    place === 'here'
      ? ledTexts.writePart(file, fenced(before), newText(deps), fence)
      : ledTexts.writeAfter(file, part.label, fence);
  deps.note(`${repeatedTask(deps)}${wanted}`);
  const { content: answer, isCut } = await deps.ask(`${fence}${languageOf(file)}\n`, `writing ${file}`);
  const written = textOfAnswer(answer, fence, old);
  const problem = isCut
    ? CUT
    : place === 'here'
      ? problemOf(written, before.replace(/\n*$/, '\n'), { file: '', task: deps.task.text })
      : problemOf(written, undefined, { file, task: deps.task.text });
  const text = place === 'here' ? replacePart(old, part, written) : insertAfter(old, part, written);
  return keep(file, answer, { old, text, problem }, deps);
}

async function choosePlace(file: string, old: string, deps: WriteDeps): Promise<Place> {
  const parts = partsOf(old, file).filter(({ label }) => !/^(?:end of |line \d+: )/.test(label));
  const related = relevantParts(parts, old, deps.task.text, RELEVANT_BYTES);
  const meant = related.filter(({ label }) => isNamedIn(label, deps.task.text));
  const relevant = meant.length > 0 ? meant : related;
  const [only, ...others] = relevant;
  if (only !== undefined && others.length === 0 && !deps.task.adds) return { part: only, place: 'here' };
  const offered = relevant.length > 1 ? relevant.slice(0, MOST_OFFERED) : parts;
  const places: Place['place'][] = deps.task.adds ? ['after', 'here'] : ['here'];
  deps.note(ledTexts.part(file, outline(offered, OUTLINE_BYTES)));
  const schema = closedObject({
    part: { enum: offered.map(({ label }) => label) },
    place: { enum: places },
  });
  const answer = await deps.choose(schema, `choosing a place in ${file}`);
  const chosen = parseTolerant(answer)?.value;
  const part = isObject(chosen) ? offered.find(({ label }) => label === chosen.part) : undefined;
  const place = isObject(chosen) && chosen.place === 'after' ? 'after' : 'here';
  const found = part ?? offered[0];
  if (found === undefined) throw new ModelError(`${file} has no part that can be changed`, 'fail');
  deps.recordAnswer(JSON.stringify({ part: found.label, place }));
  return { part: found, place };
}

/** The task contains a name from the label. */
function isNamedIn(label: string, task: string): boolean {
  const names = (label.match(/[A-Za-z_$][\w$-]{2,}/g) ?? []).filter((name) => !KEYWORDS.has(name));
  return names.some((name) => new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`).test(task));
}

/** Inserts a text after the part, with the blank lines that separate parts. */
function insertAfter(old: string, part: Part, text: string): string {
  const rows = rowsOf(old);
  const end = old.includes('\r\n') ? '\r\n' : '\n';
  const head = rows.slice(0, part.end).join('').replace(/\s*$/, '');
  const tail = rows.slice(part.end).join('');
  const gap = end.repeat(/^(?:async )?(?:def|class) /.test(part.label) ? 3 : 2);
  const body = text.replace(/\s*$/, '');
  return `${head}${gap}${body}${end}${tail.trim() === '' ? '' : `${gap.slice(end.length)}${tail.replace(/^\s*\n/, '')}`}`;
}

async function keep(
  file: string,
  answer: string,
  { old, text, problem }: { old: string | undefined; text: string; problem: string | undefined },
  deps: WriteDeps,
): Promise<string> {
  if (problem !== undefined) {
    deps.progress.noteVain(file);
    return `Nothing changed: ${problem}.`;
  }
  deps.recordAnswer(answer);
  return writeWhole(file, old, text, deps);
}

function newText({ task }: WriteDeps): string {
  return task.isFix ? 'corrected text' : 'new text';
}

function repeatedTask({ isTaskFar, task }: WriteDeps): string {
  return isTaskFar ? ledTexts.task(task.text) : '';
}

/** A file that the model has not seen, or no longer has in view, is shown before it is rewritten. */
function broughtIntoView(file: string, old: string | undefined, { progress }: WriteDeps): string {
  if (old === undefined || progress.inView.has(file)) return '';
  progress.inView.add(file);
  return `${file}:\n${fenced(old)}\n`;
}

/** Markdown, and any text with fences of its own, needs a longer one. */
function fenceOf(file: string, old = ''): string {
  return languageOf(file) === 'markdown' || /^```/m.test(old) ? '````' : '```';
}
