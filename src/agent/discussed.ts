/** The tools that a message asks about by name: in the answer, code that calls them is an example. */
import type { ToolSchema } from '../model/chat.ts';

export async function discussedTools(
  messages: readonly string[],
  tools: readonly ToolSchema[],
): Promise<readonly string[]> {
  const text = messages.join('\n');
  const named = tools.map((tool) => tool.function.name).filter((name) => text.includes(name));
  if (named.length === 0) return named;
  const { taskKind } = await import('./led/task-kind.ts');
  return taskKind(text) === 'question' ? named : [];
}
