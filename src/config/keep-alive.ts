/** How long the server keeps a model loaded, in the forms that people write and the one that Ollama takes. */

const DURATION = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|[µμ]s|ms|s|m|h))+$/;
const SECONDS = /^[+-]?\d{1,12}$/;
const DEFAULT = '30m';
/** Ollama counts in nanoseconds, and would take more for a time that is over. */
const MOST_SECONDS = 9_000_000_000;

/** Whether `keepAliveOf` takes it. */
export function isKeepAlive(value: string | number): boolean {
  return typeof value === 'number' || ['', 'server'].includes(value.trim()) || isTime(value.trim());
}

function isTime(text: string): boolean {
  return SECONDS.test(text) || DURATION.test(text);
}

/**
 * What is sent as `keep_alive`: a number of seconds, or a duration; negative means forever. Undefined is not sent, and
 * the server decides: if the user says so, or said nothing and the server's own setting is in this environment.
 */
export function keepAliveOf(
  configured: string | number | undefined,
  env: NodeJS.ProcessEnv,
): string | number | undefined {
  if (configured === undefined) return env.OLLAMA_KEEP_ALIVE?.trim() ? undefined : DEFAULT;
  if (typeof configured === 'number') return configured > MOST_SECONDS ? -1 : configured;
  const text = configured.trim();
  if (text === '' || text === 'server') return undefined;
  // As a text, Ollama takes only durations with a unit.
  return SECONDS.test(text) ? keepAliveOf(Number(text), env) : text;
}
