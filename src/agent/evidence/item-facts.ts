/**
 * What single items say for certain: which files were changed, and which commands the model has run.
 *
 * Invariants: taken from completed items alone. Does not: look at the disk, or decide what it is good for (facts.ts,
 * evidence.ts).
 */

import type { ChangedFile, FileChange, Item } from '../../protocol.ts';

export type CommandItem = Extract<Item, { type: 'command_execution' }>;

/** The files that patches have changed, each once, the one that was changed last at the end. */
export class ChangedFiles {
  /** By absolute path. */
  readonly #files = new Map<string, ChangedFile>();

  get size(): number {
    return this.#files.size;
  }

  get files(): readonly ChangedFile[] {
    return [...this.#files.values()];
  }

  add(item: Extract<Item, { type: 'file_change' }>): void {
    if (item.status === 'completed') for (const change of item.changes) this.#change(change);
  }

  #change({ path: source, kind, movePath, diff }: FileChange): void {
    const before = this.#files.get(source);
    this.#files.delete(source);
    const lines = diff.split('\n').filter((line) => !/^(?:\+\+\+|---) /.test(line));
    const count = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
    // What was added here and deleted again is nothing to speak of.
    if (kind === 'delete' && before?.kind === 'add') return;
    const path = movePath ?? source;
    this.#files.delete(path);
    this.#files.set(path, {
      path,
      kind: before?.kind === 'add' ? 'add' : kind,
      added: (before?.added ?? 0) + count('+'),
      removed: (before?.removed ?? 0) + count('-'),
    });
  }
}

/** The command was run, and not by the user. */
export function isModelRun({ status, source }: CommandItem): boolean {
  return source === undefined && status !== 'declined';
}
