/**
 * What the model has been sent and what that costs: the history, its context frames, token counts.
 *
 * Invariants: a message of the user is recorded after the frame that says what has changed in the environment; a
 * rollback leaves the rest as it was sent, and repeats what the removed part said about the environment.
 */
import type { ToolSet } from '../config/tool-sets.ts';
import type { Environment } from '../context/environment.ts';
import {
  History,
  type HistoryItem,
  type HistoryKeeper,
  isPrompt,
  type Restored,
} from '../context/history.ts';
import { buildPrompt, type Prompt, promptHead } from '../context/prompt.ts';
import { truncateText } from '../context/truncate.ts';
import type { ProfileChoice } from '../model/call-profile.ts';
import type { ModelFacts } from '../model/capabilities.ts';
import type { ChatSettings } from '../model/server.ts';
import type { WindowUse } from '../protocol/requests.ts';
import type { Event, Item } from '../protocol.ts';
import type { OpenCall, StoredConversation } from '../rollout/stored-session.ts';
import { PATCHING } from '../tools/apply-patch/patching.ts';
import type { Tool } from '../tools/tool.ts';
import { notes } from './notes.ts';
import { PromptMeter } from './prompt-meter.ts';
import { type Remembered, Surroundings } from './surroundings.ts';
import type { UserTurn } from './turn-queue.ts';
import { UsageMeter } from './usage.ts';

/** Of the output of a call before a crash. */
const END_BYTES = 4_000;

/** The model: its settings in each request, and how it works. */
export interface AgentModel extends ProfileChoice {
  readonly settings: ChatSettings;
  readonly facts: ModelFacts;
  /** Absent: `full`. */
  readonly toolSet?: ToolSet;
  /** The most tokens that it may think before an answer, if the user has set that. */
  readonly maxThinking?: number | undefined;
  /** Of the weights; undefined: not requested yet (`digestOf`). */
  readonly digest?: string | undefined;
}

/** Why the talk cannot go back. */
export const SUMMARISED = 'the talk was summarised after that message: only its files can be put back';

/** Where a rollback cuts the history. */
export interface Cut {
  /** The index of the first message that is dropped. */
  readonly at: number;
  readonly userTurns: number;
  /** Its text. */
  readonly text: string;
}

export class Conversation {
  readonly history: History;
  readonly usage = new UsageMeter();
  readonly meter: PromptMeter;
  readonly #surroundings: Surroundings;
  readonly #system: string;
  /** How many of the first items stand for what was summarised, word for word or not. */
  #summarised: number;
  /** What the last compaction replaced. */
  #before: ({ readonly items: readonly HistoryItem[] } & Restored) | undefined;

  /** @param more `stored`: the conversation being resumed; `bytesPerToken`: the model's rate in earlier sessions. */
  constructor(
    system: string,
    projectDoc: string | undefined,
    more: {
      readonly keeper?: HistoryKeeper;
      readonly stored?: StoredConversation;
      readonly bytesPerToken?: number | undefined;
      readonly msPerToken?: number | undefined;
      readonly hasEnvironment?: boolean | undefined;
      readonly remembered?: Remembered | undefined;
    } = {},
  ) {
    const { keeper, stored } = more;
    this.#system = system;
    this.meter = new PromptMeter(more.bytesPerToken, more.msPerToken);
    this.history = new History({ ...(keeper && { keeper }), ...(stored && { items: stored.items }) });
    this.#summarised = stored?.summarised ?? 0;
    this.#surroundings = new Surroundings(projectDoc, stored?.told, more.hasEnvironment, more.remembered);
    if (stored?.usage !== undefined) Object.assign(this.usage, stored.usage);
    if (stored?.isBroken) this.#recordBreak(stored);
  }

  /** Every call gets an output, with what is known of it. */
  #recordBreak({ openCalls, isCopy }: StoredConversation): void {
    for (const open of openCalls) {
      const { id, name } = open.call;
      this.history.record({ type: 'tool', callId: id, name, content: brokenText(open, isCopy) });
    }
    this.history.note(notes.turnBroken(isCopy));
  }

  /** @param led for a led turn: what is shown before the message. */
  recordInput(
    turn: UserTurn,
    environment: Environment,
    led?: { readonly opening: string | undefined },
  ): void {
    const { items } = this.history;
    const frame =
      led === undefined ? this.#surroundings.frame(environment, items) : this.#surroundings.docOnly(items);
    if (frame !== undefined) this.history.record({ type: 'user', kind: 'context', content: frame });
    if (led?.opening !== undefined) this.history.note(led.opening);
    const images = turn.images?.length ? { images: turn.images, imageNames: turn.imageNames } : {};
    const { text: content, shownAs } = turn;
    this.history.record({ type: 'user', kind: 'prompt', content, shownAs, ...images });
  }

  /** See Surroundings. */
  limitDoc(bytes: number, numCtx: number): boolean {
    return this.#surroundings.limitDoc(bytes, numCtx);
  }

  /** The tokens of the next request if nothing else is appended. */
  used(model: AgentModel, tools: readonly Tool[]): number {
    const { messages, tools: schemas } = this.#prompt(model, tools);
    return this.meter.used(messages, schemas);
  }

  /** What fills the window, for the user. */
  async windowUse(model: AgentModel, tools: readonly Tool[]): Promise<WindowUse> {
    const { windowUse } = await import('./window-use.ts');
    const { meter, history } = this;
    const whole = { size: model.settings.numCtx, used: this.used(model, tools), counted: meter.counted };
    return windowUse(promptHead(model, this.#system, tools), history.items, whole, meter.imageBytes);
  }

  /** The history that a compaction would leave. Changes nothing. */
  draft(
    build: (frame: string | undefined) => readonly HistoryItem[],
    environment: Environment,
  ): readonly HistoryItem[] {
    const { frames } = this.#surroundings;
    const items = build(this.#surroundings.again(environment));
    this.#surroundings.restore(frames);
    return items;
  }

  /** Replaces the history with a draft. A rollback can still restore it. */
  compact(items: readonly HistoryItem[], environment: Environment): void {
    const old = [...this.history.items];
    const { frames } = this.#surroundings;
    this.#surroundings.again(environment);
    this.history.replace(items);
    this.#before = { items: old, told: frames, summarised: this.#summarised };
    this.#summarised = items.length;
    this.meter.cutTo(1 + sameItems(old, items));
  }

  /** Removes what was recorded of a turn that starts over in another way. */
  rewind(length: number): void {
    this.history.cutTo(length, true);
    this.#surroundings.cutTo(length);
    this.meter.cutTo(1 + length);
  }

  /** How many of the last messages of the user `rollBack` can drop: not those that were summarised before the last compaction. */
  get droppableTurns(): number {
    const before = this.#before;
    const earlier = before === undefined ? 0 : countPrompts(before.items.slice(before.summarised));
    return earlier + this.#laterTurns;
  }

  /** Before those that can be dropped there are others. */
  get hasSummarised(): boolean {
    return (this.#before?.summarised ?? this.#summarised) > 0;
  }

  get #laterTurns(): number {
    return countPrompts(this.history.items.slice(this.#summarised));
  }

  /** Drops the last messages of the user, and everything from the first of them on; undefined: there is none. */
  rollBack(userTurns: number): Cut | undefined {
    const before = this.#before;
    const later = this.#laterTurns;
    if (before === undefined || userTurns <= later) {
      return this.#cutAt(lastUserTurns(this.history.items, userTurns), this.history.items);
    }
    const cut = lastUserTurns(before.items, userTurns - later);
    if (cut === undefined) return undefined;
    const compacted = [...this.history.items];
    const { items, summarised, told } = before;
    this.history.replace(items, { summarised, told });
    this.#surroundings.restore(told);
    this.#summarised = summarised;
    this.#before = undefined;
    return this.#cutAt({ ...cut, userTurns: cut.userTurns + later }, compacted);
  }

  /** @param known the items that the server has read. */
  #cutAt(cut: Cut | undefined, known: readonly HistoryItem[]): Cut | undefined {
    if (cut === undefined) return undefined;
    const same = sameItems(known, this.history.items);
    this.history.cutTo(cut.at);
    this.#surroundings.cutTo(cut.at);
    this.meter.cutTo(1 + Math.min(cut.at, same));
    return cut;
  }

  /** The new model has read nothing yet. @param rates its own in earlier sessions; absent: it is the same model. */
  changeModel(rates?: { readonly bytesPerToken?: number; readonly msPerToken?: number }): void {
    if (rates === undefined) this.meter.reread();
    else this.meter.forget(rates.bytesPerToken, rates.msPerToken);
  }

  /** A token count for a history that the server has not counted yet. */
  estimate(model: AgentModel, tools: readonly Tool[]): Event {
    const { messages, tools: schemas } = this.#prompt(model, tools);
    const inputTokens = this.meter.estimate(messages, schemas);
    const { settings } = model;
    const last = { ...this.usage.last, inputTokens, outputTokens: 0 };
    return { type: 'token_count', total: this.usage.total, last, numCtx: settings.numCtx, estimated: true };
  }

  #prompt(model: AgentModel, tools: readonly Tool[]): Prompt {
    return buildPrompt(promptHead(model, this.#system, tools), this.history.items);
  }
}

/** How many items at the start of both are sent as the same bytes. */
function sameItems(a: readonly HistoryItem[], b: readonly HistoryItem[]): number {
  const different = a.findIndex(
    (item, at) => item !== b[at] && JSON.stringify(item) !== JSON.stringify(b[at]),
  );
  return different < 0 ? Math.min(a.length, b.length) : different;
}

function countPrompts(items: readonly HistoryItem[]): number {
  return items.filter(isPrompt).length;
}

/** Steers count too: they were shown as messages of the user. */
export function lastUserTurns(items: readonly HistoryItem[], count: number): Cut | undefined {
  const prompts = items.flatMap((item, at) =>
    isPrompt(item) ? [{ at, text: item.shownAs ?? item.content }] : [],
  );
  const userTurns = Math.min(Math.floor(count), prompts.length);
  const first = userTurns >= 1 ? prompts.at(-userTurns) : undefined;
  return first && { ...first, userTurns };
}

/** What is known of a call without an output. */
function brokenText({ call, ended, patch }: OpenCall, isCopy: boolean): string {
  if (patch === undefined) return ended === undefined ? notes.callBroken(isCopy) : endText(ended, isCopy);
  const said = notes.patchBroken(isCopy, patch);
  // Behind the patch of a command there may be others.
  const isAll = patch.state === 'nothing' || PATCHING.has(call.name);
  return isAll ? said : `${said}\n${notes.callBroken(isCopy)}`;
}

/** Of a call that had ended, but whose output was not recorded. */
function endText(item: Item, isCopy: boolean): string {
  const { text } = truncateText('output' in item ? item.output : '', { limitBytes: END_BYTES });
  return notes.callEnded(isCopy, item.type === 'command_execution' ? item.exitCode : undefined, text);
}
