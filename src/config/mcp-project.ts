/**
 * The MCP servers that a project brings: `.mcp.json` and `.cursor/mcp.json`, read in place.
 *
 * Invariants: such a file is data from a repository, so it is not opened unless the user trusts its folder, nor if it
 * belongs to another user; what it says is used only after the user has allowed exactly that (extension-trust.ts), so
 * variables are filled in after the hash was taken, and only from the user's environment.
 */
import path from 'node:path';
import { shellWord } from '../text/shell-word.ts';
import { printable } from './errors.ts';
import { readProjectJson } from './json-file.ts';
import { formatKeyPath } from './key-path.ts';
import { type McpFile, mcpFiles } from './mcp-files.ts';
import { type McpEntry, type McpSettings, nameProblem, settingsProblem } from './mcp-servers.ts';
import { contentHash } from './project-file.ts';
import { isTable, type Table } from './table.ts';
import { howToTrust, projectTrust, type TrustConfig, trustWithin } from './trust.ts';

interface ProjectPlace {
  /** The session's folder, absolute. */
  readonly cwd: string;
  /** oagent's own folder. */
  readonly home: string;
  /** The user's environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** All that the project brings, the nearest file last; and what the user should know, one line each. */
export function projectServers(
  config: TrustConfig,
  place: ProjectPlace,
): { readonly entries: readonly McpEntry[]; readonly warnings: readonly string[] } {
  const files = mcpFiles(config, place.cwd);
  const isTrusted = ({ folder }: McpFile): boolean => trustWithin(config, place.cwd, folder) === 'trusted';
  const distrusted = files.filter((file) => !isTrusted(file));
  const warnings: string[] = [];
  if (distrusted.length > 0) warnings.push(distrustedText(config, place, distrusted));
  const { root } = projectTrust(config, place.cwd);
  const found = new Map<string, McpEntry>();
  for (const file of files.filter(isTrusted)) {
    const servers = serversIn(file, place.cwd);
    if (typeof servers === 'string') {
      warnings.push(`oagent is ignoring ${printable(file.file)}: ${servers}`);
      continue;
    }
    for (const [name, given] of Object.entries(servers)) {
      const entry = entryOf(name, given, file, { root, env: place.env });
      if (typeof entry === 'string') {
        const key = formatKeyPath(['mcpServers', name]);
        warnings.push(`oagent is ignoring ${printable(key)} in ${printable(file.file)}: ${printable(entry)}`);
      } else found.set(name, entry);
    }
  }
  return { entries: [...found.values()], warnings };
}

function distrustedText(config: TrustConfig, { cwd, home }: ProjectPlace, files: readonly McpFile[]): string {
  return (
    `oagent is ignoring the project's MCP servers (${files.map(({ file }) => printable(file)).join(', ')}), ` +
    `because the folder is not trusted. ${howToTrust(projectTrust(config, cwd).root, home)}`
  );
}

/** The servers of a file, or why it cannot be used. */
function serversIn({ file }: McpFile, cwd: string): Table | string {
  const read = readProjectJson(file, cwd);
  if ('problem' in read) return printable(read.problem);
  const { value } = read;
  const servers = isTable(value) ? (value.mcpServers ?? {}) : undefined;
  return isTable(servers) ? servers : 'its mcpServers is not an object of servers by name';
}

/** One server as Claude and Cursor write it, or what is wrong with it. Fields that are not known are left. */
function entryOf(
  name: string,
  given: unknown,
  { file, folder }: McpFile,
  { root, env }: { readonly root: string; readonly env: NodeJS.ProcessEnv },
): McpEntry | string {
  const wrong = nameProblem(name);
  if (wrong !== undefined) return wrong;
  if (!isTable(given)) return 'it is not an object';
  const read = settingsOf(given);
  if (typeof read === 'string') return read;
  const problem = settingsProblem(read);
  if (problem !== undefined) return problem;
  const filled = filledIn(read, { env, folder });
  return {
    name,
    settings: { ...filled.settings, enabled: given.disabled === true ? false : undefined },
    source: file,
    folder,
    project: { root, hash: hashOf(path.relative(root, folder), name, given), lines: linesOf(read) },
    problem:
      filled.missing.length === 0
        ? undefined
        : `${filled.missing.map(printable).join(', ')} is not set in your environment`,
  };
}

function settingsOf(given: Table): McpSettings | string {
  const { command, url, args = [], cwd } = given;
  const env = stringsIn(given.env ?? {});
  const headers = stringsIn(given.headers ?? {});
  for (const [key, value] of Object.entries({ command, url, cwd }))
    if (value !== undefined && (typeof value !== 'string' || value === '')) return `${key} is not a text`;
  if (!Array.isArray(args) || !args.every((word) => typeof word === 'string'))
    return 'args is not a list of texts';
  if (env === undefined || headers === undefined)
    return `${env === undefined ? 'env' : 'headers'} is not an object of texts`;
  const shared = { cwd: cwd as string | undefined };
  return command === undefined
    ? { ...shared, url: url as string | undefined, http_headers: headers }
    : { ...shared, command: command as string, url: url as string | undefined, args, env };
}

/** Numbers and switches are written as their texts. */
function stringsIn(given: unknown): Record<string, string> | undefined {
  if (!isTable(given)) return undefined;
  const isText = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
  if (!Object.values(given).every(isText)) return undefined;
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)]));
}

/** A relative command of another folder would be another program. */
function hashOf(where: string, name: string, given: Table): string {
  return contentHash(Buffer.from(JSON.stringify([where, name, given])));
}

/** `${VAR}`, `${VAR:-otherwise}` and Cursor's `${env:VAR}`. */
const VARIABLE = /\$\{(?:env:)?([A-Za-z_]\w{0,100})(?::-([^}]{0,1000}))?\}/g;

function filledIn(
  settings: McpSettings,
  { env, folder }: { readonly env: NodeJS.ProcessEnv; readonly folder: string },
): { readonly settings: McpSettings; readonly missing: readonly string[] } {
  const missing = new Set<string>();
  const fill = (text: string): string =>
    text
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Cursor's word for it.
      .replaceAll('${workspaceFolder}', () => folder)
      .replace(VARIABLE, (whole, name: string, otherwise: string | undefined) => {
        const value = env[name] || otherwise;
        if (value === undefined) missing.add(name);
        return value ?? whole;
      });
  const fillAll = (texts: Record<string, string> | undefined) =>
    texts && Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, fill(text)]));
  const { command, url, cwd, args, env: variables, http_headers } = settings;
  return {
    settings: {
      ...settings,
      command: command && fill(command),
      url: url && fill(url),
      cwd: cwd && fill(cwd),
      args: args?.map(fill),
      env: fillAll(variables),
      http_headers: fillAll(http_headers),
    },
    missing: [...missing],
  };
}

/** As the file has it: no value of a variable is shown, and none changes what the user has allowed. */
function linesOf({ command, args = [], url, cwd, env = {}, http_headers = {} }: McpSettings): string[] {
  return [
    command === undefined ? (url ?? '') : [command, ...args].map(shellWord).join(' '),
    ...(cwd === undefined ? [] : [`cwd: ${cwd}`]),
    ...Object.entries(env).map(([name, value]) => `env: ${name}=${value}`),
    ...Object.entries(http_headers).map(([name, value]) => `header: ${name}: ${value}`),
  ];
}
