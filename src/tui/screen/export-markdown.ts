/** The conversation as a Markdown document. A text that contains a fence is fenced by a longer one. */
import type { Item } from '../../protocol.ts';
import { asToolCallItem } from '../../text/as-tool-call.ts';
import { innerCommand } from '../../text/shell-word.ts';

/** Empty for a session without items. */
export function exportMarkdown(items: readonly Item[]): string {
  const parts = items.flatMap((item) => {
    const part = partOf(item);
    return part === '' ? [] : [part];
  });
  return parts.length === 0 ? '' : `${parts.join('\n\n')}\n`;
}

function partOf(item: Item): string {
  switch (item.type) {
    case 'user_message':
      return `## You\n\n${item.text.trim()}`;
    case 'agent_message':
      return `## oagent\n\n${item.text.trim()}`;
    case 'reasoning':
      return '';
    case 'command_execution':
      return joined(fenced('sh', innerCommand(item.command)), output(item.output));
    case 'file_change':
      return joined(
        ...item.changes.map(({ diff }) => fenced('diff', diff)),
        item.status === 'completed' ? '' : output(item.output),
      );
    case 'tool_call':
      return joined(fenced('', `${item.tool} ${JSON.stringify(item.arguments)}`), output(item.output));
    case 'mcp_tool_call':
    case 'task':
      return partOf(asToolCallItem(item));
    case 'plan':
      return item.steps
        .map(({ step, status }) => `- [${status === 'completed' ? 'x' : ' '}] ${step}`)
        .join('\n');
    default:
      return item satisfies never;
  }
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Nothing for what said nothing. */
function output(text: string): string {
  return text.trim() === '' ? '' : fenced('', text);
}

function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}
