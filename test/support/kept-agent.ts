/** An agent whose session is kept in a folder of the test, new or gone on with. */
import type { Event } from '../../src/protocol.ts';
import { ROLLOUT_VERSION } from '../../src/rollout/lines.ts';
import { SessionRecorder, type SessionSummary } from '../../src/rollout/recorder.ts';
import { type OpenedSession, openStored } from '../../src/rollout/store.ts';
import type { StoredSession } from '../../src/rollout/stored-session.ts';
import { uuidv7 } from '../../src/text/uuid.ts';
import { type TestAgent, testAgent } from './agent.ts';
import type { TestOllama } from './ollama-server.ts';

export interface KeptAgent extends TestAgent {
  readonly recorder: SessionRecorder;
  readonly session: StoredSession | undefined;
  readonly summaries: readonly SessionSummary[];
  readonly warnings: readonly string[];
  /** Ends the agent; then another one may go on. */
  readonly close: () => Promise<void>;
}

export interface KeptOptions {
  readonly home: string;
  readonly cwd: string;
  /** A rollout to go on with. */
  readonly file?: string;
  readonly more?: Parameters<typeof testAgent>[1];
  /** Hears everything, as a front end does. */
  readonly onEvent?: (event: Event) => void;
}

export async function keptAgent(server: TestOllama, options: KeptOptions): Promise<KeptAgent> {
  const { home, cwd, file, more = {}, onEvent } = options;
  const opened: OpenedSession | undefined = file === undefined ? undefined : openStored(file);
  const threadId = opened?.session.meta.id ?? uuidv7();
  const summaries: SessionSummary[] = [];
  const warnings: string[] = [];
  const recorder = new SessionRecorder({
    home,
    cwd,
    ...(opened && { stored: opened }),
    meta: {
      id: threadId,
      timestamp: new Date().toISOString(),
      cwd,
      originator: 'oagent',
      cli_version: '0.0.0',
      rollout_version: ROLLOUT_VERSION,
      source: 'cli',
      model_provider: 'ollama',
      base_instructions: { text: 'You are a test.' },
    },
    rules: () => ({ sandbox: 'danger-full-access', approval: 'never' }),
    warn: (message) => warnings.push(message),
    onChanged: (summary) => summaries.push(summary),
  });
  const session = opened?.session;
  const agent = await testAgent(server, {
    ...more,
    cwd,
    threadId,
    keeper: recorder,
    ...(session && { stored: session }),
  });
  if (onEvent !== undefined) agent.agent.subscribe(onEvent);
  return {
    ...agent,
    recorder,
    session,
    summaries,
    warnings,
    close: async () => {
      agent.agent.submit({ type: 'shutdown' });
      await agent.agent.settled();
      await recorder.close();
    },
  };
}
