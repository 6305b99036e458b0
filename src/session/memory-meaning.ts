/** Has the vectors of memories made in the background of an interactive session: at its start, and when there are other memories. */
import type { MemoryUse } from '../memory/use/memory-use.ts';
import type { Event } from '../protocol.ts';
import type { CodeIndex } from './code-index.ts';

/** An event, as far as it tells anything here. */
interface Heard {
  readonly type: Event['type'];
  readonly total?: unknown;
}

export class MemoryMeaning {
  readonly #home: string;
  readonly #memories: Pick<MemoryUse, 'texts'>;
  readonly #index: Pick<CodeIndex, 'embed'>;
  #running: Promise<void> | undefined;
  /** Those whose vectors have been made. */
  #made: string | undefined;

  constructor(home: string, memories: Pick<MemoryUse, 'texts'>, index: Pick<CodeIndex, 'embed'>) {
    this.#home = home;
    this.#memories = memories;
    this.#index = index;
  }

  /** One attempt, unless one is running. The next turn is another chance. */
  refresh(): void {
    this.#running ??= this.#make()
      .catch(() => undefined)
      .finally(() => {
        this.#running = undefined;
      });
  }

  readonly hear = ({ type, total }: Heard): void => {
    const isRest = type === 'memory_progress' && total === undefined;
    if (isRest || type === 'turn_completed') this.refresh();
  };

  /** Resolves when nothing of it runs; the index is closed before. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #make(): Promise<void> {
    const texts = this.#memories.texts();
    const all = texts?.join('\n');
    if (texts === undefined || all === this.#made) return;
    const { makeVectors } = await import('../memory/vectors/make-vectors.ts');
    if (await makeVectors(this.#home, texts, (some) => this.#index.embed(some))) this.#made = all;
  }
}
