/**
 * `oagent sessions`: list, print, export, import, rename, archive and delete earlier sessions.
 *
 * The content of sessions is foreign text and is sanitised before a terminal gets it.
 */
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { NO_HOME, oagentHome, userHome } from '../../config/home.ts';
import { privateHome } from '../../config/private-home.ts';
import type { Item } from '../../protocol.ts';
import type { UnreadableFile } from '../../rollout/catalog.ts';
import {
  codexHome,
  codexSessions,
  findCodexSession,
  importCodex,
} from '../../rollout/codex/codex-sessions.ts';
import { findRollout, isSessionId, type RolloutFile } from '../../rollout/paths.ts';
import { readSession } from '../../rollout/reconstruct.ts';
import type { SessionSummary } from '../../rollout/recorder.ts';
import { allShown } from '../../rollout/shown.ts';
import { deleteStored, moveArchived, renameStored } from '../../rollout/store.ts';
import { NamedFile } from '../../safety/named-file.ts';
import { untrustedFolders } from '../../safety/permissions.ts';
import { SessionError } from '../../session/session-error.ts';
import { chooseSession, inCatalog } from '../../session/stored.ts';
import { asToolCallItem } from '../../text/as-tool-call.ts';
import { groupDigits } from '../../text/digits.ts';
import { errorMessage } from '../../text/error-message.ts';
import { fileProblem } from '../../text/file-problem.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { innerCommand } from '../../text/shell-word.ts';
import { taskFigures } from '../../text/task-steps.ts';
import { oneLine } from '../../tui/lines/clean.ts';
import { formatAge, sessionTitle } from '../../tui/overlay/resume-picker.ts';
import { exportMarkdown } from '../../tui/screen/export-markdown.ts';

/** Columns of a name or first prompt. */
const TITLE_WIDTH = 50;
/** Lines shown of an output, from its end. */
const OUTPUT_LINES = 20;

export async function listCommand(flags: {
  readonly all?: boolean;
  readonly archived?: boolean;
  readonly json?: boolean;
}): Promise<number> {
  const cwd = flags.all ? {} : { cwd: process.cwd() };
  const { found, unreadable } = inCatalog(ownHome(), (catalog) => ({
    found: catalog.list({ ...cwd, archived: flags.archived ?? false }),
    unreadable: catalog.unreadable(flags.archived),
  }));
  if (flags.json) process.stdout.write(`${jsonText(found.map(asJson), 2)}\n`);
  else if (found.length > 0) process.stdout.write(`${table(found, flags.all ?? false)}\n`);
  else
    process.stderr.write(
      `No sessions${flags.all ? '' : ' in this folder; --all lists those of all folders'}.\n`,
    );
  if (unreadable.length > 0) process.stderr.write(`${leftOut(unreadable)}\n`);
  return 0;
}

function leftOut([first, ...rest]: readonly UnreadableFile[]): string {
  const more = rest.length === 0 ? '' : `, and ${rest.length} more`;
  return `Left out, because it cannot be opened: ${oneLine(first?.path ?? '')} (${oneLine(first?.problem ?? '')})${more}`;
}

/** Times as RFC 3339. */
function asJson({ created, updated, isArchived, ...rest }: SessionSummary): object {
  const time = (ms: number): string => new Date(ms).toISOString();
  return { ...rest, created: time(created), updated: time(updated), archived: isArchived };
}

function table(sessions: readonly SessionSummary[], hasFolders: boolean): string {
  const now = Date.now();
  const rows = sessions.map((session) => [
    session.id,
    formatAge(now - session.updated),
    groupDigits(session.tokens),
    oneLine(session.model ?? ''),
    ...(hasFolders ? [oneLine(shortFolder(session.cwd))] : []),
    title(session),
  ]);
  const head = ['ID', 'USED', 'TOKENS', 'MODEL', ...(hasFolders ? ['FOLDER'] : []), 'NAME OR FIRST MESSAGE'];
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function title({ name, firstPrompt }: SessionSummary): string {
  return short(sessionTitle(name, firstPrompt));
}

function short(title: string): string {
  const text = oneLine(title) || '(no message)';
  return text.length > TITLE_WIDTH ? `${text.slice(0, TITLE_WIDTH - 1)}…` : text;
}

function shortFolder(folder: string): string {
  const home = userHome(process.env);
  if (home === undefined) return folder;
  return folder === home || folder.startsWith(`${home}/`) ? `~${folder.slice(home.length)}` : folder;
}

export async function showCommand(session: string): Promise<number> {
  const { path: file } = fileOf(session);
  const { meta, name, model, cwd } = readSession(file, { shownItems: 0, withHistory: false });
  const head = [
    ['session', meta.id],
    ...(name === undefined ? [] : [['name', oneLine(name)]]),
    ['began', meta.timestamp],
    ['folder', oneLine(cwd)],
    ...(model === undefined ? [] : [['model', oneLine(model)]]),
    ['file', oneLine(file)],
  ];
  process.stdout.write(`${head.map(([key, value]) => `${key}: ${value}`).join('\n')}\n`);
  for (const item of allShown(file)) {
    const text = sanitizeForTerminal(itemText(item)).trimEnd();
    if (text !== '') process.stdout.write(`\n${text}\n`);
  }
  return 0;
}

function itemText(item: Item): string {
  switch (item.type) {
    case 'user_message':
      return item.text.replace(/^/gm, '> ');
    case 'agent_message':
      return item.text;
    case 'reasoning':
      return '';
    case 'command_execution':
      return `$ ${innerCommand(item.command)}${item.exitCode === null ? '' : ` (exit ${item.exitCode})`}\n${endOf(item.output)}`;
    case 'file_change':
      return item.changes.map(({ kind, path: file }) => `${kind} ${file}`).join('\n') || item.output;
    case 'tool_call':
      return `${item.tool} ${JSON.stringify(item.arguments)}`;
    case 'mcp_tool_call':
      return itemText(asToolCallItem(item));
    case 'task':
      return `sub-agent: ${item.prompt} (${taskFigures(item)})\n${endOf(item.output)}`;
    case 'plan':
      return item.steps
        .map(({ step, status }) => `[${status === 'completed' ? 'x' : ' '}] ${step}`)
        .join('\n');
    default:
      return item satisfies never;
  }
}

function endOf(output: string): string {
  const lines = output.trimEnd().split('\n');
  const cut = lines.length - OUTPUT_LINES;
  const shown = cut > 0 ? [`… ${cut} lines`, ...lines.slice(cut)] : lines;
  return shown.map((line) => `  ${line}`).join('\n');
}

export async function exportCommand(
  session: string,
  { output }: { readonly output?: string },
): Promise<number> {
  const markdown = exportMarkdown([...allShown(fileOf(session).path)]);
  if (output === undefined)
    process.stdout.write(process.stdout.isTTY ? sanitizeForTerminal(markdown) : markdown);
  else writeNamed(path.resolve(output), markdown);
  return 0;
}

/** @throws SessionError */
function writeNamed(file: string, text: string): void {
  const cwd = process.cwd();
  try {
    NamedFile.find(file, untrustedFolders({ cwd, writableRoots: [], env: process.env })).write(text);
  } catch (error) {
    throw new SessionError(`cannot write ${file}: ${fileProblem(error)}`);
  }
}

/** @param named ids or files of Codex's sessions; none: all. @returns 1 if one could not be imported. */
export async function importCommand(named: readonly string[]): Promise<number> {
  const home = ownHome();
  const sources =
    named.length === 0 ? codexSessions(process.env).map(({ path: file }) => file) : named.map(codexFile);
  if (sources.length === 0)
    process.stderr.write(`No sessions in ${oneLine(codexHome(process.env) ?? '~/.codex')}.\n`);
  let code = 0;
  for (const source of sources) {
    try {
      const { id, path: file, isNew } = importCodex(home, source, process.env);
      const { name, firstPrompt } = readSession(file, { shownItems: 0, withHistory: false });
      process.stdout.write(`${isNew ? 'Imported' : 'Already here'}: ${id}  ${short(name ?? firstPrompt)}\n`);
    } catch (error) {
      code = 1;
      process.stderr.write(`${oneLine(errorMessage(error))}\n`);
    }
  }
  return code;
}

/** @throws Error if Codex has no session of that id, and it is no file either. */
function codexFile(named: string): string {
  const found = isSessionId(named) ? findCodexSession(process.env, named)?.path : path.resolve(named);
  if (found === undefined)
    throw new Error(`Codex has no session ${named} in ${codexHome(process.env) ?? '~/.codex'}`);
  return found;
}

export async function renameCommand(session: string, name: string): Promise<number> {
  const file = fileOf(session);
  const wanted = name.trim();
  await renameStored(file.path, wanted);
  process.stdout.write(
    wanted === '' ? `Name of ${file.id} removed.\n` : `Renamed ${file.id} to ${oneLine(wanted)}\n`,
  );
  return 0;
}

export async function archiveCommand(session: string, isArchived: boolean): Promise<number> {
  const file = fileOf(session);
  moveArchived(ownHome(), file, isArchived);
  process.stdout.write(isArchived ? `Archived ${file.id}.\n` : `Restored ${file.id}.\n`);
  return 0;
}

export async function deleteCommand(
  session: string,
  { force }: { readonly force?: boolean },
): Promise<number> {
  const file = fileOf(session);
  if (!force && !(await isSure(file))) return 1;
  deleteStored(ownHome(), file);
  process.stdout.write(`Deleted ${file.id}.\n`);
  return 0;
}

async function isSure({ path: file, id }: RolloutFile): Promise<boolean> {
  if (!process.stdin.isTTY) {
    process.stderr.write('Error: no terminal to ask on; --force deletes without asking\n');
    return false;
  }
  const { name, firstPrompt } = readSession(file, { shownItems: 0, withHistory: false });
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const what = oneLine(name ?? firstPrompt).slice(0, TITLE_WIDTH);
  const answer = await asking.question(`Delete ${id} (${what}) permanently? [y/N] `);
  asking.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** @throws Error if there is none: then there are no sessions. */
function ownHome(): string {
  const home = oagentHome();
  if (home === undefined) throw new Error(NO_HOME);
  privateHome(home, userHome(process.env));
  return home;
}

/** @throws SessionError */
function fileOf(session: string): RolloutFile {
  const home = ownHome();
  const { id } = chooseSession(home, process.cwd(), { kind: 'resume', session, isAll: true });
  const file = findRollout(home, id);
  if (file === undefined) throw new Error(`the file of session ${id} is gone`);
  return file;
}
