/** Runs one call of a server's tool: its arguments, the user's word, the answer. */
import lostText from '../../../prompts/mcp/lost.md?raw';
import { boundedText } from '../../context/bounded-text.ts';
import type { JsonObject, McpCall } from '../../protocol.ts';
import { errorMessage } from '../../text/error-message.ts';
import type { ToolContext, ToolResult } from '../../tools/tool.ts';
import { refusal } from '../../tools/tool-call-item.ts';
import { resultForModel } from '../result-text.ts';
import { fitArguments } from '../schema/fit.ts';
import { parametersOf } from '../schema/signature.ts';
import type { KnownTool } from './known-tools.ts';
import { shownStart } from './shown-start.ts';

/** The user's lasting word about tools. */
export interface ToolPermits {
  readonly isAllowed: (tool: KnownTool) => boolean;
  /** @throws Error for the user. */
  readonly allow: (tool: KnownTool) => void;
  /** Where the user can write it. */
  readonly howToAllow: (tool: KnownTool) => string;
}

export async function runCall(
  found: KnownTool,
  given: JsonObject,
  ctx: ToolContext,
  permits: ToolPermits,
): Promise<ToolResult> {
  const { server, tool, of, what } = found;
  const fitted = fitArguments(given, what.inputSchema);
  if (!fitted.ok) {
    const takes = parametersOf(what.inputSchema) || 'no arguments';
    return refusal(`${fitted.problem}. ${server}.${tool} takes ${takes}`);
  }
  const call: McpCall = { server, tool, arguments: fitted.arguments };
  const permit = await ctx.guard.mcp?.(
    {
      call,
      identity: of.identity,
      isSandboxed: of.info.isSandboxed,
      isReadOnly: what.isReadOnly,
      isAllowed: permits.isAllowed(found),
      howToAllow: permits.howToAllow(found),
      remember: () => permits.allow(found),
    },
    ctx.ask,
  );
  if (permit?.allowed !== true) return refusal(permit?.message ?? 'MCP servers are not used here');
  return ctx.signal.aborted ? refusal('aborted by user') : runAllowed(found, call, ctx);
}

async function runAllowed({ of, what }: KnownTool, call: McpCall, ctx: ToolContext): Promise<ToolResult> {
  const hint = what.isReadOnly ? { isReadOnly: true as const } : {};
  const base = { type: 'mcp_tool_call', id: ctx.nextItemId(), ...call, ...hint } as const;
  ctx.emit({ type: 'item_started', item: { ...base, output: '', status: 'in_progress' } });
  const onProgress = (text: string): void =>
    ctx.emit({ type: 'item_delta', itemId: base.id, text: `${text}\n` });
  const result = await answered(of, call, ctx, onProgress);
  const status = result.ok ? 'completed' : 'failed';
  ctx.emit({ type: 'item_completed', item: { ...base, output: result.text, status } });
  return result;
}

/** Never rejects. */
async function answered(
  of: KnownTool['of'],
  { tool, arguments: args }: McpCall,
  ctx: ToolContext,
  onProgress: (text: string) => void,
): Promise<ToolResult> {
  let isSent = false;
  try {
    await shownStart(of, ctx.signal, onProgress);
    isSent = true;
    const result = await of.call(tool, args, { signal: ctx.signal, onProgress });
    const { text, images } = resultForModel(result);
    return {
      ok: !result.isError,
      text: await boundedText(text, ctx),
      bounded: true,
      images: images.length === 0 ? undefined : images,
    };
  } catch (error) {
    if (ctx.signal.aborted) return refusal('aborted by user');
    const reason = errorMessage(error);
    const isAnswer = error instanceof Error && error.name === 'McpRefusal';
    const lines = isSent && !isAnswer ? [`${of.name}: ${reason}`, lostText.trim()] : [reason];
    return { ok: false, text: await boundedText(lines.join('\n'), ctx), bounded: true, refused: !isSent };
  }
}
