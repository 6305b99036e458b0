/** The commands with their arguments and flags. Nothing of a command is loaded before it was chosen: its action imports it. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { SessionFlags } from '../session/flags.ts';
import type { SessionPlan } from '../session/plan.ts';
import { VERSION } from '../session/version.ts';
import { sanitizeForTerminal } from '../text/sanitize.ts';
import { firstOperand, unmarkTexts } from './arguments.ts';
import type { IndexAction, IndexFlags } from './commands/index-command.ts';
import type { DoctorFlags } from './doctor/doctor.ts';
import type { ExecFlags } from './exec/exec-input.ts';
import { addHookCommands } from './hook-commands.ts';
import { addInfoCommands } from './info-commands.ts';
import type { InteractiveFlags } from './interactive/interactive-flags.ts';
import { addMcpCommands } from './mcp-commands.ts';
import { addMemoryCommands } from './memory-commands.ts';
import {
  addCommonFlags,
  addDefaultAction,
  addExecFlags,
  addSessionFlags,
  mergeFlags,
  refuseBlank,
  refuseTwo,
} from './options.ts';
import { addReviewCommand } from './review-command.ts';
import { addExecResumeCommands, addResumeCommands, addSessionsCommands } from './session-commands.ts';
import { addSkillCommands } from './skill-commands.ts';

type Done = (code: number) => void;

/**
 * Groups of commands in the order of the help, by the words that name one of them. A group whose word is typed is made
 * alone: all commands with their flags take a tenth of the start of `exec`. `completion` has no word, since it tells of all.
 */
const COMMANDS: readonly (readonly [
  words: readonly string[],
  add: (program: Command, done: Done) => void,
])[] = [
  [['exec', 'e'], addExecCommands],
  [['review'], addReviewCommand],
  [['demo'], addDemoCommand],
  [['apply-patch'], addPatchCommand],
  [['acp'], addAcpCommand],
  [['resume', 'fork'], addResumeCommands],
  [['in-trial'], addTrialCommand],
  [['sessions', 'archive', 'unarchive', 'delete'], addSessionsCommands],
  [['config'], addConfigCommands],
  [['sandbox', 'doctor', 'rules'], addSafetyCommands],
  [['index'], addIndexCommands],
  [['memories'], addMemoryCommands],
  [['skills'], addSkillCommands],
  [['hooks'], addHookCommands],
  [['mcp', 'mcp-server'], addMcpCommands],
  [['stats', 'features', 'debug'], addInfoCommands],
];

/** What parses this command line. @param done gets the exit code of the action. */
export function createProgram(argv: readonly string[], done: Done): Command {
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
  const word = firstOperand(argv, program) ?? '';
  const named = COMMANDS.filter(([words]) => words.includes(word));
  for (const [, add] of named.length > 0 ? named : COMMANDS) add(program, done);
  for (const command of program.commands) addMissingFlags(command);
  unmarkTexts(program);
  explainErrors(program, program.name());
  return program;
}

function addExecCommands(program: Command, done: Done): void {
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
      refuseTwo(prompt, flags, exec);
      const { execCommand } = await import('./exec/exec.ts');
      done(await execCommand(prompt, mergeFlags(program.opts<SessionFlags>(), flags)));
    });
  exec.addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed or interrupted, 2 wrong usage, 3 done but --verify or --until failed, 4 --max-steps, 5 --max-time, 6 --max-tokens.',
  );
  addExecResumeCommands(program, exec, done);
}

function addDemoCommand(program: Command, done: Done): void {
  program
    .command('demo')
    .description('watch the agent fix a small repository with a scripted model')
    .action(async () => {
      const { demoCommand } = await import('./commands/demo.ts');
      done(await demoCommand());
    });
}

function addAcpCommand(program: Command, done: Done): void {
  addSessionFlags(program.command('acp'))
    .description('be the agent of an editor, by the Agent Client Protocol on stdin and stdout')
    .action(async (flags: SessionFlags) => {
      const { acpCommand } = await import('./commands/acp.ts');
      done(await acpCommand(mergeFlags(program.opts<SessionFlags>(), flags)));
    });
}

/** What oagent starts for itself where a trial is mounted. */
function addTrialCommand(program: Command, done: Done): void {
  program
    .command('in-trial', { hidden: true })
    .argument('<folder>')
    .argument('[action]')
    .argument('[session]')
    .action(async (folder: string, action: string | undefined, session: string | undefined) => {
      if (action === undefined) {
        const { sessionInTrial } = await import('./interactive/in-trial.ts');
        return done(await sessionInTrial(folder));
      }
      const { actInTrial } = await import('./commands/trial.ts');
      done(await actInTrial(folder, action, session ?? ''));
    });
}

function addPatchCommand(program: Command, done: Done): void {
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

function addConfigCommands(program: Command, done: Done): void {
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

function addSafetyCommands(program: Command, done: Done): void {
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

function addIndexCommands(program: Command, done: Done): void {
  const run = async (action: IndexAction, flags: IndexFlags & SessionFlags): Promise<void> => {
    const { indexCommand } = await import('./commands/index-command.ts');
    const { planSession } = await import('../session/plan.ts');
    done(await indexCommand(action, flags, planSession(mergeFlags(program.opts<SessionFlags>(), flags))));
  };
  const index = program.command('index').description('the index of the repository');
  const command = (name: string): Command => addCommonFlags(index.command(name));
  const json = ['--json', 'print JSON'] as const;
  addDefaultAction(index, 'status')
    .description('show what is in the index')
    .option(...json)
    .action((flags: IndexFlags) => run({ name: 'status' }, flags));
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
