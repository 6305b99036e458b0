/**
 * Patches that come as shell commands. Small models often patch that way, as they have seen it done: it leads to the apply_patch tool,
 * and what follows the patch in the command is run after it.
 */

import path from 'node:path';
import { isFolder } from '../../config/paths.ts';
import type { JsonObject } from '../../protocol.ts';
import { stringArgument } from '../arguments.ts';
import type { Tool, ToolContext, ToolResult } from '../tool.ts';
import { failure } from '../tool-call-item.ts';
import { type InterceptedPatch, interceptApplyPatch, mentionsPatchCall } from './intercept.ts';

const NO_PROGRAM = 'apply_patch is a tool, not a program: call it with the patch';
const MIXED = `${NO_PROGRAM}, and run the other commands in a call of their own. Nothing was run.`;
/** What a shell says of it, where the call was not recognised: in a pipe, or with a path. */
const NOT_FOUND = /\b(?:apply_?patch): (?:command not found|not found|No such file)/;
const NOT_RUN = 'The commands after the patch were not run.';

/** The same tool for commands that also takes a patch for one. `key` is the argument with the command. */
export function withPatches(tool: Tool, key: 'cmd' | 'command'): Tool {
  const run: Tool['run'] = async (args, ctx) => {
    const command = stringArgument(args, key) ?? '';
    const found = interceptApplyPatch(command);
    if (found === undefined) return mentionsPatchCall(command) ? failure(MIXED) : runOther(tool, args, ctx);
    const workdir = path.resolve(ctx.cwd, stringArgument(args, 'workdir') ?? '');
    // The tool has the words for a folder that is not there.
    if (!isFolder(workdir)) return tool.run(args, ctx);
    const folder = path.resolve(workdir, found.workdir ?? '');
    return patchThenRun(found, folder, ctx, (rest) => run({ ...args, [key]: rest, workdir: folder }, ctx));
  };
  return { ...tool, run };
}

async function runOther(tool: Tool, args: JsonObject, ctx: ToolContext): Promise<ToolResult> {
  const result = await tool.run(args, ctx);
  if (!NOT_FOUND.test(result.text)) return result;
  return { ...result, text: `${result.text.trimEnd()}\n[${NO_PROGRAM}.]` };
}

async function patchThenRun(
  { patch, rest }: InterceptedPatch,
  folder: string,
  ctx: ToolContext,
  runRest: (rest: string) => Promise<ToolResult>,
): Promise<ToolResult> {
  const { runPatch } = await import('./run-patch.ts');
  const patched = await runPatch(patch, folder, ctx);
  if (rest === undefined) return patched;
  if (!patched.ok) return { ...patched, text: `${patched.text.trimEnd()}\n${NOT_RUN}` };
  const after = await runRest(rest);
  return { ...after, text: `${patched.text.trimEnd()}\n${after.text}` };
}
