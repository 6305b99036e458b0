/**
 * The `view_image` tool: an image file, for a model that sees. It is only offered to one; to another, which knows it from elsewhere, an
 * installed model describes the image.
 */
import description from '../../prompts/tools/view_image.md?raw';
import type { ToolSchema } from '../model/chat.ts';
import type { Tool } from './tool.ts';
import { asToolCall } from './tool-call-item.ts';

const schema: ToolSchema = {
  type: 'function',
  function: {
    name: 'view_image',
    description: description.trim(),
    parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
  },
};

export function createViewImageTool(): Tool {
  return {
    schema,
    needsVision: true,
    isReadOnly: () => true,
    run: (args, ctx) =>
      asToolCall('view_image', args, ctx, async () => {
        const { viewImage } = await import('./image-file.ts');
        return viewImage(args, ctx);
      }),
  };
}
