/** Fields of a request that a strict server has refused by name: it is asked again without them, and they are not sent any more. */
import type { JsonObject } from '../../protocol.ts';
import { ModelError } from '../errors.ts';

/** Without them there is no request; a schema that is refused is the agent's matter. */
const NEEDED = ['model', 'messages', 'tools', 'stream', 'response_format'];
const REFUSED =
  /unknown|unrecogni[sz]ed|unsupported|unexpected|not (?:a )?(?:supported|permitted|allowed|valid|known)|extra (?:input|field)|invalid (?:param|argument|field)|does not support/i;
const WORD = /[A-Za-z_][\w]*/g;
/** OpenAI's name for the limit of an answer, and its newer one. */
const LIMIT = 'max_tokens';
const NEWER_LIMIT = 'max_completion_tokens';

export class UnknownFields {
  readonly #names = new Set<string>();

  leftOutOf(body: JsonObject): JsonObject {
    if (this.#names.size === 0) return body;
    const known = Object.entries(body).filter(([name]) => !this.#names.has(name));
    const limit = this.#names.has(LIMIT) ? { [NEWER_LIMIT]: body[LIMIT] } : {};
    return { ...Object.fromEntries(known), ...limit };
  }

  /** @param sent the body that failed. @returns the fields that are left out from now on. */
  learn(error: unknown, sent: JsonObject): readonly string[] {
    if (!(error instanceof ModelError) || ![400, 422].includes(error.status ?? 0)) return [];
    if (error.remedy !== 'fail' || !REFUSED.test(error.message)) return [];
    const named = new Set(error.message.match(WORD));
    const found = Object.keys(sent).filter(
      (name) => named.has(name) && !NEEDED.includes(name) && name !== NEWER_LIMIT,
    );
    for (const name of found) this.#names.add(name);
    return found;
  }
}
