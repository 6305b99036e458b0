/** The apply_patch tool. Patches are read and written by run-patch.ts, which is loaded with the first one. */
import text from '../../../prompts/tools/apply_patch.md?raw';
import type { Tool } from '../tool.ts';
import { failure } from '../tool-call-item.ts';

/** The tool as the model sees it: `apply_patch({input})`. */
export function createApplyPatchTool(): Tool {
  return {
    schema: {
      type: 'function',
      function: {
        name: 'apply_patch',
        description: text.trim(),
        parameters: {
          type: 'object',
          properties: { input: { type: 'string', description: 'The whole patch.' } },
          required: ['input'],
        },
      },
    },
    offeredIn: 'full',
    isReadOnly: () => false,
    run: async (args, ctx) => {
      const { input } = args;
      if (typeof input !== 'string') return failure('patch rejected: `input` must be the patch, a string');
      const { runPatch } = await import('./run-patch.ts');
      return runPatch(input, ctx.cwd, ctx);
    },
  };
}
