/**
 * The system's reports of what changes in folders (inotify), and whether they are complete: what has happened before `settle` is asked has
 * been reported when it answers true.
 *
 * All watches of a process share one queue, in order of what happened. So a change of a file that nobody else can open, reported, says that
 * all before it was. Not reported are: what another machine does (so only file systems of this one are watched), mounts (their list is
 * compared), and what a full queue loses (more than can be told apart from that counts as lost). Elsewhere than on Linux nothing is watched.
 */
import {
  closeSync,
  type FSWatcher,
  futimesSync,
  openSync,
  readFileSync,
  statfsSync,
  unlinkSync,
  watch as watchFile,
} from 'node:fs';
import path from 'node:path';
import { errorCode } from '../../text/error-message.ts';
import { rawPath } from './raw-path.ts';

/**
 * `rename`: an entry has come, gone or been replaced. `change`: its rights or its content. `error`: nothing more will be reported. Null:
 * nobody knows which one.
 */
type OnChange = (event: string, name: string | null) => void;

/** ext, xfs, btrfs, tmpfs, overlay, f2fs, zfs, bcachefs. */
const LOCAL = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0xf2f52010, 0x2fc12fc1, 0xca451a4e,
]);
/** Each is about 3 KB in this process and 1 KB in the kernel. */
const MOST_WATCHES = 10_000;
/** Editors and other sessions need some, and in some systems there are only 8,192 for a user. */
const PART_OF_WATCHES = 4;
/** A queue that was full reports this part of itself at least, at once; the rest may be of other watches of this process. */
const PART_OF_QUEUE = 16;
/** It takes less than a millisecond. */
const SETTLE_MS = 250;

interface Cookie {
  readonly descriptor: number;
  readonly watch: FSWatcher;
}

export class FolderWatches {
  readonly #home: string;
  readonly #watches = new Set<FSWatcher>();
  readonly #isLocal = new Map<number, boolean>();
  #cookie: Cookie | undefined;
  #most = Math.min(MOST_WATCHES, limitOf('max_user_watches') / PART_OF_WATCHES);
  readonly #burstLimit = limitOf('max_queued_events') / PART_OF_QUEUE;
  /** Since the event loop last went round, in which a whole queue is read. */
  #burst = 0;
  #isLost = false;
  #mounts = '';
  #settling: Promise<boolean> = Promise.resolve(true);
  #onCookie = (): void => {};

  /** @param home a folder where commands cannot write */
  constructor(home: string) {
    this.#home = home;
  }

  get isFull(): boolean {
    return this.#watches.size >= this.#most;
  }

  /**
   * What happened before this call is not reported. Follows links, so whoever asks looks at the folder afterwards.
   *
   * @param device of the folder
   * @returns undefined if it cannot be watched
   */
  watch(file: string, device: number, onChange: OnChange): FSWatcher | undefined {
    if (this.isFull || !this.#open()) return undefined;
    try {
      if (!this.#isOnLocal(file, device)) return undefined;
      const watch = watchFile(rawPath(file), { persistent: false }, (event, name) => {
        this.#count();
        onChange(event, name === null || name.includes('\ufffd') ? null : name);
      });
      watch.on('error', () => onChange('error', null));
      this.#watches.add(watch);
      return watch;
    } catch (error) {
      // No more watches, or none at all.
      if (['ENOSPC', 'EMFILE', 'ENFILE', 'ENOMEM', 'ENOSYS'].includes(errorCode(error) ?? '')) this.#most = 0;
      return undefined;
    }
  }

  unwatch(watch: FSWatcher): void {
    this.#watches.delete(watch);
    watch.close();
  }

  /** True if all that happened before this call has been reported; false if some of it may be lost. Never rejects. */
  settle(): Promise<boolean> {
    this.#settling = this.#settling.then(() => this.#settleOnce());
    return this.#settling;
  }

  close(): void {
    this.#most = 0;
    for (const watch of this.#watches) watch.close();
    this.#watches.clear();
    this.#closeCookie();
  }

  async #settleOnce(): Promise<boolean> {
    const cookie = this.#cookie;
    if (cookie === undefined) return true;
    const isReported = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), SETTLE_MS);
      this.#onCookie = () => {
        clearTimeout(timer);
        resolve(true);
      };
      try {
        futimesSync(cookie.descriptor, 0, 0);
      } catch {
        clearTimeout(timer);
        resolve(false);
      }
    });
    const mounts = mountsText();
    const isWhole = isReported && !this.#isLost && mounts === this.#mounts;
    this.#mounts = mounts;
    this.#isLost = false;
    return isWhole;
  }

  #count(): void {
    if (this.#burst === 0) {
      setImmediate(() => {
        this.#burst = 0;
      });
    }
    this.#burst += 1;
    if (this.#burst > this.#burstLimit) this.#isLost = true;
  }

  #open(): boolean {
    if (this.#cookie !== undefined) return true;
    if (process.platform !== 'linux' || this.#most === 0) return false;
    const file = path.join(this.#home, `.watch-${process.pid}-${Date.now()}`);
    try {
      const descriptor = openSync(file, 'wx+', 0o600);
      try {
        unlinkSync(file);
        const watch = watchFile(`/proc/self/fd/${descriptor}`, { persistent: false }, () => this.#onCookie());
        watch.on('error', () => {});
        this.#cookie = { descriptor, watch };
      } catch (error) {
        closeSync(descriptor);
        throw error;
      }
      this.#mounts = mountsText();
      return true;
    } catch {
      this.#most = 0;
      return false;
    }
  }

  #closeCookie(): void {
    const cookie = this.#cookie;
    this.#cookie = undefined;
    if (cookie === undefined) return;
    cookie.watch.close();
    closeSync(cookie.descriptor);
    this.#onCookie();
  }

  #isOnLocal(file: string, device: number): boolean {
    const known = this.#isLocal.get(device) ?? LOCAL.has(statfsSync(rawPath(file)).type);
    this.#isLocal.set(device, known);
    return known;
  }
}

function mountsText(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    // Never the same as before: nothing is taken for complete.
    return String(performance.now());
  }
}

/** 0 where the system has none. */
function limitOf(name: string): number {
  try {
    return Number(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8')) || 0;
  } catch {
    return 0;
  }
}
