/**
 * A part of `npm run check`: no stilted phrase in a text that a user or a model reads.
 *
 * `node scripts/check-english.ts [--comments] [FILE…]`. `--comments` lists those of comments too, with their number; they do not fail.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ALLOWED } from './english-allowed.ts';
import { type Found, findPhrases } from './english-phrases.ts';
import { commentsIn, proseIn, stringsIn, type Text } from './english-texts.ts';

const CODE = ['src/**/*.{ts,tsx}'];
const PROSE = [
  'prompts/**/*.md',
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/**/*.md',
];
const PROSE_TOO = ['findings/*.md', 'examples/**/*.md', '.github/**/*.md'];

const root = path.dirname(import.meta.dirname);

interface Place extends Found {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

function placesIn(file: string, texts: readonly Text[]): readonly Place[] {
  return texts.flatMap(({ text, line }) =>
    findPhrases(text).map((found) => ({
      ...found,
      file,
      text,
      line: line + text.slice(0, found.at).split('\n').length - 1,
    })),
  );
}

function print({ file, line, phrase, better, text, at }: Place): void {
  const around = text.slice(Math.max(0, at - 30), at + phrase.length + 30).replace(/\s+/g, ' ');
  console.log(`${file}:${line}: "${phrase}" -> ${better}\n    ${around}`);
}

const { values, positionals } = parseArgs({
  options: { comments: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const wanted = (globs: readonly string[]): string[] =>
  globSync([...globs], { cwd: root, exclude: ['src/demo/sample/**'] })
    .filter((file) => positionals.length === 0 || positionals.some((one) => file.startsWith(one)))
    .sort();
const sourceOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const code = wanted(CODE);
const places = [
  ...code.flatMap((file) => placesIn(file, stringsIn(file, sourceOf(file)))),
  ...wanted([...PROSE, ...PROSE_TOO]).flatMap((file) => placesIn(file, proseIn(sourceOf(file)))),
];
const isAllowed = ({ file, text, phrase }: Place): boolean =>
  ALLOWED.some((entry) => entry.file === file && entry.phrase === phrase && text.includes(entry.text));
const wrong = places.filter((place) => !isAllowed(place));
for (const place of wrong) print(place);
if (wrong.length > 0) console.log(`\n${wrong.length} stilted phrases in texts that people read`);

if (values.comments) {
  const inComments = code.flatMap((file) => placesIn(file, commentsIn(file, sourceOf(file))));
  for (const place of inComments) print(place);
  console.log(`\n${inComments.length} in comments`);
}
process.exitCode = wrong.length === 0 ? 0 : 1;
