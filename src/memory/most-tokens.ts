/** How many tokens a text has at most, without the model's tokenizer. */

/** Of prose; most tokens are longer. */
const BYTES_PER_TOKEN = 3;
/** A digit, a mark and the space before one are a token each; a word is one or more. */
const PIECE = /\p{N}|\p{L}{1,8}|\n|\s(?=[^\p{L}\p{N}\s])|[^\p{L}\p{N}\s]/gu;

export function mostTokens(text: string): number {
  const pieces = text.match(PIECE)?.length ?? 0;
  return Math.max(pieces, Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN));
}
