/** `oagent mcp login` and `logout`. */
import type { McpEntry, McpSettings } from '../../config/mcp-servers.ts';
import { TokenStore } from '../../mcp/auth/token-store.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { VERSION } from '../../session/version.ts';
import { openInBrowser } from '../../system/open-browser.ts';
import { timeLimit } from '../../system/within.ts';
import { errorMessage } from '../../text/error-message.ts';
import { note, out, refusal, serverNamed } from './mcp-entries.ts';

const PATIENCE_MIN = 10;
const FAREWELL_MS = 5_000;

/** @returns the exit code */
export async function loginCommand(name: string, plan: SessionPlan): Promise<number> {
  const server = serverNamed(name, plan);
  if (server === undefined) return 1;
  const { settings } = server.entry;
  const problem = refusal(server) ?? needsNoLogin(name, settings);
  if (problem !== undefined || settings.url === undefined) {
    note(problem ?? '');
    return 1;
  }
  const { login } = await import('../../mcp/auth/login.ts');
  try {
    await login({
      url: settings.url,
      headers: headersOf(settings, plan.env),
      scopes: settings.scopes,
      clientId: settings.oauth_client_id,
      store: new TokenStore(plan.home, { name, url: settings.url }),
      signal: timeLimit(PATIENCE_MIN * 60_000),
      version: VERSION,
      open: (address) => showPlace(address, name, plan),
    });
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    note(`Error: ${isLate ? `nobody has logged in for ${PATIENCE_MIN} minutes` : errorMessage(error)}`);
    return 1;
  }
  out(`Logged in to ${name}.`);
  return 0;
}

function showPlace(address: string, name: string, { cwd, env }: SessionPlan): void {
  const isOpen = openInBrowser(address, cwd, env);
  note(
    isOpen
      ? `Your browser opens the login of ${name}. If it does not, open this address:`
      : `To log in to ${name}, open this address in a browser on this machine:`,
  );
  note(`\n${address}\n`);
  note('Waiting for the answer. Ctrl+C gives up.');
}

function needsNoLogin(
  name: string,
  { url, bearer_token_env_var: bearer, ...settings }: McpSettings,
): string | undefined {
  if (url === undefined) return `Error: ${name} is a program that is started here: it has no login`;
  if (bearer !== undefined)
    return `Error: ${name} gets its token from ${bearer}.\nTo log in instead, remove bearer_token_env_var from its settings`;
  const names = [settings.http_headers, settings.env_http_headers].flatMap((headers) =>
    Object.keys(headers ?? {}),
  );
  if (!names.some((header) => header.toLowerCase() === 'authorization')) return undefined;
  return `Error: ${name} gets its token from a header of your settings.\nTo log in instead, remove the header Authorization from them`;
}

/** Those whose variable is not set are left out: the login may not need them. */
function headersOf(
  { http_headers: headers = {}, env_http_headers: named = {} }: McpSettings,
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  const found = Object.entries(named).flatMap(([header, variable]): [string, string][] => {
    const value = env[variable];
    return value === undefined || value === '' ? [] : [[header, value]];
  });
  return { ...headers, ...Object.fromEntries(found) };
}

/** @returns the exit code */
export async function logoutCommand(name: string, plan: SessionPlan): Promise<number> {
  const server = serverNamed(name, plan);
  if (server === undefined) return 1;
  const hasEnded = await endLogin(server.entry, plan);
  out(hasEnded ? `Logged out of ${name}.` : `There is no login to ${name}.`);
  return 0;
}

/** Whoever gave out the tokens is told, if it can be reached. @returns whether there was a login. */
export async function endLogin(
  { name, settings: { url } }: McpEntry,
  { home }: SessionPlan,
): Promise<boolean> {
  if (url === undefined) return false;
  const store = new TokenStore(home, { name, url });
  const login = store.read();
  store.remove();
  if (login === undefined) return false;
  const { revoked } = await import('../../mcp/auth/refresh.ts');
  const isRevoked = await revoked(login, timeLimit(FAREWELL_MS)).catch(() => false);
  if (!isRevoked) note(`The tokens are forgotten here; ${login.issuer} may know them until they run out.`);
  return true;
}
