/** The flags that commands share. A flag before the command counts like one after it. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { APPROVAL_POLICIES, SANDBOX_MODES } from '../protocol.ts';
import type { SessionFlags } from '../session/flags.ts';
import { parseDuration } from '../text/duration.ts';
import { sanitizeForTerminal } from '../text/sanitize.ts';

/** Flags that every command takes, as scripts pass them; a command ignores those that mean nothing to it. */
export function addCommonFlags(command: Command): Command {
  return command
    .addOption(
      new Option('-m, --model <model>', 'model to use, as `ollama list` names it').argParser(
        notEmpty('model'),
      ),
    )
    .option(
      '-c, --config <key=value>',
      'set a configuration value (TOML), such as models."qwen3:4b".profile="led"; may be repeated',
      collect,
    )
    .option('-p, --profile <name>', 'use [profiles.<name>] of the configuration, or <name>.config.toml')
    .addOption(new Option('-s, --sandbox <mode>', 'what the agent may touch').choices(SANDBOX_MODES))
    .addOption(new Option('-a, --ask-for-approval <policy>', 'when you are asked').choices(APPROVAL_POLICIES))
    .addOption(new Option('-C, --cd <dir>', 'work in this folder').argParser(notEmpty('folder')));
}

/** The action that a command takes if none is named. Any words get there: they are the names of actions that there are not. */
export function addDefaultAction(parent: Command, name: string): Command {
  return addCommonFlags(parent.command(name, { isDefault: true }))
    .usage('[options]')
    .allowExcessArguments()
    .hook('preAction', (_, { args: [word] }) => {
      if (word !== undefined) parent.error(`error: unknown command '${word}'`);
    });
}

export function addSessionFlags(command: Command): Command {
  return addCommonFlags(command)
    .option('--add-dir <dir>', 'another writable folder; may be repeated', collect)
    .option('-i, --image <file>', 'attach an image to the first message; may be repeated', collectList)
    .option('--oss', 'accepted for scripts written for Codex; oagent always uses local models')
    .addOption(new Option('--local-provider <name>', 'only `ollama`').argParser(onlyOllama))
    .option(
      '--full-auto',
      'let it work in this folder: -s workspace-write, asking only before it leaves the sandbox',
    )
    .option('--plan', 'change nothing: the answer is a plan, kept as a file')
    .option('--trust', 'trust this folder in this session, as `oagent` asks before the first one')
    .option('--ignore-rules', 'do not read rules.toml')
    .option('--no-memories', 'make no memories of this session and use none (see docs/memories.md)')
    .option('--enable <feature>', 'the same as -c features.<feature>=true; may be repeated', collect)
    .option('--disable <feature>', 'the same as -c features.<feature>=false; may be repeated', collect)
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
    .addOption(
      new Option('--events <file>', 'write events as JSON lines to this file').argParser(notEmpty('file')),
    )
    .option('-o, --output-last-message <file>', 'write the final message to this file')
    .option('--output-schema <file>', 'JSON schema that the final message must match')
    .addOption(
      new Option('--verify <command>', 'run this at the end; exit code 3 if it fails').argParser(
        notEmpty('command'),
      ),
    )
    .addOption(
      new Option('--until <command>', 'continue until this succeeds; exit code 3 if it does not')
        .argParser(notEmpty('command'))
        .conflicts('verify'),
    )
    .addOption(new Option('--max-rounds <n>', 'rounds of --until (default: 10)').argParser(whole))
    .addOption(
      new Option(
        '--queue <file>',
        'one prompt a line, one after the other, in the place of a prompt; `-`: stdin',
      ).argParser(notEmpty('file')),
    )
    .addOption(
      new Option('--max-steps <n>', 'stop after this many answers of the model; exit code 4').argParser(
        whole,
      ),
    )
    .addOption(
      new Option('--max-time <time>', 'stop after this time, such as 90s or 10m; exit code 5').argParser(
        duration,
      ),
    )
    .addOption(
      new Option('--max-tokens <n>', 'stop after this many tokens, read and written; exit code 6').argParser(
        whole,
      ),
    )
    .option('--skip-git-repo-check', 'allow running outside a git repository')
    .option('--ephemeral', 'keep no record of the session')
    .option('--ignore-user-config', 'do not read config.toml')
    .addOption(
      new Option('--color <when>', 'colour the output (default: auto)').choices(['always', 'never', 'auto']),
    )
    .addOption(new Option('--thread-source <name>').hideHelp());
}

/** The flags of the program and of its command; lists are joined, otherwise the command's value wins. */
export function mergeFlags<T extends SessionFlags>(
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
    enable: join(outer.enable, inner.enable),
    disable: join(outer.disable, inner.disable),
    image: join(outer.image, inner.image),
    // Each of them has it as its default.
    memories: outer.memories !== false && inner.memories !== false,
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

/** A script's unset variable is no task. */
export function refuseBlank(prompt: string | undefined, command: Command): void {
  if (prompt?.trim() === '') command.error('error: the prompt is empty');
}

/** A queue has the prompts. */
export function refuseTwo(
  prompt: string | undefined,
  { queue }: { readonly queue?: string },
  command: Command,
): void {
  if (prompt !== undefined && queue !== undefined)
    command.error('error: --queue has the prompts, so there cannot be another one');
}

function whole(value: string): number {
  const count = Number(value.replaceAll('_', ''));
  if (!/^[\d_]+$/.test(value) || count < 1 || !Number.isSafeInteger(count))
    throw new InvalidArgumentError('A whole number from 1 is required.');
  return count;
}

const MAX_DAYS = 36_500;

/** @returns at most a century, so that the first day is a date. */
export function dayCount(value: string): number {
  return Math.min(MAX_DAYS, whole(value));
}

function duration(value: string): string {
  if (parseDuration(value) === undefined)
    throw new InvalidArgumentError('A time such as 90s, 10m or 1h30m is required; a number is seconds.');
  return value;
}

/** A script's unset variable names nothing. */
export function notEmpty(what: string): (value: string) => string {
  return (value) => {
    if (value.trim() === '') throw new InvalidArgumentError(`A ${what} is required.`);
    return value;
  };
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
