/**
 * An Ollama server whose models say what a script tells them: real HTTP on the loopback, Ollama's wire format as
 * recorded from a real server, with its window, its loading and its prompt cache. The demo and the tests run against
 * it. With another wire the same models and script are served as llama.cpp's server does (openai/).
 *
 * The same requests get the same answers, except for timestamps.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { answerError, type ChatContext, handleChat, type LoadFailure, type LoadRequest } from './chat.ts';
import { parseBody } from './chat-request.ts';
import { handleEmbed } from './embed.ts';
import { Exchange } from './exchange.ts';
import { findModel, type ModelSpec, showDocument, tagEntry, withTag } from './models.ts';
import { EVENTS } from './openai/answer.ts';
import { openAiRoutes, UNKNOWN_PATH } from './openai/routes.ts';
import { handlePull, type PullContext } from './pull.ts';
import { type RequestKind, RequestLog, type RequestLogEntry } from './request-log.ts';
import { Runners } from './runners.ts';
import type { ConnectionFault, Script } from './script.ts';
import { TEXT_TYPE } from './wire.ts';

export interface ScriptedOllamaOptions {
  readonly models: readonly ModelSpec[];
  readonly script: Script;
  /** Models that can be pulled. */
  readonly library?: readonly ModelSpec[];
  /** The window of a model unless a request asks for another. Default 4096. */
  readonly defaultNumCtx?: number;
  /** Models in memory at once (OLLAMA_MAX_LOADED_MODELS). Default: any number. */
  readonly mostLoaded?: number;
  /** Milliseconds between two chunks. Default 0. */
  readonly chunkDelayMs?: number;
  /** Default 0: any free port. */
  readonly port?: number;
  readonly version?: string;
  /** Whose paths and forms it has. Default: Ollama's. The window of llama.cpp is `defaultNumCtx`, whatever is asked for. */
  readonly wire?: 'ollama' | 'llama.cpp';
  /** Awaited for every load, to delay it or to make it fail. */
  readonly onLoad?: (load: LoadRequest) => Promise<LoadFailure | undefined>;
  /** Makes any request fail before it is handled; undefined handles it. */
  readonly faultFor?: (request: RequestLogEntry) => ConnectionFault | undefined;
}

export interface ScriptedOllama {
  /** `http://127.0.0.1:port`, without a trailing slash. */
  readonly host: string;
  /** All requests so far, in order of arrival; open ones are completed in place. */
  readonly log: readonly RequestLogEntry[];
  /** The nth (from 1) request of that kind, once its body has arrived. */
  readonly waitForRequest: (n: number, kind?: RequestKind) => Promise<RequestLogEntry>;
  /** The nth (from 1) request that the client aborted. */
  readonly waitForAbort: (n: number) => Promise<RequestLogEntry>;
  /** The nth (from 1) request that has ended, in whatever way. */
  readonly waitForFinished: (n: number) => Promise<RequestLogEntry>;
  /** Closes all connections and frees the port. */
  readonly close: () => Promise<void>;
}

type Handler = (exchange: Exchange, raw: string) => void | Promise<void>;

function show(models: readonly ModelSpec[], raw: string): unknown {
  const body = parseBody(raw);
  const name = String(body.model ?? body.name ?? '');
  // Unlike a chat, this names the tag in its 404.
  return showDocument(findModel(models, name, withTag(name)));
}

/** Path to method to handler. */
function routesOf(context: ChatContext & PullContext, version: string): Map<string, Map<string, Handler>> {
  const get = (handler: Handler) =>
    new Map([
      ['GET', handler],
      ['HEAD', handler],
    ]);
  const post = (handler: Handler) => new Map([['POST', handler]]);
  return new Map([
    ['/', get((exchange) => exchange.answer(200, TEXT_TYPE, 'Ollama is running'))],
    ['/api/version', get((exchange) => exchange.json({ version }))],
    ['/api/tags', get((exchange) => exchange.json({ models: context.models.map(tagEntry) }))],
    ['/api/ps', get((exchange) => exchange.json({ models: context.runners.list() }))],
    ['/api/show', post((exchange, raw) => exchange.json(show(context.models, raw)))],
    ['/api/chat', post((exchange, raw) => handleChat(context, exchange, raw))],
    ['/api/embed', post((exchange, raw) => handleEmbed(context, exchange, raw))],
    ['/api/pull', post((exchange, raw) => handlePull(context, exchange, raw))],
  ]);
}

async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** Starts the server. Rejects if the port is taken. */
export async function startScriptedOllama(options: ScriptedOllamaOptions): Promise<ScriptedOllama> {
  const log = new RequestLog();
  const context: ChatContext & PullContext = {
    models: [...options.models],
    library: options.library ?? [],
    script: options.script,
    defaultNumCtx: options.defaultNumCtx ?? 4096,
    chunkDelayMs: options.chunkDelayMs ?? 0,
    onLoad: options.onLoad ?? (async () => undefined),
    runners: new Runners(options.mostLoaded),
    log,
    turns: 0,
  };
  const isOllama = options.wire !== 'llama.cpp';
  const routes = isOllama
    ? routesOf(context, options.version ?? '0.32.6')
    : openAiRoutes(context, options.version ?? 'b11434-scripted');

  async function handle(exchange: Exchange, raw: string): Promise<void> {
    const { method, path } = exchange.entry;
    const fault = options.faultFor?.(exchange.entry);
    if (fault) return exchange.fail(fault);
    const methods = routes.get(path);
    const handler = methods?.get(method);
    if (handler) return handler(exchange, raw);
    if (!isOllama) return exchange.error(404, UNKNOWN_PATH);
    if (methods) return exchange.answer(405, TEXT_TYPE, '405 method not allowed');
    exchange.answer(404, TEXT_TYPE, '404 page not found');
  }

  const server = createServer(async (request, response) => {
    const receivedAt = performance.now();
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const raw = await readText(request).catch(() => undefined);
    if (raw === undefined) return;
    const entry = log.open(request.method ?? 'GET', path, raw, receivedAt);
    const onClose = (status: number | null, aborted: boolean): void => log.close(entry, status, aborted);
    const framing = isOllama ? undefined : EVENTS;
    const exchange = new Exchange(response, entry, onClose, { query, framing });
    await handle(exchange, raw)
      .catch((error: unknown) => answerError(exchange, error))
      // The client went away while the error was being sent: the log has the request as aborted.
      .catch(() => undefined);
  });
  // Ollama ends no connection for being idle; Node's server would after five seconds, and announces it.
  server.keepAliveTimeout = 0;
  const port = await listen(server, options.port ?? 0);

  return {
    host: `http://127.0.0.1:${port}`,
    log: log.entries,
    waitForRequest: (n, kind = 'chat') => log.waitFor(n, (entry) => entry.kind === kind),
    waitForAbort: (n) => log.waitFor(n, (entry) => entry.aborted),
    waitForFinished: (n) => log.waitFor(n, (entry) => entry.finishedAt !== null),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
