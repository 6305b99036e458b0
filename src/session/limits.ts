/** The limits of a turn, as the configuration has them. */
import { ConfigError } from '../config/errors.ts';
import type { Config } from '../config/schema.ts';
import type { TurnLimits } from '../protocol.ts';
import { parseDuration } from '../text/duration.ts';

/** A timer counts no further. */
const MOST_MS = 2 ** 31 - 1;

/** Undefined: there are none. @throws ConfigError */
export function limitsOf({ limits }: Config): TurnLimits | undefined {
  const { max_steps: maxSteps, max_tokens: maxTokens, max_time: time } = limits;
  const maxMs = time === undefined ? undefined : parseDuration(String(time));
  if (time !== undefined && maxMs === undefined)
    throw new ConfigError(
      `limits.max_time: expected a time such as 90s, 10m or 1h30m (or seconds), got ${JSON.stringify(time)}`,
    );
  if (maxSteps === undefined && maxTokens === undefined && maxMs === undefined) return undefined;
  return { maxSteps, maxTokens, maxMs: maxMs && Math.min(maxMs, MOST_MS) };
}
