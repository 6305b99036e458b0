/** Opens the sessions of a client. Loaded after `initialize` was answered: it brings all of the agent with it. */
import path from 'node:path';
import type { McpServer } from '@agentclientprotocol/sdk';
import { statOf } from '../config/paths.ts';
import type { SessionFlags } from '../session/flags.ts';
import { planSession, type SessionPlan } from '../session/plan.ts';
import { resumePlan } from '../session/stored.ts';
import { AcpSession, type SessionClient } from './acp-session.ts';
import { clientServers } from './client-servers.ts';
import { refused } from './errors.ts';

export interface OpenOptions {
  readonly cwd: string;
  readonly mcpServers: readonly McpServer[];
  /** The session to resume. */
  readonly sessionId?: string;
  /** Its history is sent. */
  readonly isReplayed?: boolean;
}

/** Everything that can be wrong with what a client asks for, but for the session itself. @throws Error for the user. */
export function planned(flags: SessionFlags, { cwd, mcpServers }: OpenOptions): SessionPlan {
  if (!path.isAbsolute(cwd))
    throw refused('params', `cwd is ${JSON.stringify(cwd)}. It must be an absolute path`);
  if (statOf(cwd)?.isDirectory() !== true)
    throw refused('params', `cwd is ${JSON.stringify(cwd)}, which is not a folder`);
  const servers = clientServers(mcpServers);
  const settings = mcpServers.length === 0 ? undefined : { mcp_servers: servers };
  return planSession({ ...flags, cd: cwd }, { interactive: true, settings });
}

/** @param fresh from `planned`. @throws Error for the user. */
export async function openSession(
  fresh: SessionPlan,
  { sessionId, isReplayed }: OpenOptions,
  client: SessionClient,
): Promise<AcpSession> {
  const plan = sessionId === undefined ? fresh : resumed(fresh, sessionId);
  const session = new AcpSession(plan, client);
  try {
    if (isReplayed) session.replay();
    await session.start();
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

function resumed(plan: SessionPlan, session: string): SessionPlan {
  return resumePlan(plan, { kind: 'resume', session, isAll: true });
}
