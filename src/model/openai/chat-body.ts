/**
 * The body of a chat in OpenAI's form. Pure: the same messages give the same bytes, so that a request begins with the one
 * before. `content` is never null, `arguments` is always a text.
 */
import type { JsonObject } from '../../protocol.ts';
import type { ChatMessage } from '../chat.ts';
import type { ChatRequest, ChatSettings } from '../server.ts';
import { type SamplingForm, samplingFields } from './sampling.ts';

export interface WireBody extends JsonObject {
  readonly model: string;
  readonly messages: readonly JsonObject[];
  readonly tools?: ChatRequest['tools'];
}

/** What the kind of server decides. */
interface BodyForm {
  readonly sampling: SamplingForm;
  readonly extras: (settings: ChatSettings, request: ChatRequest) => JsonObject;
}

export function chatBody(
  settings: ChatSettings,
  request: ChatRequest,
  { extras, sampling: form }: BodyForm,
): WireBody {
  const { model, numPredict, sampling } = settings;
  const { messages, tools, format } = request;
  return {
    model,
    messages: messages.map(wireMessage),
    // vLLM refuses an empty list.
    ...(tools.length > 0 && { tools }),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: numPredict,
    ...samplingFields(sampling, form),
    ...(format !== undefined && { response_format: formatOf(format) }),
    ...extras(settings, request),
  };
}

function formatOf(schema: JsonObject): JsonObject {
  return { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } };
}

/** Whether the request ends in the beginning of an answer, which the model continues. */
export function isAnswerBegun({ messages }: ChatRequest): boolean {
  return messages.at(-1)?.role === 'assistant';
}

/** How a template is told whether to think, and how much. */
export function thinkingArguments(
  { think }: Pick<ChatSettings, 'think'>,
  request: ChatRequest,
): JsonObject | undefined {
  if (think === undefined) return undefined;
  if (typeof think === 'string') return { reasoning_effort: think };
  // llama.cpp refuses to think where the answer has begun.
  return { enable_thinking: think && !isAnswerBegun(request) };
}

function wireMessage({
  role,
  content,
  images,
  thinking,
  tool_calls: calls,
  tool_name: name,
  tool_call_id: callId,
}: ChatMessage): JsonObject {
  return {
    role,
    content: images === undefined ? content : [{ type: 'text', text: content }, ...images.map(imagePart)],
    ...(thinking !== undefined && { reasoning_content: thinking }),
    ...(calls !== undefined && { tool_calls: calls.map(wireCall) }),
    ...(callId !== undefined && { tool_call_id: callId }),
    ...(name !== undefined && { name }),
  };
}

function wireCall({ id, function: called }: NonNullable<ChatMessage['tool_calls']>[number]): JsonObject {
  const { name, arguments: args } = called;
  return { id, type: 'function', function: { name, arguments: JSON.stringify(args) } };
}

/** How the images of each kind begin, in base64. */
const IMAGE_TYPES: readonly (readonly [string, string])[] = [
  ['iVBOR', 'png'],
  ['R0lG', 'gif'],
  ['UklG', 'webp'],
];

function imagePart(base64: string): JsonObject {
  const [, type] = IMAGE_TYPES.find(([beginning]) => base64.startsWith(beginning)) ?? ['', 'jpeg'];
  return { type: 'image_url', image_url: { url: `data:image/${type};base64,${base64}` } };
}
