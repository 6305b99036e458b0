/** What the tools of a session may touch: the tools, the guard that they ask, and what the model is told about it. */
import type { AgentAccess } from '../agent/agent-options.ts';
import { readEnvironment } from '../context/environment.ts';
import type { MemoryUse } from '../memory/use/memory-use.ts';
import type { SessionRecorder } from '../rollout/recorder.ts';
import { SessionApprovals } from '../safety/approvals.ts';
import { describeSandbox, onlyReading, type Permissions } from '../safety/permissions.ts';
import { SessionGuard } from '../safety/session-guard.ts';
import { once } from '../system/once.ts';
import { trace } from '../system/trace.ts';
import { createTools } from '../tools/registry.ts';
import type { TestCommand } from '../tools/run-tests/find-command.ts';
import type { CodeIndex } from './code-index.ts';
import type { Extensions } from './extensions.ts';
import type { SessionPlan } from './plan.ts';
import { searchIn } from './recall.ts';
import { sessionEnvironment } from './session-environment.ts';

export interface Access extends AgentAccess {
  /** The model can ask to run a command outside the sandbox. */
  readonly canEscalate: boolean;
  /** What run_tests runs; undefined: it is not offered. */
  readonly tests: TestCommand | undefined;
}

export interface AccessParts {
  /**
   * The access that this one replaces. Tools keep their schemas, which are at the start of every prompt: if they
   * changed, the server would have to read the whole prompt again. Approvals for the session end.
   */
  readonly before?: Access;
  /** Keeps what the user allows. */
  readonly recorder?: SessionRecorder;
  readonly index?: CodeIndex | undefined;
  readonly memories?: MemoryUse | undefined;
  readonly extensions?: Extensions | undefined;
  /** Where there is no access before. */
  readonly tests?: TestCommand | undefined;
}

/** What the tools may touch, and what the model is told about it. */
export function createAccess(
  { loaded, env, permissions, stored, source }: SessionPlan,
  warn: (message: string) => void,
  { before, recorder, index, memories, extensions, tests = before?.tests }: AccessParts,
): Access {
  const { config } = loaded;
  const { mode, approval } = permissions;
  trace('decision', () => ({
    decision: 'permissions',
    mode,
    approval,
    sandbox: describeSandbox(permissions),
  }));
  const canEscalate = before?.canEscalate || (approval !== 'never' && mode !== 'danger-full-access');
  if (before !== undefined) recorder?.approvalsReset();
  return {
    canEscalate,
    tests,
    isPlan: permissions.isPlan,
    tools: createTools({
      unifiedExec: config.tools.unified_exec,
      canEscalate,
      isAttended: source === 'cli',
      search: searchIn(index, memories),
      hasMemories: memories !== undefined,
      offersTask: config.agents.enabled,
      hasSmallSet: Object.values(config.models).some(({ tools }) => tools === 'small'),
      tests,
      more: extensions?.mcp?.tools,
      mostWaitMs: config.background_terminal_max_timeout,
      env: once(() => sessionEnvironment({ env, loaded, permissions })),
    }),
    guard: new SessionGuard({
      permissions,
      approvals: new SessionApprovals({
        before: before === undefined ? (stored?.session.approvals ?? []) : [],
        onAllowed: recorder?.allowed,
      }),
      sandbox: () =>
        import('../safety/sandbox/probe.ts').then(({ createSandbox }) =>
          createSandbox(permissions, { shareLoopback: true }),
        ),
      warn,
      isAttended: source === 'cli',
    }),
    readEnvironment: () => readEnvironment(permissions),
    onlyReading: () => readingAccess(onlyReading(permissions), warn),
  };
}

function readingAccess(
  permissions: Permissions,
  warn: (message: string) => void,
): Pick<AgentAccess, 'guard' | 'readEnvironment'> {
  const sandbox = () =>
    import('../safety/sandbox/probe.ts').then(({ createSandbox }) => createSandbox(permissions));
  return {
    guard: new SessionGuard({ permissions, sandbox, warn }),
    readEnvironment: () => readEnvironment(permissions),
  };
}
