/**
 * The conversation as a Markdown document.
 *
 * Invariants: a text that holds a fence is fenced by a longer one; nothing is shortened beyond what the items hold.
 * Does not: write files.
 */
import type { Item } from '../protocol.ts';

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
      return `${fenced('sh', item.command)}\n\n${fenced('', item.output)}`;
    case 'file_change':
      return item.changes.map(({ diff }) => fenced('diff', diff)).join('\n\n');
    case 'tool_call':
      return `\`${item.tool} ${JSON.stringify(item.arguments)}\`\n\n${fenced('', item.output)}`;
    case 'plan':
      return item.steps
        .map(({ step, status }) => `- [${status === 'completed' ? 'x' : ' '}] ${step}`)
        .join('\n');
    default:
      return item satisfies never;
  }
}

function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}
