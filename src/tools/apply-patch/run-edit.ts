/** Runs a call of edit_file or write_file as the patch that it means. Its errors speak of the call, not of a patch. */
import type { JsonObject } from '../../protocol.ts';
import type { ToolContext, ToolResult } from '../tool.ts';
import { failure } from '../tool-call-item.ts';
import { editOf } from './edit-call.ts';
import { COPY_HINT } from './explain.ts';
import { runPatch } from './run-patch.ts';

/** @param name of the tool. */
export async function runEdit(name: string, args: JsonObject, ctx: ToolContext): Promise<ToolResult> {
  const patch = editOf(name, args);
  if (typeof patch === 'string') return failure(`${name} rejected: ${patch}`);
  const result = await runPatch(patch, ctx.cwd, ctx);
  return result.ok ? result : { ...result, text: reworded(result.text, name) };
}

/** What errors of patches say, and what is said of a call. */
const WORDS: readonly (readonly [string, string])[] = [
  [COPY_HINT, 'Copy old_string exactly from the file and call edit_file again.'],
  ["change parts of it with '*** Update File:'", 'change parts of it with edit_file'],
  [
    'The patch changes nothing: the files are already as it says',
    'The file is already so: nothing was changed',
  ],
  ['The lines of the patch seem', 'The lines of old_string seem'],
  ['The lines of a hunk have', 'The lines of old_string have'],
  ['leave them out of the hunk', 'leave them out of both texts'],
  ['Read the file before you patch it.', 'Read the file before you change it.'],
];

function reworded(text: string, name: string): string {
  const begun = text.replace(/^(?:patch rejected|apply_patch verification failed):/, `${name} rejected:`);
  return WORDS.reduce((said, [words, ours]) => said.replaceAll(words, () => ours), begun);
}
