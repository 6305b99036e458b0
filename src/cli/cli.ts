/**
 * Commander's command with the rules of this command line: text that begins with a dash is not a flag, usage errors say
 * how to pass it, and words that only Codex knows get an answer instead of a turn.
 */
import { Command, CommanderError } from 'commander';
import { codexWord } from './codex-words.ts';

/** No argument of a program can contain it. */
const MARK = '\0';

export class Cli extends Command {
  override createCommand(name?: string): Cli {
    return new Cli(name);
  }

  override parseOptions(args: string[]): { operands: string[]; unknown: string[] } {
    // Commander takes all that begins with a dash for a flag.
    const parsed = super.parseOptions(
      args.map((arg, at) => (this.#isText(arg, args[at - 1]) ? MARK + arg : arg)),
    );
    const operands = parsed.operands.map(unmarked);
    const word = args.includes('--') ? undefined : codexWord(this.name(), operands[0]);
    if (word !== undefined) {
      process.stderr.write(`error: ${word}\n`);
      throw new CommanderError(2, 'oagent.codexWord', word);
    }
    return { operands, unknown: parsed.unknown.map(unmarked) };
  }

  /** Has a blank or a line end, and is neither the value of a flag nor a flag with its value attached. */
  #isText(arg: string, before: string | undefined): boolean {
    if (!arg.startsWith('-') || !/\s/.test(arg) || this.#takesValue(before)) return false;
    const long = /^(--[\w-]+)=/.exec(arg)?.[1];
    if (long !== undefined) return !this.#takesValue(long);
    // `-C/a folder` and `-ckey="a value"`, but not `-main is broken`.
    const short = /^(-\w)(?:[=./~]|[\w."'-]+=)/.exec(arg)?.[1];
    return !this.#takesValue(short);
  }

  #takesValue(flag: string | undefined): boolean {
    if (flag === undefined) return false;
    return this.options.some(({ short, long, required }) => required && (flag === short || flag === long));
  }
}

/** `exec`, where the prompt may come before `resume` or `fork`. */
export class ExecCli extends Cli {
  #promptBefore: string | undefined;

  /** The prompt in `exec PROMPT resume`. */
  get promptBefore(): string | undefined {
    return this.#promptBefore;
  }

  override parseOptions(args: string[]): { operands: string[]; unknown: string[] } {
    const parsed = super.parseOptions(args);
    const [prompt, word = '', ...rest] = parsed.operands;
    const isFirst = !this.commands.some((command) => command.name() === prompt);
    if (!isFirst || (word !== 'resume' && word !== 'fork')) return parsed;
    this.#promptBefore = prompt;
    return { operands: [word], unknown: [...rest, ...parsed.unknown] };
  }
}

/** Wrong usage prints the error, the usage in one line, and where to read more; a list of all flags would bury the error. */
export function explainErrors(command: Command, name: string): void {
  command.configureOutput({
    outputError: (text, write) => {
      const tip = tipFor(text, command, name);
      const tipLine = tip === undefined ? '' : `${tip}\n`;
      write(
        `${text}${tipLine}\nUsage: ${name} ${command.usage()}\n\nFor more information, try '${name} --help'.\n`,
      );
    },
  });
  for (const child of command.commands) explainErrors(child, `${name} ${child.name()}`);
}

function tipFor(text: string, command: Command, name: string): string | undefined {
  const flag = /^error: unknown option '(.*?)'\n/s.exec(text)?.[1];
  if (flag !== undefined && command.registeredArguments.length > 0)
    return `tip: if '${flag}' is not a flag, put \`--\` before it: ${name} -- '${flag}'`;
  if (!text.startsWith('error: too many arguments')) return undefined;
  const hasImage = command.getOptionValue('image') !== undefined;
  const image = hasImage ? ' -i takes one file; repeat it, or separate files with commas.' : '';
  return `tip: put text with blanks into quotes.${image}`;
}

function unmarked(arg: string): string {
  return arg.startsWith(MARK) ? arg.slice(1) : arg;
}
