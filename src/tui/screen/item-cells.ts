/** Which lines show which item, finished and live: the one table from items to the builders in lines/. */
import type { Item } from '../../protocol.ts';
import { asToolCallItem } from '../../text/as-tool-call.ts';
import { commandLines, liveCommandLines } from '../lines/command.ts';
import { assistantLines, userLines } from '../lines/message.ts';
import { livePatchLines, patchLines } from '../lines/patch.ts';
import { planLines } from '../lines/plan.ts';
import { reasoningLines } from '../lines/reasoning.ts';
import { answerLines } from '../lines/stream.ts';
import type { LineContext } from '../lines/style.ts';
import { liveTaskLines, taskLines } from '../lines/task.ts';
import { liveToolLines, toolLines } from '../lines/tool.ts';

/** A finished item. */
export function itemLines(item: Item, ctx: LineContext): string[] {
  switch (item.type) {
    case 'user_message':
      return userLines(item, ctx);
    case 'agent_message':
      return assistantLines(answerLines(item.text, ctx), ctx, { isFirst: true });
    case 'reasoning':
      return reasoningLines({ text: item.text, durationMs: 0 }, ctx);
    case 'command_execution':
      return commandLines(item, ctx);
    case 'file_change':
      return patchLines(item, ctx);
    case 'tool_call':
      return toolLines(item, ctx);
    case 'mcp_tool_call':
      return toolLines(asToolCallItem(item), ctx);
    case 'task':
      return taskLines(item, ctx);
    case 'plan':
      return planLines(item, ctx);
    default:
      return item satisfies never;
  }
}

/** An item in progress, in at most `maxRows` lines; `text` is its output so far. */
export function liveItemLines(
  item: Item,
  progress: { readonly text: string; readonly elapsedMs: number },
  ctx: LineContext,
  maxRows: number,
): string[] {
  switch (item.type) {
    case 'command_execution':
      return liveCommandLines(item, progress, ctx, maxRows);
    case 'file_change':
      return livePatchLines(item, ctx, maxRows);
    case 'tool_call':
      return liveToolLines(item, progress, ctx, maxRows);
    case 'mcp_tool_call':
      return liveToolLines(asToolCallItem(item), progress, ctx, maxRows);
    case 'task':
      return liveTaskLines(item, progress, ctx, maxRows);
    case 'user_message':
    case 'agent_message':
    case 'reasoning':
    case 'plan':
      return [];
    default:
      return item satisfies never;
  }
}
