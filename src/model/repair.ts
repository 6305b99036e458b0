/**
 * Turns what the server sent in a turn into tool calls in canonical form.
 *
 * Calls that the server delivered come first, then calls leaked into the answer, then those leaked into the
 * thinking. Text without calls is returned byte for byte. In an answer that was cut nothing is looked for, because
 * half a command is a different command. Pure; never throws, whatever the model wrote. The forms of calls are in
 * answer/, names and arguments in repair/.
 */
import type { JsonObject } from '../protocol.ts';
import { findCalls, type KnownTools } from './answer/find-calls.ts';
import { besideCalls, withoutLeftovers } from './answer/leftovers.ts';
import { beginsLikeCall, cutCallAt, endsInCall } from './answer/unread.ts';
import type { ToolCall, ToolSchema } from './chat.ts';
import { isTooDeep } from './nesting.ts';
import { asWritten, coerceArguments, repairArguments } from './repair/arguments.ts';
import { objectIn } from './repair/arguments-object.ts';
import { isForeignName, meantCall } from './repair/foreign-calls.ts';
import { findTool, ownTool, resolveToolName } from './repair/names.ts';
import { listedItem, withNames } from './repair/positional.ts';
import { RUNAWAY } from './runaway.ts';

export { coerceArguments, resolveToolName };

/** A call as it came over the wire, unchecked. */
export interface RawToolCall {
  readonly id?: string;
  readonly function: { readonly name: unknown; readonly arguments: unknown };
}

/** One finished turn of the model. */
export interface RawTurn {
  readonly content: string;
  readonly thinking: string;
  readonly toolCalls: readonly RawToolCall[];
  /** Why the turn ended: as the server says, or RUNAWAY. */
  readonly doneReason?: string;
  /** What answer/reader.ts says about them. */
  readonly isDraft?: boolean;
  readonly isThoughtClosed?: boolean;
  readonly isCommentary?: boolean;
  /** Names of tools that the user asks about: code that calls them is what was asked for. */
  readonly discussed?: readonly string[] | undefined;
}

export interface RepairedTurn {
  /** The answer without the text of calls. */
  readonly content: string;
  /** In the order in which they were written, with ids unique in the turn. A name may still be unknown. */
  readonly calls: ToolCall[];
  /**
   * What was repaired, for the log. A note without any calls: the model meant a call that cannot be read, so it has to be
   * asked again instead of taking the text as its answer.
   */
  readonly notes: string[];
  /** There are no calls, but the text ends in what is shaped like one: the model may believe it has made the call. */
  readonly endsInCall: boolean;
  /** The text was cut off in a call, which begins here. */
  readonly cutCallAt?: number;
}

const MAX_NAME = 100;
/** Of a longer name or id only the beginning is kept: it is sent again with every request. */
const MOST_CHARACTERS = 200;
/** Further calls of one answer are left out: nobody waits for thousands. */
const MOST_CALLS = 128;
/** In place of arguments that nothing may recurse into: no tool takes it, which the model is told. */
const TOO_DEEP = 'nested too deeply';

/**
 * Repairs one turn. `makeId` returns ids that are new in the session, for calls that have none.
 *
 * @example
 * repairTurn({content: '<tool_call>{"name":"bash","arguments":{"cmd":"ls"}}', thinking: '', toolCalls: []}, tools, id)
 * // {content: '', calls: [{id: 'call_1', name: 'shell', arguments: {command: 'ls'}}], notes: […]}
 */
export function repairTurn(turn: RawTurn, tools: readonly ToolSchema[], makeId: () => string): RepairedTurn {
  const notes: string[] = [];
  const toCall = callMaker(tools, makeId, notes);
  if (turn.toolCalls.length > 0) {
    const flat = turn.toolCalls.slice(0, MOST_CALLS).map(({ id, function: { name, arguments: args } }) => ({
      id,
      function: { name, arguments: flatArguments(args) },
    }));
    const calls = withoutCopies(flat).map((call) =>
      toCall(call.function.name, call.function.arguments, call.id),
    );
    return { content: besideCalls(turn.content), calls, notes, endsInCall: false };
  }
  if (isCut(turn)) {
    const at = cutCallAt(turn.content);
    const cut = at === -1 ? {} : { cutCallAt: at };
    return { content: turn.content, calls: [], notes, endsInCall: false, ...cut };
  }
  const known = knownTools(tools, turn.discussed);
  const leak = (text: string, source: string): RepairedTurn | null => {
    const found = isTooDeep(text) ? null : findCalls(text, known);
    if (found === null) return null;
    notes.push(`recovered ${found.calls.length} tool call(s) from the text of the ${source}`);
    const calls = found.calls
      .slice(0, MOST_CALLS)
      .map((call) => withNames(call, tools) ?? call)
      .map((call) => toCall(call.name, call.arguments, undefined));
    return { content: source === 'answer' ? found.rest : turn.content, calls, notes, endsInCall: false };
  };
  const nothing = { content: '', calls: [], notes, endsInCall: false };
  // What was thought away is not run.
  if (turn.isDraft === true)
    return isShapedLikeCall(turn.content, known) ? nothing : { ...nothing, content: turn.content };
  const inContent = leak(turn.content, 'answer');
  if (inContent !== null) return inContent;
  const isThoughtOpen = turn.content.trim() === '' && turn.isThoughtClosed !== true;
  const inThinking = isThoughtOpen ? leak(turn.thinking, 'thinking') : null;
  if (inThinking !== null) return inThinking;
  if (beginsLikeCall(turn.content) || (turn.isCommentary === true && /^\s*[{[]/.test(turn.content)))
    notes.push('the answer begins like a tool call but cannot be read as one');
  // Leftovers alone are an empty answer; next to text they may be what it is about.
  const content = withoutLeftovers(turn.content) === '' ? '' : turn.content;
  return { ...nothing, content, endsInCall: endsInCall(content, known) };
}

function flatArguments(args: unknown): unknown {
  return isTooDeep(args) ? TOO_DEEP : args;
}

/** The end of a call: to be cut off and closed by the next answer it must be one, since half a value can be read as a whole. */
const CLOSED = /(?:[>}\]]|```)\s*$/;

/** The call that `begun` is with what the next answer adds; null unless that closes it and there is nothing else. */
export function repairJoined(
  begun: string,
  turn: RawTurn,
  tools: readonly ToolSchema[],
  makeId: () => string,
): RepairedTurn | null {
  const content = begun + turn.content;
  if (!CLOSED.test(turn.content) || isTooDeep(content)) return null;
  const known = knownTools(tools, turn.discussed);
  const found = findCalls(content, known);
  if (found === null || found.rest.trim() !== '' || !found.calls.every(known.fits)) return null;
  return repairTurn({ ...turn, content }, tools, makeId);
}

function knownTools(tools: readonly ToolSchema[], discussed: readonly string[] = []): KnownTools {
  return {
    isDiscussed: (name) => discussed.includes(ownTool(name, tools)?.function.name ?? name),
    isTool: (name) => findTool(name, tools) !== undefined || isForeignName(name, tools),
    isOwn: (name) => ownTool(name, tools) !== undefined,
    fits: (call) => {
      const named = withNames(call, tools);
      if (named === null) return false;
      const meant = meantCall(named, tools);
      const schema = findTool(meant.name, tools);
      return schema !== undefined && repairArguments(meant.arguments, schema).problems.length === 0;
    },
    isExact: (call) => {
      const schema = ownTool(call.name, tools);
      const given = objectIn(withNames(call, tools)?.arguments);
      if (schema === undefined || given === null) return false;
      const args = listedItem(given, schema);
      const isKnown = (key: string): boolean => Object.hasOwn(schema.function.parameters.properties, key);
      return Object.keys(args).every(isKnown) && repairArguments(args, schema).problems.length === 0;
    },
  };
}

function isShapedLikeCall(text: string, known: KnownTools): boolean {
  return (
    (!isTooDeep(text) && findCalls(text, known) !== null) || beginsLikeCall(text) || endsInCall(text, known)
  );
}

/** Whether the end is missing: the token limit was hit, or the model repeated itself and was stopped. */
export function isCut({ doneReason }: Pick<RawTurn, 'doneReason'>): boolean {
  return doneReason === 'length' || doneReason === RUNAWAY;
}

/** The answer to a call of a tool that does not exist: `unsupported call: NAME` and the tools there are. */
export function describeUnknownTool(name: string, tools: readonly ToolSchema[]): string {
  const shown = name.replace(/\s+/g, ' ').trim();
  const available = tools.map((tool) => tool.function.name).join(', ');
  const short = shown.length > MAX_NAME ? `${shown.slice(0, MAX_NAME)}…` : shown;
  return `unsupported call: ${short}\nAvailable tools: ${available === '' ? 'none' : available}`;
}

/** Makes the calls of one turn: resolves names, repairs arguments, keeps ids unique. */
function callMaker(
  tools: readonly ToolSchema[],
  makeId: () => string,
  notes: string[],
): (name: unknown, args: unknown, id: unknown) => ToolCall {
  const seen = new Set<string>();
  return (rawName, rawArguments, rawId) => {
    const isUsable = typeof rawId === 'string' && rawId !== '' && rawId.length <= MOST_CHARACTERS;
    const id = isUsable && !seen.has(rawId) ? rawId : makeId();
    seen.add(id);
    const written = typeof rawName === 'string' ? rawName.slice(0, MOST_CHARACTERS) : '';
    const meant = meantCall({ name: written, arguments: rawArguments }, tools);
    const schema = findTool(meant.name, tools);
    if (schema === undefined) return { id, name: written, arguments: asWritten(rawArguments) };
    const { name } = schema.function;
    if (name !== written)
      notes.push(`tool name ${JSON.stringify(written.slice(0, MAX_NAME))} read as ${name}`);
    return { id, name, arguments: canonicalArguments(meant.arguments, schema, notes) };
  };
}

/** Some servers send a call in a chunk and again, under the same id, in the last one. */
function withoutCopies(calls: readonly RawToolCall[]): readonly RawToolCall[] {
  const seen = new Set<string>();
  return calls.filter(({ id, function: { name, arguments: args } }) => {
    if (typeof id !== 'string' || id === '') return true;
    const key = JSON.stringify([id, name, args]);
    const isCopy = seen.has(key);
    seen.add(key);
    return !isCopy;
  });
}

function canonicalArguments(raw: unknown, schema: ToolSchema, notes: string[]): JsonObject {
  const { arguments: args, problems } = repairArguments(raw, schema);
  if (problems.length > 0)
    notes.push(`arguments of ${schema.function.name}: ${problems.slice(0, 3).join('; ')}`);
  return args;
}
