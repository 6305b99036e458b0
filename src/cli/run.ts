/**
 * Picks the command and imports it: nothing of a command is loaded before it was chosen.
 *
 * Wrong usage exits 2, any other failure 1, and no stack trace reaches the user.
 */
import { Command, CommanderError, type CommandOptions, InvalidArgumentError, Option } from 'commander';
import type { SessionFlags } from '../session/flags.ts';
import type { SessionPlan } from '../session/plan.ts';
import { VERSION } from '../session/version.ts';
import { errorMessage } from '../text/error-message.ts';
import { sanitizeForTerminal } from '../text/sanitize.ts';
import { firstOperand, flagNames, markTexts, taskBehindCommand, unmarkTexts } from './arguments.ts';
import { codexWord } from './codex-words.ts';
import type { IndexAction, IndexFlags } from './commands/index-command.ts';
import type { DoctorFlags } from './doctor/doctor.ts';
import type { ExecFlags } from './exec/exec-input.ts';
import { addHookCommands } from './hook-commands.ts';
import { addInfoCommands } from './info-commands.ts';
import type { InteractiveFlags } from './interactive/interactive.ts';
import { addMcpCommands } from './mcp-commands.ts';
import { addMemoryCommands } from './memory-commands.ts';
import {
  addCommonFlags,
  addExecFlags,
  addSessionFlags,
  errorLine,
  mergeFlags,
  refuseBlank,
} from './options.ts';
import { addResumeCommands, addSessionsCommands } from './session-commands.ts';
import { addSkillCommands } from './skill-commands.ts';

/** Runs the command line and ends the process when its output is written. @param argv without node and script. */
export async function run(argv: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', cannotWrite);
  process.on('uncaughtException', (error) => {
    process.stderr.write(`Error: ${error.message}\nThis is a bug in oagent.\n`);
    process.exit(1);
  });
  // What is waited for can no longer happen: without this the process would end with 0.
  process.on('beforeExit', () => {
    process.stderr.write('Error: oagent has stopped in the middle of its work.\nThis is a bug in oagent.\n');
    process.exit(1);
  });
  await startTracing(process.env);
  const code = await main(argv).catch((error: unknown) => {
    process.stderr.write(errorLine(errorMessage(error)));
    return 1;
  });
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // Only now would an error of the last write be reported, on a full disk for example.
  await new Promise(setImmediate);
  // Kept-alive connections to the server would keep the process running for seconds.
  process.exit(code);
}

/** Programs that oagent starts do not learn where the trace is. */
async function startTracing(env: NodeJS.ProcessEnv): Promise<void> {
  const { OAGENT_TRACE: file } = env;
  delete env.OAGENT_TRACE;
  if (!file) return;
  const { startTrace } = await import('../system/trace-file.ts');
  startTrace(file, { version: VERSION }, (line) => process.stderr.write(`warning: ${line}\n`));
}

async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = createProgram((result) => {
    code = result;
  });
  try {
    const exec = program.commands.find((command) => command.name() === 'exec');
    const unknown =
      codexWord(firstOperand(argv, program) ?? '') ?? (exec && codexReview(argv, program, exec));
    if (unknown !== undefined) program.error(unknown);
    const marked = markTexts(argv, flagNames(program));
    await program.parseAsync(exec === undefined ? marked : taskBehindCommand(marked, exec), { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

/** Of the words of Codex, only this one is a command of its `exec`. */
function codexReview(argv: readonly string[], program: Command, exec: Command): string | undefined {
  const first = firstOperand(argv, program) ?? '';
  if (first !== exec.name() && !exec.aliases().includes(first)) return undefined;
  const word = firstOperand(argv.slice(argv.indexOf(first) + 1), exec);
  return word === 'review' ? codexWord(word, 'oagent exec') : undefined;
}

function createProgram(done: (code: number) => void): Command {
  const program = addSessionFlags(new Command('oagent'))
    .description('A coding agent for the terminal that runs on your own models through Ollama.')
    .version(VERSION, '-V, --version')
    .enablePositionalOptions()
    .helpCommand(true)
    .exitOverride()
    .argument('[prompt]', 'the first message; without it oagent waits for you to type one')
    .option('--screen-reader', 'plain lines: nothing is painted, questions are numbered lists')
    .option('--ephemeral', 'keep no record of the session')
    .addOption(new Option('--quit-when-unused <seconds>').hideHelp())
    .action(async (prompt: string | undefined, flags: InteractiveFlags) => {
      const { interactiveCommand } = await import('./interactive/interactive.ts');
      done(await interactiveCommand(prompt, mergeFlags({}, flags)));
    });

  const exec: Command = addExecFlags(program.command('exec'))
    .alias('e')
    .description('do one task without a terminal')
    .version(VERSION, '-V, --version')
    .enablePositionalOptions()
    .helpCommand(true)
    .argument(
      '[prompt]',
      'the task; `-`, or none, reads it from stdin; piped text is appended; `/task …`: a sub-agent does it',
    )
    .action(async (prompt: string | undefined, flags: ExecFlags) => {
      refuseBlank(prompt, exec);
      const { execCommand } = await import('./exec/exec.ts');
      done(await execCommand(prompt, mergeFlags(program.opts<SessionFlags>(), flags)));
    });
  exec.addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed or interrupted, 2 wrong usage, 3 done but --verify failed, 4 --max-steps, 5 --max-time, 6 --max-tokens.',
  );

  program
    .command('demo')
    .description('watch the agent fix a small repository with a scripted model')
    .action(async () => {
      const { demoCommand } = await import('./commands/demo.ts');
      done(await demoCommand());
    });

  program
    .command('apply-patch')
    .description('apply a patch in the *** Begin Patch format, from the argument or stdin')
    .argument('[patch...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (patch: string[]) => {
      const { applyPatchCommand } = await import('./commands/apply-patch.ts');
      const { oagentHome } = await import('../config/home.ts');
      const { stdin, stdout, stderr } = process;
      done(await applyPatchCommand(patch, { stdin, stdout, stderr, cwd: process.cwd(), home: oagentHome() }));
    });

  addSessionFlags(program.command('acp'))
    .description('be the agent of an editor, by the Agent Client Protocol on stdin and stdout')
    .action(async (flags: SessionFlags) => {
      const { acpCommand } = await import('./commands/acp.ts');
      done(await acpCommand(mergeFlags(program.opts<SessionFlags>(), flags)));
    });

  addResumeCommands(program, exec, done);
  addSessionsCommands(program, done);
  addConfigCommands(program, done);
  addSafetyCommands(program, done);
  addIndexCommands(program, done);
  addMemoryCommands(program, done);
  addSkillCommands(program, done);
  addHookCommands(program, done);
  addMcpCommands(program, done);
  addInfoCommands(program, done);
  for (const command of program.commands) addMissingFlags(command);
  unmarkTexts(program);
  explainErrors(program, program.name());
  return program;
}

/** Every command takes the common flags, before it and after it; of those, one without a session uses the folder. */
function addMissingFlags(command: Command): void {
  for (const child of command.commands) addMissingFlags(child);
  const isGroup = command.commands.length > 0 && command.name() !== 'exec';
  if (isGroup || command.name() === 'apply-patch' || command.options.some(({ long }) => long === '--model'))
    return;
  addCommonFlags(command).hook('preAction', () => {
    const folder = command.opts<SessionFlags>().cd;
    if (folder !== undefined) process.chdir(folder);
  });
}

/** Wrong usage prints the error, the usage in one line, and where to read more; a list of all flags would bury the error. */
function explainErrors(command: Command, name: string): void {
  command.configureOutput({
    outputError: (text, write) => {
      const cure = text.includes('unknown option') ? dashed(command, name) : tooMany(text, command);
      const more = `For more information, try '${name} --help'.`;
      write(`${sanitizeForTerminal(text)}\n${cure}Usage: ${name} ${command.usage()}\n\n${more}\n`);
    },
  });
  for (const child of command.commands) explainErrors(child, `${name} ${child.name()}`);
}

function dashed(command: Command, name: string): string {
  return command.usage().includes('-- <command')
    ? 'A command with its own options goes behind --, after those of oagent.\n'
    : `A text that begins with a dash: ${name} -- "TEXT"\n`;
}

function tooMany(text: string, command: Command): string {
  if (!text.includes('too many arguments')) return '';
  const image = command.getOptionValue('image') === undefined ? '' : '; -i takes one file each time';
  return `Put a text with blanks into quotes${image}.\n`;
}

function addConfigCommands(program: Command, done: (code: number) => void): void {
  const config = program.command('config').description('show the configuration');
  addSessionFlags(config.command('show'))
    .description('print every effective value and where it comes from')
    .option('--json', 'print JSON')
    .action(async (flags: SessionFlags & { readonly json?: boolean }) => {
      const { configShow } = await import('./commands/config.ts');
      const { planSession } = await import('../session/plan.ts');
      const { loaded } = planSession(mergeFlags(program.opts<SessionFlags>(), flags));
      for (const warning of loaded.warnings) process.stderr.write(`warning: ${warning}\n`);
      process.stdout.write(`${configShow(loaded, { json: flags.json ?? false }).trimEnd()}\n`);
      done(0);
    });
  config
    .command('schema')
    .description('print the JSON schema of config.toml')
    .action(async () => {
      const { configSchema } = await import('./commands/config.ts');
      process.stdout.write(`${configSchema().trimEnd()}\n`);
      done(0);
    });
}

function addSafetyCommands(program: Command, done: (code: number) => void): void {
  const planned = async (flags: SessionFlags): Promise<SessionPlan> => {
    const { planSession } = await import('../session/plan.ts');
    return planSession(mergeFlags(program.opts<SessionFlags>(), flags), { interactive: true });
  };
  addSessionFlags(program.command('sandbox'))
    .description('run a command in the same sandbox as the agent')
    .usage('[options] -- <command...>')
    .argument('<command...>')
    .passThroughOptions()
    .addOption(
      new Option('--env <variables>', 'which variables it gets: those that the agent passes on, or all')
        .choices(['agent', 'all'])
        .default('agent'),
    )
    .action(async (argv: string[], { env, ...flags }: SessionFlags & { readonly env: 'agent' | 'all' }) => {
      const { sandboxCommand } = await import('./commands/sandbox.ts');
      const { sessionEnvironment } = await import('../session/session-environment.ts');
      const plan = await planned(flags);
      done(await sandboxCommand(argv, plan.permissions, env === 'all' ? plan.env : sessionEnvironment(plan)));
    });
  addSessionFlags(program.command('doctor'))
    .description('check the server, model, window, sandbox, index and configuration')
    .option('--try', 'ask the model for five tool calls to find out how it makes them, and keep the result')
    .option('--json', 'print JSON')
    .action(async (flags: SessionFlags & DoctorFlags) => {
      const { doctorCommand } = await import('./doctor/doctor.ts');
      done(await doctorCommand(await planned(flags), flags));
    });
  addSessionFlags(program.command('rules').description('inspect the rules for commands').command('check'))
    .description('explain what would happen to a command, and why')
    .usage('[options] -- <command...>')
    .argument('<command...>')
    .passThroughOptions()
    .action(async (argv: string[], flags: SessionFlags) => {
      const { rulesCheckCommand } = await import('./commands/rules.ts');
      done(await rulesCheckCommand(argv, await planned(flags)));
    });
}

function addIndexCommands(program: Command, done: (code: number) => void): void {
  const run = async (action: IndexAction, flags: IndexFlags & SessionFlags): Promise<void> => {
    const { indexCommand } = await import('./commands/index-command.ts');
    const { planSession } = await import('../session/plan.ts');
    done(await indexCommand(action, flags, planSession(mergeFlags(program.opts<SessionFlags>(), flags))));
  };
  const index = program.command('index').description('the index of the repository');
  const command = (name: string, options?: CommandOptions): Command =>
    addCommonFlags(index.command(name, options));
  const json = ['--json', 'print JSON'] as const;
  command('status', { isDefault: true })
    .description('show what is in the index')
    .usage('[options]')
    // As the default it gets any word.
    .argument('[action]')
    .option(...json)
    .action((action: string | undefined, flags: IndexFlags) => {
      if (action !== undefined) index.error(`error: unknown command '${action}'`);
      return run({ name: 'status' }, flags);
    });
  command('build')
    .description('bring the index up to date')
    .option(...json)
    .action((flags: IndexFlags) => run({ name: 'build' }, flags));
  command('search')
    .description('find code by names, words and, with an embedding model, meaning')
    .argument('<query...>')
    .option('--path <path>', 'search only in this folder or file')
    .addOption(new Option('--limit <n>', 'maximum number of results').argParser(count).default(10))
    .option(...json)
    .action((words: string[], flags: IndexFlags) => run({ name: 'search', query: words.join(' ') }, flags));
  command('why')
    .description('tell which evidence puts a file where it is, or why it is not found')
    .argument('<path>')
    .argument('<question...>')
    .option(...json)
    .action((path: string, words: string[], flags: IndexFlags) =>
      run({ name: 'why', path, question: words.join(' ') }, flags),
    );
  command('watch')
    .description('keep the index up to date until Ctrl+C')
    .action((flags: IndexFlags) => run({ name: 'watch' }, flags));
  command('clear')
    .description('delete the index; it can always be rebuilt')
    .action((flags: IndexFlags) => run({ name: 'clear' }, flags));
}

function count(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('A number from 1 to 9999 is required.');
  return Number(text);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}

/** Silent if the reader of a pipe is gone (`oagent … | head`), but still a failure: the work is not done. */
function cannotWrite(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && !process.stderr.errored)
    process.stderr.write(`Error: cannot write: ${error.message}\n`);
  process.exit(1);
}
