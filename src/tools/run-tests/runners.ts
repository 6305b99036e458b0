/**
 * How each test runner is told to run only a part: a table of what goes behind its command. A new runner: one row, and its examples in
 * the tests.
 */
import path from 'node:path';
import { shellWord } from '../../text/shell-word.ts';

/** What is to be tested. `path` is relative to the folder of the command. */
export type Target =
  | { readonly kind: 'file'; readonly path: string; readonly line?: string | undefined }
  | { readonly kind: 'folder'; readonly path: string; readonly line?: undefined }
  | { readonly kind: 'name'; readonly name: string };

interface Runner {
  /** The words of a command that run it. */
  readonly words: RegExp;
  /** What goes behind the command; undefined: it cannot be told that. */
  readonly part: (target: Target) => string | undefined;
  /** In place of what follows these words in the command; absent: behind all of it. */
  readonly replaces?: RegExp;
}

/** For runners that take names as regular expressions. */
const literal = (name: string): string => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** A path that is no option, however it is called. */
const pathWord = (file: string): string => shellWord(file.startsWith('-') ? `./${file}` : file);

/** Takes paths as they are, and names behind an option. */
const byOption =
  (option: string, { isPattern = true, joined = false } = {}) =>
  (target: Target): string => {
    if (target.kind !== 'name') return pathWord(target.path);
    return `${option}${joined ? '=' : ' '}${shellWord(isPattern ? literal(target.name) : target.name)}`;
  };

/** Takes paths with the number of a line, and names behind an option. */
const withLine =
  (name: (name: string) => string | undefined) =>
  (target: Target): string | undefined => {
    if (target.kind === 'name') return name(target.name);
    return pathWord(target.line === undefined ? target.path : `${target.path}:${target.line}`);
  };

const stem = (file: string): string => path.basename(file).replace(/\.\w+$/, '');

export const RUNNERS: readonly Runner[] = [
  { words: /\bvitest\b/, part: byOption('-t') },
  {
    words: /\b(?:jest|react-scripts test)\b/,
    part: (target) =>
      target.kind === 'file' ? `--runTestsByPath ${pathWord(target.path)}` : byOption('-t')(target),
  },
  { words: /\bmocha\b/, part: byOption('-f', { isPattern: false }) },
  { words: /\bplaywright test\b/, part: withLine((name) => `-g ${shellWord(literal(name))}`) },
  { words: /\bava\b/, part: withLine((name) => `--match=${shellWord(`*${name}*`)}`) },
  {
    words: /\bbun test\b/,
    // A path that does not begin with a dot is a part of a name.
    part: (target) => (target.kind === 'name' ? byOption('-t')(target) : shellWord(`./${target.path}`)),
  },
  { words: /\bdeno test\b/, part: byOption('--filter', { isPattern: false, joined: true }) },
  {
    words: /\bnode\b.* --test\b|\bnode --test\b/,
    part: byOption('--test-name-pattern', { joined: true }),
    // Files come last, and its options before them.
    replaces: /(?<=--test\b)(?:\s+[^-\s]\S*)+$/,
  },
  {
    words: /\bpytest\b/,
    part: (target) => {
      if (target.kind !== 'name') return pathWord(target.path);
      if (target.name.includes('::')) return pathWord(target.name);
      return /^\w+$/.test(target.name) ? `-k ${target.name}` : undefined;
    },
  },
  {
    words: /\bunittest\b/,
    part: (target) => {
      if (target.kind === 'folder') return `discover -s ${pathWord(target.path)}`;
      return target.kind === 'file' ? pathWord(target.path) : `-k ${shellWord(target.name)}`;
    },
    replaces: /(?<=\bunittest)\s+discover\b.*$/,
  },
  {
    words: /\bmanage\.py test\b/,
    part: (target) => (target.kind === 'name' ? `-k ${shellWord(target.name)}` : undefined),
  },
  { words: /\bcargo (?:test|nextest run)\b/, part: cargoPart },
  {
    words: /\bgo test\b/,
    part: (target) => {
      if (target.kind === 'name') return `./... -run ${shellWord(literal(target.name))}`;
      const folder = target.kind === 'file' ? path.posix.dirname(target.path) : target.path;
      return shellWord(folder === '.' ? '.' : `./${folder}`);
    },
    replaces: /\s+\.\/\.\.\.$/,
  },
  {
    words: /\bmvnw?\b/,
    part: (target) => {
      if (target.kind === 'folder') return undefined;
      const name = target.kind === 'file' ? stem(target.path) : target.name;
      return `-Dtest=${shellWord(/^[A-Z]|#/.test(name) ? name : `*#${name}`)}`;
    },
  },
  { words: /\bgradlew?\b/, part: gradlePart, replaces: /\s+test$/ },
  {
    words: /\bctest\b/,
    part: (target) => (target.kind === 'name' ? `-R ${shellWord(literal(target.name))}` : undefined),
  },
  { words: /\brspec\b/, part: withLine((name) => `-e ${shellWord(name)}`) },
  {
    words: /\brails test\b/,
    // `test 'adds two'` is the method test_adds_two.
    part: withLine((name) => `-n ${shellWord(`/${literal(name).replaceAll(' ', '[ _]')}/`)}`),
  },
  { words: /\brake test\b/, part: rakePart },
  { words: /\b(?:phpunit|pest|artisan test)\b/, part: byOption('--filter') },
  { words: /\bmix test\b/, part: withLine(() => undefined) },
  {
    words: /\bswift test\b/,
    part: (target) => {
      if (target.kind === 'folder') return undefined;
      return `--filter ${shellWord(target.kind === 'file' ? stem(target.path) : literal(target.name))}`;
    },
  },
  { words: /\bdotnet test\b/, part: dotnetPart },
];

/** `tests/NAME.rs` is a target of its own, a file of src a module. */
function cargoPart(target: Target): string | undefined {
  if (target.kind === 'name') return shellWord(target.name);
  if (target.kind === 'folder') return undefined;
  const [, test] = /^tests\/([^/]+)\.rs$/.exec(target.path) ?? [];
  if (test !== undefined) return `--test ${shellWord(test)}`;
  const [, file = ''] = /^src\/(.+)\.rs$/.exec(target.path) ?? [];
  const module = file.replace(/\/mod$/, '').replaceAll('/', '::');
  return module === '' || module === 'lib' || module === 'main' ? undefined : shellWord(`${module}::`);
}

/** Of a file in `app/src/test/` the project `:app`: in all others no test would be found, which is an error. */
function gradlePart(target: Target): string | undefined {
  if (target.kind === 'folder') return undefined;
  if (target.kind === 'name') return `test --tests ${shellWord(`*${target.name}`)}`;
  const [, folder = ''] = /^(.+?)\/src\//.exec(target.path) ?? [];
  const task = ['', ...folder.split('/').filter((name) => name !== ''), 'test'].join(':');
  return `${folder === '' ? 'test' : shellWord(task)} --tests ${shellWord(`*${stem(target.path)}`)}`;
}

/** Rake gives what it is told to a shell, so that only plain words are safe. */
function rakePart(target: Target): string | undefined {
  if (target.kind === 'folder') return undefined;
  if (target.kind === 'file') return /^[\w./-]+$/.test(target.path) ? `TEST=${target.path}` : undefined;
  return /^[\w#]+$/.test(target.name) ? shellWord(`TESTOPTS=--name=/${target.name}/`) : undefined;
}

/** Takes projects, and no files of code. */
function dotnetPart(target: Target): string {
  if (target.kind === 'folder') return pathWord(target.path);
  const isProject = target.kind === 'file' && /\.(?:sln|slnx|\w+proj|dll)$/.test(target.path);
  if (isProject) return pathWord(target.path);
  const name = target.kind === 'name' ? target.name : stem(target.path);
  return `--filter ${shellWord(`FullyQualifiedName~${name.replace(/[\\()&|=!~]/g, '\\$&')}`)}`;
}
