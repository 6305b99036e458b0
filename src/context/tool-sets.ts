/** Which tools a model has: those of its set. One set or the other, the same for the whole of a session with this model. */
import type { ToolSet } from '../config/tool-sets.ts';

interface SetTool {
  readonly isSilent?: boolean;
  readonly offeredIn?: ToolSet | undefined;
}

/** What the patch tool is called in a system message, which is the same text for all models. */
const PATCH_TOOL = /\bapply_patch\b/g;
const SMALL_TOOLS = 'edit_file or write_file';

/** Of these tools those that there are in a set. The patch tool is there in both: models call it by themselves. */
export function toolsOf<T extends SetTool>(set: ToolSet | undefined, tools: readonly T[]): readonly T[] {
  if (set !== 'small') return tools.filter(({ offeredIn }) => offeredIn !== 'small');
  return tools.map((tool) => (tool.offeredIn === 'full' ? { ...tool, isSilent: true } : tool));
}

/** A system message that names only tools of the set. */
export function systemFor(set: ToolSet | undefined, system: string): string {
  return set === 'small' ? system.replace(PATCH_TOOL, SMALL_TOOLS) : system;
}
