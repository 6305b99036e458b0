/** The words and rows of a question about a tool of an MCP server, or about what a project brings. */
import type { ApprovalAnswer, ApprovalRequest } from '../../protocol.ts';
import { showInvisible } from '../../text/sanitize.ts';
import { oneLine } from '../lines/clean.ts';
import type { LineContext } from '../lines/style.ts';
import type { ApprovalChoice } from './approval.ts';
import { codeLines, codeRows } from './code-rows.ts';

/** The longest first. */
export function extensionTitles({ kind, mcp, extension }: ApprovalRequest): readonly string[] {
  if (kind === 'mcp')
    return [`Let the model use this tool of ${shown(mcp?.server)}?`, 'Let the model use this tool?'];
  return extension?.kind === 'hook'
    ? [
        'This project brings hooks, which would run by themselves. Allow them?',
        'Allow the hooks of this project?',
      ]
    : ['This project brings an MCP server. Allow it to be started?', 'Allow this MCP server of the project?'];
}

export function extensionSummary({ kind, mcp, extension }: ApprovalRequest): string {
  if (kind === 'mcp') return `${shown(mcp?.server)}.${shown(mcp?.tool)}`;
  return `${extension?.kind === 'hook' ? 'hooks of' : 'MCP server'} ${shown(extension?.name)}`;
}

/** @param room cells of a row; undefined: lines are left whole. */
export function extensionRows(
  request: ApprovalRequest,
  { style }: LineContext,
  room: number | undefined,
): string[] {
  const { mcp, extension } = request;
  const lines = mcp === undefined ? (extension?.lines ?? []) : argumentLines(mcp.arguments);
  // What follows a line break is no entry of its own, whatever it looks like.
  const rows = lines.flatMap((line) =>
    codeLines(line).flatMap((one, index) => {
      const indent = index === 0 ? '    ' : '      ';
      const inRoom = room === undefined ? [one] : codeRows(one, room - indent.length);
      return inRoom.map((row) => indent + row);
    }),
  );
  return [`  ${style.bold(extensionSummary(request))}`, ...rows];
}

/** One line for each; a text is shown as it is, for a quoted one hides its lines. */
function argumentLines(args: NonNullable<ApprovalRequest['mcp']>['arguments']): string[] {
  return Object.entries(args).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
}

export function extensionLabel(
  choice: ApprovalChoice,
  request: ApprovalRequest,
  length: 'long' | 'short' = 'long',
): string {
  const isShort = length === 'short';
  if (request.kind === 'extension') {
    if (choice === 'once') return isShort ? 'Yes, this one' : 'Yes, allow exactly this';
    if (choice === 'no') return isShort ? 'No, never' : 'No, and do not ask again';
    return 'Not now';
  }
  switch (choice) {
    case 'session':
      return isShort ? 'Yes, for this session' : 'Yes, and allow this tool for this session';
    case 'prefix':
      return isShort ? 'Yes, always' : `Yes, always allow ${extensionSummary(request)}`;
    case 'instead':
      return isShort ? 'No, and say what to do' : 'No, and tell the model what to do instead';
    case 'stop':
      return 'No, and stop the turn';
    default:
      return 'Yes, this time';
  }
}

/** What the user has decided, in a line. */
export function extensionDecision(request: ApprovalRequest, { type }: ApprovalAnswer): string {
  const what = extensionSummary(request);
  if (request.kind === 'extension') {
    if (type === 'once') return `You allowed the ${what} of this project`;
    return type === 'no' ? `You refused the ${what} of this project` : `Not now: the ${what} of this project`;
  }
  return type === 'prefix' ? `You always allow ${what}` : what;
}

const shown = (text = ''): string => oneLine(showInvisible(text));
