/**
 * Decides which commands are checks, that is, test, build or lint the project: by the program and its arguments, even
 * after `cd x &&`, variables, wrappers and `bash -c`. Pure, never throws. If the exit code may not be the check's own,
 * the result says so.
 */
import type { CheckResult, RanCommand } from '../../protocol/evidence.ts';
import { isKnownSafe } from '../../safety/commands.ts';
import {
  type CheckKind,
  INTERPRETERS,
  MANY_WORDS,
  ONLY_WITH,
  PROGRAMS,
  SCRIPT_KINDS,
  SCRIPT_RUNNERS,
  SUBCOMMANDS,
  WRAPPERS,
  WRAPPING,
} from './check-programs.ts';
import { commandsIn } from './shell-status.ts';

export interface Check {
  readonly kind: CheckKind;
  /** An exit code of 0 means that it passed. */
  readonly decides: boolean;
}

const MAX_DEPTH = 4;

/** With these a program only prints something about itself. */
const NO_RUN = /^(?:--version|--help|--collect-only|--co|--listTests|--list-tests|--init|--showConfig)$/;

/** Options with a separate value, of programs whose subcommand decides. */
const VALUE_OPTIONS: ReadonlySet<string> = new Set(
  '-C -w -F -f -p -P --prefix --workspace --filter --cwd --dir --file --project --manifest-path'.split(' '),
);

/** The same for wrappers and interpreters. */
const WRAPPER_OPTIONS: ReadonlySet<string> = new Set('-u -k -n -s -W -X'.split(' '));

const SHELLS: ReadonlySet<string> = new Set(['bash', 'sh', 'zsh', 'dash']);

/** `run_tests.sh`, `test_calc.py`, `calc.test.js`, `test/index.js`. */
const TEST_FILE = /(?:^|[/._-])(?:tests?|specs?)(?:[._-][^/]*)?\.\w+$|(?:^|\/)(?:tests?|spec)\/[^/]+\.\w+$/i;

/** Undefined: the command is not a check. Of several, a test counts most, and all must determine the exit code. */
export function checkOf(script: string): Check | undefined {
  return namesCheck(script) ? checkIn(script, 0) : undefined;
}

/**
 * How a command ended as a check. A run of tests is one whatever its name, and has failed if its output says so.
 * @returns undefined: it is none, nothing was tested, or it cannot be told.
 */
export function checkResult({
  command,
  exitCode,
  tests,
}: Pick<RanCommand, 'command' | 'exitCode' | 'tests'>): CheckResult | undefined {
  if (exitCode === null) return undefined;
  if (tests?.failed) return { command, passed: false, tests };
  const decides = checkOf(command)?.decides ?? tests !== undefined;
  const isEmpty = exitCode === 0 && tests?.passed === 0;
  return decides && !isEmpty ? { command, passed: exitCode === 0, ...(tests && { tests }) } : undefined;
}

/** It may have changed a file that matters. */
export function mayEdit({ command, tests }: Pick<RanCommand, 'command' | 'tests'>): boolean {
  const isOnlyTests = tests !== undefined && checkOf(command) === undefined;
  return !isOnlyTests && !cannotEdit(command);
}

/** Most commands name none of the programs, and need not be parsed. */
function namesCheck(script: string): boolean {
  return script
    .toLowerCase()
    .split(/[^\w.-]+/)
    .some((word) => {
      const name = word.replace(/\.(?:exe|cmd|bat)$/, '');
      const isProgram = PROGRAMS.has(name) || SUBCOMMANDS.has(name) || SCRIPT_RUNNERS.has(name);
      return isProgram || ONLY_WITH.has(name) || name === 'cmake' || /test|spec/.test(name);
    });
}

/** Certain not to have changed a file that matters: the command only reads or only tests. */
export function cannotEdit(script: string): boolean {
  if (isKnownSafe(script)) return true;
  const commands = commandsIn(script);
  return (
    commands.length > 0 &&
    !/(?<![0-9&])>(?!&)|\btee\b/.test(script.replace(/[12&]?> *\/dev\/null/g, '')) &&
    commands.every(({ words }) => isPlainTest(words) || isKnownSafe(words.join(' ')))
  );
}

function isPlainTest(words: readonly string[]): boolean {
  const isFix = words.some((word) => /^(?:--fix|--write|--update\w*|-u|-i|-w)\b/.test(word));
  return !isFix && checkOfWords(words, 0)?.kind === 'test';
}

function checkIn(script: string, depth: number): Check | undefined {
  const found = commandsIn(script).flatMap(({ words, decides }) => {
    const check = checkOfWords(words, depth);
    return check === undefined ? [] : [{ kind: check.kind, decides: check.decides && decides }];
  });
  const [first] = found;
  if (first === undefined) return undefined;
  const isTest = found.some(({ kind }) => kind === 'test');
  return { kind: isTest ? 'test' : first.kind, decides: found.every(({ decides }) => decides) };
}

function checkOfWords(words: readonly string[], depth: number): Check | undefined {
  if (depth > MAX_DEPTH || words.some((word) => NO_RUN.test(word))) return undefined;
  const [first = '', ...args] = words;
  const name = programName(first);
  if (SHELLS.has(name)) {
    const at = args.findIndex((arg) => /^-\w*c$/.test(arg));
    if (at >= 0) return checkIn(args[at + 1] ?? '', depth);
  }
  const inner = unwrapped(name, args);
  if (inner !== undefined) return checkOfWords(inner, depth + 1);
  const kind = kindOf(first, name, args);
  return kind === undefined ? undefined : { kind, decides: true };
}

function kindOf(first: string, name: string, args: readonly string[]): CheckKind | undefined {
  const known = PROGRAMS.get(name);
  if (known !== undefined) return known;
  const options = ONLY_WITH.get(name);
  if (options !== undefined && args.some((arg) => options.includes(arg))) return 'lint';
  if (SCRIPT_RUNNERS.has(name)) return scriptKind(args);
  if (name === 'deno' && args[0] === 'task') return scriptKind(args.slice(1));
  if (name === 'node' && args.some((arg) => arg === '--test' || arg.startsWith('--test='))) return 'test';
  if (name === 'cmake') return args.includes('--build') ? 'build' : undefined;
  if ((name === 'make' || name === 'ninja') && operands(args).length === 0) return 'build';
  const kinds = SUBCOMMANDS.get(name);
  if (kinds !== undefined) {
    const found = operands(args)
      .slice(0, MANY_WORDS.has(name) ? undefined : 1)
      .flatMap((word) => kinds.get(word) ?? []);
    return found.includes('test') ? 'test' : found[0];
  }
  return /[/.]/.test(first) && TEST_FILE.test(first) ? 'test' : undefined;
}

/** `test`, `run lint`, `-r build`, `workspace api test`. */
function scriptKind(args: readonly string[]): CheckKind | undefined {
  const [first = '', second = '', third = ''] = operands(args);
  const script = /^run(?:-script)?$/.test(first) ? second : first === 'workspace' ? third : first;
  return SCRIPT_KINDS.find(([names]) => names.test(script))?.[1];
}

/** The command that this one runs; undefined: it is not a wrapper. */
function unwrapped(name: string, args: readonly string[]): readonly string[] | undefined {
  if (WRAPPERS.has(name)) return withoutOptions(args).slice(name === 'timeout' ? 1 : 0);
  const [word = ''] = operands(args);
  const rest = args.slice(args.indexOf(word) + 1);
  // Also `coverage run -m pytest`: the option is dropped, the module stays.
  if (WRAPPING.get(name)?.includes(word)) return withoutOptions(rest);
  // If there is no script of that name, it runs the program.
  if (SCRIPT_RUNNERS.has(name) && PROGRAMS.has(word)) return [word, ...rest];
  return INTERPRETERS.has(name) ? interpreted(name, args) : undefined;
}

/** `python -m pytest`, `node node_modules/.bin/jest`, `python test_calc.py`. */
function interpreted(name: string, args: readonly string[]): readonly string[] | undefined {
  const [file, ...rest] = withoutOptions(args);
  const module = args.indexOf('-m');
  const isModule = module >= 0 && (file === undefined || module < args.indexOf(file));
  if (/^py/.test(name) && isModule) return args.slice(module + 1);
  // The name of the runner decides, not that of the file.
  if (file === undefined || SUBCOMMANDS.has(name) || args.some((arg) => /^(?:--test\b|-l$)/.test(arg)))
    return undefined;
  return [/node_modules\/([^/.][^/]*)\/.+$/.exec(file)?.[1] ?? file, ...rest];
}

/** The words from the first one that is not a variable, an option, or the value of one. */
function withoutOptions(args: readonly string[]): readonly string[] {
  const start = args.findIndex(
    (arg, at) => !/^-|^\w+=/.test(arg) && !WRAPPER_OPTIONS.has(args[at - 1] ?? ''),
  );
  return start < 0 ? [] : args.slice(start);
}

/** The words that are not options; those after `--` belong to the script. */
function operands(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return args
    .slice(0, end < 0 ? undefined : end)
    .filter((arg, at) => !/^[-+]|^\d+$|=/.test(arg) && !VALUE_OPTIONS.has(args[at - 1] ?? ''));
}

/** `python` for `/usr/bin/python3.12`, `jest` for `jest@29`. */
function programName(word: string): string {
  const base = word.slice(word.lastIndexOf('/') + 1).toLowerCase();
  return base
    .replace(/(?<=.)@[^@]*$/, '')
    .replace(/\.(?:exe|cmd|bat)$/, '')
    .replace(/(?<=^(?:python|pypy|ruby|php|lua|perl))[\d.]+$/, '');
}
