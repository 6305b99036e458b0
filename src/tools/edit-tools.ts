/**
 * The tools of the small set in place of apply_patch: one writes a whole file, one replaces a text. What they do is done by a patch, which is
 * loaded with the first call: its checks, its journal and its copies for /rewind are theirs.
 */
import editText from '../../prompts/tools/edit_file.md?raw';
import writeText from '../../prompts/tools/write_file.md?raw';
import type { JsonObject } from '../protocol.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';

export function createWriteFileTool(): Tool {
  return fileTool('write_file', writeText, {
    path: { type: 'string' },
    content: { type: 'string', description: 'The whole text.' },
  });
}

export function createEditFileTool(): Tool {
  return fileTool('edit_file', editText, {
    path: { type: 'string' },
    old_string: { type: 'string' },
    new_string: { type: 'string' },
  });
}

function fileTool(
  name: 'write_file' | 'edit_file',
  text: string,
  properties: Tool['schema']['function']['parameters']['properties'],
): Tool {
  const required = Object.keys(properties);
  return {
    schema: {
      type: 'function',
      function: { name, description: text.trim(), parameters: { type: 'object', properties, required } },
    },
    offeredIn: 'small',
    isReadOnly: () => false,
    run: async (args: JsonObject, ctx: ToolContext): Promise<ToolResult> => {
      const { runEdit } = await import('./apply-patch/run-edit.ts');
      return runEdit(name, args, ctx);
    },
  };
}
