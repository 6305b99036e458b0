/**
 * The words of Ollama's /api/chat that the other rooms need: messages, tool schemas, tool calls.
 *
 * Invariants: `content` is always a string and `arguments` always an object, because the server refuses
 * anything else; key order is kept as received, because a re-serialised message costs the server's cache.
 * Does not: talk to a server (client.ts), decide what is sent (context/history.ts).
 */
import type { JsonObject } from '../protocol.ts';

/** A tool call in canonical form, as history keeps it and tools receive it. */
export interface ToolCall {
  /** Unique in the session: the server's id, or one that repair.ts made. */
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  readonly thinking?: string;
  /** Base64, never a path: the npm client would read a path from disk. */
  readonly images?: readonly string[];
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly index: number; readonly name: string; readonly arguments: JsonObject };
  }[];
  readonly tool_name?: string;
  readonly tool_call_id?: string;
}

/** One property of a tool's parameters: flat, with the only keywords that Ollama keeps. */
export interface ToolProperty {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly items?: ToolProperty;
  readonly properties?: { readonly [name: string]: ToolProperty };
  readonly required?: readonly string[];
}

export interface ToolSchema {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description: string;
    readonly parameters: {
      readonly type: 'object';
      readonly properties: { readonly [name: string]: ToolProperty };
      readonly required: readonly string[];
    };
  };
}
