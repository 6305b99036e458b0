/** The refusals of an Ollama server, word for word. */

/** A refusal: a status and the text of Ollama's `{"error"}`. */
export class WireError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const modelRequired = (): WireError => new WireError(400, 'model is required');

export const modelNotFound = (name: string): WireError => new WireError(404, `model '${name}' not found`);

/** For an embedding request: with other quotes, and with advice. */
export const modelNotFoundToEmbed = (name: string): WireError =>
  new WireError(404, `model "${name}" not found, try pulling it first`);

export const noEmbeddings = (): WireError =>
  new WireError(501, 'This server does not support embeddings. Start it with `--embeddings`');

export const invalidInput = (): WireError => new WireError(400, 'invalid input type');

export const inputTooLong = (): WireError =>
  new WireError(400, 'the input length exceeds the context length');

/** `fullName` includes the registry and the tag, as on the server. */
export const noToolSupport = (fullName: string): WireError =>
  new WireError(400, `${fullName} does not support tools`);

export const noThinkingSupport = (name: string): WireError =>
  new WireError(400, `${JSON.stringify(name)} does not support thinking`);

export const invalidThink = (value: string): WireError =>
  new WireError(
    400,
    `invalid think value: ${JSON.stringify(value)} (must be "high", "medium", "low", "max", true, or false)`,
  );

/** `raw` is the format's JSON text. */
export const invalidFormat = (raw: string): WireError =>
  new WireError(500, `invalid format: ${JSON.stringify(raw)}; expected "json" or a valid JSON Schema object`);

/** A 500 although the client is at fault, as on the server. */
export const wrongOptionType = (key: string, type: string): WireError =>
  new WireError(500, `option ${JSON.stringify(key)} must be of ${type}`);

/** Go's complaint about a field of the wrong JSON type. `field` is dotted, without the struct's name. */
export const wrongFieldType = (was: string, field: string, type: string): WireError =>
  new WireError(
    400,
    `json: cannot unmarshal ${was} into Go struct field ChatRequest.${field} of type ${type}`,
  );

export const stringArguments = (): WireError =>
  new WireError(400, "Value looks like object, but can't find closing '}' symbol");

/** Rendered path with `shift: false` and truncation allowed. */
export const promptTooLong = (): WireError =>
  new WireError(
    400,
    'the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the context length in settings, or use a model with a longer context length',
  );

/** llama-server's own JSON as the text of Ollama's error. */
export const exceedsContext = (promptTokens: number, nCtx: number): WireError =>
  new WireError(
    400,
    JSON.stringify({
      error: {
        code: 400,
        message: `request (${promptTokens} tokens) exceeds the available context size (${nCtx} tokens), try increasing it`,
        type: 'exceed_context_size_error',
        n_prompt_tokens: promptTokens,
        n_ctx: nCtx,
      },
    }),
  );
