/**
 * Keeps what the commands of a session are about to change. While a call waits for a command, what changes in the workspace is taken for
 * the command's; what changes at any other time is somebody else's.
 *
 * The bytes must exist before the command begins, so the workspace is copied before the first one, and after that what has changed. The
 * copies go when the session ends; what commands have changed in fact stays in `Objects`.
 */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { checkpointsFolder, runningFile, workspaceFolder } from '../../../config/checkpoints-folder.ts';
import { makeFolder } from '../../../config/make-folder.ts';
import { holds, physicalPaths, realPath } from '../../../config/paths.ts';
import { errorMessage } from '../../../text/error-message.ts';
import { uuidv7 } from '../../../text/uuid.ts';
import type { KeptCommand } from '../../tool.ts';
import { appendLine } from '../change-log.ts';
import { Objects } from '../objects.ts';
import type { CheckpointOwner } from '../record.ts';
import { changedFiles, changedPaths } from './changed-files.ts';
import { Copies } from './copies.ts';
import { finishCutOff, type RunningFile, THIS_PROCESS } from './cut-off.ts';
import { Known } from './known.ts';
import { LifeSign } from './life-sign.ts';
import { statsAt } from './read-file.ts';
import { LIMITS, Workspace } from './workspace.ts';

const TOO_MANY = `there are more than ${LIMITS.files} files here`;
/** What killed sessions have left goes after this, if nobody resumes them. */
const LEFT_MS = 7 * 24 * 60 * 60 * 1000;

interface Opened {
  readonly workspace: Workspace;
  readonly copies: Copies;
}

export class CommandChanges {
  readonly #owner: CheckpointOwner;
  readonly #warn: (message: string) => void;
  readonly #told = new Set<string>();
  #opened: Opened | undefined;
  /** Of the last command. */
  #turn: AbortSignal | undefined;
  #isRunning = false;
  #isClosed = false;

  /** @param warn what cannot be taken back */
  constructor(owner: CheckpointOwner, warn: (message: string) => void) {
    this.#owner = owner;
    this.#warn = warn;
  }

  /**
   * To be awaited right before a command begins, or is waited for again. Never rejects.
   * @param folders which the command may write
   * @param item the number of the item that shows it
   * @param signal of its turn
   * @returns undefined if nothing can be kept
   */
  async begin(
    folders: readonly string[],
    item: number,
    signal: AbortSignal,
  ): Promise<KeptCommand | undefined> {
    // What it changes counts as a change of the one that is being waited for.
    if (this.#isRunning || this.#isClosed) return undefined;
    this.#isRunning = true;
    try {
      const { workspace, copies } = await this.#open(outermost(physicalPaths(folders)));
      // Most of what others do is done between turns.
      const isWhole = this.#turn !== signal;
      await workspace.look(changedPaths(this.#folder), { isWhole, signal });
      if (signal.aborted) throw signal.reason;
      if (workspace.isTooLarge)
        this.#tell(
          `${TOO_MANY}: what commands change can be taken back only in files that oagent has changed before`,
        );
      this.#turn = signal;
      copies.flush();
      workspace.known.save();
      return this.#watch(item, workspace);
    } catch (error) {
      this.#isRunning = false;
      if (!signal.aborted) this.#fail(error);
      return undefined;
    }
  }

  /** The session has ended. Never throws. */
  close(): void {
    this.#isClosed = true;
    if (!this.#isRunning) this.#drop();
  }

  get #folder(): string {
    return checkpointsFolder(this.#owner.home, this.#owner.session);
  }

  async #open(roots: readonly string[]): Promise<Opened> {
    const opened = this.#opened;
    const isSame = opened !== undefined && String(opened.workspace.known.roots) === String(roots);
    if (isSame && opened.copies.size <= LIMITS.bytes) return opened;
    if (opened === undefined) {
      await finishCutOff(this.#owner);
      removeLeft(path.dirname(this.#folder));
    }
    this.#drop();
    const folder = workspaceFolder(this.#folder);
    makeFolder(folder);
    const copies = new Copies(folder, true);
    const workspace = new Workspace(new Known(folder, roots), copies, realPath(this.#owner.home));
    this.#opened = { workspace, copies };
    return this.#opened;
  }

  #watch(item: number, workspace: Workspace): KeptCommand {
    const id = uuidv7();
    const file = runningFile(this.#folder);
    const sign = new LifeSign(file);
    const { begunMs } = sign;
    const running: RunningFile = { id, item, begunMs, process: THIS_PROCESS };
    sign.write(JSON.stringify(running));
    workspace.watch(() => sign.changed());
    return {
      end: async () => {
        workspace.watch(undefined);
        try {
          sign.end();
          await this.#end(id, item, begunMs);
          rmSync(file, { force: true });
        } catch (error) {
          this.#fail(error);
        } finally {
          this.#isRunning = false;
          if (this.#isClosed) this.#drop();
        }
      },
    };
  }

  async #end(id: string, item: number, begunMs: number): Promise<void> {
    if (this.#opened === undefined) return;
    const { workspace, copies } = this.#opened;
    const seen = await workspace.look([], { isWhole: false, signal: new AbortController().signal });
    if (workspace.isTooLarge) this.#tell(`${TOO_MANY} now: those that commands make are not taken back`);
    const objects = new Objects(this.#folder);
    const files = changedFiles(seen, { begunMs }, { copies, objects });
    if (files.length > 0)
      appendLine(this.#folder, { change: { id, item, by: 'command', files } }, { made: id });
    if (objects.problem !== undefined) throw objects.problem;
  }

  /** Without it the command runs all the same. All is looked at anew then. */
  #fail(error: unknown): void {
    this.#tell(`what commands change cannot be taken back by /rewind: ${errorMessage(error)}`);
    this.#drop();
  }

  #tell(message: string): void {
    if (!this.#told.has(message)) this.#warn(message);
    this.#told.add(message);
  }

  #drop(): void {
    try {
      this.#opened?.workspace.close();
      this.#opened?.copies.close();
      this.#opened = undefined;
      rmSync(workspaceFolder(this.#folder), { recursive: true, force: true });
      // Fails if something was changed.
      rmdirSync(this.#folder);
    } catch {
      // It goes with the session, or after a week.
    }
  }
}

function outermost(folders: readonly string[]): readonly string[] {
  return [...new Set(folders)].filter((one) => !folders.some((other) => other !== one && holds(other, one)));
}

/** @param all the folder of the checkpoints of all sessions */
function removeLeft(all: string): void {
  for (const session of existsSync(all) ? readdirSync(all) : []) {
    const own = path.join(all, session);
    const folder = workspaceFolder(own);
    const usedAt = Math.max(...[folder, runningFile(own)].map((file) => statsAt(file)?.ctimeMs ?? 0));
    if (usedAt > 0 && Date.now() - usedAt > LEFT_MS) rmSync(folder, { recursive: true, force: true });
  }
}
