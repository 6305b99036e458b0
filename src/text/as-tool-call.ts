/** Items of servers and sub-agents, for those who show every call alike. */
import type { Item } from '../protocol.ts';

export type ToolCallItem = Extract<Item, { type: 'tool_call' }>;

/** Under the name `server.tool`, or `task`. */
export function asToolCallItem(item: Extract<Item, { type: 'mcp_tool_call' | 'task' }>): ToolCallItem {
  const { id, output, status } = item;
  const call =
    item.type === 'task'
      ? { tool: 'task', arguments: { prompt: item.prompt } }
      : { tool: `${item.server}.${item.tool}`, arguments: item.arguments };
  return { type: 'tool_call', id, ...call, output, status };
}
