/**
 * Which lines show which event that is not an item: warnings, retries, ends of turns. Events without lines change state
 * (session-state.ts).
 */
import type { ApprovalRequest, Event } from '../../protocol.ts';
import { hookText, imageText, skillText } from '../../text/extension-text.ts';
import { rewindLines } from '../../text/rewind-lines.ts';
import { markdownLines } from '../lines/markdown.ts';
import {
  approvalLines,
  compactionLines,
  errorLines,
  evidenceLines,
  infoLines,
  interruptedLines,
  recallLines,
  rejectedLines,
  repairedLines,
  retrievalLines,
  retryLines,
  thinkingStoppedLines,
  turnEndLines,
  warningLines,
} from '../lines/notice.ts';
import { indented } from '../lines/prose.ts';
import { shortPath } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import { modeName } from '../overlay/permissions.ts';

/** What the event alone does not say. */
export interface NoticeFacts {
  /** Of the turn, without the time that the user took. */
  readonly elapsedMs: number;
  /** The tokens of the whole turn. */
  readonly tokens: number;
  /** The model has called a tool in the turn. */
  readonly hasCalled: boolean;
  /** The approval that this event answers. */
  readonly request: ApprovalRequest | undefined;
}

function resumedText({
  name,
  threadId,
  forkedFrom,
  items,
}: Extract<Event, { type: 'session_resumed' }>): string {
  if (items.length === 0) return 'This session has no messages yet.';
  if (forkedFrom !== undefined) return `Forked from ${forkedFrom}`;
  return `Resumed ${name ?? threadId}`;
}

const INCOGNITO = 'Incognito: no memories are made of this session, and none are used from now on.';

/** The length of a shorter turn is not shown. */
const SHOWN_TURN_MS = 5_000;

export function noticeLines(event: Event, facts: NoticeFacts, ctx: LineContext): string[] {
  switch (event.type) {
    case 'warning':
      return warningLines(event.message, ctx);
    case 'retry':
      return retryLines(event, ctx);
    case 'repaired':
      return repairedLines(event, ctx);
    case 'thinking_stopped':
      return thinkingStoppedLines(event, ctx);
    case 'call_rejected':
      return rejectedLines(event, ctx);
    case 'turn_failed':
      return [...errorLines(event.message, ctx), ...seenLines(event, facts, ctx)];
    case 'turn_aborted':
      return interruptedLines(ctx);
    case 'turn_completed':
      return [
        ...seenLines(event, facts, ctx),
        ...(facts.elapsedMs < SHOWN_TURN_MS ? [] : turnEndLines(facts, ctx)),
      ];
    case 'approval_resolved':
      return facts.request === undefined ? [] : approvalLines(facts.request, event.answer, ctx);
    case 'permissions_changed':
      return infoLines(modeText(event), ctx);
    case 'plan_written':
      return planLines(event, ctx);
    case 'rolled_back':
      return infoLines(
        'Rolled back. The messages above, from that one on, are no longer part of the conversation.',
        ctx,
      );
    case 'session_resumed':
      return [resumedText(event), ...(event.isShown ? [] : (event.soFar ?? []))].flatMap((line) =>
        infoLines(line, ctx),
      );
    case 'session_renamed':
      return infoLines(event.name === '' ? 'Session name removed.' : `Session renamed to ${event.name}`, ctx);
    case 'rewound':
      return infoLines(rewindLines(event.outcome, ctx.cwd).join('\n'), ctx);
    case 'retrieved':
      if (event.isLate) return infoLines('No code was added: the search of the index took too long.', ctx);
      return retrievalLines(event, ctx);
    case 'recalled':
      return recallLines(event, ctx);
    case 'skill_used':
      return infoLines(skillText(event), ctx);
    case 'image_described':
      return infoLines(imageText(event), ctx);
    case 'hook_ran':
      return infoLines(hookText(event), ctx);
    case 'compacted':
      return compactionLines(event, ctx);
    case 'incognito':
      return event.isOn ? infoLines(INCOGNITO, ctx) : [];
    case 'session_configured':
    case 'model_led':
    case 'turn_started':
    case 'item_started':
    case 'item_delta':
    case 'item_completed':
    case 'model_phase':
    case 'token_count':
    case 'approval_requested':
    case 'queue_changed':
    case 'unqueued':
    case 'server_state':
    case 'models':
    case 'pull_progress':
    case 'pull_ended':
    case 'background_changed':
    case 'sessions':
    case 'rewind_points':
    case 'index_status':
    case 'index_progress':
    case 'memory_progress':
    case 'mcp_servers':
    case 'custom_commands':
    case 'task_step':
      return [];
    default:
      return event satisfies never;
  }
}

function modeText(event: Extract<Event, { type: 'permissions_changed' }>): string {
  if (event.isPlan) return 'Plan mode: nothing is changed, and the answer is a plan.';
  const name = modeName(event);
  const facts = `${event.sandbox}, approval ${event.approval}`;
  return name === undefined ? `Permissions: ${facts}` : `Permissions: ${name} (${facts})`;
}

/** What the user has made of the plan is what will be carried out, and is nowhere else on the screen. */
function planLines(
  { file, text, isEdited }: Extract<Event, { type: 'plan_written' }>,
  ctx: LineContext,
): string[] {
  const where = shortPath(file, ctx);
  if (isEdited !== true) return infoLines(`The plan is in ${where}`, ctx);
  const lines = markdownLines(text.trim(), indented(ctx, 2)).map((line) => (line === '' ? '' : `  ${line}`));
  return [...infoLines(`You edited the plan in ${where}`, ctx), '', ...lines];
}

/** An answer without a call needs no evidence. */
function seenLines(
  { evidence }: Extract<Event, { type: 'turn_completed' | 'turn_failed' }>,
  { hasCalled }: NoticeFacts,
  ctx: LineContext,
): string[] {
  return hasCalled ? evidenceLines(evidence, ctx) : [];
}
