/**
 * Shows a call as a `tool_call` item: opened once and closed once, even if the work throws; then the error is the result.
 */
import type { JsonObject } from '../protocol.ts';
import { errorMessage } from '../text/error-message.ts';
import type { ToolContext, ToolResult } from './tool.ts';

/** The start of an MCP server that a call waits for, before it is known what will be called. */
export const MCP_START = 'mcp_start';

/** Runs `work` between `item_started` and `item_completed`; what it says meanwhile is shown and not kept. Never rejects. */
export async function asToolCall(
  tool: string,
  args: JsonObject,
  ctx: ToolContext,
  work: (say: (line: string) => void) => Promise<ToolResult>,
): Promise<ToolResult> {
  const base = { type: 'tool_call', id: ctx.nextItemId(), tool, arguments: args } as const;
  ctx.emit({ type: 'item_started', item: { ...base, output: '', status: 'in_progress' } });
  const say = (line: string): void => ctx.emit({ type: 'item_delta', itemId: base.id, text: `${line}\n` });
  const result = await work(say).catch((error: unknown) => failure(errorMessage(error)));
  const status = result.ok ? 'completed' : 'failed';
  ctx.emit({ type: 'item_completed', item: { ...base, output: result.text, status } });
  return result;
}

/** A result that says why the call has no outcome; see `ToolResult.refused`. */
export function refusal(text: string): ToolResult {
  return { ok: false, text, refused: true };
}

/** A result that says what went wrong. */
export function failure(text: string): ToolResult {
  return { ok: false, text };
}
