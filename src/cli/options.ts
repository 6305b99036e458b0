/**
 * The flags that the commands share, and their translation into configuration.
 *
 * Invariants: a flag that stands before the command counts like one behind it. Does not: load configuration.
 */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { SANDBOX_MODES } from '../protocol.ts';
import type { SessionFlags } from '../session/flags.ts';
import { sanitizeForTerminal } from '../text/sanitize.ts';

/** Adds the shared flags to a command. */
export function addSessionFlags(command: Command): Command {
  return command
    .option('-m, --model <model>', 'model to use, as `ollama list` names it')
    .option(
      '-c, --config <key=value>',
      'set one configuration value (TOML), as models."qwen3:4b".profile="led"; may be repeated',
      collect,
    )
    .option('-p, --profile <name>', 'use the [profiles.<name>] of the configuration')
    .addOption(new Option('-s, --sandbox <mode>', 'what the agent may touch').choices(SANDBOX_MODES))
    .option('-C, --cd <dir>', 'work in this folder')
    .option('--add-dir <dir>', 'another folder that may be written; may be repeated', collect)
    .option('-i, --image <file...>', 'attach images to the first message', collectList)
    .option('--oss', 'accepted for scripts written for Codex: oagent always uses local models')
    .addOption(new Option('--local-provider <name>', 'only `ollama`').argParser(onlyOllama))
    .option(
      '--full-auto',
      'let it work in this folder: -s workspace-write, asking only for what leaves the sandbox',
    )
    .option('--strict-config', 'refuse unknown configuration keys')
    .option(
      '--dangerously-bypass-approvals-and-sandbox',
      'run every command without asking and without a sandbox (also --yolo)',
    )
    .addOption(new Option('--yolo').hideHelp());
}

/** Adds the flags of `exec` to it and to its own commands. */
export function addExecFlags(command: Command): Command {
  return addSessionFlags(command)
    .option('--json', 'print events as JSON lines')
    .addOption(new Option('--experimental-json').hideHelp())
    .option('-o, --output-last-message <file>', 'write the final message to this file')
    .option('--output-schema <file>', 'JSON schema that the final message must follow')
    .addOption(
      new Option('--verify <command>', 'run this at the end; exit code 3 if it fails').argParser(notEmpty),
    )
    .option('--skip-git-repo-check', 'work outside a git repository too')
    .option('--ephemeral', 'keep no record of the session')
    .option('--ignore-user-config', 'do not read config.toml')
    .addOption(
      new Option('--color <when>', 'colour the output (default: auto)').choices(['always', 'never', 'auto']),
    )
    .addOption(new Option('--thread-source <name>').hideHelp());
}

/** The flags of the program and of its command as one; lists are joined, the command's single values win. */
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
    image: join(outer.image, inner.image),
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

function notEmpty(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('A command is needed.');
  return value;
}

function onlyOllama(value: string): string {
  if (value !== 'ollama') throw new InvalidArgumentError('oagent runs models through ollama only.');
  return value;
}

/** `Error: ` and the message, ready for a terminal, ending in a line break; some messages begin with the word already. */
export function errorLine(message: string): string {
  const text = sanitizeForTerminal(message);
  return `${text.startsWith('Error ') ? '' : 'Error: '}${text}\n`;
}
