/**
 * A command in whose middle oagent was killed: what it has changed is found by comparing the workspace with what was known before it.
 *
 * What has changed since the command was last watched may be somebody else's work, so that is not put back.
 */
import { readFileSync, rmSync } from 'node:fs';
import { checkpointsFolder, runningFile, workspaceFolder } from '../../../config/checkpoints-folder.ts';
import { realPath } from '../../../config/paths.ts';
import { uuidv7 } from '../../../text/uuid.ts';
import { appendLine, readChanges } from '../change-log.ts';
import { Objects } from '../objects.ts';
import type { CheckpointOwner } from '../record.ts';
import { changedFiles } from './changed-files.ts';
import { Copies } from './copies.ts';
import { Known } from './known.ts';
import { statsAt } from './read-file.ts';
import { Workspace } from './workspace.ts';

/** What `runningFile` says. Its ctime says when a command was last waited for. */
export interface RunningFile {
  /** Of the change. */
  readonly id: string;
  readonly item: number;
  /** Milliseconds of the epoch, by the clock of the file system. */
  readonly begunMs: number;
  /** `THIS_PROCESS` of the one that waits. */
  readonly process: string;
  /** In a copy: the ctime of its original. */
  readonly untilMs?: number;
}

/** Numbers of processes are used again. */
export const THIS_PROCESS = uuidv7();

/**
 * Writes down what a command has changed that was cut off, if there is one. For whoever has the session alone. Never rejects: what cannot
 * be found out counts as somebody else's.
 */
export async function finishCutOff({ home, session }: CheckpointOwner): Promise<void> {
  const folder = checkpointsFolder(home, session);
  const workspace = workspaceFolder(folder);
  const running = readRunning(runningFile(folder));
  if (running === undefined || running.process === THIS_PROCESS) return;
  try {
    const isWritten = readChanges(folder).some(({ id }) => id === running.id);
    if (!isWritten) await compare(running, folder, realPath(home));
    rmSync(workspace, { recursive: true, force: true });
  } catch {
    // The next command begins with a new one.
  }
}

async function compare(
  { id, item, begunMs, untilMs: copied }: RunningFile,
  folder: string,
  home: string,
): Promise<void> {
  const workspace = workspaceFolder(folder);
  const untilMs = copied ?? statsAt(runningFile(folder))?.ctimeMs ?? begunMs;
  const copies = new Copies(workspace, false);
  const known = Known.load(workspace);
  const folders = new Map(known.folders);
  const looking = new Workspace(known, copies, home);
  try {
    const seen = await looking.look([], { isWhole: true, signal: new AbortController().signal });
    const objects = new Objects(folder);
    const files = changedFiles(seen, { begunMs, cutOff: { untilMs, folders } }, { copies, objects });
    if (files.length > 0) appendLine(folder, { change: { id, item, by: 'command', files } }, { made: id });
  } finally {
    looking.close();
    copies.close();
  }
}

function readRunning(file: string): RunningFile | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunningFile;
  } catch {
    return undefined;
  }
}
