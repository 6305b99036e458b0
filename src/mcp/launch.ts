/**
 * How a server is started, or reached: what the user has configured, made whole.
 *
 * Invariant: outside the sandbox nothing is run that a command could have put there. So a program of the workspace is
 * refused there, and what looks for code where it is started (npx, python) is started in a folder of oagent's own.
 */
import path from 'node:path';
import { makeFolder } from '../config/make-folder.ts';
import type { McpEntry, McpSettings } from '../config/mcp-servers.ts';
import type { Permissions } from '../safety/permissions.ts';
import type { Sandbox } from '../safety/sandbox/sandbox.ts';
import { unsafeFolders } from '../system/find-program.ts';
import { shellWord } from '../text/shell-word.ts';
import type { McpAddress, McpProgram } from './connection.ts';
import { codeWithin } from './launched-code.ts';

/** What the user's own programs need to work at all, and to reach the network. */
const VARIABLES =
  /^(?:HOME|LOGNAME|PATH|SHELL|USER|USERNAME|LANG|LC_\w+|TERM|TMPDIR|TEMP|TMP|TZ|XDG_\w+|APPDATA|LOCALAPPDATA|SystemRoot|(?:HTTPS?|ALL|NO)_PROXY|(?:https?|all|no)_proxy|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS)$/;

/** They run code that lies where they are started: `node_modules/.bin`, a module in the folder. */
const LOOKS_AROUND = /^(?:npx|npm|pnpm|pnpx|yarn|bunx?|uvx?|pipx|python[\d.]*)$/;

export interface LaunchPlace {
  /** The user's environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly permissions: Permissions;
  /** For a server that is to run in it. @throws Error if there is none. */
  readonly sandbox: (network: boolean) => Promise<Sandbox>;
}

/** The server could be started only against a rule; the message says what to do. */
class LaunchError extends Error {
  override readonly name = 'LaunchError';
}

/** The command line or the address, as the user may see it: without what an address says of its user. */
export function targetOf({ command, args = [], url = '' }: McpSettings): string {
  if (command !== undefined) return [command, ...args].map(shellWord).join(' ');
  return url.replace(/^([\w+.-]+:\/\/)[^/?#]*@/, '$1').replace(/\?.*$/s, '');
}

/** @throws Error that says why it cannot be started, and what to do. */
export async function programOf(entry: McpEntry, command: string, place: LaunchPlace): Promise<McpProgram> {
  const { settings, folder } = entry;
  const { args = [], env_vars: more = [], network = false } = settings;
  const cwd = path.resolve(folder, settings.cwd ?? '');
  const env = {
    ...Object.fromEntries(
      Object.entries(place.env).filter(([name]) => VARIABLES.test(name) || more.includes(name)),
    ),
    ...settings.env,
  };
  if (settings.sandbox === true) {
    const box = await place.sandbox(network);
    return {
      command,
      args,
      env,
      cwd,
      prepare: (argv, at, variables) => box.prepare({ argv, cwd: at, env: variables }),
    };
  }
  refuseWorkspaceProgram(entry, [command, ...args], cwd, place);
  // Only the user's own word can say that code which lies there is meant.
  const isMeant = settings.cwd !== undefined && entry.project === undefined;
  if (isMeant || !LOOKS_AROUND.test(path.basename(command))) return { command, args, env, cwd };
  const own = path.join(place.permissions.home, 'mcp', 'start');
  makeFolder(own);
  const program = command.includes(path.sep) ? path.resolve(cwd, command) : command;
  return { command: program, args: args.map((word) => absolute(word, cwd)), env, cwd: own, folder: cwd };
}

/** `.`, `./docs`, `../docs` */
function absolute(word: string, cwd: string): string {
  return /^\.{1,2}(?:\/|$)/.test(word) ? path.resolve(cwd, word) : word;
}

function refuseWorkspaceProgram(
  { name, project, settings }: McpEntry,
  words: readonly string[],
  cwd: string,
  { env, permissions }: LaunchPlace,
): void {
  // There is no sandbox to leave.
  if (permissions.mode === 'danger-full-access') return;
  const unsafe = unsafeFolders(permissions.cwd, env, permissions.writableRoots);
  const found = codeWithin(unsafe, { words, variables: settings.env ?? {}, cwd });
  if (found === undefined) return;
  const table =
    project === undefined ? `under [mcp_servers.${name}]` : `in a [mcp_servers.${name}] of your own`;
  throw new LaunchError(
    `It is not started outside the sandbox, because commands of the model can change ${found}.\n` +
      `Set sandbox = true ${table}, or install it outside of the project.`,
  );
}

/** @throws Error if a variable with a secret is not set. */
export function addressOf({ settings }: McpEntry, url: string, env: NodeJS.ProcessEnv): McpAddress {
  const variable = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '') throw new LaunchError(`${name} is not set in your environment.`);
    return value;
  };
  const { http_headers, env_http_headers = {}, bearer_token_env_var: bearer } = settings;
  const headers = { ...http_headers };
  for (const [header, name] of Object.entries(env_http_headers)) headers[header] = variable(name);
  if (bearer !== undefined) headers.Authorization = `Bearer ${variable(bearer)}`;
  return { url, headers };
}
