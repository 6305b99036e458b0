/** The agent's questions as permission requests, and what the user has chosen as its answer. */
import type {
  PermissionOption,
  PermissionOptionKind,
  RequestPermissionOutcome,
  ToolCall,
} from '@agentclientprotocol/sdk';
import type { ApprovalAnswer, ApprovalRequest } from '../protocol.ts';
import { showInvisible } from '../text/sanitize.ts';
import { innerCommand } from '../text/shell-word.ts';
import { type ApprovalChoice, approvalOptions, optionText } from '../tui/overlay/approval.ts';
import { approvalLabel } from '../tui/overlay/approval-lines.ts';
import { diffsOf } from './file-diffs.ts';
import { type CallHead, changesHead, commandHead, fenced, titleOf, words } from './tool-calls.ts';

/** An answer cannot be written here, so the one that takes a text is a plain no. */
type Choice = Exclude<ApprovalChoice, 'instead'>;

/** What is offered, in the order of the terminal. */
export function permissionOptions(request: ApprovalRequest): PermissionOption[] {
  return choicesOf(request).map((choice) => ({
    optionId: choice,
    name: labelOf(choice, request),
    kind: kindOf(choice, request),
  }));
}

/** What is asked about. @param cwd the session's folder, absolute. */
export function askedCall(request: ApprovalRequest, cwd: string): Omit<ToolCall, 'toolCallId'> {
  const { reason, justification, changes, objection } = request;
  const why = [
    objection === undefined ? '' : `A second look: ${showInvisible(objection)}`,
    reason,
    justification === undefined ? '' : `The model says: ${showInvisible(justification)}`,
  ];
  const content = [
    ...(changes === undefined ? fenced(subjectOf(request)) : diffsOf(changes)),
    ...why.filter((line) => line.trim() !== '').map(words),
  ];
  return { ...headOf(request, cwd), status: 'pending', content };
}

/** @returns undefined if the client has taken the question back: the turn is being cancelled. */
export function answerOf(
  outcome: RequestPermissionOutcome,
  request: ApprovalRequest,
): ApprovalAnswer | undefined {
  if (outcome.outcome !== 'selected') return undefined;
  const choice = choicesOf(request).find((known) => known === outcome.optionId);
  if (choice === undefined) return { type: 'no' };
  if (isOption(choice)) return { type: 'option', option: optionText(choice, request) };
  return { type: choice };
}

function choicesOf(request: ApprovalRequest): Choice[] {
  return approvalOptions(request).map((choice) => (choice === 'instead' ? 'no' : choice));
}

function isOption(choice: Choice): choice is Extract<Choice, `option ${number}`> {
  return choice.startsWith('option ');
}

function labelOf(choice: Choice, request: ApprovalRequest): string {
  if (choice !== 'no' || request.kind === 'extension') return approvalLabel(choice, request);
  return request.kind === 'question' ? 'No answer: decide yourself' : 'No';
}

function kindOf(choice: Choice, { kind }: ApprovalRequest): PermissionOptionKind {
  if (choice === 'session' || choice === 'prefix') return 'allow_always';
  if (kind === 'extension' && choice !== 'stop') return choice === 'once' ? 'allow_always' : 'reject_always';
  return choice === 'no' || choice === 'stop' ? 'reject_once' : 'allow_once';
}

function headOf(
  { kind, command = '', changes = [], ...request }: ApprovalRequest,
  cwd: string,
): Pick<CallHead, 'title' | 'kind'> & Partial<CallHead> {
  switch (kind) {
    case 'command':
      return { ...commandHead(command), rawInput: { command: innerCommand(command), cwd: request.cwd } };
    case 'patch':
      return changesHead(changes, cwd);
    case 'question':
      return { title: titleOf(request.question ?? ''), kind: 'other' };
    case 'mcp': {
      const { server = '', tool = '', arguments: rawInput } = request.mcp ?? {};
      return { title: titleOf(`${server}: ${tool}`), kind: 'other', rawInput };
    }
    case 'extension': {
      const { kind: what, name = '' } = request.extension ?? {};
      const about = what === 'hook' ? 'hooks of' : 'MCP server';
      return {
        title: titleOf(`This project brings ${about} ${name}, which would run. Allow it?`),
        kind: 'other',
      };
    }
    default:
      return kind satisfies never;
  }
}

/** All of it: a title is cut. */
function subjectOf({ kind, command = '', question = '', mcp, extension }: ApprovalRequest): string {
  if (kind === 'command') return showInvisible(innerCommand(command));
  if (kind === 'question') return question;
  if (mcp !== undefined) return showInvisible(JSON.stringify(mcp.arguments, null, 2));
  return showInvisible((extension?.lines ?? []).join('\n'));
}
