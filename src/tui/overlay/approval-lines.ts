/**
 * Draws the agent's question: the dialog, and the one line above the composer that stands for it.
 *
 * Invariants: never more than `maxRows` lines nor wider than the live region; a command is shown as it is, spaces
 * included, and if it is long its first and last rows with the number of hidden ones; of a patch every file is named, and only
 * changed lines are left out; the model's justification is
 * marked as the model's words and never comes before the command.
 */
import type { ApprovalRequest, FileChange } from '../../protocol.ts';
import { plural } from '../../text/digits.ts';
import { reasonForUser } from '../../text/rejection.ts';
import { showInvisible } from '../../text/sanitize.ts';
import { shellWord } from '../../text/shell-word.ts';
import { oneLine } from '../lines/clean.ts';
import { shortPath } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import { fits, truncateEnd, truncateMiddle } from '../lines/width.ts';
import { wrap } from '../lines/wrap.ts';
import { type ApprovalChoice, type ApprovalState, approvalOptions, optionText } from './approval.ts';
import { changesRows } from './changes.ts';
import { codeLines, codeRows, foldBlank } from './code-rows.ts';
import { clipMiddle, dialogLines } from './dialog.ts';
import { extensionLabel, extensionRows, extensionSummary, extensionTitles } from './extension-approval.ts';
import { fileRows, mostFileRows } from './file-rows.ts';
import { optionLines } from './list.ts';
import { hintLine, labelled, roomOf, titleLines } from './text.ts';

/** One line for a request that waits, or that the user is answering in the composer. */
export function waitingLine(state: ApprovalState, ctx: LineContext): string {
  const { style } = ctx;
  const [request] = state.requests;
  if (request === undefined) return '';
  if (state.phase === 'instead') {
    const whats =
      request.kind === 'question'
        ? ['type your answer']
        : ['no: type what to do instead', 'do what instead?'];
    const lines = whats.map((what) => `${style.cyan('?')} ${what} ${style.dim('(esc to go back)')}`);
    return (
      lines.find((line) => fits(line, roomOf(ctx))) ??
      truncateEnd(`${style.cyan('?')} ${whats.at(-1)}`, roomOf(ctx))
    );
  }
  const more = state.requests.length > 1 ? ` (+${state.requests.length - 1})` : '';
  const wanted = request.kind === 'question' ? `the model asks${more}: ` : `approval needed${more}: `;
  const lead = `${style.cyan('?')} ${wanted}`;
  const end = ' — press tab to answer';
  const room = roomOf(ctx);
  const space = room - `? ${wanted}${end}`.length;
  // The question can be read in the dialog, the key only here.
  if (space < 10)
    return truncateEnd(
      `${style.cyan('?')} tab: answer ${state.requests.length === 1 ? 'a question' : plural(state.requests.length, 'question')}`,
      room,
    );
  return `${lead}${truncateEnd(summaryOf(request, ctx), space)}${style.dim(end)}`;
}

export function approvalLines(state: ApprovalState, ctx: LineContext, maxRows: number): string[] {
  const { style } = ctx;
  const [request] = state.requests;
  if (request === undefined) return [];
  const total = state.answered + state.requests.length;
  const [title = '', ...moreTitle] = titleLines(approvalTitle(request, ctx), ctx);
  const count = total > 1 ? style.dim(` ${state.answered + 1} of ${total}`) : '';
  const isTight = maxRows < ROWS_FOR_LONG_LABELS;
  return dialogLines(
    {
      least: leastRows(request, ctx),
      title:
        moreTitle.length === 0
          ? [`${title}${count}`]
          : [title, ...moreTitle.slice(0, -1), `${moreTitle.at(-1)}${count}`],
      body: (rows) => bodyLines(state, request, ctx, rows),
      options: approvalOptions(request).map((choice, index) => {
        const label = `${index + 1}. ${approvalLabel(choice, request)}`;
        const shown =
          isTight && !fits(label, roomOf(ctx) - 2) ? `${index + 1}. ${shortLabel(choice, request)}` : label;
        return optionLines(shown, index === state.selected, ctx);
      }),
      selected: state.selected,
      hint: hintLine(
        ['↑↓ or number', 'enter confirm', ESCAPES[request.kind] ?? 'esc no', 'ctrl+t show all'],
        ctx,
      ),
    },
    ctx,
    maxRows,
  );
}

const ESCAPES: Readonly<Partial<Record<ApprovalRequest['kind'], string>>> = {
  question: 'esc no answer',
  extension: 'esc not now',
};

/** Below this, options have their short names. */
const ROWS_FOR_LONG_LABELS = 16;

/** Rows that the dialog has for its subject before anything else but the options. */
function leastRows(request: ApprovalRequest, ctx: LineContext): number {
  if (request.kind === 'question') return 1;
  if (request.kind === 'patch') return mostFileRows(request.changes ?? [], ctx);
  return Math.min(SUBJECT_ROWS, subjectOf(request, ctx, roomOf(ctx)).rows.length);
}

export function approvalTitle(request: ApprovalRequest, ctx: LineContext): string {
  const titles = titlesOf(request);
  return titles.find((title) => fits(title, roomOf(ctx))) ?? titles.at(-1) ?? '';
}

/** The longest first. */
function titlesOf(request: ApprovalRequest): readonly string[] {
  const { kind, terminal, changes = [] } = request;
  if (kind === 'question') return ['The model asks'];
  if (kind === 'mcp' || kind === 'extension') return extensionTitles(request);
  return kind === 'patch'
    ? [
        'Would you like to make the following edits?',
        changes.length > 1 ? `Edits of ${changes.length} files? (ctrl+t: all)` : 'Make these edits?',
      ]
    : terminal === true
      ? [
          'Run the following command? The model sees its terminal and may type into it.',
          'Run this? The model may type into it.',
        ]
      : ['Would you like to run the following command?', 'Run this command?'];
}

/** All of a request, for the pager: logical lines. */
export function approvalFullLines(request: ApprovalRequest, ctx: LineContext): string[] {
  if (request.kind === 'question') return questionRows(request, undefined);
  return [...subjectOf(request, ctx, undefined).rows, '', ...factLines(request, ctx)];
}

/** The subject gets this many rows before the first fact does: its start, what is hidden, its end. */
const SUBJECT_ROWS = 3;

/** The subject gets at least half of the rows; facts are dropped from the end. */
function bodyLines(state: ApprovalState, request: ApprovalRequest, ctx: LineContext, rows: number): string[] {
  if (request.kind === 'question')
    return clipMiddle(questionRows(request, roomOf(ctx)), rows, (hidden) => hiddenLine(hidden, ctx));
  const { changes = [] } = request;
  const files = request.kind === 'patch' ? fileRows(changes, ctx, { rows, scroll: state.scroll }) : [];
  const left = rows - files.length;
  const facts = factLines(request, ctx);
  const { rows: subject, files: parts } = subjectOf(request, ctx, roomOf(ctx));
  const least = Math.min(left, subject.length, Math.max(SUBJECT_ROWS, Math.ceil(left / 2)));
  const forFacts = Math.min(facts.length, left - least);
  const shown = clipMiddle(subject, left - forFacts, (hidden, from) => {
    const to = from + hidden;
    const isLast = to === subject.length;
    return hiddenLine(
      hidden,
      ctx,
      isLast ? undefined : parts.findLast(({ at }) => at >= from && at < to)?.name,
    );
  });
  const gap = shown.length + facts.length < left ? [''] : [];
  return [...files, ...shown, ...gap, ...facts.slice(0, left - shown.length - gap.length)];
}

/** @param room cells of a row; undefined: lines are left whole. */
function questionRows({ question = '' }: ApprovalRequest, room: number | undefined): string[] {
  const lines = codeLines(question);
  return room === undefined ? lines : lines.flatMap((line) => wrap(line, room, { first: '  ', rest: '  ' }));
}

/** With fewer cells the name of a file says nothing. */
const LEAST_NAME = 16;

/** @param file to which the lines after the hidden ones belong, if its name is hidden too. */
function hiddenLine(hidden: number, ctx: LineContext, file?: string): string {
  const text = `    … +${plural(hidden, 'line')}`;
  const room = roomOf(ctx);
  const name = file === undefined ? '' : `, then ${file}`;
  const long = `${text}${name} (ctrl+t to show all)`;
  if (fits(long, room)) return ctx.style.dim(long);
  const roomForName = room - text.length;
  const short = roomForName < LEAST_NAME ? text : text + truncateMiddle(name, roomForName);
  return ctx.style.dim(truncateEnd(short, room));
}

/** What is asked about, as rows. */
interface Subject {
  readonly rows: readonly string[];
  /** Of several files: where the rows of each begin. */
  readonly files: readonly { readonly at: number; readonly name: string }[];
}

/** Every frame needs the same rows, and there may be many. */
const known = new WeakMap<
  ApprovalRequest,
  { ctx: LineContext; room: number | undefined; subject: Subject }
>();

function subjectOf(request: ApprovalRequest, ctx: LineContext, room: number | undefined): Subject {
  const before = known.get(request);
  if (before?.room === room && before?.ctx.style === ctx.style && before.ctx.cwd === ctx.cwd)
    return before.subject;
  const subject = newSubject(request, ctx, room);
  known.set(request, { ctx, room, subject });
  return subject;
}

function newSubject(request: ApprovalRequest, ctx: LineContext, room: number | undefined): Subject {
  switch (request.kind) {
    case 'patch':
      return patchSubject(request.changes ?? [], ctx, room);
    case 'mcp':
    case 'extension':
      return { rows: extensionRows(request, ctx, room), files: [] };
    default:
      return { rows: commandRows(request.command ?? '', ctx, room), files: [] };
  }
}

/** They would push what comes after them out of sight. */
const MANY_SPACES = / {30,}/g;

/** In the dialog the list above has said what is done to each file; in the pager all of it is here. */
function patchSubject(changes: readonly FileChange[], ctx: LineContext, room: number | undefined): Subject {
  if (room === undefined) return { rows: changesRows(changes, ctx, room), files: [] };
  const rows: string[] = [];
  const files: { at: number; name: string }[] = [];
  for (const change of changes) {
    const title = changesRows([{ ...change, diff: '' }], ctx, room).length;
    const name = oneLine(showInvisible(shortPath(change.path, ctx)));
    files.push({ at: rows.length, name });
    if (changes.length > 1) rows.push(ctx.style.dim(`    ${truncateMiddle(name, room - 4)}`));
    rows.push(...changesRows([change], ctx, room).slice(title));
  }
  return { rows, files: changes.length > 1 ? files : [] };
}

/** @param room cells of a row; undefined: lines are left whole. */
function commandRows(command: string, { style }: LineContext, room: number | undefined): string[] {
  const lines = codeLines(command).flatMap((line, index) => {
    const lead = index === 0 ? `${style.dim('$')} ` : '  ';
    const text = line.replace(MANY_SPACES, (spaces) => `<${spaces.length} spaces>`);
    const rows = room === undefined ? [text] : codeRows(text, room - 4);
    return rows.map((row, at) => `  ${at === 0 ? lead : '  '}${row}`);
  });
  return room === undefined ? lines : foldBlank(lines, (text) => style.dim(`    ${text}`));
}

function factLines(request: ApprovalRequest, ctx: LineContext): string[] {
  const { style } = ctx;
  const { reason, justification, cwd, objection } = request;
  return [
    ...(objection === undefined
      ? []
      : labelled('A second look', style.red(oneLine(showInvisible(objection))), ctx)),
    // If the model asked, its words are the reason.
    ...(reason === '' || reason === justification
      ? []
      : labelled('Reason', oneLine(reasonForUser(reason)), ctx)),
    ...labelled('Folder', oneLine(shortPath(cwd, ctx)), ctx),
    ...(justification === undefined || justification.trim() === ''
      ? []
      : labelled('The model says', style.italic(`“${oneLine(justification)}”`), ctx)),
  ];
}

function summaryOf(request: ApprovalRequest, ctx: LineContext): string {
  if (request.kind === 'question') return oneLine(showInvisible(request.question ?? ''));
  if (request.kind === 'command') return `$ ${oneLine(showInvisible(request.command ?? ''))}`;
  if (request.kind === 'mcp' || request.kind === 'extension') return extensionSummary(request);
  const changes = request.changes ?? [];
  const [first] = changes;
  if (first !== undefined && changes.length === 1) return `edit ${oneLine(shortPath(first.path, ctx))}`;
  return `edit ${plural(changes.length, 'file')}`;
}

/** In words, for a notification. */
export function approvalSummary(request: ApprovalRequest): string {
  const { kind, command, question } = request;
  if (kind === 'mcp' || kind === 'extension') return extensionSummary(request);
  return command ?? question ?? 'edit files';
}

export function approvalLabel(choice: ApprovalChoice, request: ApprovalRequest): string {
  if (request.kind === 'mcp' || request.kind === 'extension') return extensionLabel(choice, request);
  const isCommand = request.kind === 'command';
  const isQuestion = request.kind === 'question';
  switch (choice) {
    case 'once':
      return 'Yes, this time';
    case 'session':
      return isCommand
        ? 'Yes, and allow this exact command for this session'
        : 'Yes, and allow edits to these files for this session';
    case 'prefix':
      return `${request.isExact === true ? 'Yes, always allow exactly' : 'Yes, always allow commands that begin with'} \`${oneLine(showInvisible(wordsOf(request.prefix ?? [])))}\``;
    case 'instead':
      if (isQuestion) return request.options?.length === 0 ? 'Write the answer' : 'Another answer: write it';
      return 'No, and tell the model what to do instead';
    case 'no':
    case 'stop':
      return isQuestion ? 'Stop the turn' : 'No, and stop the turn';
    default:
      return oneLine(showInvisible(optionText(choice, request)));
  }
}

function shortLabel(choice: ApprovalChoice, request: ApprovalRequest): string {
  if (request.kind === 'mcp' || request.kind === 'extension') return extensionLabel(choice, request, 'short');
  switch (choice) {
    case 'session':
      return request.kind === 'command' ? 'Yes, for this session' : 'Yes, these files, this session';
    case 'prefix':
      return `Yes, always: \`${oneLine(showInvisible(wordsOf(request.prefix ?? [])))}\`${request.isExact === true ? '' : ' …'}`;
    case 'instead':
      return request.kind === 'question' ? 'Another answer' : 'No, and say what to do';
    default:
      return approvalLabel(choice, request);
  }
}

/** A word with a space in it must not look like two. */
function wordsOf(prefix: readonly string[]): string {
  return prefix.map(shellWord).join(' ');
}
