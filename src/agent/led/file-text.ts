/**
 * The text of a file in an answer that was asked for it, and whether it can be meant.
 *
 * Invariants: pure, linear, never throws; what comes back ends with a line break and has the line ends and the byte order
 * mark of the text that it replaces. Does not: write.
 */
import { isJson } from '../../model/json-object.ts';
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

/** The word behind the fence that a file of this name would stand in. */
export function languageOf(file: string): string {
  const extension = /\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? '';
  return LANGUAGES[extension] ?? extension;
}

/** The text between the fences of an answer that was asked for in them; without fences the whole answer. */
export function textOfAnswer(answer: string, fence: string, old: string | undefined): string {
  const lines = answer.replace(/\r\n/g, '\n').split('\n');
  const open = lines.findIndex((line) => line.startsWith('```'));
  const marks = open < 0 ? '' : (/^`+/.exec(lines[open] ?? '')?.[0] ?? '');
  const end = closing(lines, open, marks, fence);
  const text = `${withoutBreaks(lines.slice(open + 1, end).join('\n'))}\n`;
  return old === undefined ? text : inFormOf(text, old);
}

/** Without the line breaks at its end. By hand: an expression for it is quadratic in blank lines elsewhere. */
function withoutBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n' || text[end - 1] === '\r') end -= 1;
  return text.slice(0, end);
}

function inFormOf(text: string, old: string): string {
  const count = (end: string): number => old.split(end).length - 1;
  const lines = count('\r\n') * 2 > count('\n') ? text.replaceAll('\n', '\r\n') : text;
  return old.startsWith('\uFEFF') && !text.startsWith('\uFEFF') ? `\uFEFF${lines}` : lines;
}

/** The line that closes the fence: the last one where fences may stand inside, else the first. */
function closing(lines: readonly string[], open: number, marks: string, fence: string): number {
  if (open < 0) return lines.length;
  const isClosing = (line: string): boolean => line.trimEnd() === marks;
  const first = lines.findIndex((line, at) => at > open && isClosing(line));
  const last = lines.findLastIndex((line, at) => at > open && isClosing(line));
  const at = fence === marks && fence.length > 3 ? last : first;
  if (at >= 0) return at;
  // Opened by four marks and closed by three: where fences inside come in pairs, the last one is not of a pair.
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

/** Files that stand whole in fences under their names, as some models give all of their changes. */
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

/** A line that is nothing but a file name, however it is set off. */
function nameIn(line = ''): string | undefined {
  if (line.length > MOST_NAME_LINE) return undefined;
  return /^[\s#*`"'>-]*(?:(?:file|path)(?:name)?\s*:\s*)?[*`"']*([\w@./-]+\.\w+)[\s*`"':]*$/i.exec(line)?.[1];
}

const MOST_HOLE = 160;
const REST =
  /^\(?(?:the )?(?:rest|remaining|other|existing|previous|same|unchanged)\b.{0,60}(?:code|functions?|file|content|lines|unchanged|methods?|here|remain|same).{0,20}$/i;

/** `# ... rest of the code`, `...`, `// other functions`: a line that stands for others. */
function isHole(line: string): boolean {
  if (line.length > MOST_HOLE) return false;
  const plain = line.replace(/\s+/g, ' ');
  const mark = /^(?:#|\/\/|\/\*|--|<!--|;) ?/.exec(plain)?.[0] ?? '';
  const inner = plain.slice(mark.length).replace(/ ?(?:\*\/|-->)$/, '');
  const words = inner.replace(/^(?:\.\.\.|…) ?/, '').replace(/ ?(?:\.\.\.|…)$/, '');
  const hasDots = words !== inner;
  if (words === '') return hasDots;
  // Without any of these it is code: `rest = lines[1:]`.
  return (mark !== '' || hasDots || words.startsWith('(')) && REST.test(words);
}

/** Why a new text cannot be meant as the whole of a file, for the model; undefined: it can. */
export function problemOf(
  text: string,
  old: string | undefined,
  { file, task }: { readonly file: string; readonly task: string },
): string | undefined {
  if (text.trim() === '') return 'the text was empty';
  if (old === undefined) return undefined;
  if (withoutBreaks(text) === withoutBreaks(old)) return 'that is the text that the file had';
  const lines = text.split('\n').map((line) => line.trim());
  const hole = lines.find((line) => isHole(line) && !old.includes(line));
  if (hole !== undefined) return `"${hole}" stands where lines of the file belong`;
  const lost = lostNames(old, text, task);
  if (lost.length > 0) return `${lost.join(', ')} of the file would be lost`;
  if (/\.json$/.test(file) && isJson(old) && !isJson(text)) return 'the text is not valid JSON';
  return undefined;
}

const MOST_LOST = 4;

/** What the old text defines and the new one does not hold, although nobody asked for that. */
function lostNames(old: string, text: string, task: string): string[] {
  if (/\b(?:remove|delete|drop|replace|rewrite|clean)\b/i.test(task)) return [];
  const lost = [...new Set(namesIn(old))].filter((name) => !text.includes(name) && !task.includes(name));
  return lost.slice(0, MOST_LOST);
}

/** A patch that gives a file this whole text, and a line break at its end. */
export function wholeFilePatch(file: string, text: string): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  return [
    '*** Begin Patch',
    `*** Add File: ${file}`,
    // A patch's own lines may end in CRLF, so that one return at the end of each is not part of the text.
    ...lines.map((line) => (line.endsWith('\r') ? `+${line}\r` : `+${line}`)),
    '*** End Patch',
  ].join('\n');
}

/** A patch that moves a file of this text. What moves keeps its mode, so that it is an update of which nothing changes. */
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
