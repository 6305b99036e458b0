/**
 * In which folders certainly nothing has been written since they were last looked at, as far as the system reports that. What is written
 * through a mapping of memory is not reported.
 *
 * A watch belongs to the folder that was there when it began, so its inode is compared. What happened before it began is not known.
 */
import type { FSWatcher, Stats } from 'node:fs';
import { FolderWatches } from '../../../safety/sandbox/folder-watches.ts';

interface Watched {
  readonly watch: FSWatcher;
  readonly dev: number;
  readonly ino: number;
  isQuiet: boolean;
}

export class QuietFolders {
  readonly #watches: FolderWatches;
  readonly #watched = new Map<string, Watched>();
  /** Called with each report. */
  onReport: (() => void) | undefined;

  /** @param home a folder where commands cannot write */
  constructor(home: string) {
    this.#watches = new FolderWatches(home);
  }

  /** To be awaited before the others are asked: what has happened by now is known then. Never rejects. */
  async settle(): Promise<void> {
    if (await this.#watches.settle()) return;
    for (const watched of this.#watched.values()) watched.isQuiet = false;
  }

  /** @param stats of what is at that path now */
  isQuiet(folder: string, stats: Stats | undefined): boolean {
    const watched = this.#watched.get(folder);
    return watched?.isQuiet === true && watched.ino === stats?.ino && watched.dev === stats.dev;
  }

  /** It is about to be looked at. Watches it from now on, if the system lets it. */
  looking(folder: string, stats: Stats | undefined): void {
    const watched = this.#watched.get(folder);
    if (stats !== undefined && watched?.ino === stats.ino && watched.dev === stats.dev) {
      watched.isQuiet = true;
      return;
    }
    if (watched !== undefined) this.#forget(folder, watched);
    if (stats?.isDirectory() === true) this.#watch(folder, stats);
  }

  /** It was looked at already, and is watched from now on: it is not quiet before the next look. */
  looked(folder: string, place: Pick<Stats, 'dev' | 'ino'>): void {
    if (!this.#watched.has(folder)) this.#watch(folder, place);
  }

  close(): void {
    this.#watches.close();
    this.#watched.clear();
  }

  #watch(folder: string, { dev, ino }: Pick<Stats, 'dev' | 'ino'>): void {
    const watch = this.#watches.watch(folder, dev, (event) => {
      const watched = this.#watched.get(folder);
      if (watched === undefined || watched.watch !== watch) return;
      watched.isQuiet = false;
      this.onReport?.();
      if (event === 'error') this.#forget(folder, watched);
    });
    if (watch !== undefined) this.#watched.set(folder, { watch, dev, ino, isQuiet: false });
  }

  #forget(folder: string, { watch }: Watched): void {
    this.#watches.unwatch(watch);
    this.#watched.delete(folder);
  }
}
