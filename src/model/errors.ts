/**
 * What can go wrong between us and Ollama, sorted by what to do about it.
 *
 * Invariants: every failure of a model request is a ModelError (or the AbortError of our own signal); `remedy`
 * is decided here, from the status and the server's text, and nowhere else. The texts matched are those of
 * Ollama 0.32 and later.
 * Does not: wait, retry or print (agent/sample.ts retries; front ends print).
 */

/**
 * - `fail`: trying again cannot help.
 * - `retry`: the server or the connection failed; the same request may work.
 * - `retry_with_note`: the model said something that the server could not read; tell it, then try again.
 * - `compact`: the prompt does not fit the window; only a shorter one can.
 */
export type Remedy = 'fail' | 'retry' | 'retry_with_note' | 'compact';

export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly remedy: Remedy;
  readonly status: number | undefined;
  /** For `retry_with_note`: what the model is told. */
  readonly note: string | undefined;

  constructor(message: string, remedy: Remedy, details: { status?: number; note?: string } = {}) {
    super(message);
    this.remedy = remedy;
    this.status = details.status;
    this.note = details.note;
  }
}

/** What a parser of the server says when the model's tool call was malformed: the model's fault, not the server's. */
const BAD_TOOL_CALL =
  /^EOF$|failed to parse|invalid character|XML syntax|mismatched arg_key|unexpected (?:end|EOF)|tool '.*' not found|error parsing tool call|incomplete GLM|Laguna/i;

const OVERFLOW_NUMBERS = /n_prompt_tokens\\?":\s*(\d+).*?n_ctx\\?":\s*(\d+)/s;
const OVERFLOW_MLX = /input length \((\d+) tokens\) exceeds .*? \((\d+) tokens\)/;
const OVERFLOW_TEXT = /prompt is longer than the context length|exceeds the available context size/i;

/**
 * Sorts an HTTP error of the server.
 *
 * @param status HTTP status, 400 or above.
 * @param text the server's `error` text.
 * @param model the model's name, for the message; empty for a request that is about none.
 */
export function httpError(status: number, text: string, model: string): ModelError {
  const overflow = contextOverflow(text);
  if (overflow !== undefined) return new ModelError(overflow, 'compact', { status });
  if (status === 404 && (/page not found/i.test(text) || (model === '' && /not found/i.test(text)))) {
    return new ModelError(
      'the server does not know this request: is it Ollama, and OLLAMA_HOST its address?',
      'fail',
    );
  }
  if (status === 404 && /not found/i.test(text)) {
    return new ModelError(`model '${model}' is not installed. Get it with \`ollama pull ${model}\``, 'fail', {
      status,
    });
  }
  if (/does not support tools/i.test(text)) {
    return new ModelError(`${model} cannot call tools, so it cannot work as an agent`, 'fail', { status });
  }
  if (status >= 500 && BAD_TOOL_CALL.test(text)) return badToolCall(text, status);
  // 501: not in the nature of this model.
  if (status >= 500 && status !== 501)
    return new ModelError(`Ollama answered ${status}: ${text}`, 'retry', { status });
  return new ModelError(`Ollama refused the request (${status}): ${text}`, 'fail', { status });
}

/** An `{"error": …}` line in a stream that had begun: the same texts, without a status. */
export function streamError(text: string): ModelError {
  const overflow = contextOverflow(text);
  if (overflow !== undefined) return new ModelError(overflow, 'compact');
  if (BAD_TOOL_CALL.test(text)) return badToolCall(text, undefined);
  return new ModelError(`the model stopped with an error: ${text}`, 'retry');
}

/** A chat whose stream ended before the last chunk. */
export function cutStream(): ModelError {
  return new ModelError('the model stopped in mid-answer: the stream ended without its last chunk', 'retry');
}

/** An `{"error": …}` line of a pull. */
export function pullError(name: string, text: string): ModelError {
  return /file does not exist|not found/i.test(text)
    ? new ModelError(
        `there is no model ${name} in Ollama's library: look at https://ollama.com/search`,
        'fail',
      )
    : new ModelError(`${name} could not be pulled: ${text}`, 'fail');
}

/** A pull whose stream ended before `success`. */
export function cutPull(name: string): ModelError {
  return new ModelError(`the pull of ${name} broke off. Start it again: it goes on where it stopped`, 'fail');
}

/** A socket error. A server that is not there is said at once, with the cure; a lost connection may be tried again. */
export function connectionError(error: NodeJS.ErrnoException, host: string): ModelError {
  const code = error.code ?? firstCode(error);
  switch (code) {
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return new ModelError(
        `no Ollama server at ${host} (${code}): start it with \`ollama serve\`, or set OLLAMA_HOST`,
        'fail',
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ModelError(`cannot find the host of ${host} (${code}): check OLLAMA_HOST`, 'fail');
    case 'ERR_INVALID_URL':
    case 'ERR_INVALID_PROTOCOL':
      return new ModelError(`${host} is no address of a server: check OLLAMA_HOST`, 'fail');
    default:
      return new ModelError(`the connection to Ollama was lost (${code ?? error.message})`, 'retry');
  }
}

/** The turn had neither text nor a call: the server swallowed a broken call, or the model said nothing. */
export function emptyTurn(thought: boolean): ModelError {
  return thought
    ? new ModelError('the model only thought and did not answer', 'retry_with_note', { note: 'thought_only' })
    : new ModelError('the model gave an empty answer', 'retry_with_note', { note: 'empty' });
}

/** The token limit, or a repetition, ended an answer that is worth nothing without its end. */
export function cutAnswer(): ModelError {
  return new ModelError('the answer was cut off', 'retry_with_note', { note: 'cut' });
}

/** The server does not take a JSON schema for the answer, or not this one. */
export function isFormatRefusal(error: unknown): boolean {
  if (!(error instanceof ModelError) || error.status === undefined) return false;
  return (
    (error.status === 400 && error.remedy === 'fail') || /grammar|schema|invalid format/i.test(error.message)
  );
}

/** The model wrote a call as text, and not even repair.ts can read it. */
export function unreadableCall(): ModelError {
  return badToolCall('it is neither a tool call nor plain text', undefined);
}

function badToolCall(text: string, status: number | undefined): ModelError {
  const details = status === undefined ? {} : { status };
  return new ModelError(`the model wrote a broken tool call: ${text}`, 'retry_with_note', {
    ...details,
    note: text,
  });
}

function contextOverflow(text: string): string | undefined {
  const numbers = OVERFLOW_NUMBERS.exec(text) ?? OVERFLOW_MLX.exec(text);
  if (numbers) {
    return (
      `the conversation has ${numbers[1]} tokens and the context window holds ${numbers[2]}. ` +
      'Start a new session, or raise `model_context_window`'
    );
  }
  return OVERFLOW_TEXT.test(text)
    ? 'the conversation is longer than the context window. Start a new session, or raise `model_context_window`'
    : undefined;
}

/** Node wraps the failures of several addresses of one name in an AggregateError. */
function firstCode(error: Error): string | undefined {
  return error instanceof AggregateError
    ? (error.errors[0] as NodeJS.ErrnoException | undefined)?.code
    : undefined;
}
