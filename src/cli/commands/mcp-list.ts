/** `oagent mcp list` and `get`: what is configured, and what each server had when it ran last. Nothing is started, no secret is shown. */
import type { McpEntry, McpSettings } from '../../config/mcp-servers.ts';
import { maskSecret } from '../../config/secrets.ts';
import { TokenStore } from '../../mcp/auth/token-store.ts';
import { targetOf } from '../../mcp/launch.ts';
import { ManifestCache } from '../../mcp/manifest-cache.ts';
import { Server } from '../../mcp/server.ts';
import type { KnownServer } from '../../session/found-servers.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { plural } from '../../text/digits.ts';
import { firstSentence } from '../../text/first-sentence.ts';
import { jsonText } from '../../text/json-text.ts';
import { maskSecrets } from '../../text/secrets.ts';
import { knownServers, note, out, unknownServer } from './mcp-entries.ts';

export interface ListFlags {
  readonly json?: boolean;
}

/** @returns the exit code */
export function listServers({ json = false }: ListFlags, plan: SessionPlan): number {
  const servers = knownServers(plan).map((known) => new Shown(known, plan));
  if (json)
    process.stdout.write(
      `${jsonText(
        servers.map((server) => server.json),
        2,
      )}\n`,
    );
  else for (const server of servers) for (const line of server.lines) out(line);
  if (!json && servers.length === 0)
    note('You have no MCP servers. To add one: oagent mcp add NAME -- COMMAND, or oagent mcp add NAME URL');
  return 0;
}

/** @returns the exit code */
export function getServer(name: string, { json = false }: ListFlags, plan: SessionPlan): number {
  const all = knownServers(plan);
  const found = all.filter(({ entry }) => entry.name === name).map((known) => new Shown(known, plan));
  const [first] = found;
  if (first === undefined) {
    note(unknownServer(name, all));
    return 1;
  }
  if (json) process.stdout.write(`${jsonText({ ...first.json, tools: first.tools }, 2)}\n`);
  else for (const server of found) for (const line of [...server.lines, ...server.details]) out(line);
  return 0;
}

const TRUST = {
  allowed: 'of the project, allowed',
  refused: 'of the project, refused',
  unknown: 'of the project, not used until you allow it',
} as const;

/** One server, as it is shown. */
class Shown {
  readonly #known: KnownServer;
  readonly #server: Server;
  readonly #home: string;

  constructor(known: KnownServer, { home }: SessionPlan) {
    this.#known = known;
    this.#home = home;
    this.#server = unstarted(known.entry, home);
  }

  get tools() {
    return this.#server.tools.map(({ name, description }) => ({ name, description }));
  }

  /** Its head for a list. */
  get lines(): string[] {
    const { entry, trust, isHidden } = this.#known;
    const owner = trust === undefined ? 'yours' : TRUST[trust];
    const hidden = isHidden ? '; your own of this name is used instead' : '';
    return [
      `${entry.name} (${owner}${hidden})`,
      `  ${this.#target}`,
      `  ${[...this.#place, this.#has].join(' · ')}`,
      ...(this.#disabled === undefined ? [] : [`  not used: ${this.#disabled}`]),
      ...(trust === 'unknown' ? [`  to see it and allow it: oagent mcp allow ${entry.name}`] : []),
    ];
  }

  get details(): string[] {
    const { entry } = this.#known;
    const { manifest } = this.#server;
    const settings = leavesOf(this.#shownSettings).map(([key, value]) => `  ${key} = ${value}`);
    const version =
      manifest === undefined
        ? []
        : [`  ${manifest.server.name} ${manifest.server.version}, protocol ${manifest.protocolVersion}`];
    const tools = this.tools.map(({ name, description }) => `    ${name}: ${firstSentence(description)}`);
    return [
      `  from ${entry.source}`,
      ...settings,
      ...version,
      ...(tools.length === 0 ? [] : ['  tools:', ...tools]),
    ];
  }

  /** With Codex's names where it has them. */
  get json() {
    const { entry, trust, isHidden } = this.#known;
    const { manifest } = this.#server;
    const {
      enabled = true,
      startup_timeout_sec = null,
      tool_timeout_sec = null,
      sandbox = false,
    } = entry.settings;
    return {
      name: entry.name,
      enabled: enabled && entry.problem === undefined,
      disabled_reason: this.#disabled ?? null,
      transport: this.#transport,
      startup_timeout_sec,
      tool_timeout_sec,
      auth_status: this.#auth,
      source: entry.source,
      trust: trust ?? null,
      shadowed: isHidden,
      sandbox,
      known: manifest === undefined ? null : counts(manifest),
    };
  }

  get #shownSettings(): Record<string, unknown> {
    const { name, settings } = this.#known.entry;
    const shown = Object.entries(settings).filter(([, value]) => value !== undefined);
    return Object.fromEntries(shown.map(([key, value]) => [key, masked(['mcp_servers', name, key], value)]));
  }

  get #transport(): Record<string, unknown> {
    const { command, args, env, env_vars, cwd, url, bearer_token_env_var, http_headers, env_http_headers } =
      this.#shownSettings;
    return command === undefined
      ? { type: 'streamable_http', url, bearer_token_env_var, http_headers, env_http_headers }
      : { type: 'stdio', command, args: args ?? [], env, env_vars: env_vars ?? [], cwd };
  }

  get #target(): string {
    return maskSecrets(targetOf(this.#known.entry.settings));
  }

  get #place(): string[] {
    const { command, sandbox = false, network = false } = this.#known.entry.settings;
    if (command === undefined) return [LOGIN[this.#auth]];
    return [sandbox ? `in the sandbox${network ? ', with the network' : ''}` : 'outside the sandbox'];
  }

  get #has(): string {
    const { manifest } = this.#server;
    if (manifest === undefined) return 'has not run yet';
    return hasLine(this.tools.length, manifest);
  }

  get #disabled(): string | undefined {
    const { settings, problem } = this.#known.entry;
    return settings.enabled === false ? 'it is switched off (enabled = false)' : problem;
  }

  get #auth(): keyof typeof LOGIN {
    const { name, settings } = this.#known.entry;
    if (settings.url === undefined) return 'unsupported';
    if (hasOwnToken(settings)) return 'bearer_token';
    return new TokenStore(this.#home, { name, url: settings.url }).read() === undefined
      ? 'not_logged_in'
      : 'o_auth';
  }
}

/** For what is known of it. */
export function unstarted(entry: McpEntry, home: string): Server {
  return new Server({
    entry,
    cache: new ManifestCache(home),
    connect: () => Promise.reject(new Error('it is not started here')),
    onChange: () => undefined,
    confinement: () => '',
  });
}

/** As Codex names them. */
const LOGIN = {
  unsupported: 'no login',
  bearer_token: 'with a token of yours',
  not_logged_in: 'not logged in',
  o_auth: 'logged in',
} as const;

function hasOwnToken({ bearer_token_env_var: bearer, http_headers, env_http_headers }: McpSettings): boolean {
  const names = [http_headers, env_http_headers].flatMap((headers) => Object.keys(headers ?? {}));
  return bearer !== undefined || names.some((name) => name.toLowerCase() === 'authorization');
}

interface Lists {
  readonly tools: readonly unknown[];
  readonly prompts: readonly unknown[];
  readonly resources: readonly unknown[];
}

function counts({ tools, prompts, resources }: Lists) {
  return { tools: tools.length, prompts: prompts.length, resources: resources.length };
}

/** `13 tools, 4 prompts`. */
export function hasLine(tools: number, { prompts, resources }: Pick<Lists, 'prompts' | 'resources'>): string {
  const more = [
    ...(prompts.length === 0 ? [] : [plural(prompts.length, 'prompt')]),
    ...(resources.length === 0 ? [] : [plural(resources.length, 'resource')]),
  ];
  return [plural(tools, 'tool'), ...more].join(', ');
}

/** With all that may be a secret masked. */
function masked(path: readonly string[], value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => masked(path, one));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, masked([...path, key], one)]));
  if (path.at(-1) === 'url' && typeof value === 'string') return targetOf({ url: value });
  const shown = maskSecret(path, value);
  return typeof shown === 'string' ? maskSecrets(shown) : shown;
}

function leavesOf(settings: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(settings).map(([key, value]) => [key, JSON.stringify(value)]);
}
