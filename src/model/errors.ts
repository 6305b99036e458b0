/**
 * What can go wrong between us and Ollama, sorted by what to do about it.
 *
 * Every failure of a request is a ModelError, except an abort by our own signal. Only this file decides the
 * `remedy`, from the status and the server's text. The texts are those of Ollama 0.32 and later.
 */

/**
 * - `fail`: another try cannot help.
 * - `retry`: the server or the connection failed; the same request may succeed.
 * - `retry_with_note`: the model wrote something that the server could not parse; tell it, then try again.
 * - `compact`: the prompt does not fit in the window; only a shorter one will.
 */
export type Remedy = 'fail' | 'retry' | 'retry_with_note' | 'compact';

export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly remedy: Remedy;
  readonly status: number | undefined;
  /** With `retry_with_note`: what to tell the model. */
  readonly note: string | undefined;

  constructor(message: string, remedy: Remedy, details: { status?: number; note?: string } = {}) {
    super(message);
    this.remedy = remedy;
    this.status = details.status;
    this.note = details.note;
  }
}

/** What the server's parsers say about a malformed tool call: the model's fault, not the server's. */
const BAD_TOOL_CALL =
  /^EOF$|failed to parse|invalid character|XML syntax|mismatched arg_key|unexpected (?:end|EOF)|tool '.*' not found|error parsing tool call|incomplete GLM|Laguna/i;

const OVERFLOW_NUMBERS = /n_prompt_tokens\\?":\s*(\d+).*?n_ctx\\?":\s*(\d+)/s;
const OVERFLOW_MLX = /input length \((\d+) tokens\) exceeds .*? \((\d+) tokens\)/;
const OVERFLOW_TEXT = /prompt is longer than the context length|exceeds the available context size/i;

/**
 * Classifies an HTTP error.
 *
 * @param status HTTP status, 400 or above.
 * @param text the server's `error` text.
 * @param model its name, for the message; empty if the request is not about a model.
 */
export function httpError(status: number, text: string, model: string): ModelError {
  const overflow = contextOverflow(text);
  if (overflow !== undefined) return new ModelError(overflow, 'compact', { status });
  if (status === 404 && (/page not found/i.test(text) || (model === '' && /not found/i.test(text)))) {
    return new ModelError(
      'the server does not know this request; is OLLAMA_HOST the address of an Ollama server?',
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
  // 501: this model cannot do it at all.
  if (status >= 500 && status !== 501)
    return new ModelError(`Ollama answered ${status}: ${text}`, 'retry', { status });
  return new ModelError(`Ollama refused the request (${status}): ${text}`, 'fail', { status });
}

/** An `{"error": …}` line in a chat that had begun: the same texts, without a status. */
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
    ? new ModelError(`Ollama's library has no model ${name}; see https://ollama.com/search`, 'fail')
    : new ModelError(`${name} could not be pulled: ${text}`, 'fail');
}

/** A pull whose stream ended before `success`. */
export function cutPull(name: string): ModelError {
  return new ModelError(`the download of ${name} was interrupted. Start it again to resume it`, 'fail');
}

/** A socket error. An unreachable server is reported at once, with what to do; a lost connection may be retried. */
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
      return new ModelError(`${host} is not a valid server address; check OLLAMA_HOST`, 'fail');
    default:
      return new ModelError(`the connection to Ollama was lost (${code ?? error.message})`, 'retry');
  }
}

/** The answer had neither text nor a call: the server dropped a broken call, or the model said nothing. */
export function emptyTurn(thought: boolean): ModelError {
  return thought
    ? new ModelError('the model only thought and did not answer', 'retry_with_note', { note: 'thought_only' })
    : new ModelError('the model gave an empty answer', 'retry_with_note', { note: 'empty' });
}

/** The token limit, or a repetition, ended an answer that is useless without its end. */
export function cutAnswer(): ModelError {
  return new ModelError('the answer was cut off', 'retry_with_note', { note: 'cut' });
}

/** The server does not accept a JSON schema for the answer, or not this one. */
export function isFormatRefusal(error: unknown): boolean {
  if (!(error instanceof ModelError) || error.status === undefined) return false;
  return (
    (error.status === 400 && error.remedy === 'fail') || /grammar|schema|invalid format/i.test(error.message)
  );
}

/** The model wrote a call as text that not even repair.ts can read. */
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
