/**
 * Calls of other agents' tools that one of ours does under another name and with other arguments: viewing with an
 * editor, listing a folder, deleting a file. Where our tool is not declared the call stays as it is.
 */
import type { JsonObject } from '../../protocol.ts';
import { shellWord } from '../../text/shell-word.ts';
import type { ToolSchema } from '../chat.ts';
import { repairArguments } from './arguments.ts';
import { objectIn } from './arguments-object.ts';
import { patchOfEdit } from './edit-calls.ts';
import { findTool, foldName } from './names.ts';

const EDITORS = ['strreplaceeditor', 'strreplacebasededittool', 'editor', 'texteditor'];
const LISTERS = ['ls', 'dir', 'listdir', 'listdirectory', 'listfiles', 'listfolder'];
const DELETERS = ['deletefile', 'removefile', 'deletefiles'];
const EDIT_TOOLS = ['edit_file', 'write_file'];
const PATHS = [
  'path',
  'filepath',
  'file',
  'filename',
  'directory',
  'dir',
  'folder',
  'directorypath',
  'dirpath',
];

interface ForeignCall {
  readonly name: string;
  readonly arguments: unknown;
}

/** Whether a tool of that name of another agent is one of these in other words. */
export function isForeignName(name: string, tools: readonly ToolSchema[]): boolean {
  const folded = foldName(name);
  const ours = LISTERS.includes(folded) ? 'shell' : DELETERS.includes(folded) ? 'apply_patch' : undefined;
  return ours !== undefined && findTool(ours, tools) !== undefined;
}

/** The call in terms of our tools if it is such a call; else as it is. */
export function meantCall(call: ForeignCall, tools: readonly ToolSchema[]): ForeignCall {
  const patched = patchInstead(call, tools);
  if (patched !== undefined) return patched;
  if (tools.some(({ function: { name } }) => name === call.name)) return call;
  const args = objectIn(call.arguments);
  if (args === null) return call;
  const name = foldName(call.name);
  const path = pathIn(args);
  const meant =
    EDITORS.includes(name) && args.command === 'view'
      ? viewing(args)
      : LISTERS.includes(name)
        ? { name: 'shell', arguments: { command: `ls -A ${shellWord(path ?? '.')}` } }
        : DELETERS.includes(name) && path !== undefined
          ? { name: 'apply_patch', arguments: { input: deletion(path) } }
          : undefined;
  return meant !== undefined && findTool(meant.name, tools) !== undefined ? meant : call;
}

/** A call of an edit tool with arguments that it does not take, but of which a patch can be made: a diff, several edits. */
function patchInstead(call: ForeignCall, tools: readonly ToolSchema[]): ForeignCall | undefined {
  const schema = findTool(call.name, tools);
  if (schema === undefined || !EDIT_TOOLS.includes(schema.function.name)) return undefined;
  const args = objectIn(call.arguments);
  if (args === null || repairArguments(args, schema).problems.length === 0) return undefined;
  const input = patchOfEdit(args);
  const isThere = tools.some(({ function: { name } }) => name === 'apply_patch');
  return input === null || !isThere ? undefined : { name: 'apply_patch', arguments: { input } };
}

function viewing({ command: _, view_range: range, ...args }: JsonObject): ForeignCall {
  const [start, end] = Array.isArray(range) ? range : [];
  const isFromStart = typeof start === 'number' && typeof end === 'number' && end >= start;
  const lines = isFromStart ? { offset: start, limit: end - start + 1 } : { offset: start };
  return { name: 'read_file', arguments: { ...args, ...lines } };
}

function deletion(path: string): string {
  return `*** Begin Patch\n*** Delete File: ${path}\n*** End Patch`;
}

function pathIn(args: JsonObject): string | undefined {
  const keys = Object.keys(args).filter((key) => PATHS.includes(foldName(key)));
  const path = keys.length === 1 ? args[keys[0] ?? ''] : undefined;
  return typeof path === 'string' && path.trim() !== '' && !/[\r\n]/.test(path) ? path : undefined;
}
