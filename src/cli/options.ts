/** The flags that commands share. A flag before the command counts like one after it. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { APPROVAL_POLICIES, SANDBOX_MODES } from '../protocol.ts';
import type { SessionFlags } from '../session/flags.ts';
import { sanitizeForTerminal } from '../text/sanitize.ts';

/** The flags that every command takes. */
const common = (): readonly Option[] => [
  new Option('-m, --model <model>', 'model to use, as `ollama list` names it'),
  new Option(
    '-c, --config <key=value>',
    'set a configuration value (TOML), such as models."qwen3:4b".profile="led"; may be repeated',
  ).argParser(collect),
  new Option('-p, --profile <name>', 'use [profiles.<name>] of the configuration'),
  new Option('-s, --sandbox <mode>', 'what the agent may touch').choices(SANDBOX_MODES),
  new Option('-C, --cd <dir>', 'work in this folder'),
];

export function addCommonFlags(command: Command): Command {
  for (const option of common()) command.addOption(option);
  return command;
}

/** Gives every command below `program` the common flags; where they change little, `--help` leaves them out. */
export function completeFlags(program: Command): void {
  for (const command of program.commands) {
    if (!command.options.some(({ short }) => short === '-c'))
      for (const option of common()) command.addOption(option.hideHelp());
    completeFlags(command);
  }
}

export function addSessionFlags(command: Command): Command {
  return addCommonFlags(command)
    .option('--add-dir <dir>', 'another writable folder; may be repeated', collect)
    .option(
      '-i, --image <file>',
      'attach an image to the first message; may be repeated, or several with commas',
      collectList,
    )
    .addOption(new Option('-a, --ask-for-approval <policy>', 'when you are asked').choices(APPROVAL_POLICIES))
    .option('--enable <feature>', 'same as -c features.<feature>=true; may be repeated', collect)
    .option('--disable <feature>', 'same as -c features.<feature>=false; may be repeated', collect)
    .option('--trust', 'remember this project as trusted')
    .option('--ignore-rules', 'do not read rules.toml')
    .option('--oss', 'accepted for scripts written for Codex; oagent always uses local models')
    .addOption(new Option('--local-provider <name>', 'only `ollama`').argParser(onlyOllama))
    .option(
      '--full-auto',
      'let it work in this folder: -s workspace-write, asking only before it leaves the sandbox',
    )
    .option('--strict-config', 'refuse unknown configuration keys')
    .option(
      '--dangerously-bypass-approvals-and-sandbox',
      'run every command without asking and without a sandbox (alias: --yolo)',
    )
    .addOption(new Option('--yolo').hideHelp());
}

/** The flags of `exec` and its subcommands. */
export function addExecFlags(command: Command): Command {
  return addSessionFlags(command)
    .option('--json', 'print events as JSON lines')
    .addOption(new Option('--experimental-json').hideHelp())
    .option('-o, --output-last-message <file>', 'write the final message to this file')
    .option('--output-schema <file>', 'JSON schema that the final message must match')
    .addOption(
      new Option('--verify <command>', 'run this at the end; exit code 3 if it fails').argParser(notEmpty),
    )
    .option('--skip-git-repo-check', 'allow running outside a git repository')
    .option('--ephemeral', 'keep no record of the session')
    .option('--ignore-user-config', 'do not read config.toml')
    .addOption(
      new Option('--color <when>', 'colour the output (default: auto)').choices(['always', 'never', 'auto']),
    )
    .addOption(new Option('--thread-source <name>').hideHelp());
}

/** The flags of a command and of those that it follows; lists are joined, otherwise the last value wins. */
export function flagsOf<T extends SessionFlags>(command: Command): T {
  const own = command.opts<T>();
  return mergeFlags(command.parent === null ? {} : flagsOf(command.parent), own);
}

function mergeFlags<T extends SessionFlags>(
  outer: SessionFlags & { yolo?: boolean },
  inner: T & { yolo?: boolean },
): T {
  const join = (a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] => [
    ...(a ?? []),
    ...(b ?? []),
  ];
  return {
    ...outer,
    ...inner,
    config: join(outer.config, inner.config),
    addDir: join(outer.addDir, inner.addDir),
    image: join(outer.image, inner.image),
    enable: join(outer.enable, inner.enable),
    disable: join(outer.disable, inner.disable),
    dangerouslyBypassApprovalsAndSandbox: [outer, inner].some(
      (flags) => flags.dangerouslyBypassApprovalsAndSandbox || flags.yolo,
    ),
  };
}

function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

/** `-i a.png,b.png -i c.png` */
function collectList(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), ...value.split(',').filter((part) => part !== '')];
}

/** A variable of a script that is not set must not start a turn. */
export function refuseBlank(command: Command, prompt: string | undefined): void {
  if (prompt?.trim() === '')
    command.error('error: the prompt is empty. Without an argument it is read from stdin');
}

function notEmpty(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('A command is required.');
  return value;
}

function onlyOllama(value: string): string {
  if (value !== 'ollama') throw new InvalidArgumentError('oagent runs models only through ollama.');
  return value;
}

/** `Error: ` (unless the message starts with that word) and the message, for a terminal, ending in a line break. */
export function errorLine(message: string): string {
  const text = sanitizeForTerminal(message);
  return `${text.startsWith('Error ') ? '' : 'Error: '}${text}\n`;
}
