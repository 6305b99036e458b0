/**
 * Questions to the user that wait for an answer, and what the user has allowed for the rest of the session.
 *
 * Invariants: a request gets exactly one answer; the first wins and later ones are refused; an abort answers 'stop'.
 * A session approval covers the same thing again and nothing more.
 * Does not: show requests or emit events. `ask` has registered the request when it returns, so ask first, then
 * show it, then await: an answer that comes at once is not lost.
 */

import type { ApprovalAnswer, ApprovalRequest } from '../protocol.ts';

const STOP: ApprovalAnswer = { type: 'stop' };

/** The requests that wait. */
export class ApprovalDesk {
  readonly #pending = new Map<string, (answer: ApprovalAnswer) => void>();

  /** Resolves with the one answer; never rejects. Throws at once for an id that waits already. */
  ask(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalAnswer> {
    const { id } = request;
    if (this.#pending.has(id)) throw new Error(`approval request ${id} is already waiting`);
    if (signal.aborted) return Promise.resolve(STOP);
    return new Promise((resolve) => {
      const onAbort = () => this.answer(id, STOP);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, (answer) => {
        signal.removeEventListener('abort', onAbort);
        resolve(answer);
      });
    });
  }

  /** False, without any effect, if no request of this id waits: unknown, or answered before. */
  answer(id: string, answer: ApprovalAnswer): boolean {
    const settle = this.#pending.get(id);
    this.#pending.delete(id);
    settle?.(answer);
    return settle !== undefined;
  }
}

/** A command as it was approved: all three must be the same again. */
export interface ApprovedCommand {
  readonly command: string;
  /** Absolute. */
  readonly cwd: string;
  /** What it may do: any fixed wording of sandbox mode and escalation. */
  readonly permissions: string;
}

/** One thing that the user has allowed for the rest of the session. */
export type Allowed =
  | ({ readonly type: 'command' } & ApprovedCommand)
  /** Absolute paths. */
  | { readonly type: 'files'; readonly files: readonly string[] };

/** What was allowed "for this session". */
export class SessionApprovals {
  readonly #commands = new Set<string>();
  readonly #files = new Set<string>();
  readonly #onAllowed: (allowed: Allowed) => void;

  /** @param options `before`: of the session that is gone on with; `onAllowed` hears what is new. */
  constructor({
    before = [],
    onAllowed = () => undefined,
  }: { readonly before?: readonly Allowed[]; readonly onAllowed?: (allowed: Allowed) => void } = {}) {
    this.#onAllowed = onAllowed;
    for (const allowed of before) this.#add(allowed);
  }

  allowCommand({ command, cwd, permissions }: ApprovedCommand): void {
    this.#allow({ type: 'command', command, cwd, permissions });
  }

  hasCommand(command: ApprovedCommand): boolean {
    return this.#commands.has(keyOf(command));
  }

  /** Absolute paths. */
  allowFiles(files: readonly string[]): void {
    this.#allow({ type: 'files', files });
  }

  /** True if every one of the files was allowed; false for no files. */
  hasFiles(files: readonly string[]): boolean {
    return files.length > 0 && files.every((file) => this.#files.has(file));
  }

  #allow(allowed: Allowed): void {
    this.#add(allowed);
    this.#onAllowed(allowed);
  }

  #add(allowed: Allowed): void {
    if (allowed.type === 'command') this.#commands.add(keyOf(allowed));
    else for (const file of allowed.files) this.#files.add(file);
  }
}

function keyOf({ command, cwd, permissions }: ApprovedCommand): string {
  return JSON.stringify([command, cwd, permissions]);
}
