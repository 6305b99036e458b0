/**
 * Images for a model that cannot see: another installed model describes each of them, once in a session, and its words are what the model
 * gets. It is loaded only for that, before the first request of the turn wherever the image came with a message.
 */
import { ModelError } from '../model/errors.ts';
import type { Event, Happening, Item } from '../protocol.ts';
import { sha256 } from '../text/uuid.ts';
import type { AgentOptions } from './agent-options.ts';
import { notes } from './notes.ts';
import { counted, type UsageMeter } from './usage.ts';

export interface NamedImage {
  /** As the user or the model calls it. */
  readonly name: string;
  /** Base64. */
  readonly data: string;
}

interface Description {
  readonly model: string;
  readonly text: string;
}

export interface EyesOptions {
  /** Absent: nobody describes anything. */
  readonly setup: AgentOptions['vision'];
  readonly usage: Pick<UsageMeter, 'add'>;
  readonly emit: (event: Event) => void;
  /** What was seen of the session before it was resumed. */
  readonly entries: readonly (Item | Happening)[];
}

export class Eyes {
  readonly #options: EyesOptions;
  /** By the digest of the image. */
  readonly #known = new Map<string, Description>();

  constructor(options: EyesOptions) {
    this.#options = options;
    for (const entry of options.entries)
      if (entry.type === 'image_described')
        this.#known.set(entry.digest, { model: entry.model, text: entry.text });
  }

  /** @returns for each image what the model gets. @throws ModelError that says why there is none; the signal's reason. */
  async describe(images: readonly NamedImage[], signal: AbortSignal): Promise<readonly string[]> {
    const missing = new Map(images.map(({ name, data }) => [sha256(data), { name, data }]));
    for (const digest of this.#known.keys()) missing.delete(digest);
    if (missing.size > 0) await this.#look(missing, signal);
    return images.map(({ name, data }) => {
      const { model = '', text = '' } = this.#known.get(sha256(data)) ?? {};
      return notes.imageDescribed(name, model, text);
    });
  }

  async #look(missing: ReadonlyMap<string, NamedImage>, signal: AbortSignal): Promise<void> {
    const { setup, usage, emit } = this.#options;
    if (setup === undefined) throw new ModelError('no other model is asked', 'fail');
    const { chooseVisionModel, describeImage, NO_VISION_MODEL } = await import('../model/vision-model.ts');
    if (setup.wanted === NO_VISION_MODEL) throw new ModelError('vision_model is "none"', 'fail');
    const model = await chooseVisionModel(setup.client, setup.wanted, signal);
    const all = [...missing];
    for (const [at, [digest, { name, data }]] of all.entries()) {
      const detail = `${model.name} describes ${name}`;
      const image = { data, isLast: at === all.length - 1 };
      emit({ type: 'model_phase', phase: 'waiting', detail });
      const onPhase = (phase: string): void =>
        emit(
          phase === 'loading'
            ? { type: 'model_phase', phase, detail: model.name }
            : { type: 'model_phase', phase: 'waiting', detail },
        );
      const text = await describeImage(counted(setup.client, usage), model, image, onPhase, signal);
      this.#known.set(digest, { model: model.name, text });
      emit({ type: 'image_described', name, model: model.name, digest, text });
    }
  }
}
