/** How error messages name a server, and where its address, its key and its models are set. Plain texts, so that a thread can be given them. */
export interface ServerWords {
  readonly name: string;
  /** Where its address is set. */
  readonly address: string;
  /** How it is started. */
  readonly start: string;
  /** How to give it a key, and further headers. */
  readonly key: string;
  /** The variable of the key, and the setting of the headers. */
  readonly headers: string;
  /** How to get a model; `{model}` stands for its name. */
  readonly get: string;
  /** What to do if loading a model takes it too long. */
  readonly slowLoad: string;
  /** What to do if a model does not fit into its memory, even with a small window. */
  readonly memory: string;
  /** Which setting limits silence. */
  readonly silence: string;
  /** Where its log is. */
  readonly log: string;
}

export const OLLAMA_WORDS: ServerWords = {
  name: 'Ollama',
  address: 'OLLAMA_HOST',
  start: 'start it with `ollama serve`',
  key: 'set OLLAMA_API_KEY, or `ollama.headers` in config.toml',
  headers: 'OLLAMA_API_KEY and `ollama.headers`',
  get: 'Get it with `ollama pull {model}`',
  slowLoad: 'start it with a larger OLLAMA_LOAD_TIMEOUT, or use a smaller model',
  memory:
    'Set a smaller window (`model_context_window`), start the server with OLLAMA_KV_CACHE_TYPE=q8_0, or use a smaller model',
  silence: '`ollama.idle_timeout_ms`',
  log: 'journalctl -u ollama, or ~/.ollama/logs/server.log',
};
