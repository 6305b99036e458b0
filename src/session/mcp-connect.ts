/** Starts a server, or reaches it, with the permissions of a session. */
import { StoredLogin } from '../mcp/auth/stored-login.ts';
import { TokenStore } from '../mcp/auth/token-store.ts';
import { addressOf, programOf } from '../mcp/launch.ts';
import type { Connect } from '../mcp/server.ts';
import type { Permissions } from '../safety/permissions.ts';
import type { Sandbox } from '../safety/sandbox/sandbox.ts';
import type { SessionPlan } from './plan.ts';
import { VERSION } from './version.ts';

/** @param now the plan as it is when a server is started. */
export function connector(now: () => Pick<SessionPlan, 'home' | 'env' | 'permissions'>): Connect {
  return async (entry, options) => {
    const { home, env, permissions } = now();
    const { name, settings } = entry;
    const { command, url = '' } = settings;
    const own = { ...options, version: VERSION };
    if (command === undefined) {
      const { connectHttp } = await import('../mcp/wire/http.ts');
      const auth = new StoredLogin(new TokenStore(home, { name, url }), name);
      return connectHttp({ ...addressOf(entry, url, env), auth }, own);
    }
    const { connectStdio } = await import('../mcp/wire/stdio.ts');
    const place = { env, permissions, sandbox: (network: boolean) => confined(permissions, network) };
    return connectStdio(await programOf(entry, command, place), own);
  };
}

/** @throws Error if nothing can confine it. */
async function confined(permissions: Permissions, network: boolean): Promise<Sandbox> {
  const { createSandbox } = await import('../safety/sandbox/probe.ts');
  // The user wants this server confined whatever the commands of the session may do.
  const mode = permissions.mode === 'danger-full-access' ? 'workspace-write' : permissions.mode;
  const sandbox = await createSandbox({ ...permissions, mode, network });
  if (sandbox.kind !== 'none') return sandbox;
  throw new Error(`It is to run in the sandbox, and there is none here.\n${sandbox.notes.join('\n')}`);
}
