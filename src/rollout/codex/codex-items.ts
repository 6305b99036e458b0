/**
 * Items of a history of Codex as items of ours. Codex has one item for each part of an answer; here they are gathered
 * until something else follows.
 */
import type { HistoryItem } from '../../context/history.ts';
import type { ToolCall } from '../../model/chat.ts';
import type { JsonObject } from '../../protocol.ts';
import { arrayOf, contentText, objectOf, textOf } from './codex-line.ts';

/** What Codex tells the model in the user's role. oagent tells its own. */
const TOLD =
  /^\s*(?:<(?:environment_context|user_instructions|permissions instructions|INSTRUCTIONS|skills?_instructions|collaboration_mode)\b|# AGENTS\.md instructions)/;
/** The like, about what has happened. */
const NOTED = /^\s*<(?:turn_aborted|user_shell_command|subagent_notification|user_action)\b/;

interface Answer {
  readonly content: string[];
  readonly thinking: string[];
  readonly calls: ToolCall[];
}

export class CodexItems {
  readonly #add: (item: HistoryItem) => void;
  /** Of all calls, by their ids. */
  readonly #names = new Map<string, string>();
  #answer: Answer | undefined;

  /** @param add hears of each item when it is complete. */
  constructor(add: (item: HistoryItem) => void) {
    this.#add = add;
  }

  /** @returns false for an item of which nothing is used. */
  item(payload: JsonObject): boolean {
    switch (payload.type) {
      case 'message':
        return this.#message(payload);
      case 'reasoning':
        return this.#reasoning(payload);
      case 'function_call':
      case 'custom_tool_call':
      case 'local_shell_call':
        return this.#call(payload);
      case 'function_call_output':
      case 'custom_tool_call_output':
        return this.#output(payload);
      default:
        return false;
    }
  }

  /** Completes the answer that is being gathered. */
  flush(): void {
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer === undefined) return;
    const { content, thinking, calls } = answer;
    for (const { id, name } of calls) this.#names.set(id, name);
    // A thought without anything after it was thrown away by Codex, too.
    if (content.length === 0 && calls.length === 0) return;
    this.#add({
      type: 'assistant',
      content: content.join('\n\n'),
      thinking: thinking.join('\n\n'),
      calls,
    });
  }

  #message({ role, content }: JsonObject): boolean {
    const text = contentText(content);
    if (role === 'assistant') {
      if (text !== '') this.#open().content.push(text);
      return text !== '';
    }
    const images = imagesOf(content);
    if (role !== 'user' || TOLD.test(text) || (text === '' && images.length === 0)) return false;
    this.flush();
    const kind = NOTED.test(text) ? 'note' : 'prompt';
    this.#add({ type: 'user', kind, content: text, images: images.length === 0 ? undefined : images });
    return true;
  }

  /** What the server encrypted is nothing. */
  #reasoning({ summary, content }: JsonObject): boolean {
    const text = contentText(content) || contentText(summary);
    if (text !== '') this.#open().thinking.push(text);
    return text !== '';
  }

  #call(payload: JsonObject): boolean {
    const id = textOf(payload.call_id) ?? textOf(payload.id);
    if (id === undefined) return false;
    const action = arrayOf(objectOf(payload.action)?.command).map(String);
    const isShell = payload.type === 'local_shell_call';
    const name = isShell ? 'shell' : textOf(payload.name);
    if (name === undefined) return false;
    this.#open().calls.push({ id, name, arguments: isShell ? { command: action } : argumentsOf(payload) });
    return true;
  }

  #output({ call_id: id, output }: JsonObject): boolean {
    this.flush();
    const name = typeof id === 'string' ? this.#names.get(id) : undefined;
    if (typeof id !== 'string' || name === undefined) return false;
    this.#add({ type: 'tool', callId: id, name, content: contentText(output) });
    return true;
  }

  #open(): Answer {
    this.#answer ??= { content: [], thinking: [], calls: [] };
    return this.#answer;
  }
}

function argumentsOf({ arguments: text, input }: JsonObject): JsonObject {
  if (typeof input === 'string') return { input };
  try {
    return objectOf(JSON.parse(String(text))) ?? {};
  } catch {
    return {};
  }
}

/** Base64, of images that are in the message itself. */
function imagesOf(content: unknown): string[] {
  return arrayOf(content).flatMap((part) => {
    const url = textOf(objectOf(part)?.image_url) ?? '';
    return /^data:image\/[\w.+-]+;base64,(.+)$/s.exec(url)?.[1] ?? [];
  });
}
