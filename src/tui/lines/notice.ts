/**
 * What oagent itself has to say: warnings, errors, retries, compactions, decisions, the end of a turn.
 *
 * Invariants: rows fit the width; the first line of a message says what happened, the others what to do.
 */

import type { Evidence } from '../../protocol/evidence.ts';
import type { ApprovalAnswer, ApprovalRequest, Event } from '../../protocol.ts';
import { BY_WORDS } from '../../text/by-words.ts';
import { formatCount, formatElapsed, plural } from '../../text/digits.ts';
import { evidenceLine } from '../../text/evidence-line.ts';
import { reasonForUser, rejectionHead } from '../../text/rejection.ts';
import { showControls } from '../../text/sanitize.ts';
import { innerCommand } from '../../text/shell-word.ts';
import { thinkingStoppedText } from '../../text/thinking-stopped.ts';
import { extensionDecision, extensionSummary } from '../overlay/extension-approval.ts';
import { cleanLines, oneLine } from './clean.ts';
import { hang } from './markdown.ts';
import { foldAt, fullKeyText, wrappedBelow } from './output.ts';
import { indented, prose } from './prose.ts';
import { shortPath } from './short-path.ts';
import type { LineContext } from './style.ts';
import { truncateEnd } from './width.ts';

type Paint = (text: string) => string;

const MESSAGE_LIMIT = 8_000;
const same: Paint = (text) => text;

/** `⚠ …` */
export function warningLines(message: string, ctx: LineContext): string[] {
  return messageRows('⚠', message, ctx, ctx.style.magenta, same);
}

/** `■ …`: the first line in red, what to do below it. */
export function errorLines(message: string, ctx: LineContext): string[] {
  return messageRows('■', message, ctx, ctx.style.red, ctx.style.red);
}

/** `• …` */
export function infoLines(message: string, ctx: LineContext): string[] {
  return messageRows('•', message, ctx, ctx.style.dim, same);
}

/** The turn was ended by the user. */
export function interruptedLines(ctx: LineContext): string[] {
  return messageRows('■', 'Interrupted. Tell the model what to do instead.', ctx, ctx.style.red, same);
}

export function retryLines(
  { attempt, max, reason, isModelFault }: Omit<Extract<Event, { type: 'retry' }>, 'type'>,
  ctx: LineContext,
): string[] {
  const what = isModelFault ? 'Asking again' : 'Retrying';
  return dimRows('↻', `${what} (${attempt} of ${max}): ${reason}`, ctx);
}

/** Below an answer that broke off: what is above is not part of the conversation. */
export function brokenAnswerLines(ctx: LineContext): string[] {
  return dimRows('✗', 'This answer broke off and does not count.', ctx);
}

/** What the model said was repaired. */
export function repairedLines(
  { message, isNotice }: Omit<Extract<Event, { type: 'repaired' }>, 'type'>,
  ctx: LineContext,
): string[] {
  return dimRows('•', isNotice ? message : `Repaired: ${message}`, ctx);
}

export function thinkingStoppedLines(
  event: Extract<Event, { type: 'thinking_stopped' }>,
  ctx: LineContext,
): string[] {
  return dimRows('•', thinkingStoppedText(event), ctx);
}

/** The rest of the reason is for the model. */
const REJECTED_LINES = 2;

/** A call that was rejected before it began. */
export function rejectedLines(
  { tool, message }: { readonly tool: string; readonly message: string },
  ctx: LineContext,
): string[] {
  const why = reasonForUser(message).split('\n', REJECTED_LINES).join('\n');
  return dimRows('✗', `${rejectionHead(oneLine(tool, 60))}: ${why}`, ctx);
}

/** Tokens before and after. */
export function compactionLines(
  { before, after }: { readonly before: number; readonly after: number },
  ctx: LineContext,
): string[] {
  const saved = before > 0 ? ` (${Math.round((1 - after / before) * 100)}% less)` : '';
  return messageRows(
    '•',
    `Context compacted: ${formatCount(before)} → ${formatCount(after)} tokens${after < before ? saved : ''}`,
    ctx,
    ctx.style.dim,
    same,
  );
}

/** A range of lines in a file, from 1, both ends included. */
interface RetrievedPlace {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

const MOST_PLACES = 5;

/** Code from the repository that the model was given before it asked. */
export function retrievalLines(
  { places, isByWords = false }: { readonly places: readonly RetrievedPlace[]; readonly isByWords?: boolean },
  ctx: LineContext,
): string[] {
  if (places.length === 0) return isByWords ? infoLines(`No code was found ${BY_WORDS}.`, ctx) : [];
  const { dim, bold } = ctx.style;
  const shown = places
    .slice(0, foldAt(places.length, MOST_PLACES))
    .map(({ path, start, end }) => `${oneLine(shortPath(path, ctx))}:${start}-${end}`);
  const more = places.length - shown.length;
  const text = shown.join(', ') + (more > 0 ? `, … +${more}${fullKeyText(ctx)}` : '');
  const head = `${bold('Retrieved')} ${plural(places.length, 'place')}${isByWords ? dim(` ${BY_WORDS}`) : ''}`;
  return [...headRows(head, ctx), ...wrappedBelow(text, ctx).map(dim)];
}

/** One line: the transcript has the texts. */
export function recallLines(
  { memories }: { readonly memories: readonly unknown[] },
  ctx: LineContext,
): string[] {
  const { bold, dim } = ctx.style;
  return headRows(`${bold('From memory')}: ${plural(memories.length, 'note')}${dim(fullKeyText(ctx))}`, ctx);
}

/** `✔ You approved …`, `✗ You declined …`: the user's decision, before the command: it may be long. */
export function approvalLines(request: ApprovalRequest, answer: ApprovalAnswer, ctx: LineContext): string[] {
  const { green, red } = ctx.style;
  // The call's own cell has the question and the answer.
  if (request.kind === 'question') return [];
  if (request.kind === 'extension') return infoLines(extensionDecision(request, answer), ctx);
  const what = subjectOf(request, ctx);
  switch (answer.type) {
    case 'once':
      return messageRows('✔', `You approved ${what}`, ctx, green, same);
    case 'session':
      return messageRows('✔', `You approved for this session: ${what}`, ctx, green, same);
    case 'prefix':
      return messageRows(
        '✔',
        request.kind === 'mcp'
          ? extensionDecision(request, answer)
          : `You approved all commands that begin with ${prefixText(request)}`,
        ctx,
        green,
        same,
      );
    case 'no': {
      const instead = answer.instead === undefined ? '' : `\nInstead: ${answer.instead}`;
      return messageRows('✗', `You declined ${what}${instead}`, ctx, red, same);
    }
    case 'option':
      return [];
    case 'stop':
      return messageRows('✗', `You declined and stopped the turn: ${what}`, ctx, red, same);
    default:
      return answer satisfies never;
  }
}

/** ``1 file changed (+2 -1); `npm test` passed``: the evidence of a turn. */
export function evidenceLines(evidence: Evidence, ctx: LineContext): string[] {
  return prose(oneLine(showControls(evidenceLine(evidence))), ctx).map(ctx.style.dim);
}

/** `Worked for 1m 05s · 12.3k tokens`: the end of a turn. */
export function turnEndLines(
  { elapsedMs, tokens }: { readonly elapsedMs: number; readonly tokens?: number },
  ctx: LineContext,
): string[] {
  const time = `Worked for ${formatElapsed(elapsedMs)}`;
  const used = tokens === undefined || tokens === 0 ? '' : ` · ${formatCount(tokens)} tokens`;
  return [
    ctx.style.dim(truncateEnd(time.length + used.length < ctx.width ? time + used : time, ctx.width - 1)),
  ];
}

function subjectOf(request: ApprovalRequest, ctx: LineContext): string {
  const { kind, command = '', changes = [] } = request;
  if (kind === 'mcp') return extensionSummary(request);
  if (kind === 'command') return truncateEnd(oneLine(showControls(innerCommand(command))), ctx.width * 2);
  const [first] = changes;
  if (changes.length === 1 && first !== undefined)
    return `the edit to ${oneLine(shortPath(first.path, ctx))}`;
  return `the edit to ${plural(changes.length, 'file')}`;
}

function prefixText({ prefix = [] }: ApprovalRequest): string {
  return oneLine(prefix.join(' '), 200);
}

/** What the model was given, in a few words. */
function headRows(text: string, ctx: LineContext): string[] {
  return hang(prose(text, indented(ctx, 2)), `${ctx.style.dim('•')} `, '  ');
}

function dimRows(glyph: string, message: string, ctx: LineContext): string[] {
  return messageRows(glyph, message, ctx, same, same).map(ctx.style.dim);
}

/** The glyph, then the message with what to do below; colours are applied row by row. */
function messageRows(
  glyph: string,
  message: string,
  ctx: LineContext,
  paint: Paint,
  paintFirst: Paint,
): string[] {
  const [first = '', ...others] = cleanLines(message.slice(0, MESSAGE_LIMIT)).filter(
    (line) => line.trim() !== '',
  );
  const inner = indented(ctx, 2);
  const rows = [
    ...prose(first, inner, { keepUrls: true }).map(paintFirst),
    ...others.flatMap((line) => prose(line, inner, { keepUrls: true })),
  ];
  return rows.map((row, index) => (index === 0 ? `${paint(glyph)} ` : '  ') + row);
}
