/** A real agent with its real tools in a temporary folder, against a scripted model. */
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import type { AgentOptions } from '../../src/agent/agent-options.ts';
import type { Environment } from '../../src/context/environment.ts';
import { DEFAULT_OUTPUT_LIMIT } from '../../src/context/truncate.ts';
import type { ProfileChoice } from '../../src/model/call-profile.ts';
import { answerSpace, chooseWindow } from '../../src/model/window.ts';
import type { ApprovalPolicy, Event, Item } from '../../src/protocol.ts';
import type { Permissions } from '../../src/safety/permissions.ts';
import { createSandbox } from '../../src/safety/sandbox/probe.ts';
import { SessionGuard } from '../../src/safety/session-guard.ts';
import { createTools } from '../../src/tools/registry.ts';
import { clientOf, type TestOllama } from './ollama-server.ts';
import { tempFolder } from './temp-folder.ts';

export interface TestAgent {
  readonly agent: Agent;
  readonly cwd: string;
  readonly events: readonly Event[];
  /** Submits a turn and waits for its end. */
  readonly turn: (text: string, more?: { outputSchema?: { [key: string]: unknown } }) => Promise<Event>;
  /** Waits for the next event that fits. */
  readonly waitFor: (fits: (event: Event) => boolean) => Promise<Event>;
  readonly completed: () => Item[];
}

export async function testAgent(
  server: TestOllama,
  options: {
    model?: string;
    numCtx?: number;
    think?: boolean;
    idleTimeoutMs?: number;
    approval?: ApprovalPolicy;
    mode?: Permissions['mode'];
    /** How the model works; `native`, as configured, if absent. */
    profile?: Partial<ProfileChoice>;
  } & Partial<Omit<AgentOptions, 'model'>> = {},
): Promise<TestAgent> {
  const cwd = options.cwd ?? (await tempFolder());
  const home = await tempFolder();
  const client = clientOf(server);
  const { model = 'base', profile, ...more } = options;
  const facts = await client.show(model, new AbortController().signal);
  let { numCtx } = chooseWindow({ configured: options.numCtx ?? 32_768 });
  const environment: Environment = {
    cwd,
    shell: 'bash',
    date: '2026-03-01',
    timezone: 'UTC',
    sandbox: { mode: 'danger-full-access', networkAccess: true, writableRoots: [] },
  };
  const permissions: Permissions = {
    mode: options.mode ?? 'danger-full-access',
    approval: options.approval ?? 'never',
    cwd,
    home,
    env: process.env,
    writableRoots: [],
    network: false,
  };
  const agent: Agent = new Agent({
    client,
    cwd,
    system: 'You are a test.',
    tools: createTools({
      unifiedExec: true,
      canEscalate: options.approval !== undefined,
      env: () => process.env,
    }),
    guard: new SessionGuard({
      permissions,
      sandbox: () => createSandbox(permissions, { shareLoopback: true }),
      warn: (message) => agent.warn(message),
    }),
    model: {
      facts,
      profile: 'native',
      profileSource: 'config',
      ...profile,
      settings: {
        model,
        get numCtx() {
          return numCtx;
        },
        get numPredict() {
          return answerSpace(numCtx);
        },
        adopt: (smaller) => {
          numCtx = smaller;
        },
        keepAlive: '30m',
        think: facts.thinking ? (options.think ?? true) : undefined,
        sampling: {},
        idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
        reconnectMs: 0,
        isWindowFixed: facts.serverWindow !== undefined,
      },
    },
    projectDoc: undefined,
    readEnvironment: () => environment,
    outputsFolder: path.join(home, 'outputs'),
    outputLimit: DEFAULT_OUTPUT_LIMIT,
    ...more,
  });
  onTestFinished(() => agent.submit({ type: 'shutdown' }));
  const events: Event[] = [];
  agent.subscribe((event) => events.push(event));
  const waitFor = (fits: (event: Event) => boolean): Promise<Event> =>
    new Promise((resolve) => {
      const stop = agent.subscribe((event) => {
        if (!fits(event)) return;
        stop();
        resolve(event);
      });
    });
  return {
    agent,
    cwd,
    events,
    waitFor,
    turn: (text, more = {}) => {
      const end = waitFor(isEnd);
      agent.submit({ type: 'user_turn', text, ...more });
      return end;
    },
    completed: () => events.flatMap((event) => (event.type === 'item_completed' ? [event.item] : [])),
  };
}

export function isEnd(event: Event): boolean {
  return event.type === 'turn_completed' || event.type === 'turn_failed' || event.type === 'turn_aborted';
}

/** Every item that was started was completed exactly once, and nothing was completed that had not been started. */
export function openItems(events: readonly Event[]): string[] {
  const open: string[] = [];
  for (const event of events) {
    if (event.type === 'item_started') open.push(event.item.id);
    if (event.type !== 'item_completed') continue;
    const at = open.indexOf(event.item.id);
    if (at < 0) throw new Error(`${event.item.id} was completed without being open`);
    open.splice(at, 1);
  }
  return open;
}
