/** What happened between the items, whole, as logical lines for the pager; the scrollback has it in short (screen/notice-cells.ts). */

import type { ApprovalAnswer, ApprovalRequest, Happening, JsonObject } from '../../protocol.ts';
import { BY_WORDS } from '../../text/by-words.ts';
import { plural } from '../../text/digits.ts';
import { hookText, imageText, skillText } from '../../text/extension-text.ts';
import { memorySource } from '../../text/memory-source.ts';
import { reasonForUser, rejectionHead } from '../../text/rejection.ts';
import { rewindLines } from '../../text/rewind-lines.ts';
import { showControls } from '../../text/sanitize.ts';
import { innerCommand } from '../../text/shell-word.ts';
import { CODE_TAB, cleanLines, oneLine } from '../lines/clean.ts';
import { hang } from '../lines/markdown.ts';
import {
  compactionLines,
  interruptedLines,
  repairedLines,
  retryLines,
  thinkingStoppedLines,
} from '../lines/notice.ts';
import { prose } from '../lines/prose.ts';
import { shortPath } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import { changesRows } from './changes.ts';
import { extensionDecision, extensionRows } from './extension-approval.ts';

const INDENT = '  ';
export function happeningLines(event: Happening, ctx: LineContext): string[] {
  const { style } = ctx;
  switch (event.type) {
    case 'warning':
      return message(style.magenta('⚠'), event.message, ctx);
    case 'turn_failed':
      return message(style.red('■'), event.message, ctx);
    case 'turn_aborted':
      return interruptedLines(ctx);
    case 'retry':
      return retryLines(event, ctx);
    case 'repaired':
      return repairedLines(event, ctx);
    case 'thinking_stopped':
      return thinkingStoppedLines(event, ctx);
    case 'compacted':
      return compactionLines(event, ctx);
    case 'call_rejected':
      return [
        `${style.red('✗')} ${style.bold(rejectionHead(oneLine(event.tool)))}:`,
        ...indented(words(reasonForUser(event.message), ctx)),
        ...triedLines(event.arguments, ctx),
      ];
    case 'approval_resolved':
      return decisionLines(event.request, event.answer, ctx);
    case 'retrieved':
      return [
        `${style.dim('•')} ${style.bold('Retrieved')} ${plural(event.places.length, 'place')}${event.isByWords ? style.dim(` ${BY_WORDS}`) : ''}`,
        ...event.places.map(
          ({ path, start, end }) =>
            `${INDENT}${style.dim(`${oneLine(shortPath(path, ctx))}:${start}-${end}`)}`,
        ),
        ...(event.text === undefined
          ? []
          : ['', ...indented(cleanLines(showControls(event.text), { tab: CODE_TAB }))]),
      ];
    case 'recalled':
      return [
        `${style.dim('•')} ${style.bold('From memory')}: ${plural(event.memories.length, 'note')}`,
        ...event.memories.flatMap((memory) => [
          `${INDENT}${style.dim(oneLine(memorySource(memory)))}`,
          ...indented(indented(cleanLines(showControls(memory.text)))),
        ]),
      ];
    case 'skill_used':
      return [
        `${style.dim('•')} ${oneLine(skillText(event))}`,
        ...indented(cleanLines(showControls(event.text), { tab: CODE_TAB })),
      ];
    case 'image_described':
      return [
        `${style.dim('•')} ${oneLine(imageText(event))}`,
        ...indented(cleanLines(showControls(event.text), { tab: CODE_TAB })),
      ];
    case 'hook_ran':
      return message(style.dim('•'), hookText(event), ctx);
    case 'rewound':
      return message(style.dim('•'), rewindLines(event.outcome, ctx.cwd).join('\n'), ctx);
    default:
      return event satisfies never;
  }
}

/** `$ …`: a command as it was typed, without the shell around it. */
export function typedLines(command: string, { style }: LineContext): string[] {
  const lines = cleanLines(showControls(innerCommand(command)), { tab: CODE_TAB });
  return lines.map((line, at) => `${at === 0 ? style.bold('$ ') : INDENT}${line}`);
}

/** What the model tried: a patch or a command as it wrote it, anything else as JSON. */
function triedLines(tried: JsonObject | undefined, { style }: LineContext): string[] {
  if (tried === undefined) return [];
  const lines = Object.entries(tried).flatMap(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const [first = '', ...rest] = cleanLines(showControls(text), { tab: CODE_TAB });
    return rest.length === 0 ? [`${name}: ${first}`] : [`${name}:`, ...indented([first, ...rest])];
  });
  return [style.dim(`${INDENT}It tried:`), ...indented(indented(lines))];
}

const DECISIONS: Readonly<Record<ApprovalAnswer['type'], string>> = {
  once: 'You approved',
  session: 'You approved for this session',
  prefix: 'You approved all such commands',
  option: 'You chose',
  no: 'You declined',
  stop: 'You declined and stopped the turn',
};

function decisionText(request: ApprovalRequest | undefined, answer: ApprovalAnswer): string {
  return request?.kind === 'mcp' && answer.type === 'prefix'
    ? oneLine(extensionDecision(request, answer))
    : DECISIONS[answer.type];
}

function decisionLines(
  request: ApprovalRequest | undefined,
  answer: ApprovalAnswer,
  ctx: LineContext,
): string[] {
  const { style } = ctx;
  // The call's own cell has the question and the answer.
  if (request?.kind === 'question') return [];
  if (request?.kind === 'extension') return [`• ${oneLine(extensionDecision(request, answer))}`];
  const isNo = answer.type === 'no' || answer.type === 'stop';
  const instead = answer.type === 'no' ? answer.instead : undefined;
  const prefix =
    answer.type === 'prefix' && request?.kind !== 'mcp' ? `: ${(request?.prefix ?? []).join(' ')} …` : '';
  return [
    `${isNo ? style.red('✗') : style.green('✔')} ${decisionText(request, answer)}${oneLine(prefix)}`,
    ...(request === undefined ? [] : indented(askedLines(request, ctx))),
    ...(instead === undefined ? [] : indented(cleanLines(`Instead: ${instead}`))),
  ];
}

function askedLines(request: ApprovalRequest, ctx: LineContext): string[] {
  const { kind, command = '', changes = [], reason } = request;
  const asked =
    kind === 'mcp'
      ? extensionRows(request, ctx, undefined)
      : kind === 'command'
        ? typedLines(command, ctx)
        : changesRows(changes, ctx, undefined);
  return [...asked, ...cleanLines(`Asked because: ${reason}`).map((line) => ctx.style.dim(line))];
}

function message(glyph: string, text: string, ctx: LineContext): string[] {
  return hang(words(text, ctx), `${glyph} `, INDENT);
}

/** Sentences after an indent: rows, as the pager would cut lines within words. */
export function words(text: string, ctx: LineContext): string[] {
  return prose(cleanLines(text).join('\n'), { ...ctx, width: ctx.width - INDENT.length });
}

export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `${INDENT}${line}`);
}
