/**
 * Runs the calls of one answer.
 *
 * Invariants: every call gets exactly one output, in call order, whatever happens; adjacent read-only calls run in
 * parallel, any other alone; an output is cut once, here, when it is made for the history.
 */
import { boundedText } from '../context/bounded-text.ts';
import { offeredTools } from '../context/prompt.ts';
import type { ToolCall } from '../model/chat.ts';
import { coerceArguments, describeUnknownTool } from '../model/repair.ts';
import type { JsonObject } from '../protocol.ts';
import { errorMessage } from '../text/error-message.ts';
import type { Tool, ToolContext, ToolResult } from '../tools/tool.ts';
import { failure, refusal } from '../tools/tool-call-item.ts';
import type { CallContext, CallResult } from './call-context.ts';

const ABORTED = 'aborted by user';

export interface CallOutput {
  readonly call: ToolCall;
  readonly ok: boolean;
  /** Cut to the limit. */
  readonly text: string;
  readonly images: readonly string[] | undefined;
  /** What hooks have said of it, for the model: goes behind the text. */
  readonly added?: string | undefined;
  /** This and the next: see ToolResult. */
  readonly refused: boolean;
  readonly mayRepeat: boolean;
}

/** Makes the context of one call. */
export type ContextOf = (call?: ToolCall) => CallContext;

/** @param notRun calls that are refused, with the reason. */
export async function runToolCalls(
  calls: readonly ToolCall[],
  tools: readonly Tool[],
  contextOf: ContextOf,
  notRun: ReadonlyMap<ToolCall, string> = new Map(),
): Promise<CallOutput[]> {
  const outputs: CallOutput[] = [];
  const prepared = calls.map((call) => {
    const context = contextOf(call);
    const reason = notRun.get(call);
    return reason === undefined ? prepare(call, tools, context) : refused(call, reason, context);
  });
  for (let start = 0; start < prepared.length; ) {
    let end = start + 1;
    // Not determined for a single call: it takes a parser to find out whether a command only reads.
    if (end < prepared.length && isReadOnly(prepared[start])) while (isReadOnly(prepared[end])) end += 1;
    outputs.push(...(await Promise.all(prepared.slice(start, end).map(runOne))));
    start = end;
  }
  return outputs;
}

interface Prepared {
  readonly call: ToolCall;
  readonly context: CallContext;
  /** What is run; absent: it is refused. */
  readonly made?: { readonly tool: Tool; readonly args: JsonObject };
  readonly refusal?: string;
}

function prepare(call: ToolCall, tools: readonly Tool[], context: CallContext): Prepared {
  const named = tools.find(({ schema }) => schema.function.name === call.name);
  const meant = named === undefined ? adopted(call, tools) : { tool: named, args: call.arguments };
  if (meant === undefined) return refused(call, describeUnknownTool(call.name, offeredTools(tools)), context);
  const { tool } = meant;
  const coerced = coerceArguments(meant.args, tool.schema);
  return coerced.ok
    ? { call, context, made: { tool, args: coerced.arguments } }
    : refused(call, coerced.error, context);
}

/** The tool that knows what a name means which no tool has. */
function adopted(
  { name, arguments: args }: ToolCall,
  tools: readonly Tool[],
): { readonly tool: Tool; readonly args: JsonObject } | undefined {
  for (const tool of tools) {
    const own = tool.adopts?.(name, args);
    if (own !== undefined) return { tool, args: own };
  }
  return undefined;
}

function refused(call: ToolCall, text: string, context: CallContext): Prepared {
  return { call, context, refusal: text };
}

/** A hook may turn what only reads into something else. */
function isReadOnly(prepared: Prepared | undefined): boolean {
  if (prepared === undefined) return false;
  const { made, context } = prepared;
  return made === undefined || (context.hooks?.isSerial !== true && made.tool.isReadOnly(made.args));
}

async function runOne({ call, context: outer, made, refusal: reason = '' }: Prepared): Promise<CallOutput> {
  let isShown = false;
  const emit: ToolContext['emit'] = (event) => {
    isShown ||= event.type === 'item_started';
    const isItem = event.type === 'item_started' || event.type === 'item_completed';
    outer.emit(isItem ? { ...event, callId: call.id } : event);
  };
  const ctx = { ...outer, emit };
  const result = await outcomeOf(call, made, reason, ctx);
  if (!result.ok && !isShown) {
    const { name: tool, arguments: tried } = call;
    outer.emit({ type: 'call_rejected', tool, message: result.text, arguments: tried });
  }
  return {
    call,
    ok: result.ok,
    text: result.bounded ? result.text : await cut(result, ctx),
    images: result.images,
    added: result.added,
    refused: result.refused ?? false,
    mayRepeat: result.mayRepeat ?? false,
  };
}

async function outcomeOf(
  call: ToolCall,
  made: Prepared['made'],
  reason: string,
  ctx: CallContext,
): Promise<CallResult> {
  if (ctx.signal.aborted) return refusal(ABORTED);
  if (made === undefined) return refusal(reason);
  const { tool, args } = made;
  if (ctx.hooks === undefined) return guarded(() => tool.run(args, ctx), ctx);
  const { runHooked } = await import('./hooked-call.ts');
  return runHooked(made, call, ctx, (run) => guarded(run, ctx));
}

/** A tool that throws is a bug in oagent; the model still gets an output, and the turn continues. */
async function guarded(run: () => Promise<ToolResult>, ctx: ToolContext): Promise<ToolResult> {
  try {
    return await run();
  } catch (error) {
    if (ctx.signal.aborted) return refusal(ABORTED);
    return failure(`the tool failed: ${errorMessage(error)}`);
  }
}

async function cut(
  { text, mostBytes = Number.POSITIVE_INFINITY }: ToolResult,
  { outputLimit, spillPath }: ToolContext,
): Promise<string> {
  return boundedText(text, { outputLimit: Math.min(outputLimit, mostBytes), spillPath });
}
