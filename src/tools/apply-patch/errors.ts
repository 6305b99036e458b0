/**
 * The one error of this folder, worded for a person at the stand-alone command (`standalone`) and for the model (`tool`). Both begin
 * with Codex's text, to the letter; what oagent adds for the model (the nearest lines, a cause, the grammar) is in `hint`, which
 * only the tool prints.
 */

import { getSystemErrorMessage } from 'node:util';
import { errorCode } from '../../text/error-message.ts';

/** Where the patch failed: its frame, one of its hunks (`line` counts from 1 at the begin marker), or the files. */
export type PatchFault =
  | { readonly kind: 'patch' }
  | { readonly kind: 'hunk'; readonly line: number }
  | { readonly kind: 'files' };

export interface PatchErrorDetail {
  /** What the model should read after the message; several lines, no newline at the end. */
  readonly hint?: string;
  /** Paths, as the patch spells them, that were already written when the error came up. */
  readonly written?: readonly string[];
  /** What the system said. */
  readonly cause?: unknown;
}

export class PatchError extends Error {
  override readonly name = 'PatchError';
  readonly fault: PatchFault;
  /** The message without the wording of its fault. */
  readonly reason: string;
  readonly hint: string | undefined;
  readonly written: readonly string[];

  constructor(fault: PatchFault, reason: string, detail: PatchErrorDetail = {}) {
    super(toolWording(fault, reason), { cause: detail.cause });
    this.fault = fault;
    this.reason = reason;
    this.hint = detail.hint;
    this.written = detail.written ?? [];
  }

  /** The wording of the stand-alone command: `Invalid patch: …`, `Invalid patch hunk on line 2: …`, or the bare reason. */
  get standalone(): string {
    if (this.fault.kind === 'patch') return `Invalid patch: ${this.reason}`;
    if (this.fault.kind === 'hunk') return `Invalid patch hunk on line ${this.fault.line}: ${this.reason}`;
    return this.reason;
  }

  /** The wording of the tool: `invalid patch: …`, `invalid hunk at line 2, …`, or the bare reason; then the hint. */
  get tool(): string {
    return this.hint === undefined ? this.message : `${this.message}\n${this.hint}`;
  }
}

function toolWording(fault: PatchFault, reason: string): string {
  if (fault.kind === 'patch') return `invalid patch: ${reason}`;
  if (fault.kind === 'hunk') return `invalid hunk at line ${fault.line}, ${reason}`;
  return reason;
}

/** An error about the files that the patch names. */
export function fileError(reason: string, hint?: string): PatchError {
  return new PatchError({ kind: 'files' }, reason, { hint });
}

/** libc's wording where libuv's differs. */
const SYSTEM_WORDING: { readonly [code: string]: string } = {
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
  EROFS: 'Read-only file system',
};

/** A system error as `No such file or directory (os error 2)`; any other error's own message. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('errno' in error) || typeof error.errno !== 'number') return error.message;
  const code = errorCode(error) ?? '';
  const text = SYSTEM_WORDING[code] ?? getSystemErrorMessage(error.errno);
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)} (os error ${Math.abs(error.errno)})`;
}

/** A failed system call as an error about the files. */
export function systemError(message: string, error: unknown): PatchError {
  return new PatchError({ kind: 'files' }, message, { hint: systemReason(error), cause: error });
}

/** @throws PatchError with `message` for whatever `action` throws. */
export function attempt<T>(message: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw systemError(message, error);
  }
}

/** For tidying up: what is not there any more, or not ours, must not hide why a patch failed. */
export function ignoringErrors(action: () => void): void {
  try {
    action();
  } catch {
    // It stays.
  }
}
