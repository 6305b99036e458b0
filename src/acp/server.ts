/**
 * The agent's side of the Agent Client Protocol, version 1: one connection, as many sessions as the client likes.
 *
 * Invariants: `initialize` is answered before anything of the agent is loaded; when the connection ends every session is
 * closed, and `ended` resolves when nothing of them runs.
 */
import {
  type AgentContext,
  agent,
  type ClientCapabilities,
  type InitializeResponse,
  type NewSessionResponse,
  PROTOCOL_VERSION,
  type Stream,
} from '@agentclientprotocol/sdk';
import type { SessionFlags } from '../session/flags.ts';
import type { AcpSession, SessionClient } from './acp-session.ts';
import type { CommandTexts } from './commands.ts';
import { answered, noSession } from './errors.ts';
import type { OpenOptions } from './open-session.ts';

export interface AcpOptions {
  readonly stream: Stream;
  readonly version: string;
  /** Of the command line; they hold for every session. */
  readonly flags: SessionFlags;
  /** Loaded with the first session. */
  readonly texts: () => Promise<CommandTexts>;
}

export interface AcpServer {
  /** Resolves when the connection is over and nothing is left. */
  readonly ended: Promise<void>;
  /** Ends it. */
  readonly end: () => void;
}

export function serveAcp(options: AcpOptions): AcpServer {
  const sessions = new Sessions(options);
  const { version } = options;
  const connection = agent({ name: 'oagent' })
    .onRequest('initialize', ({ params }) => {
      sessions.begin(params.clientCapabilities);
      return initialized(version);
    })
    .onRequest('authenticate', () => ({}))
    .onRequest('session/new', ({ params }) =>
      sessions.open(params, (session) => ({ sessionId: session.id, ...settingsOf(session) })),
    )
    .onRequest('session/load', ({ params }) => sessions.open({ ...params, isReplayed: true }, settingsOf))
    .onRequest('session/resume', ({ params }) =>
      sessions.open({ ...params, mcpServers: params.mcpServers ?? [] }, settingsOf),
    )
    .onRequest('session/list', ({ params }) =>
      answered(async () => (await import('./session-list.ts')).listSessions(params)),
    )
    .onRequest('session/close', async ({ params: { sessionId } }) => {
      await sessions.close(sessionId);
      return {};
    })
    .onRequest('session/delete', ({ params: { sessionId } }) =>
      answered(async () => {
        await sessions.close(sessionId);
        (await import('./session-list.ts')).deleteSession(sessionId);
        return {};
      }),
    )
    .onRequest('session/set_mode', ({ params: { sessionId, modeId } }) =>
      answered(() => {
        sessions.named(sessionId).setMode(modeId);
        return {};
      }),
    )
    .onRequest('session/set_config_option', ({ params: { sessionId, configId, value } }) =>
      answered(async () => ({ configOptions: await sessions.named(sessionId).setOption(configId, value) })),
    )
    .onRequest('session/prompt', ({ params: { sessionId, prompt }, signal }) =>
      answered(() => {
        const session = sessions.named(sessionId);
        signal.addEventListener('abort', () => session.cancel(), { once: true });
        return session.prompt(prompt);
      }),
    )
    .onNotification('session/cancel', ({ params: { sessionId } }) => sessions.find(sessionId)?.cancel())
    .connect(options.stream);
  sessions.client = connection.client;
  return {
    ended: connection.closed.then(() => sessions.closeAll()),
    end: () => connection.close(),
  };
}

function settingsOf({
  modes,
  configOptions,
}: AcpSession): Pick<NewSessionResponse, 'modes' | 'configOptions'> {
  return configOptions.length === 0 ? { modes } : { modes, configOptions };
}

function initialized(version: string): InitializeResponse {
  return {
    protocolVersion: PROTOCOL_VERSION,
    agentInfo: { name: 'oagent', title: 'oagent', version },
    authMethods: [],
    agentCapabilities: {
      loadSession: true,
      promptCapabilities: { image: true, audio: false, embeddedContext: true },
      mcpCapabilities: { http: true, sse: false },
      sessionCapabilities: { list: {}, resume: {}, close: {}, delete: {} },
    },
  };
}

class Sessions {
  client: AgentContext | undefined;
  readonly #options: AcpOptions;
  readonly #open = new Map<string, AcpSession>();
  /** Sessions on their way. */
  readonly #opening = new Set<Promise<unknown>>();
  /** The last one that is on its way, by its id: they come one after the other. */
  readonly #loading = new Map<string, Promise<unknown>>();
  #capabilities: ClientCapabilities = {};
  #isClosed = false;

  constructor(options: AcpOptions) {
    this.#options = options;
  }

  begin(capabilities: ClientCapabilities | undefined): void {
    this.#capabilities = capabilities ?? {};
    // The first session is asked for next.
    setTimeout(() => void loadAgent().catch(() => undefined), 0);
  }

  find(id: string): AcpSession | undefined {
    return this.#open.get(id);
  }

  /** @throws RequestError */
  named(id: string): AcpSession {
    const session = this.find(id);
    if (session === undefined) throw noSession(id);
    return session;
  }

  /** @param answer what the client gets, before anything else of the session. */
  open<T>(options: OpenOptions, answer: (session: AcpSession) => T): Promise<T> {
    const { sessionId } = options;
    const before = sessionId === undefined ? undefined : this.#loading.get(sessionId);
    const opening = answered(async () => {
      await before?.catch(() => undefined);
      const [{ openSession, planned }, texts] = await Promise.all([loadAgent(), this.#options.texts()]);
      const plan = planned(this.#options.flags, options);
      // One that is open here is begun anew: its file belongs to one at a time.
      if (sessionId !== undefined) await this.close(sessionId);
      const session = await openSession(plan, options, this.#sessionClient(texts));
      this.#open.set(session.id, session);
      if (this.#isClosed) await session.close();
      // Behind the answer.
      setImmediate(() => session.open());
      return answer(session);
    });
    this.#opening.add(opening);
    if (sessionId !== undefined) this.#loading.set(sessionId, opening);
    void opening
      .catch(() => undefined)
      .finally(() => {
        this.#opening.delete(opening);
        if (sessionId !== undefined && this.#loading.get(sessionId) === opening)
          this.#loading.delete(sessionId);
      });
    return opening;
  }

  async close(id: string): Promise<void> {
    const session = this.#open.get(id);
    this.#open.delete(id);
    await session?.close();
  }

  async closeAll(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([...this.#opening]);
    await Promise.all([...this.#open.values()].map((session) => session.close()));
  }

  #sessionClient(texts: CommandTexts): SessionClient {
    const { client } = this;
    if (client === undefined) throw new Error('there is no connection');
    const { _meta: meta, session } = this.#capabilities;
    return {
      // When the client is gone nobody hears it.
      update: (sessionId, update) =>
        void client.notify('session/update', { sessionId, update }).catch(() => undefined),
      ask: (request) => client.request('session/request_permission', request),
      hasTerminals: meta?.terminal_output === true,
      hasNotices: session?.notices != null,
      texts,
    };
  }
}

const loadAgent = () => import('./open-session.ts');
