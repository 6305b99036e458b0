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

const ABORTED = 'aborted by user';

export interface CallOutput {
  readonly call: ToolCall;
  readonly ok: boolean;
  /** Cut to the limit. */
  readonly text: string;
  readonly images: readonly string[] | undefined;
  /** This and the next: see ToolResult. */
  readonly refused: boolean;
  readonly mayRepeat: boolean;
}

/** Makes the context of one call. */
export type ContextOf = (call: ToolCall) => ToolContext;

/** @param notRun calls that are refused, with the reason. */
export async function runToolCalls(
  calls: readonly ToolCall[],
  tools: readonly Tool[],
  contextOf: ContextOf,
  notRun: ReadonlyMap<ToolCall, string> = new Map(),
): Promise<CallOutput[]> {
  const outputs: CallOutput[] = [];
  const prepared = calls.map((call) => {
    const reason = notRun.get(call);
    return reason === undefined ? prepare(call, tools) : refused(call, reason);
  });
  for (let start = 0; start < prepared.length; ) {
    let end = start + 1;
    // Not determined for a single call: it takes a parser to find out whether a command only reads.
    if (end < prepared.length && prepared[start]?.isReadOnly()) while (prepared[end]?.isReadOnly()) end += 1;
    outputs.push(...(await Promise.all(prepared.slice(start, end).map((entry) => runOne(entry, contextOf)))));
    start = end;
  }
  return outputs;
}

interface Prepared {
  readonly call: ToolCall;
  readonly isReadOnly: () => boolean;
  readonly run: (ctx: ToolContext) => Promise<ToolResult>;
}

function prepare(call: ToolCall, tools: readonly Tool[]): Prepared {
  const named = tools.find(({ schema }) => schema.function.name === call.name);
  const meant = named === undefined ? adopted(call, tools) : { tool: named, args: call.arguments };
  if (meant === undefined) return refused(call, describeUnknownTool(call.name, offeredTools(tools)));
  const { tool } = meant;
  const coerced = coerceArguments(meant.args, tool.schema);
  if (!coerced.ok) return refused(call, coerced.error);
  const args: JsonObject = coerced.arguments;
  return { call, isReadOnly: () => tool.isReadOnly(args), run: (ctx) => tool.run(args, ctx) };
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

function refused(call: ToolCall, text: string): Prepared {
  return { call, isReadOnly: () => true, run: async () => refusal(text) };
}

async function runOne({ call, run }: Prepared, contextOf: ContextOf): Promise<CallOutput> {
  const outer = contextOf(call);
  let isShown = false;
  const emit: ToolContext['emit'] = (event) => {
    isShown ||= event.type === 'item_started';
    const isItem = event.type === 'item_started' || event.type === 'item_completed';
    outer.emit(isItem ? { ...event, callId: call.id } : event);
  };
  const ctx = { ...outer, emit };
  const result: ToolResult = ctx.signal.aborted ? refusal(ABORTED) : await guarded(run, ctx);
  if (!result.ok && !isShown) {
    const { name: tool, arguments: tried } = call;
    outer.emit({ type: 'call_rejected', tool, message: result.text, arguments: tried });
  }
  return {
    call,
    ok: result.ok,
    text: result.bounded ? result.text : await boundedText(result.text, ctx),
    images: result.images,
    refused: result.refused ?? false,
    mayRepeat: result.mayRepeat ?? false,
  };
}

/** A tool that throws is a bug in oagent; the model still gets an output, and the turn continues. */
async function guarded(run: Prepared['run'], ctx: ToolContext): Promise<ToolResult> {
  try {
    return await run(ctx);
  } catch (error) {
    if (ctx.signal.aborted) return refusal(ABORTED);
    return failure(`the tool failed: ${errorMessage(error)}`);
  }
}
