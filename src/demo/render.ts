/**
 * The prompt of the scripted models: a chat template, and a tokenizer.
 *
 * A token is a control mark (`<|im_start|>`), a run of letters, digits or underscores with one space before it (at
 * most 16 characters), a run of white space, or a run of one punctuation character. Joined, the tokens of a text are
 * the text. Each part of a message is tokenized by itself, so that an assistant message that is sent back renders to
 * exactly the tokens that were generated. The template keeps the order and adds nothing volatile; a system message
 * stays where it is.
 */

import type { RequestMessage } from './chat-request.ts';
import type { ScriptedCall } from './script.ts';
import type { ModelPath } from './wire.ts';

const TOKEN = /<\|\w+\|>| ?[\p{L}\p{N}_]{1,16}|\s{1,16}|([^\p{L}\p{N}_\s])\1{0,15}/gu;
/** What the server counts for an image. */
const IMAGE_TOKENS = 768;

/** The tokens of a text; joined, they are the text. */
export const tokenize = (text: string): string[] => text.match(TOKEN) ?? [];

const GENERATION_HEADER = tokenize('<|im_start|>assistant\n');
const END = '<|im_end|>';

/** The tokens of one call, the same in generated text and in history. */
export function callTokens(call: Pick<ScriptedCall, 'name' | 'arguments'>): string[] {
  const json = JSON.stringify({ name: call.name, arguments: call.arguments });
  return ['<|tool_call|>', ...tokenize(json), '<|end_tool_call|>'];
}

/** The tokens of thinking, marks included. */
export const thinkingTokens = (thinking: string): string[] =>
  thinking === '' ? [] : ['<|think|>', ...tokenize(thinking), '<|end_think|>'];

function messageTokens(message: RequestMessage, path: ModelPath): string[] {
  return [
    '<|im_start|>',
    ...tokenize(
      `${message.role === 'tool' && message.toolName ? `tool ${message.toolName}` : message.role}\n`,
    ),
    ...message.images.flatMap((image) =>
      Array.from({ length: IMAGE_TOKENS }, () => `<|image ${image.slice(0, 32)}|>`),
    ),
    // llama-server's messages have no field for earlier thinking, so the native path loses it.
    ...(path === 'rendered' ? thinkingTokens(message.thinking) : []),
    ...tokenize(message.content),
    ...message.calls.flatMap(callTokens),
    END,
  ];
}

/** The tokens of a whole prompt: tools, messages, and the header of the answer. */
export function promptTokens(
  tools: readonly unknown[],
  messages: readonly RequestMessage[],
  path: ModelPath,
): string[] {
  const toolBlock = tools.flatMap((tool) => tokenize(`${JSON.stringify(tool)}\n`));
  return [
    ...(toolBlock.length > 0 ? ['<|tools|>', ...toolBlock, '<|end_tools|>'] : []),
    ...messages.flatMap((message) => messageTokens(message, path)),
    ...GENERATION_HEADER,
  ];
}
