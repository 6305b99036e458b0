/**
 * Tools as hooks know them, by the names and inputs of Codex: `Bash` with a command, `apply_patch` with the patch as its command, tools
 * of servers as `mcp__server__tool`. And the way back, for arguments that a hook has changed.
 */
import path from 'node:path';
import { isTable } from '../../config/table.ts';
import type { JsonObject } from '../../protocol.ts';
import { patchTextOf } from '../../tools/apply-patch/edit-call.ts';
import { interceptApplyPatch } from '../../tools/apply-patch/intercept.ts';
import type { HookedTool } from './hooks.ts';

export interface WireTool {
  readonly name: string;
  readonly input: JsonObject;
  /** What a matcher may call it. */
  readonly names: readonly string[];
  /** The arguments of the call with that input. */
  readonly withInput: (input: JsonObject) => JsonObject;
}

/** The argument with the command line, by tool. */
const COMMANDS: ReadonlyMap<string, string> = new Map([
  ['shell', 'command'],
  ['exec_command', 'cmd'],
]);
/** What public examples call a patch. */
const PATCH_NAMES = ['apply_patch', 'Edit', 'Write'];
const CHANGED_FILE = /^\*\*\* (?:Add|Update|Delete) File: (.+?)\s*$/gm;

/** @param cwd absolute: where the paths of a patch begin. */
export function wireTool(tool: HookedTool, cwd: string): WireTool {
  const { name, arguments: args, files } = tool;
  const key = COMMANDS.get(name);
  const command = key === undefined ? undefined : args[key];
  if (key !== undefined && typeof command === 'string') {
    const intercepted = interceptApplyPatch(command);
    if (intercepted === undefined && files === undefined) return commandTool(tool, key, command);
    const text = intercepted?.rest === undefined ? (intercepted?.patch ?? command) : command;
    const from = path.resolve(cwd, intercepted?.workdir ?? '');
    return patchTool({ text, names: [...PATCH_NAMES, 'Bash', name], files, from }, (changed) => ({
      ...args,
      [key]: changed === text ? command : changed,
    }));
  }
  if (name === 'apply_patch' && typeof args.input === 'string')
    return patchTool({ text: args.input, names: PATCH_NAMES, files, from: cwd }, (input) => ({
      ...args,
      input,
    }));
  const edit = patchTextOf(name, args);
  if (edit !== undefined) {
    const tool = patchTool({ text: edit, names: [...PATCH_NAMES, name], files, from: cwd }, () => args);
    // A hook changes the arguments of the call; the patch only says what they mean.
    return { ...tool, input: { ...args, ...tool.input }, withInput: same };
  }
  return name === 'mcp_call' ? serverTool(args) : { name, input: args, names: [name], withInput: same };
}

function commandTool({ name, arguments: args }: HookedTool, key: string, command: string): WireTool {
  return {
    name: 'Bash',
    input: { command },
    names: ['Bash', name],
    withInput: ({ command: changed }) => ({ ...args, [key]: changed }),
  };
}

interface PatchCall {
  readonly text: string;
  readonly names: readonly string[];
  readonly files: readonly string[] | undefined;
  /** Absolute. */
  readonly from: string;
}

function patchTool(
  { text, names, files, from }: PatchCall,
  withPatch: (patch: unknown) => JsonObject,
): WireTool {
  const named = [...text.matchAll(CHANGED_FILE)].map(([, file = '']) => path.resolve(from, file));
  const changed = files ?? [...new Set(named)];
  return {
    name: 'apply_patch',
    // The path is what hooks of Claude look for, the list is ours.
    input: { command: text, file_path: changed[0], files: changed },
    names,
    withInput: ({ command }) => withPatch(command),
  };
}

function serverTool(args: JsonObject): WireTool {
  const given = isTable(args.arguments) ? args.arguments : {};
  const name = `mcp__${args.server}__${args.tool}`;
  return {
    name,
    input: given,
    names: [name, 'mcp_call'],
    withInput: (input) => ({ ...args, arguments: input }),
  };
}

const same = (input: JsonObject): JsonObject => input;
