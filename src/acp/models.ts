/** The model of a session as an option that a client offers for choice. */
import type { SessionConfigOption } from '@agentclientprotocol/sdk';
import type { ModelInfo } from '../protocol/models.ts';
import { isCloudName } from '../text/cloud-name.ts';
import { oneLine } from '../tui/lines/clean.ts';

/** The id of the option. */
export const MODEL = 'model';

export class Models {
  #known: readonly ModelInfo[] = [];
  #current: string | undefined;

  /** @param models empty: they could not be read, and what was known stays. */
  list(models: readonly ModelInfo[]): void {
    if (models.length > 0) this.#known = models;
  }

  use(model: string): void {
    this.#current = model;
  }

  has(model: string): boolean {
    return this.#known.some(({ name }) => name === model);
  }

  get names(): readonly string[] {
    return this.#known.map(({ name }) => name);
  }

  /** What a client shows; empty until the models of the server are known. @param wanted chosen, but not in use yet. */
  options(wanted = this.#current): SessionConfigOption[] {
    if (wanted === undefined || !this.has(wanted)) return [];
    const options = this.#known.map((model) => ({
      value: model.name,
      name: oneLine(model.name),
      description: detailOf(model),
    }));
    return [{ type: 'select', id: MODEL, name: 'Model', category: 'model', currentValue: wanted, options }];
  }
}

function detailOf({ name, parameterSize, quantization, isRemote, loadedWindow }: ModelInfo): string {
  const parts = [
    parameterSize,
    quantization,
    loadedWindow === undefined ? undefined : 'loaded',
    isRemote || isCloudName(name) ? 'runs in the cloud' : undefined,
  ];
  return oneLine(parts.filter((part) => part !== undefined).join(', '));
}
