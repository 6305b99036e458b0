/**
 * Builds requests: the head (system message and tools), then the history item by item, then at most one message that is
 * not part of it. Nothing else builds messages. Pure, so that a history that has grown at its end gives a request that
 * begins with the one before, byte for byte: the server does not read again what it has read.
 */
import ledText from '../../prompts/led/system.md?raw';
import type { ToolSet } from '../config/tool-sets.ts';
import type { Profile } from '../model/call-profile.ts';
import type { ChatMessage, ToolCall, ToolSchema } from '../model/chat.ts';
import type { HistoryItem } from './history.ts';
import { systemFor, toolsOf } from './tool-sets.ts';

/** What precedes the history: the same in all requests of a session with one model, so nothing volatile is in it. */
export interface PromptHead {
  readonly system: string;
  /** Templates put them before everything else, so each request has them, whether they can be called or not. */
  readonly tools: readonly ToolSchema[];
  /** The model sees images. */
  readonly vision: boolean;
}

/** What is sent. */
export interface Prompt {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolSchema[];
}

interface OfferedTool {
  readonly schema: ToolSchema;
  readonly isSilent?: boolean;
  readonly offeredIn?: ToolSet | undefined;
  readonly needsVision?: boolean;
}

/** What a model without vision gets instead of an image. */
const IMAGE_OMITTED = 'image content omitted because you do not support image input';

/** The output of a call that never got one. */
const ABORTED = 'aborted';

/** @param system for models that call tools; a led model gets a text of its own, and no tools. */
export function promptHead(
  model: {
    readonly profile: Profile;
    readonly facts: { readonly vision: boolean };
    readonly toolSet?: ToolSet | undefined;
  },
  system: string,
  tools: readonly OfferedTool[],
): PromptHead {
  const { vision } = model.facts;
  if (model.profile === 'led') return { system: ledText.trim(), tools: [], vision };
  const { toolSet } = model;
  return { system: systemFor(toolSet, system), tools: offeredTools(toolsOf(toolSet, tools), vision), vision };
}

/** The schemas that a model is sent: those of silent tools are left out, and of those for images, if it does not see. */
export function offeredTools(tools: readonly OfferedTool[], vision = false): ToolSchema[] {
  return tools.flatMap(({ schema, isSilent, needsVision }) =>
    isSilent || (needsVision && !vision) ? [] : [schema],
  );
}

/** @param question a last message that is not recorded, so that the next request continues the history alone. */
export function buildPrompt(head: PromptHead, items: readonly HistoryItem[], question?: string): Prompt {
  const messages: ChatMessage[] = [{ role: 'system', content: head.system }, ...messagesOf(items, head)];
  if (question !== undefined) messages.push({ role: 'user', content: question });
  return { messages, tools: head.tools };
}

/** The same request with the beginning of the answer, which the model continues. */
export function withAnswerBegun(prompt: Prompt, beginning: string): Prompt {
  return { ...prompt, messages: [...prompt.messages, { role: 'assistant', content: beginning }] };
}

/**
 * These items as messages: every call is followed by its outputs in call order, `aborted` if one is missing; outputs
 * without a call are left out; images only for models that see.
 */
export function messagesOf(
  items: readonly HistoryItem[],
  { vision }: Pick<PromptHead, 'vision'>,
): ChatMessage[] {
  return paired(items).map((item) => messageOf(item, vision));
}

/** A history in order is returned item for item. */
function paired(items: readonly HistoryItem[]): HistoryItem[] {
  const outputs = new Map<string, HistoryItem>();
  for (const item of items) {
    if (item.type === 'tool' && !outputs.has(item.callId)) outputs.set(item.callId, item);
  }
  return items.flatMap((item) => {
    if (item.type === 'tool') return [];
    if (item.type !== 'assistant') return [item];
    return [
      item,
      ...item.calls.map(
        ({ id, name }): HistoryItem =>
          outputs.get(id) ?? { type: 'tool', callId: id, name, content: ABORTED },
      ),
    ];
  });
}

function messageOf(item: HistoryItem, vision: boolean): ChatMessage {
  switch (item.type) {
    case 'user':
      return { role: 'user', ...seen(item, vision) };
    case 'assistant':
      return {
        role: 'assistant',
        content: item.content,
        thinking: item.thinking === '' ? undefined : item.thinking,
        tool_calls: item.calls.length === 0 ? undefined : item.calls.map(callOf),
      };
    case 'tool':
      return { role: 'tool', ...seen(item, vision), tool_name: item.name, tool_call_id: item.callId };
    default:
      return item satisfies never;
  }
}

/** The text of an item, and its images for a model that sees. */
function seen(
  { content, images = [] }: { readonly content: string; readonly images?: readonly string[] | undefined },
  vision: boolean,
): Pick<ChatMessage, 'content' | 'images'> {
  if (images.length === 0) return { content };
  if (vision) return { content, images: [...images] };
  return { content: [content, ...images.map(() => IMAGE_OMITTED)].join('\n') };
}

function callOf(
  { id, name, arguments: args }: ToolCall,
  index: number,
): NonNullable<ChatMessage['tool_calls']>[number] {
  return { id, function: { index, name, arguments: args } };
}

/** The items without the oldest; with a call go its outputs, with an output the whole message of its call. */
export function withoutOldest(items: readonly HistoryItem[]): HistoryItem[] {
  const [oldest, ...rest] = items;
  if (oldest === undefined) return [];
  if (oldest.type === 'user') return rest;
  const ids = new Set(oldest.type === 'tool' ? [oldest.callId] : oldest.calls.map((call) => call.id));
  const caller = rest.find(
    (item) => item.type === 'assistant' && item.calls.some((call) => ids.has(call.id)),
  );
  if (caller?.type === 'assistant') for (const call of caller.calls) ids.add(call.id);
  return rest.filter((item) => item !== caller && !(item.type === 'tool' && ids.has(item.callId)));
}
