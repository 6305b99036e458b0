/** Reasons for the end of an answer by which a server says that it is not whole. That of the limit of tokens is none of them. */
import { ModelError } from '../errors.ts';
import type { ServerWords } from '../server-words.ts';

/** Of vLLM and SGLang, of proxies, of DeepSeek's API. */
const BROKEN_OFF = /^(?:abort(?:ed)?|cancel(?:l?ed)?|error|insufficient_system_resource)$/i;

/** Undefined: the answer is whole, cut at its limit, or ended for a reason that nobody knows. */
export function endedByServer(reason: string, { name }: Pick<ServerWords, 'name'>): ModelError | undefined {
  if (reason === 'content_filter')
    return new ModelError(
      `${name} ended the answer before it was whole: its content filter stopped it (${reason}). ` +
        'Ask in another way, or use a model without such a filter',
      'fail',
    );
  return BROKEN_OFF.test(reason)
    ? new ModelError(`${name} broke the answer off (${reason.toLowerCase()})`, 'retry')
    : undefined;
}
