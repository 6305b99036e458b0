/** `oagent mcp add`, `remove`, `allow` and `refuse`: what the user decides about servers, in his config.toml. */
import path from 'node:path';
import { addTable, removeTable } from '../../config/edit-table.ts';
import { setExtensionTrust } from '../../config/extension-trust.ts';
import { type McpSettings, nameProblem } from '../../config/mcp-servers.ts';
import type { Table } from '../../config/table.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { looksSecret } from '../../text/secrets.ts';
import { knownServers, note, out, unknownServer } from './mcp-entries.ts';
import { unstarted } from './mcp-list.ts';
import { endLogin } from './mcp-login.ts';

export interface AddFlags {
  readonly env?: readonly string[];
  readonly url?: string;
  readonly bearerTokenEnvVar?: string;
  /** `Name: value`. */
  readonly header?: readonly string[];
  /** Of Claude Code's; only the old one says anything. */
  readonly transport?: 'stdio' | 'http' | 'sse';
}

/** @returns the exit code. @throws ConfigError if config.toml cannot be changed. */
export function addServer(
  name: string,
  command: readonly string[],
  flags: AddFlags,
  { home, cwd, env, loaded }: SessionPlan,
): number {
  const settings = settingsFor(command, flags, cwd);
  const problem = nameProblem(name);
  const wrong = problem === undefined ? undefined : `${JSON.stringify(name)} cannot be a name: ${problem}`;
  if (wrong !== undefined || typeof settings === 'string') {
    note(`Error: ${wrong ?? settings}`);
    return 2;
  }
  if (Object.hasOwn(loaded.config.mcp_servers, name)) {
    note(
      `Error: there is an MCP server ${name} already.\nTake another name, or remove that one first: oagent mcp remove ${name}`,
    );
    return 1;
  }
  addTable(home, ['mcp_servers', name], settings as Table);
  out(`Added ${name} to ${loaded.path}.`);
  for (const line of adviceFor(name, settings, env)) out(line);
  return 0;
}

const isAddress = (word: string | undefined): boolean => /^https?:\/\//i.test(word ?? '');

/** What is wrong, instead. */
function settingsFor(
  [program, ...args]: readonly string[],
  flags: AddFlags,
  cwd: string,
): McpSettings | string {
  const { env = [], url, bearerTokenEnvVar: bearer, header: headers = [], transport } = flags;
  if (transport === 'sse')
    return 'servers with only the older SSE transport are not supported. Most have an address of streamable HTTP too, often with /mcp at its end';
  // An address is no program, however it is given.
  if (program !== undefined && isAddress(program) && url === undefined) {
    if (args.length > 0) return `${program} is an address: nothing follows it`;
    return settingsFor([], { ...flags, url: program }, cwd);
  }
  if (program !== undefined && url !== undefined)
    return 'a server is either a program or an address: leave out --url, or the command';
  if (program === undefined && url === undefined)
    return 'how is it started, or where does it run? Write its command behind --, or its address';
  const variables = env.map((pair) => /^([A-Za-z_]\w*)=(.*)$/s.exec(pair));
  const wrong = env[variables.indexOf(null)];
  if (wrong !== undefined) return `--env ${wrong.split('=')[0]}: a variable is written NAME=VALUE`;
  if (url !== undefined) return addressSettings(url, { env, bearer, headers });
  if (bearer !== undefined) return '--bearer-token-env-var is for a server with an address: use --env';
  if (headers.length > 0) return '--header is for a server with an address: use --env';
  // A relative one would be another program in each folder.
  const command = /^\.{1,2}[\\/]/.test(program ?? '') ? path.resolve(cwd, program ?? '') : program;
  const given = Object.fromEntries(
    variables.map((found): [string, string] => [found?.[1] ?? '', found?.[2] ?? '']),
  );
  return { command, args, ...(env.length > 0 && { env: given }) };
}

function addressSettings(
  url: string,
  {
    env,
    bearer,
    headers,
  }: {
    readonly env: readonly string[];
    readonly bearer: string | undefined;
    readonly headers: readonly string[];
  },
): McpSettings | string {
  if (!isAddress(url) || !URL.canParse(url))
    return `--url ${url}: an address begins with https:// or http://`;
  if (env.length > 0) return '--env is for a program that is started here, not for an address';
  if (bearer !== undefined && !/^[A-Za-z_]\w*$/.test(bearer))
    return '--bearer-token-env-var takes the name of a variable, not the token itself';
  const named = headers.map((line) => /^\s*([\w-]+)\s*:\s*(\S.*)$/.exec(line));
  const wrong = headers[named.indexOf(null)];
  if (wrong !== undefined) return `--header ${wrong.split(':')[0]}: a header is written "Name: value"`;
  const given = Object.fromEntries(
    named.map((found): [string, string] => [found?.[1] ?? '', found?.[2] ?? '']),
  );
  return {
    url,
    ...(bearer !== undefined && { bearer_token_env_var: bearer }),
    ...(headers.length > 0 && { http_headers: given }),
  };
}

function adviceFor(name: string, settings: McpSettings, env: NodeJS.ProcessEnv): string[] {
  const { command, env: variables = {}, url = '', bearer_token_env_var: bearer, http_headers } = settings;
  const lines: string[] = [];
  const test = `Try it: oagent mcp test ${name}`;
  if (command === undefined) {
    if (bearer === undefined && http_headers === undefined)
      lines.push(`If it asks for a login: oagent mcp login ${name}`);
    if (bearer !== undefined && !env[bearer])
      lines.push(`${bearer} is not set in your environment: it needs it when it is used.`);
    const secret = Object.entries(http_headers ?? {}).find(([header, value]) =>
      looksSecret(header, value),
    )?.[0];
    if (secret !== undefined)
      lines.push(
        `${secret} is in config.toml now. To take it from a variable of yours instead, write env_http_headers = { ${secret} = "VARIABLE" }.`,
      );
    if (/^http:/i.test(url) && !/^http:\/\/(?:localhost|127\.|\[::1\])/i.test(url))
      lines.push('It is reached without encryption: others in the network can read what is sent.');
    return [...lines, test];
  }
  lines.push(
    'It runs outside the sandbox, with all your rights.',
    `To confine it like commands of the model, set sandbox = true under [mcp_servers.${name}]; network = true lets it use the network there.`,
  );
  const secret = Object.entries(variables).find(([variable, value]) => looksSecret(variable, value))?.[0];
  if (secret !== undefined)
    lines.push(
      `${secret} is in config.toml now. To pass on your own variable instead, write env_vars = ["${secret}"].`,
    );
  return [...lines, test];
}

/** @returns the exit code. @throws ConfigError if config.toml cannot be changed. */
export async function removeServer(name: string, plan: SessionPlan): Promise<number> {
  const servers = knownServers(plan);
  const own = servers.find(({ entry }) => entry.name === name && entry.project === undefined);
  const file = plan.loaded.path;
  if (own !== undefined && own.entry.source !== file) {
    note(`Error: ${name} is not configured in ${file}, but in ${own.entry.source}: remove it there`);
    return 1;
  }
  if (own !== undefined) {
    removeTable(plan.home, ['mcp_servers', name]);
    unstarted(own.entry, plan.home).forget();
    await endLogin(own.entry, plan);
    out(`Removed ${name} from ${file}.`);
    return 0;
  }
  const brought = servers.find(({ entry }) => entry.name === name);
  note(
    brought === undefined
      ? unknownServer(name, servers)
      : `Error: ${name} comes with the project (${brought.entry.source}).\nTo not use it: oagent mcp refuse ${name}`,
  );
  return 1;
}

/** @returns the exit code. @throws ConfigError if the user's word cannot be saved. */
export function trustServer(name: string, trust: 'allowed' | 'refused', plan: SessionPlan): number {
  const servers = knownServers(plan);
  const found = servers.find(({ entry }) => entry.name === name && entry.project !== undefined);
  const project = found?.entry.project;
  if (project === undefined) {
    const own = servers.some(({ entry }) => entry.name === name);
    note(
      own ? `Error: ${name} is a server of your own, which needs no such word` : unknownServer(name, servers),
    );
    return 1;
  }
  out(`${trust}: ${name}, from ${found?.entry.source}`);
  for (const line of project.lines) out(`  ${line}`);
  if (trust === 'allowed' && found?.entry.settings.command !== undefined)
    out('It runs outside the sandbox, with all your rights.');
  if (found?.isHidden) note('Your own server of this name is the one that is used.');
  if (found?.trust !== trust) setExtensionTrust(plan.home, project.root, `mcp:${name}`, project.hash, trust);
  return 0;
}
