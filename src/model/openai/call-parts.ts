/** Puts tool calls together that come in pieces. */
import type { JsonObject } from '../../protocol.ts';
import { isJson, isObject } from '../json-object.ts';

interface Part {
  readonly index: number;
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
  readonly #parts: Part[] = [];

  /** Takes the `tool_calls` of a delta, whatever they are. @returns whether it had any. */
  add(calls: unknown): boolean {
    if (!Array.isArray(calls)) return false;
    const pieces = calls.filter(isObject);
    for (const piece of pieces) this.#addOne(piece);
    return pieces.length > 0;
  }

  /** @param isCut the answer was cut off: a call that is not whole was too. */
  whole(isCut: boolean): WholeCall[] {
    const parts = this.#parts.toSorted((one, other) => one.index - other.index);
    return parts.filter((part) => !isCut || isWhole(part)).map(callOf);
  }

  #addOne(piece: JsonObject): void {
    const { name, arguments: args } = isObject(piece.function) ? piece.function : {};
    const { id } = piece;
    const part = this.#partOf(piece, name, args);
    if (typeof id === 'string' && part.id === '') part.id = id;
    // Some servers send the name with every piece.
    if (typeof name === 'string' && name !== part.name) part.name += name;
    if (typeof args === 'string') part.text += args;
    else if (isObject(args)) part.value = args;
  }

  /** By its index, which some servers leave out, and others have as 0 for every call. */
  #partOf({ index, id }: JsonObject, name: unknown, args: unknown): Part {
    const isNumbered = typeof index === 'number' && Number.isInteger(index) && index >= 0;
    const last = this.#parts.at(-1);
    const known = isNumbered ? this.#parts.findLast((part) => part.index === index) : last;
    // With an index, another id alone is no other call: some servers make a new one for each piece.
    const isOther = isOtherId(id, known) && (!isNumbered || isText(name));
    if (known !== undefined && !isOther && !isNext(known, id, name, args)) return known;
    const at = isNumbered ? index : (last?.index ?? -1) + 1;
    const part = { index: at, id: '', name: '', text: '', value: undefined };
    this.#parts.push(part);
    return part;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isOtherId(id: unknown, part: Part | undefined): boolean {
  return isText(id) && part !== undefined && part.id !== '' && id !== part.id;
}

/** Whether a piece without an id is a call behind one that is whole, and not more of it. */
function isNext(part: Part, id: unknown, name: unknown, args: unknown): boolean {
  return !isText(id) && isText(name) && (isText(args) || isObject(args)) && isWhole(part);
}

function isWhole({ text, value }: Part): boolean {
  return value !== undefined || isJson(text);
}

function callOf({ id, name, text, value }: Part): WholeCall {
  const args = value ?? (text.trim() === '' ? {} : text);
  return { ...(id !== '' && { id }), function: { name, arguments: args } };
}
