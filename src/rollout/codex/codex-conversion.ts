/**
 * A rollout of Codex as the lines of one of ours. What is not used stays in it, each line whole, as one of the type `codex`.
 */
import type { HistoryItem } from '../../context/history.ts';
import { isPrompt } from '../../context/history.ts';
import type { ToolCall } from '../../model/chat.ts';
import type { JsonObject } from '../../protocol.ts';
import {
  type EventMessage,
  lineText,
  ROLLOUT_VERSION,
  type RolloutLine,
  type SessionMeta,
} from '../lines.ts';
import { CodexItems } from './codex-items.ts';
import { arrayOf, codexLine, contentText, objectOf, textOf } from './codex-line.ts';
import { shownItems } from './codex-shown.ts';

/** Codex's names for a server of Ollama. Models of others are not there. */
const LOCAL_PROVIDERS: ReadonlySet<string> = new Set(['oss', 'ollama', 'ollama-chat']);

export class CodexConversion {
  readonly #lines: string[] = [];
  readonly #items = new CodexItems((item) => this.#record(item));
  readonly #calls = new Map<string, ToolCall>();
  /** Which items of the history are messages of the user. */
  #prompts: boolean[] = [];
  #meta: JsonObject | undefined;
  #began = '';
  #cwd: string | undefined;
  #model: string | undefined;
  #now = new Date(0);
  #lastItem = 0;

  /** A line of the rollout; empty ones and broken ones are passed over. */
  add(text: string): void {
    const line = codexLine(text);
    if (line === undefined) return;
    const time = new Date(line.timestamp);
    if (!Number.isNaN(time.getTime())) this.#now = time;
    if (!this.#use(line.type, line.payload)) this.#keep(text);
  }

  /**
   * @param id of the session. @param name given by the user.
   * @returns all of it; undefined: it does not say that it is a session.
   */
  end(id: string, name?: string): string | undefined {
    this.#items.flush();
    if (this.#meta === undefined || this.#cwd === undefined) return undefined;
    if (name !== undefined) this.#event({ type: 'thread_name_updated', name });
    const began = new Date(textOf(this.#meta.timestamp) ?? this.#began);
    const meta = metaOf(this.#meta, { id, cwd: this.#cwd, model: this.#model });
    return [lineText({ type: 'session_meta', payload: meta }, began), ...this.#lines].join('');
  }

  /** @returns false if nothing of the line is used. */
  #use(type: string, payload: JsonObject): boolean {
    switch (type) {
      case 'session_meta':
        return this.#start(payload);
      case 'turn_context':
        this.#cwd = textOf(payload.cwd) ?? this.#cwd;
        if (this.#isLocal) this.#model = textOf(payload.model) ?? this.#model;
        return false;
      case 'response_item':
        this.#findFolder(payload);
        return this.#items.item(payload);
      case 'compacted':
        return this.#compacted(payload);
      case 'event_msg':
        return this.#happened(payload);
      default:
        return false;
    }
  }

  /** Later ones are those of the sessions that it was copied from. */
  #start(payload: JsonObject): boolean {
    if (this.#meta !== undefined) return false;
    this.#meta = payload;
    this.#began = this.#now.toISOString();
    this.#cwd = textOf(payload.cwd);
    return false;
  }

  get #isLocal(): boolean {
    return LOCAL_PROVIDERS.has(textOf(this.#meta?.model_provider) ?? '');
  }

  /** Old rollouts say only to the model where it is. */
  #findFolder({ type, content }: JsonObject): void {
    if (this.#cwd !== undefined || type !== 'message') return;
    this.#cwd = /<cwd>(\/[^<]*)<\/cwd>|^Current working directory: (\/.*)$/m
      .exec(contentText(content))
      ?.slice(1)
      .find((found) => found !== undefined);
  }

  #compacted({ message, replacement_history: items }: JsonObject): boolean {
    this.#items.flush();
    const replacement: HistoryItem[] = [];
    const reader = new CodexItems((item) => replacement.push(item));
    for (const item of arrayOf(items)) reader.item(objectOf(item) ?? {});
    reader.flush();
    if (replacement.length === 0)
      replacement.push({ type: 'user', kind: 'note', content: contentText(message) });
    this.#prompts = replacement.map(isPrompt);
    this.#write({ type: 'compacted', payload: { replacement_history: replacement } });
    return true;
  }

  #happened(payload: JsonObject): boolean {
    if (payload.type === 'thread_name_updated') {
      const name = textOf(payload.thread_name) ?? textOf(payload.name);
      if (name !== undefined) this.#event({ type: 'thread_name_updated', name });
      return name !== undefined;
    }
    return payload.type === 'thread_rolled_back' && this.#rolledBack(Number(payload.num_turns));
  }

  #rolledBack(turns: number): boolean {
    this.#items.flush();
    const starts = this.#prompts.flatMap((isStart, at) => (isStart ? [at] : []));
    const left = turns > 0 ? (starts.at(-turns) ?? 0) : undefined;
    if (left === undefined) return false;
    this.#prompts.length = left;
    this.#event({ type: 'thread_rolled_back', num_turns: turns, items_left: left });
    return true;
  }

  #record(item: HistoryItem): void {
    if (item.type === 'assistant') for (const call of item.calls) this.#calls.set(call.id, call);
    this.#prompts.push(isPrompt(item));
    this.#write({ type: 'response_item', payload: item });
    const call = item.type === 'tool' ? this.#calls.get(item.callId) : undefined;
    for (const shown of shownItems(item, call, this.#cwd ?? '')) {
      this.#lastItem += 1;
      const id = `i${this.#lastItem}`;
      this.#event({ type: 'item_completed', item_type: shown.type, item_id: id, item: { ...shown, id } });
    }
  }

  #event(payload: EventMessage): void {
    this.#write({ type: 'event_msg', payload });
  }

  #write(line: RolloutLine): void {
    this.#lines.push(lineText(line, this.#now));
  }

  #keep(text: string): void {
    const timestamp = this.#now.toISOString();
    this.#lines.push(`${JSON.stringify({ timestamp, type: 'codex', payload: JSON.parse(text) })}\n`);
  }
}

/** Without Codex's system message: its tools are not ours. */
function metaOf(
  found: JsonObject,
  { id, cwd, model }: { readonly id: string; readonly cwd: string; readonly model: string | undefined },
): SessionMeta {
  const git = objectOf(found.git) ?? {};
  return {
    id,
    timestamp: textOf(found.timestamp) ?? '',
    cwd,
    originator: textOf(found.originator) ?? 'codex',
    cli_version: textOf(found.cli_version) ?? '',
    rollout_version: ROLLOUT_VERSION,
    source: found.source === 'exec' ? 'exec' : 'cli',
    model_provider: textOf(found.model_provider) ?? '',
    model,
    git: {
      commit_hash: textOf(git.commit_hash),
      branch: textOf(git.branch),
      repository_url: textOf(git.repository_url),
    },
  };
}
