/**
 * The tools of a sub-agent: those of its parent, schema for schema, because they are at the start of every prompt. What is not for it is
 * refused when it is called.
 */
import notHere from '../../../prompts/sub-agent/not-here.md?raw';
import { fill } from '../../text/fill.ts';
import type { Tool } from '../../tools/tool.ts';
import { refusal } from '../../tools/tool-call-item.ts';

/** They only read, or run in the read-only sandbox. */
const USABLE: ReadonlySet<string> = new Set([
  'exec_command',
  'write_stdin',
  'shell',
  'run_tests',
  'ripgrep',
  'read_file',
  'view_image',
  'search_code',
]);

export function itsTools(tools: readonly Tool[]): Tool[] {
  return tools.map((tool) => {
    const { name } = tool.schema.function;
    if (USABLE.has(name)) return tool;
    return { ...tool, isReadOnly: () => true, run: async () => refusal(fill(notHere, { tool: name })) };
  });
}
