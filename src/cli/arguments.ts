/**
 * What people type and commander would read as something else: a text that begins with a dash, and `exec "TASK" resume`.
 */
import type { Command } from 'commander';

/** In front of a text that begins with a dash; no argument of a process can hold it. */
const MARK = '\0';
/** `--verify=npm test`, `-cmodel="a b"`, `-C/my folder`. */
const WITH_VALUE = /^(?:--[a-z][\w-]*=|-c\S*=|-[Cio][./~=])/;

/**
 * Marks texts that begin with a dash: no flag has a blank or a line end in it, but the value of a known one may. What follows `--` is
 * text, too, and no command.
 */
export function markTexts(argv: readonly string[], known: ReadonlySet<string>): string[] {
  const end = argv.indexOf('--');
  return argv.map((argument, at) => {
    const flag = argument.startsWith('--') ? argument.split('=', 1)[0] : argument.slice(0, 2);
    const hasValue = WITH_VALUE.test(argument) && known.has(flag ?? '');
    const isFlag = !/^-.*\s/s.test(argument) || hasValue;
    const isText = end === -1 || at < end ? !isFlag : at > end;
    return isText ? MARK + argument : argument;
  });
}

/** The flags of all commands. */
export function flagNames(program: Command): Set<string> {
  const names = program.options.flatMap(({ short, long }) => [short ?? '', long ?? '']);
  return new Set([...names, ...program.commands.flatMap((command) => [...flagNames(command)])]);
}

/** Gives an action the texts as they were typed. */
export function unmarkTexts(program: Command): void {
  program.hook('preAction', (_, command) => {
    command.args = command.args.map(unmarked);
    command.processedArgs.splice(0, Infinity, ...command.processedArgs.map(deepUnmarked));
    for (const [name, value] of Object.entries(command.opts<Record<string, unknown>>())) {
      const source = command.getOptionValueSource(name);
      command.setOptionValueWithSource(name, deepUnmarked(value), source ?? 'cli');
    }
  });
}

function deepUnmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deepUnmarked);
  return typeof value === 'string' ? unmarked(value) : value;
}

/** A text as it was typed, for an error too. */
export function unmarked(text: string): string {
  return text.replaceAll(MARK, '');
}

/** `exec "TASK" resume --last` as `exec resume --last "TASK"`. @param exec the command, which knows its flags. */
export function taskBehindCommand(argv: readonly string[], exec: Command): readonly string[] {
  const start = argv.findIndex((argument) => argument === exec.name() || exec.aliases().includes(argument));
  if (start === -1) return argv;
  const task = nextOperand(argv, start + 1, exec);
  const command = task === -1 ? -1 : nextOperand(argv, task + 1, exec);
  const nested = ['help', ...exec.commands.map((child) => child.name())];
  const isNested = (at: number): boolean => nested.includes(argv[at] ?? '');
  if (command === -1 || isNested(task) || !isNested(command)) return argv;
  const rest = [...argv.slice(0, task), ...argv.slice(task + 1)];
  const after = rest.slice(command);
  const hasSession =
    nextOperand(after, 0, exec) !== -1 ||
    after.some((argument) => argument === '--last' || argument === '--');
  // Without a session the task would be taken for one.
  return hasSession ? [...rest, argv[task] ?? ''] : rest;
}

/** The first argument that is neither a flag nor the value of one. */
export function firstOperand(argv: readonly string[], command: Command): string | undefined {
  return argv[nextOperand(argv, 0, command)];
}

/** The place of the first argument that is neither a flag nor the value of one; -1 if there is none before `--`. */
function nextOperand(argv: readonly string[], from: number, command: Command): number {
  for (let at = from; at < argv.length; at++) {
    const argument = argv[at] ?? '';
    if (argument === '--') return -1;
    if (!argument.startsWith('-') || argument === '-') return at;
    const option = command.options.find(({ short, long }) => short === argument || long === argument);
    if (option?.required) at += 1;
  }
  return -1;
}
