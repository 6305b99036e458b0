/** The SDK's own client, talking to the built program in a process of its own. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import {
  type ClientContext,
  client,
  type InitializeRequest,
  type NewSessionResponse,
  ndJsonStream,
  type RequestPermissionRequest,
  type SessionUpdate,
} from '@agentclientprotocol/sdk';
import { onTestFinished } from 'vitest';
import { type Bench, MAIN } from './exec.ts';

export interface AcpClient {
  readonly agent: ClientContext;
  readonly child: ChildProcess;
  readonly updates: SessionUpdate[];
  /** The permission requests so far. */
  readonly asked: RequestPermissionRequest[];
  /** Everything that came on stdout. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Begins a session in the bench's folder. */
  readonly begin: () => Promise<NewSessionResponse>;
  /** Sends a text; resolves with the stop reason. */
  readonly say: (sessionId: string, text: string) => Promise<string>;
  /** Resolves with the first update that fits, of those that came already too. */
  readonly update: (fits: (update: SessionUpdate) => boolean) => Promise<SessionUpdate>;
  /** Closes stdin. @returns the exit code. */
  readonly end: () => Promise<number | null>;
}

export interface AcpOptions {
  readonly args?: readonly string[];
  readonly initialize?: Partial<InitializeRequest>;
  /** The option that is chosen; undefined: the question stays open. */
  readonly choose?: (request: RequestPermissionRequest) => string | undefined;
}

/** Starts the program and initializes it. It is killed with the running test at the latest. */
export async function acpClient(
  made: Bench,
  { args = [], initialize, choose = () => undefined }: AcpOptions = {},
): Promise<AcpClient> {
  const child = spawn(process.execPath, [MAIN, ...args, 'acp'], {
    ...{ cwd: made.home, env: made.env, stdio: ['pipe', 'pipe', 'pipe'] },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const said = { out: '', err: '' };
  child.stdout.on('data', (bytes: Buffer) => {
    said.out += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    said.err += bytes.toString();
  });
  const updates: SessionUpdate[] = [];
  const asked: RequestPermissionRequest[] = [];
  const listeners = new Set<() => void>();
  const output = Writable.toWeb(child.stdin) as WritableStream<Uint8Array>;
  const input = Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>;
  const { agent } = client({ name: 'test' })
    .onNotification('session/update', ({ params }) => {
      updates.push(params.update);
      for (const listener of listeners) listener();
    })
    .onRequest('session/request_permission', async ({ params }) => {
      asked.push(params);
      const optionId = choose(params);
      if (optionId === undefined) return new Promise<never>(() => undefined);
      return { outcome: { outcome: 'selected', optionId } };
    })
    .connect(ndJsonStream(output, input));
  await agent.request('initialize', {
    ...{ protocolVersion: 1, clientCapabilities: {}, clientInfo: { name: 'test', version: '1' } },
    ...initialize,
  });
  return {
    ...{ agent, child, updates, asked },
    stdout: () => said.out,
    stderr: () => said.err,
    begin: () => agent.request('session/new', { cwd: made.cwd, mcpServers: [] }),
    say: async (sessionId, text) =>
      (await agent.request('session/prompt', { sessionId, prompt: [{ type: 'text', text }] })).stopReason,
    update: async (fits) => {
      for (;;) {
        const found = updates.find(fits);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          const listener = (): void => {
            listeners.delete(listener);
            resolve();
          };
          listeners.add(listener);
        });
      }
    },
    end: async () => {
      child.stdin.end();
      const [code] = await ended;
      return code;
    },
  };
}

/** The text of all chunks of a kind, joined. */
export function textOf(
  updates: readonly SessionUpdate[],
  kind: 'user_message_chunk' | 'agent_message_chunk' | 'agent_thought_chunk',
): string {
  return updates
    .flatMap((update) =>
      update.sessionUpdate === kind && update.content.type === 'text' ? [update.content.text] : [],
    )
    .join('');
}

/** Each tool call as it stands at last. */
export function callsOf(updates: readonly SessionUpdate[]): { readonly [key: string]: unknown }[] {
  const calls = new Map<string, { readonly [key: string]: unknown }>();
  for (const update of updates) {
    if (update.sessionUpdate !== 'tool_call' && update.sessionUpdate !== 'tool_call_update') continue;
    const { sessionUpdate: _, ...fields } = update;
    calls.set(update.toolCallId, { ...calls.get(update.toolCallId), ...fields });
  }
  return [...calls.values()];
}
