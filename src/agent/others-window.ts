/** How the others have loaded the model, and what a session makes of it. */
import type { ChatSettings, ModelServer } from '../model/server.ts';
import { timeLimit } from '../system/within.ts';
import { groupDigits } from '../text/digits.ts';

const ANSWER_MS = 1_000;

interface Following {
  readonly client: Pick<ModelServer, 'loaded'>;
  readonly settings: ChatSettings;
  /** Tokens of the next request. */
  readonly used: () => number;
  /** The window of the others that the user knows to be too small. */
  readonly said: number | undefined;
  readonly warn: (message: string) => void;
}

/** @returns whether another window is used from now on, or theirs, in tokens, if it is too small. Never rejects. */
export async function followWindow(
  { client, settings, used, said, warn }: Following,
  signal: AbortSignal,
): Promise<{ readonly hasMoved: boolean; readonly tooSmall?: number }> {
  const { model, numCtx, leastCtx = Number.POSITIVE_INFINITY } = settings;
  const limit = timeLimit(ANSWER_MS, signal);
  const theirs = await client.loaded(model, limit).then(
    (loaded) => loaded?.numCtx,
    () => undefined,
  );
  if (theirs === undefined || theirs === numCtx) return { hasMoved: false };
  const loaded = `others have loaded ${model} with ${groupDigits(theirs)} tokens`;
  // An answer may have a quarter of a window.
  if (theirs >= leastCtx && used() < (theirs * 3) / 4) {
    settings.adopt?.(theirs);
    warn(
      `${loaded}: that window is used from now on instead of ${groupDigits(numCtx)}, so that nobody has to load it again`,
    );
    return { hasMoved: true };
  }
  if (said !== theirs)
    warn(
      `${loaded}, which is too little here: each turn of theirs and of ours makes the server load it again. ` +
        `OLLAMA_CONTEXT_LENGTH=${numCtx} for the server gives all the same window`,
    );
  return { hasMoved: false, tooSmall: theirs };
}
