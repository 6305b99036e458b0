/**
 * Which code a command line of a server's would run that lies where commands of the model can write.
 *
 * The user has read the line; what it names may be another program by now. A file counts if it is code by its name or its mode; behind a
 * program that runs what it is given, also whatever that would take for code (`node .`, `node server`), and folders whose files say what
 * is done (`make`, `npm --prefix .`). What a program reads besides, by itself, is not seen.
 */
import path from 'node:path';
import { holds, realPath, statOf } from '../config/paths.ts';
import { kindOfProgram } from '../safety/reach-programs.ts';
import { isExecutable } from '../system/find-program.ts';

const CODE = /\.(?:[cm]?[jt]sx?|py|rb|pl|php|lua|sh|bash|jar|exe|wasm)$/i;

/** They run a package, or another program that is named behind them. */
const PACKAGES = /^(?:npx|npm|pnpm|pnpx|yarn|bunx?|uvx?|pipx)$/;
/** They do what a file says that lies where they start. */
const BY_FILE = /^(?:bundle|cargo|composer|docker-compose|dotnet|go|poetry)$/;
/** In place of the folder around it. */
const FOLDER_OPTION = /^(?:-C|--(?:cwd|dir|directory|from|manifest-path|package|prefix|project))$/;
/** What follows it is code. */
const CODE_OPTION = /^(?:-[pr]|--(?:import|loader|package|require))$/;

/** From where programs load code that nobody has named. */
const LOADED_FROM =
  /^(?:NODE_(?:OPTIONS|PATH)|PYTHON(?:PATH|HOME|STARTUP)|PERL5(?:LIB|OPT)|RUBY(?:LIB|OPT)|CLASSPATH|JAVA_TOOL_OPTIONS|(?:LD|DYLD)_\w+|BASH_ENV|ENV)$/;

/** What is tried for `server` by those who import modules, and what makes a program of a folder. */
const ENDINGS = ['.js', '.mjs', '.cjs', '.ts', '.json', '.py', '.rb', '.sh'];
const ENTRIES = ['package.json', 'index.js', 'index.mjs', 'index.ts', '__main__.py', '__init__.py'];

/** Between the words of a script, of a list of folders, and an option and its value. */
const BETWEEN = /[\s"'`;|&<>(){}=,:]+/;
const BETWEEN_COMMANDS = /[\s"'`;|&<>(){}]+/;
const LONGEST = 4_096;
const MOST_WORDS = 100;

interface CommandLine {
  readonly words: readonly string[];
  /** Those that the server gets besides the user's. */
  readonly variables: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
}

/** The first such file or folder, as it really is. @param folders real. */
export function codeWithin(
  folders: readonly string[],
  { words, variables, cwd }: CommandLine,
): string | undefined {
  const [program = '', ...args] = words;
  const at = (word: string): string => path.resolve(cwd, word);
  const named = [
    ...(program.includes(path.sep) ? [at(program)] : []),
    ...[...args, ...Object.values(variables)].flatMap(partsOf).map(at).filter(isCode),
    ...givenTo(words).map(at).filter(wouldRun),
    ...ruling(words).map(at),
    ...Object.entries(variables)
      .flatMap(([name, value]) => loadedFrom(name, value))
      .map(at),
  ];
  return named.map(realPath).find((file) => folders.some((folder) => holds(folder, file)));
}

/** The whole word, behind `--option=` or `-o`, and the words in it, as in the script of a shell. */
function partsOf(word: string): string[] {
  if (word.length > LONGEST) return [];
  return [word, word.replace(/^-[^=]*=/, ''), word.replace(/^-\w/, ''), ...word.split(BETWEEN)].filter(
    (part) => part !== '',
  );
}

/** What is given to programs that run it: the first word, and what stands behind an option for code. */
function givenTo(words: readonly string[]): string[] {
  return commandsIn(words).flatMap(([name = '', ...rest]) => {
    if (!isRunner(nameOf(name))) return [];
    const first = rest.findIndex(
      (word, at) => !word.startsWith('-') && !CODE_OPTION.test(rest[at - 1] ?? ''),
    );
    const end = first < 0 ? rest.length : first + 1;
    return rest.slice(0, end).filter((word) => !word.startsWith('-'));
  });
}

function isRunner(name: string): boolean {
  // For nearly all it is the folder.
  if (name === '.') return false;
  return PACKAGES.test(name) || ['interpreter', 'shell', 'source'].includes(kindOfProgram(name));
}

/** Folders whose files say what is run. */
function ruling(words: readonly string[]): string[] {
  return commandsIn(words).flatMap(([word = '', ...rest]) => {
    const isByFile = BY_FILE.test(nameOf(word)) || kindOfProgram(nameOf(word)) === 'targets';
    if (!isByFile && !PACKAGES.test(nameOf(word))) return [];
    const options = rest.flatMap((one, index) => {
      const [option = '', ...value] = one.split('=');
      if (!FOLDER_OPTION.test(option)) return [];
      return value.length > 0 ? [value.join('=')] : rest.slice(index + 1, index + 2);
    });
    return isByFile ? ['.', ...options] : options;
  });
}

/** The line, and where a program of it or a script among its words runs others, the rest of it from each word on. */
function commandsIn(words: readonly string[]): (readonly string[])[] {
  const program = nameOf(words[0] ?? '');
  const scripts = words
    .filter((word) => /\s/.test(word) && word.length <= LONGEST)
    .flatMap((script) => fromEach(script.split(BETWEEN_COMMANDS).filter(Boolean)));
  const runsOthers = PACKAGES.test(program) || kindOfProgram(program) === 'wrapper';
  return [...(runsOthers ? fromEach(words) : [words]), ...scripts];
}

const fromEach = (words: readonly string[]): (readonly string[])[] =>
  words.slice(0, MOST_WORDS).map((_, index) => words.slice(index));

const nameOf = (word: string): string => path.basename(word).toLowerCase();

function loadedFrom(name: string, value: string): string[] {
  if (!LOADED_FROM.test(name)) return [];
  return value.split(/[\s:;=]+/).filter((part) => part.includes('/') || /^\.{1,2}$/.test(part));
}

function isCode(file: string): boolean {
  return statOf(file)?.isFile() === true && (CODE.test(file) || isExecutable(file));
}

function wouldRun(file: string): boolean {
  const stat = statOf(file);
  if (stat?.isFile() === true) return true;
  if (ENDINGS.some((ending) => statOf(file + ending)?.isFile() === true)) return true;
  return (
    stat?.isDirectory() === true && ENTRIES.some((entry) => statOf(path.join(file, entry)) !== undefined)
  );
}
