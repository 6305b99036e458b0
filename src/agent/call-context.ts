/** What a call gets besides the context of its tool, and gives besides the tool's result, where there are hooks. */
import type { ToolContext, ToolResult } from '../tools/tool.ts';
import type { TurnHooks } from './turn-hooks.ts';

export interface CallContext extends ToolContext {
  /** Absent: there are none. */
  readonly hooks?: TurnHooks | undefined;
}

export interface CallResult extends ToolResult {
  /** For the model, behind the text. */
  readonly added?: string | undefined;
}
