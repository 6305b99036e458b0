/** How long a model may think before an answer, and how long it has thought. Tokens, estimated while they come. */

/** Of the room for an answer: the rest is for the answer itself. */
const SHARE = 1 / 2;
/** What a model has needed says something from so many answers on. */
const ENOUGH = 8;
/** So many times its longest thinking is more than it needs. */
const ROOM = 2;
/** Less is never too much. */
const LEAST = 512;
/** How many lengths are remembered. */
const KEPT = 20;

/**
 * The most tokens that the model may think: half of the room for its answer, and less if it has always needed far less. Never below
 * what it has needed, as far as the half allows. What the user has set is taken as it is.
 *
 * @param room the most tokens that an answer may have (`num_predict`).
 * @param lengths of its thinking so far, the newest last.
 */
export function thinkingCap(room: number, lengths: readonly number[], configured?: number): number {
  if (configured !== undefined && configured > 0) return configured;
  const share = Math.max(1, Math.floor(room * SHARE));
  if (lengths.length < ENOUGH) return share;
  return Math.min(share, Math.max(LEAST, ROOM * Math.max(...lengths)));
}

/** The lengths with one more, without the oldest where there are too many. */
export function withLength(lengths: readonly number[], tokens: number): readonly number[] {
  return [...lengths, tokens].slice(-KEPT);
}

/**
 * Counts tokens by the pieces in which a text comes: Ollama sends a token in each, and one that sends more is counted by its bytes.
 * Only grows.
 */
export class TokenCount {
  readonly #bytesPerToken: number;
  #pieces = 0;
  #bytes = 0;

  /** @param bytesPerToken of this model, as measured. */
  constructor(bytesPerToken: number) {
    this.#bytesPerToken = bytesPerToken;
  }

  add(piece: string): void {
    if (piece === '') return;
    this.#pieces += 1;
    this.#bytes += Buffer.byteLength(piece);
  }

  get tokens(): number {
    return Math.max(this.#pieces, Math.round(this.#bytes / this.#bytesPerToken));
  }
}
