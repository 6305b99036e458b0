/**
 * What a small model could take from a text that it reads and give back as its own work, and whether it did.
 *
 * Owns: what counts as an example, and what a recorded answer said. Invariant: pure but for reading prompts/.
 * Does not: know what is allowed (test/house/prompt-examples.test.ts).
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type RecordedAnswer, rawOf } from './recorded-answers.ts';

const PROMPTS = path.resolve(import.meta.dirname, '../../prompts');

/** Path below prompts/ to text. */
export function readPrompts(): { readonly [file: string]: string } {
  const files = globSync('**/*.md', { cwd: PROMPTS }).toSorted();
  return Object.fromEntries(files.map((file) => [file, readFileSync(path.join(PROMPTS, file), 'utf8')]));
}

/** `{new path}`, `<cwd>`, `</cwd>`. */
const PLACEHOLDER = /\{[a-z][a-z ]*\}|<\/?[a-z][a-z_ ]*>/g;
const FILLED = '{}';

const PROGRAMS =
  /\b(?:git|npm|npx|pnpm|node|deno|python3?|pytest|pip|cargo|go (?:test|build|run)|ls|cd|cp|mv|rm|sed|awk|grep|rg|cat|echo|curl|mkdir|chmod|bash|sudo|docker|iconv|xxd)\b(?! is\b)/g;

const EXAMPLES: readonly RegExp[] = [
  /```|~~~/g,
  /`[^`\n]+`/g,
  /"[^"\n]+"/g,
  /(?<!\w)'[^'\n]+'(?!\w)/g,
  // A path, a name with an extension, a place in a file.
  /[\w.@~-]*\/[\w./@-]+|\b\w[\w-]*\.[A-Za-z]\w{0,4}\b/g,
  /\b\w+:\w+/g,
  PROGRAMS,
  // Code: a call, a statement, a line of a patch.
  /\b\w+\([^)\n]*\)/g,
  /^\s*(?:def|class|function|const|let|var|import|from|export|return|print)\b.*$/gm,
  /^(?:\+|-(?! [A-Z])|@@ ).*$/gm,
  /\b(?:e\.g\.|for example|such as|looks like this)/gi,
];

/** What in a text could be taken for the task, each once; placeholders are none. */
export function examplesIn(text: string): string[] {
  const bare = text.replace(PLACEHOLDER, FILLED);
  const found = EXAMPLES.flatMap((pattern) => bare.match(pattern) ?? []);
  // Signs and placeholders alone are grammar.
  return [...new Set(found)].filter((one) => /\w|```|~~~/.test(one)).toSorted();
}

/** Lines with a placeholder that stand for lines of a patch, and placeholders that are no code in any language. */
export function placeholdersIn(text: string): string[] {
  const lines = text.split('\n').filter((line) => /^\*{3} .*\{/.test(line));
  const several = (text.match(PLACEHOLDER) ?? []).filter((one) => one.includes(' '));
  return [...new Set([...lines, ...several])];
}

/** All that a model said in an answer: thinking, text, and the strings of its calls, with escaped line breaks as such. */
export function saidIn(answer: Pick<RecordedAnswer, 'model' | 'lines'>): string {
  const messages = rawOf(answer)
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line)?.message ?? {}];
      } catch {
        return [];
      }
    });
  const calls = messages.flatMap(({ tool_calls = [] }) => stringsIn(tool_calls));
  const said = [
    messages.map(({ thinking = '' }) => thinking).join(''),
    messages.map(({ content = '' }) => content).join(''),
    ...calls,
  ].join('\n');
  return said.replaceAll('\\n', '\n').replaceAll('\\u003c', '<').replaceAll('\\u003e', '>');
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** Plain words are a leak only as a whole line, or a line of a patch: in a sentence they are English. */
export function isSaid(said: string, leak: string): boolean {
  const escaped = leak.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  const isProse = /^\w+(?: \w+){1,3}$/.test(leak);
  return new RegExp(isProse ? `^[ +-]*${escaped}$` : `(?<![\\w/.])${escaped}(?!\\w)`, 'm').test(said);
}
