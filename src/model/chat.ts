/**
 * Messages, tool schemas and tool calls, narrower than the types of Ollama's client.
 *
 * Invariants: `content` is always a string and `arguments` always an object, because the server refuses
 * anything else; key order is kept as received, because a re-serialised message costs the server's cache.
 */
import type { Message } from 'ollama/browser';
import type { JsonObject } from '../protocol.ts';

/** A tool call in canonical form, as the history keeps it and tools receive it. */
export interface ToolCall {
  /** Unique in the session: the server's, or one made by repair.ts. */
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
}

export interface ChatMessage extends Readonly<Pick<Message, 'content' | 'thinking' | 'tool_name'>> {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  /** Base64. */
  readonly images?: readonly string[];
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly index: number; readonly name: string; readonly arguments: JsonObject };
  }[];
  readonly tool_call_id?: string;
}

/** One property of a tool's parameters, with the only keywords that Ollama keeps. */
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
