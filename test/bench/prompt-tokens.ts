/**
 * What an agent sends, in o200k tokens: tool schemas, system message and conversation as one sequence.
 *
 * Invariants: every part of a message is tokenized by itself, so that two prompts with the same beginning have the
 * same tokens there; nothing that a model's template would add is counted.
 * Does not: look at options, images or a format.
 */
import { get_encoding } from 'tiktoken';
import type { JsonObject } from '../../src/protocol.ts';

export interface Prompt {
  readonly tokens: readonly number[];
  readonly tools: number;
}

interface ChatBody {
  readonly tools?: readonly JsonObject[];
  readonly messages: readonly {
    readonly role: string;
    readonly content?: string;
    readonly thinking?: string;
    readonly tool_calls?: readonly { readonly function: JsonObject }[];
  }[];
}

const encoding = get_encoding('o200k_base');
const cache = new Map<string, readonly number[]>();

/** @param rawBody of a request to /api/chat. */
export function promptOf(rawBody: string): Prompt {
  const { tools = [], messages } = JSON.parse(rawBody) as ChatBody;
  const parts = tools.map((tool) => JSON.stringify(tool));
  for (const { role, content = '', thinking = '', tool_calls = [] } of messages) {
    parts.push(`${role}\n`, thinking, content, ...tool_calls.map((call) => JSON.stringify(call.function)));
  }
  return { tokens: parts.flatMap((part) => tokensOf(part)), tools: tools.length };
}

/** How many tokens two prompts share from their start on. */
export function sharedTokens(a: Prompt, b: Prompt): number {
  const different = b.tokens.findIndex((token, index) => token !== a.tokens[index]);
  return different === -1 ? b.tokens.length : different;
}

function tokensOf(text: string): readonly number[] {
  let tokens = cache.get(text);
  if (tokens === undefined) {
    tokens = [...encoding.encode(text, [], [])];
    cache.set(text, tokens);
  }
  return tokens;
}
