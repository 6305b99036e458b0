/** A real agent that has a sub-agent, as sessions make it. */

import { onlyReading, type Permissions } from '../../src/safety/permissions.ts';
import { createSandbox } from '../../src/safety/sandbox/probe.ts';
import { SessionGuard } from '../../src/safety/session-guard.ts';
import { createTools } from '../../src/tools/registry.ts';
import type { Tool } from '../../src/tools/tool.ts';
import { type TestAgent, testAgent } from './agent.ts';
import type { TestOllama } from './ollama-server.ts';
import { tempFolder } from './temp-folder.ts';

type Options = Parameters<typeof testAgent>[1];

export async function agentWithTask(
  server: TestOllama,
  {
    more = [],
    offersTask = true,
    ...options
  }: Options & { more?: readonly Tool[]; offersTask?: boolean } = {},
): Promise<TestAgent> {
  const cwd = options.cwd ?? (await tempFolder());
  const permissions = onlyReading({
    mode: 'danger-full-access',
    approval: 'never',
    cwd,
    home: await tempFolder(),
    env: process.env,
    writableRoots: [],
    network: true,
  } satisfies Permissions);
  return testAgent(server, {
    ...options,
    cwd,
    tools: createTools({ unifiedExec: true, canEscalate: false, env: () => process.env, offersTask, more }),
    onlyReading: () => ({
      guard: new SessionGuard({ permissions, sandbox: () => createSandbox(permissions), warn: () => {} }),
      readEnvironment: () => ({
        cwd,
        shell: 'bash',
        date: '2026-03-01',
        timezone: 'UTC',
        sandbox: { mode: 'read-only', networkAccess: false, writableRoots: [] },
      }),
    }),
  });
}
