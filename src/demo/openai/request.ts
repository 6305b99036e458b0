/** A request of OpenAI's chat API as Ollama's would be: what a script and the log know. */
import type { JsonObject } from '../../protocol.ts';
import { isObject } from '../chat-request.ts';
import { WireError } from '../errors.ts';

/** @throws WireError for what llama.cpp's server refuses */
export function asOllama(body: JsonObject): JsonObject {
  const { model, messages, tools, stream, max_tokens, response_format: format, temperature, top_p } = body;
  const chosen = isObject(body.chat_template_kwargs) ? body.chat_template_kwargs : {};
  const schema = isObject(format) && isObject(format.json_schema) ? format.json_schema.schema : undefined;
  return {
    model,
    messages: (Array.isArray(messages) ? messages : []).filter(isObject).map(messageOf),
    tools,
    stream,
    think: chosen.enable_thinking ?? chosen.reasoning_effort,
    format: schema,
    // Of the server's own memory, window and ways.
    truncate: false,
    shift: false,
    options: { num_predict: max_tokens, temperature, top_p },
  };
}

function messageOf(message: JsonObject): JsonObject {
  const { role, content, reasoning_content: thinking, tool_calls: calls, name } = message;
  const parts = Array.isArray(content) ? content.filter(isObject) : [];
  const images = parts.flatMap(({ image_url: image }) =>
    isObject(image) ? [base64(String(image.url))] : [],
  );
  return {
    role,
    content: Array.isArray(content) ? parts.map(({ text }) => text ?? '').join('') : content,
    ...(images.length > 0 && { images }),
    ...(thinking !== undefined && { thinking }),
    ...(Array.isArray(calls) && { tool_calls: calls.filter(isObject).map(callOf) }),
    ...(role === 'tool' && { tool_name: name, tool_call_id: message.tool_call_id }),
  };
}

function base64(url: string): string {
  return url.slice(url.indexOf(',') + 1);
}

function callOf({ id, function: called }: JsonObject, index: number): JsonObject {
  const { name, arguments: args } = isObject(called) ? called : {};
  return { id, function: { index, name, arguments: parsed(String(args)) } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const message = `Failed to parse tool call arguments as JSON: ${text}`;
    throw new WireError(500, message);
  }
}
