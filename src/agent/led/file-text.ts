/**
 * Extracts a file's text from the answer that was asked for it, and checks whether it is plausible.
 *
 * Pure, linear, never throws. The text ends with a line break, and has the line endings and the byte order mark of the
 * text that it replaces.
 */
import { isJson } from '../../model/json-object.ts';
import { findHole } from '../../text/hole.ts';
import { isMostlyCrlf } from '../../tools/apply-patch/edited-text.ts';
import { namesIn } from './parts/definitions.ts';

const LANGUAGES: { readonly [extension: string]: string } = {
  py: 'python',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  ts: 'typescript',
  md: 'markdown',
  sh: 'bash',
  rs: 'rust',
  rb: 'ruby',
  yml: 'yaml',
};

/** The language after the opening fence of a file with this name. */
export function languageOf(file: string): string {
  const extension = /\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? '';
  return LANGUAGES[extension] ?? extension;
}

/** The text between the fences of an answer; without fences, the whole answer. */
export function textOfAnswer(answer: string, fence: string, old: string | undefined): string {
  const lines = answer.replace(/\r\n/g, '\n').split('\n');
  const open = lines.findIndex((line) => line.startsWith('```'));
  const marks = open < 0 ? '' : (/^`+/.exec(lines[open] ?? '')?.[0] ?? '');
  const end = closing(lines, open, marks, fence);
  const text = `${withoutBreaks(lines.slice(open + 1, end).join('\n'))}\n`;
  return old !== undefined && isMostlyCrlf(old) ? text.replaceAll('\n', '\r\n') : text;
}

/** Without the line breaks at its end. By hand: a regular expression is quadratic in blank lines elsewhere. */
function withoutBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n' || text[end - 1] === '\r') end -= 1;
  return text.slice(0, end);
}

/** The line that closes the fence: the last one if there may be fences inside, otherwise the first. */
function closing(lines: readonly string[], open: number, marks: string, fence: string): number {
  if (open < 0) return lines.length;
  const isClosing = (line: string): boolean => line.trimEnd() === marks;
  const first = lines.findIndex((line, at) => at > open && isClosing(line));
  const last = lines.findLastIndex((line, at) => at > open && isClosing(line));
  const at = fence === marks && fence.length > 3 ? last : first;
  if (at >= 0) return at;
  // Opened by four marks and closed by three: fences inside come in pairs, so with an odd number the last one closes.
  const short = lines.flatMap((line, index) => (index > open && line.startsWith('```') ? [index] : []));
  const end = short.at(-1);
  return short.length % 2 === 1 &&
    end !== undefined &&
    lines
      .slice(end + 1)
      .join('')
      .trim() === ''
    ? end
    : lines.length;
}

/** Whole files in fences, each below its name, as some models give all of their changes. */
export function filesInAnswer(
  answer: string,
  isFile: (name: string) => boolean,
): { readonly file: string; readonly text: string }[] {
  const lines = answer.replace(/\r\n/g, '\n').split('\n');
  const found: { file: string; text: string }[] = [];
  let before: string | undefined;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const marks = /^(`{3,})[\w+-]*\s*$/.exec(line)?.[1];
    if (marks === undefined) {
      if (line.trim() !== '') before = line;
      continue;
    }
    let end = at + 1;
    while (end < lines.length && lines[end]?.trimEnd() !== marks) end += 1;
    if (end === lines.length) break;
    const name = nameIn(before);
    if (name !== undefined && isFile(name))
      found.push({ file: name, text: `${lines.slice(at + 1, end).join('\n')}\n` });
    before = undefined;
    at = end;
  }
  return found;
}

const MOST_NAME_LINE = 200;

/** A line that is only a file name, with any markup around it. */
function nameIn(line = ''): string | undefined {
  if (line.length > MOST_NAME_LINE) return undefined;
  return /^[\s#*`"'>-]*(?:(?:file|path)(?:name)?\s*:\s*)?[*`"']*([\w@./-]+\.\w+)[\s*`"':]*$/i.exec(line)?.[1];
}

/** Why a new text cannot be the whole file, in words for the model; undefined: it can. */
export function problemOf(
  text: string,
  old: string | undefined,
  { file, task }: { readonly file: string; readonly task: string },
): string | undefined {
  if (text.trim() === '') return 'the text was empty';
  if (old === undefined) return undefined;
  if (withoutBreaks(text) === withoutBreaks(old)) return 'that is the text that the file already has';
  const hole = findHole(text.split('\n'), old);
  if (hole !== undefined) return `"${hole}" takes the place of lines of the file`;
  const lost = lostNames(old, text, task);
  if (lost.length > 0) return `${lost.join(', ')} of the file would be lost`;
  if (/\.json$/.test(file) && isJson(old) && !isJson(text)) return 'the text is not valid JSON';
  return undefined;
}

const MOST_LOST = 4;

/** Names that the old text defines and the new one lacks, although nobody asked for that. */
function lostNames(old: string, text: string, task: string): string[] {
  if (/\b(?:remove|delete|drop|replace|rewrite|clean)\b/i.test(task)) return [];
  const lost = [...new Set(namesIn(old))].filter((name) => !text.includes(name) && !task.includes(name));
  return lost.slice(0, MOST_LOST);
}

/** A patch that replaces a file by this text, with a line break at its end. */
export function wholeFilePatch(file: string, text: string): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  return [
    '*** Begin Patch',
    `*** Add File: ${file}`,
    // A patch's own lines may end in CRLF, so one carriage return at the end of each is not part of the text.
    ...lines.map((line) => (line.endsWith('\r') ? `+${line}\r` : `+${line}`)),
    '*** End Patch',
  ].join('\n');
}

/** A patch that moves a file with this text. It is an update that changes nothing, so that the file keeps its mode. */
export function movePatch(file: string, to: string, text: string): string {
  if (text === '') return wholeFilePatch(to, text).replace(/(?=\*\*\* End)/, `*** Delete File: ${file}\n`);
  const [first = ''] = text.split('\n', 1);
  return [
    '*** Begin Patch',
    `*** Update File: ${file}`,
    `*** Move to: ${to}`,
    '@@',
    ` ${first}`,
    '*** End Patch',
  ].join('\n');
}
