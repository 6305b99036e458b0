/** The questions to a server of either era, over any carrier. */
import { isObject } from '../../model/json-object.ts';
import type { JsonObject } from '../../protocol.ts';
import { LONGEST_WAIT_MS } from '../../system/within.ts';
import type {
  McpContent,
  McpManifest,
  McpPromptInfo,
  McpRequestOptions,
  McpResource,
  McpResult,
  McpTool,
} from '../connection.ts';
import { clientAnswer } from './client-answers.ts';
import { type Era, ownParams } from './era.ts';
import { McpError, McpRefusal, quoted, SessionLost } from './mcp-error.ts';
import { METHOD_NOT_FOUND, type Peer } from './peer.ts';
import { readContents, readPromptText, readResult } from './read-content.ts';
import { readPrompt, readResource, readTool } from './read-lists.ts';

/** Of one list. A manifest is kept in memory and on disk. */
const MOST_PAGES = 100;
const MOST_ENTRIES = 2_000;
const MOST_CHARACTERS = 8 * 2 ** 20;

const HEADER_MISMATCH = -32020;

/** So often a server may ask back before it answers. */
const MOST_ROUNDS = 4;

interface SessionOptions {
  /** Of oagent. */
  readonly version: string;
  /** Where a server on this machine works. */
  readonly folder?: string;
  /** Begins again with a server that has forgotten; undefined if that has been done. */
  readonly renew?: (lost: SessionLost) => Promise<Era | undefined>;
}

interface List<T> {
  readonly entries: readonly T[];
  readonly note: string | undefined;
}

export class ServerSession {
  readonly #peer: Peer;
  readonly #options: SessionOptions;
  #era: Era;
  readonly #onToolsChanged: (() => void)[] = [];
  /** They have been told, and have not asked since. */
  #isToldOfChange = false;

  constructor(peer: Peer, era: Era, options: SessionOptions) {
    this.#peer = peer;
    this.#era = era;
    this.#options = options;
  }

  get era(): Era {
    return this.#era;
  }

  async manifest(options: McpRequestOptions): Promise<McpManifest> {
    this.#isToldOfChange = false;
    const { version: protocolVersion, server, instructions, capabilities } = this.#era;
    const tools = await this.#list<McpTool>('tools', readTool, options);
    const none = { entries: [], note: undefined };
    const prompts = isObject(capabilities.prompts)
      ? await this.#list<McpPromptInfo>('prompts', readPrompt, options)
      : none;
    const resources = isObject(capabilities.resources)
      ? await this.#list<McpResource>('resources', readResource, options)
      : none;
    return {
      server,
      protocolVersion,
      instructions,
      tools: tools.entries,
      prompts: prompts.entries,
      resources: resources.entries,
      notes: [tools, prompts, resources].flatMap(({ note }) => note ?? []),
    };
  }

  async call(name: string, args: JsonObject, options: McpRequestOptions): Promise<McpResult> {
    const params = { name, arguments: args };
    try {
      return readResult(await this.#ask('tools/call', params, options));
    } catch (error) {
      if (!(error instanceof McpRefusal) || error.code !== HEADER_MISMATCH) throw error;
      // HTTP headers have to repeat some arguments: which ones the carrier learns from the list, of which we had a copy.
      await this.#list<McpTool>('tools', readTool, options);
      return readResult(await this.#ask('tools/call', params, options));
    }
  }

  async prompt(
    name: string,
    args: Readonly<Record<string, string>>,
    options: McpRequestOptions,
  ): Promise<string> {
    return readPromptText(await this.#ask('prompts/get', { name, arguments: args }, options));
  }

  async resource(uri: string, options: McpRequestOptions): Promise<readonly McpContent[]> {
    return readContents(await this.#ask('resources/read', { uri }, options));
  }

  onToolsChanged(listener: () => void): void {
    this.#onToolsChanged.push(listener);
  }

  /** In the era without a connection a server tells only those who ask for it; nothing waits for that. */
  subscribe(): void {
    const { isStateless, capabilities } = this.#era;
    if (!isStateless || !isObject(capabilities.tools) || capabilities.tools.listChanged !== true) return;
    const params = {
      ...ownParams(this.#era, this.#options.version),
      notifications: { toolsListChanged: true },
    };
    const options = { signal: new AbortController().signal, timeoutMs: LONGEST_WAIT_MS };
    this.#peer.request('subscriptions/listen', params, options).catch(() => undefined);
  }

  notified(method: string): void {
    if (method !== 'notifications/tools/list_changed' || this.#isToldOfChange) return;
    this.#isToldOfChange = true;
    for (const listener of this.#onToolsChanged) listener();
  }

  async #list<T>(
    kind: 'tools' | 'prompts' | 'resources',
    read: (entry: JsonObject) => T | undefined,
    options: McpRequestOptions,
  ): Promise<List<T>> {
    const found = new Map<unknown, T>();
    let size = 0;
    let left = 0;
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const result = await this.#page(`${kind}/list`, cursor, options);
      const entries: unknown[] = Array.isArray(result[kind]) ? result[kind] : [];
      for (const entry of entries) {
        const value = isObject(entry) ? read(entry) : undefined;
        size += JSON.stringify(value)?.length ?? 0;
        const key = isObject(entry) ? (entry.uri ?? entry.name) : undefined;
        const isLeft =
          value === undefined || found.has(key) || found.size >= MOST_ENTRIES || size > MOST_CHARACTERS;
        if (isLeft || value === undefined) left += 1;
        else found.set(key, value);
      }
      const { nextCursor } = result;
      const isFull = found.size >= MOST_ENTRIES || size > MOST_CHARACTERS;
      if (typeof nextCursor !== 'string' || nextCursor === '' || nextCursor === cursor)
        return listOf(kind, found, left);
      if (isFull) break;
      cursor = nextCursor;
    }
    return listOf(kind, found, left, true);
  }

  /** A server need not know a list that it has nothing for. */
  async #page(method: string, cursor: string | undefined, options: McpRequestOptions): Promise<JsonObject> {
    try {
      return await this.#ask(method, cursor === undefined ? {} : { cursor }, options);
    } catch (error) {
      if (error instanceof McpRefusal && error.code === METHOD_NOT_FOUND) return {};
      throw error;
    }
  }

  /** In the era without a connection the server asks back in its answer, and gets the whole request again with ours. */
  async #ask(method: string, params: JsonObject, options: McpRequestOptions): Promise<JsonObject> {
    const own = { ...ownParams(this.#era, this.#options.version), ...params };
    let result = await this.#request(method, own, options);
    for (let round = 0; result.resultType === 'input_required'; round += 1) {
      if (round === MOST_ROUNDS) throw new McpError('The server keeps asking back instead of answering.');
      const { inputRequests, requestState } = result;
      const again: JsonObject = { ...own, inputResponses: this.#responses(inputRequests) };
      if (typeof requestState === 'string') again.requestState = requestState;
      result = await this.#request(method, again, options);
    }
    return result;
  }

  async #request(method: string, params: JsonObject, options: McpRequestOptions): Promise<JsonObject> {
    try {
      return await this.#peer.request(method, params, options);
    } catch (error) {
      const { renew } = this.#options;
      if (!(error instanceof SessionLost) || renew === undefined) throw error;
      // It was not taken, so it can be sent again.
      this.#era = (await renew(error)) ?? this.#era;
      return this.#peer.request(method, params, options);
    }
  }

  #responses(requests: unknown): JsonObject {
    const asked = isObject(requests) ? Object.entries(requests) : [];
    return Object.fromEntries(
      asked.map(([key, request]) => {
        const method = isObject(request) ? String(request.method) : '';
        const answer = clientAnswer(method, this.#options.folder);
        if (answer !== undefined) return [key, answer];
        throw new McpError(
          `The server asks for something that oagent does not do: ${quoted(method) || 'unknown'}.`,
        );
      }),
    );
  }
}

function listOf<T>(kind: string, found: ReadonlyMap<unknown, T>, left: number, hasMore = false): List<T> {
  const entries = [...found.values()];
  const more = hasMore ? `, and more that it was not asked for` : '';
  const isWhole = left === 0 && !hasMore;
  return {
    entries,
    note: isWhole
      ? undefined
      : `Of the server's ${kind} ${entries.length} are used; ${left} are left out${more}: without a name that can be shown, a second time, or too many.`,
  };
}
