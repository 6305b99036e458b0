/** Puts tool calls together that come in pieces. */
import type { JsonObject } from '../../protocol.ts';
import { isJson, isObject } from '../json-object.ts';

interface Part {
  id: string;
  name: string;
  /** What came as a text, in order. */
  text: string;
  /** Some servers send the object itself. */
  value: JsonObject | undefined;
}

/** Ollama's form, whose arguments may be a text that nobody has read yet. */
interface WholeCall extends JsonObject {
  readonly id?: string;
  readonly function: { readonly name: string; readonly arguments: unknown };
}

export class CallParts {
  readonly #parts = new Map<number, Part>();
  #last = -1;

  /** Takes the `tool_calls` of a delta, whatever they are. @returns whether it had any. */
  add(calls: unknown): boolean {
    if (!Array.isArray(calls)) return false;
    const pieces = calls.filter(isObject);
    for (const piece of pieces) this.#addOne(piece);
    return pieces.length > 0;
  }

  /** @param isCut the answer was cut off: a call that is not whole was too. */
  whole(isCut: boolean): WholeCall[] {
    const parts = [...this.#parts.entries()].toSorted(([a], [b]) => a - b).map(([, part]) => part);
    return parts.filter((part) => !isCut || isWhole(part)).map(callOf);
  }

  #addOne({ index, id, function: called }: JsonObject): void {
    const { name, arguments: args } = isObject(called) ? called : {};
    const part = this.#partOf(index, id);
    if (typeof id === 'string' && part.id === '') part.id = id;
    // Some servers send the name with every piece.
    if (typeof name === 'string' && name !== part.name) part.name += name;
    if (typeof args === 'string') part.text += args;
    else if (isObject(args)) part.value = args;
  }

  /** By its index; without one, another id is another call. */
  #partOf(index: unknown, id: unknown): Part {
    const isOther = typeof id === 'string' && id !== '' && id !== this.#parts.get(this.#last)?.id;
    const next = this.#last < 0 || isOther ? this.#last + 1 : this.#last;
    const at = typeof index === 'number' && Number.isInteger(index) && index >= 0 ? index : next;
    const part = this.#parts.get(at) ?? { id: '', name: '', text: '', value: undefined };
    this.#parts.set(at, part);
    this.#last = at;
    return part;
  }
}

function isWhole({ text, value }: Part): boolean {
  return value !== undefined || isJson(text);
}

function callOf({ id, name, text, value }: Part): WholeCall {
  const args = value ?? (text.trim() === '' ? {} : text);
  return { ...(id !== '' && { id }), function: { name, arguments: args } };
}
