/** What single completed items say for certain: which files were changed, and which commands the model ran. */

import type { ChangedFile } from '../../protocol/evidence.ts';
import type { FileChange, Item } from '../../protocol.ts';

export type CommandItem = Extract<Item, { type: 'command_execution' }>;

/** The files that patches have changed, each once, the most recent last. */
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
    // Added and deleted again: nothing to report.
    if (kind === 'delete' && before?.kind === 'add') return;
    const target = movePath ?? source;
    this.#files.delete(target);
    this.#files.set(target, {
      path: target,
      kind: before?.kind === 'add' ? 'add' : kind,
      added: (before?.added ?? 0) + count('+'),
      removed: (before?.removed ?? 0) + count('-'),
    });
  }
}

/** The command ran, and was not the user's own. */
export function isModelRun({ status, source }: CommandItem): boolean {
  return source === undefined && status !== 'declined';
}
