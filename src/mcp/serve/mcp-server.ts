/**
 * oagent as an MCP server: answers the messages of a client, one JSON-RPC message a line.
 *
 * Invariants: a request gets exactly one answer, unless the client has cancelled it; whatever a client sends, the server goes
 * on; nothing but messages is written. It asks nothing of the client.
 */

import type { ToolSchema } from '../../model/chat.ts';
import { isObject } from '../../model/json-object.ts';
import { coerceArguments } from '../../model/repair.ts';
import type { JsonObject } from '../../protocol.ts';
import { errorMessage } from '../../text/error-message.ts';

/** What a client may call. */
export interface ServedTool {
  readonly schema: ToolSchema;
  readonly isReadOnly: boolean;
  readonly run: (
    args: JsonObject,
    signal: AbortSignal,
  ) => Promise<{ readonly ok: boolean; readonly text: string }>;
}

export interface ServerOptions {
  readonly version: string;
  readonly instructions: string;
  readonly tools: readonly ServedTool[];
  /** Gets each message, without a line end. */
  readonly send: (line: string) => void;
}

type Id = string | number;

/** Newest first; a client that wants another one gets the newest, and decides. */
const VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const METHOD_NOT_FOUND = -32_601;
const INVALID_PARAMS = -32_602;

class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export class McpServer {
  readonly #options: ServerOptions;
  readonly #running = new Map<Id, AbortController>();
  readonly #work = new Set<Promise<void>>();

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** One line of the client's. */
  take(line: string): void {
    if (line.trim() === '') return;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      return this.#fail(null, new RpcError(PARSE_ERROR, 'this line is not JSON: send one message a line'));
    }
    this.#message(message);
  }

  /** A line that was longer than what is read. */
  refuseLong(most: number): void {
    this.#fail(null, new RpcError(PARSE_ERROR, `a message is longer than ${most} bytes, and was not read`));
  }

  /** Ends what still runs. Resolves when all of it has. */
  async close(): Promise<void> {
    for (const one of this.#running.values()) one.abort(new DOMException('closed', 'AbortError'));
    await Promise.all(this.#work);
  }

  #message(message: unknown): void {
    if (!isObject(message)) {
      const what = Array.isArray(message) ? 'batches are not supported' : 'a message is an object';
      return this.#fail(null, new RpcError(INVALID_REQUEST, `${what}: send one request a line`));
    }
    const { id, method, params } = message;
    const given = isObject(params) ? params : {};
    // An answer to something that was never asked.
    if (method === undefined && ('result' in message || 'error' in message)) return;
    if (typeof method !== 'string')
      return this.#fail(isId(id) ? id : null, new RpcError(INVALID_REQUEST, 'method is not a text'));
    if (id === undefined) return this.#notified(method, given);
    if (!isId(id)) return this.#fail(null, new RpcError(INVALID_REQUEST, 'id is not a text or a number'));
    const work = this.#answer(id, method, given).finally(() => this.#work.delete(work));
    this.#work.add(work);
  }

  #notified(method: string, { requestId }: JsonObject): void {
    if (method !== 'notifications/cancelled' || !isId(requestId)) return;
    this.#running.get(requestId)?.abort(new DOMException('cancelled', 'AbortError'));
  }

  async #answer(id: Id, method: string, params: JsonObject): Promise<void> {
    if (this.#running.has(id))
      return this.#fail(id, new RpcError(INVALID_REQUEST, `the id ${JSON.stringify(id)} is in use`));
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      const result = await this.#result(method, params, controller.signal);
      if (!controller.signal.aborted) this.#send({ id, result });
    } catch (error) {
      if (!controller.signal.aborted) this.#fail(id, error);
    } finally {
      this.#running.delete(id);
    }
  }

  async #result(method: string, params: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    const { version, instructions, tools } = this.#options;
    switch (method) {
      case 'initialize': {
        const { protocolVersion } = params;
        return {
          protocolVersion: VERSIONS.find((one) => one === protocolVersion) ?? VERSIONS[0],
          capabilities: { tools: {} },
          serverInfo: { name: 'oagent', version },
          instructions,
        };
      }
      case 'ping':
        return {};
      case 'tools/list':
        return { tools: tools.map(listed) };
      case 'tools/call':
        return this.#call(params, signal);
      default:
        throw new RpcError(METHOD_NOT_FOUND, `there is no method ${method}`);
    }
  }

  async #call({ name, arguments: given = {} }: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    const { tools } = this.#options;
    const tool = tools.find(({ schema }) => schema.function.name === name);
    if (tool === undefined) {
      const names = tools.map(({ schema }) => schema.function.name).join(', ');
      throw new RpcError(INVALID_PARAMS, `there is no tool ${String(name)}: there are ${names}`);
    }
    if (!isObject(given)) throw new RpcError(INVALID_PARAMS, 'arguments is not an object');
    const coerced = coerceArguments(given, tool.schema);
    if (!coerced.ok) return textResult(coerced.error, true);
    try {
      const { ok, text } = await tool.run(coerced.arguments, signal);
      return textResult(text, !ok);
    } catch (error) {
      return textResult(`the tool failed: ${errorMessage(error)}`, true);
    }
  }

  #fail(id: Id | null, error: unknown): void {
    const code = error instanceof RpcError ? error.code : INVALID_REQUEST;
    this.#send({ id, error: { code, message: errorMessage(error) } });
  }

  #send(message: JsonObject): void {
    this.#options.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
  }
}

function listed({ schema, isReadOnly }: ServedTool): JsonObject {
  const { name, description, parameters } = schema.function;
  return { name, description, inputSchema: parameters, annotations: { readOnlyHint: isReadOnly } };
}

function textResult(text: string, isError: boolean): JsonObject {
  return { content: [{ type: 'text', text }], isError };
}

function isId(value: unknown): value is Id {
  return typeof value === 'string' || typeof value === 'number';
}
