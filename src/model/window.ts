/**
 * The size of the context window, chosen once per session.
 *
 * The same number goes out with every request, because a different one makes Ollama reload the model and lose its
 * cache. It is a multiple of 256, to which the runner rounds anyway, so that both sides agree. What a load teaches
 * is used by the next session, not by this one.
 */

/** The runner allocates in steps of this size, in tokens. */
const STEP = 256;

/** Used if neither the user, nor the Modelfile, nor an earlier load says otherwise; most machines can bear it. */
const DEFAULT_WINDOW = 32_768;

/** For a server that has a window and does not tell its size: few have less. */
const CAREFUL_WINDOW = 8192;

/** Below this, the instructions, a file and an answer do not fit together. */
export const MIN_WINDOW = 4096;
/** From here on, everything works. */
export const ROOMY_WINDOW = 8192;

export interface WindowChoice {
  readonly numCtx: number;
  /** The most tokens that an answer may have: sent as `num_predict`, and kept free in the window. */
  readonly numPredict: number;
  /** `shared`: others have the model loaded with it. `server`: it cannot be asked for another one; `unknown`: nor says which. */
  readonly source: 'config' | 'modelfile' | 'fit' | 'default' | 'shared' | 'server' | 'unknown';
}

/** A model in memory, as the server reports it. */
export interface LoadedModel {
  /** Tokens. */
  readonly numCtx: number;
  /** Bytes of the whole, and of the part on the graphics card; the rest is on the CPU. */
  readonly size: number;
  readonly sizeVram: number;
}

/**
 * config > Modelfile > what fits according to earlier loads > min(the model's maximum, 32,768). Never above the model's
 * maximum, because the server would silently cut it there.
 *
 * @param limits tokens; `modelMax` is undefined if the server does not report it.
 */
export function chooseWindow(limits: {
  readonly configured?: number | undefined;
  readonly modelfile?: number | undefined;
  readonly fit?: number | undefined;
  readonly modelMax?: number | undefined;
  /** With this window it did not fit into memory. The user's own choice is tried again. */
  readonly tooLarge?: number | undefined;
}): WindowChoice {
  const { configured, modelfile, fit, modelMax, tooLarge } = limits;
  const source = configured ? 'config' : modelfile ? 'modelfile' : fit ? 'fit' : 'default';
  const wanted = configured || modelfile || fit || DEFAULT_WINDOW;
  const possible = Math.max(STEP, floorToStep(Math.min(wanted, modelMax ?? wanted)));
  const isTooLarge = source !== 'config' && tooLarge !== undefined && possible >= tooLarge;
  // Where not even the smallest useful window fitted, the larger ones are not tried again on the way to it.
  const numCtx = isTooLarge ? Math.min(possible, halved(tooLarge) ?? ROOMY_WINDOW) : possible;
  return { numCtx, numPredict: answerSpace(numCtx), source: numCtx < possible ? 'fit' : source };
}

/**
 * The window of a server that cannot be asked for another one: what it has, or less if the user wants less.
 *
 * @param serverWindow tokens.
 * @param tooLarge with such a guess it has cut a prompt.
 */
export function serverWindowChoice(
  serverWindow: number | 'unknown',
  configured: number | undefined,
  tooLarge = Number.POSITIVE_INFINITY,
): WindowChoice {
  const isKnown = serverWindow !== 'unknown';
  const guess = CAREFUL_WINDOW < tooLarge ? CAREFUL_WINDOW : MIN_WINDOW;
  const most = isKnown ? serverWindow : (configured ?? guess);
  const numCtx = Math.min(most, configured ?? most);
  const isConfigured = configured !== undefined && numCtx === configured && numCtx !== serverWindow;
  const source = isConfigured ? 'config' : isKnown ? 'server' : 'unknown';
  return { numCtx, numPredict: answerSpace(numCtx), source };
}

/** The smallest window that is enough instead of this one: what the user has set, else that with which everything works. */
export function leastWindow({ numCtx, source }: WindowChoice): number {
  return source === 'config' ? numCtx : Math.min(numCtx, ROOMY_WINDOW);
}

/**
 * The window with which others have the model loaded, in tokens, if it is enough: with another one the server would load the model again
 * for us, and after that for them.
 */
export function sharedWindow(wanted: WindowChoice, loaded: number): WindowChoice | undefined {
  if (loaded === wanted.numCtx || loaded < leastWindow(wanted)) return undefined;
  return { numCtx: loaded, numPredict: answerSpace(loaded), source: 'shared' };
}

/** The most tokens that an answer may have in a window. */
export function answerSpace(numCtx: number): number {
  return Math.min(8192, Math.floor(numCtx / 4));
}

/** The next window to try after one that does not fit into memory; undefined: a smaller one is of no use. */
export function halved(numCtx: number): number | undefined {
  if (numCtx <= ROOMY_WINDOW) return undefined;
  return Math.max(ROOMY_WINDOW, floorToStep(numCtx / 2));
}

/** Other programs need some of the graphics card too. */
const SAFETY = 0.95;

/**
 * The largest window that fits on the graphics card, judging by loads with different windows: twice the largest that fitted,
 * until one spills to the CPU; then what the card has, divided by what a token takes.
 *
 * @param loads of this model on this server, one for each window.
 * @returns undefined if nothing can be said: no load, no graphics card, or a model that is too large whatever the window.
 */
export function fitFrom(loads: readonly LoadedModel[], modelMax: number | undefined): number | undefined {
  const most = floorToStep(modelMax ?? Number.MAX_SAFE_INTEGER);
  const onCard = loads.filter(({ sizeVram }) => sizeVram > 0);
  const spilled = onCard.filter(isSpilled).toSorted((a, b) => a.numCtx - b.numCtx)[0];
  const held = onCard
    .filter((load) => !isSpilled(load) && load.numCtx < (spilled?.numCtx ?? Number.POSITIVE_INFINITY))
    .toSorted((a, b) => b.numCtx - a.numCtx)[0];
  if (spilled === undefined) {
    if (held === undefined) return undefined;
    return Math.min(most, Math.max(DEFAULT_WINDOW, floorToStep(2 * held.numCtx)));
  }
  const least = held?.numCtx ?? ROOMY_WINDOW;
  const bytesPerToken = tokenBytes(onCard);
  if (bytesPerToken === undefined) {
    if (held === undefined && spilled.numCtx <= ROOMY_WINDOW) return undefined;
    return Math.min(most, Math.max(least, floorToStep(spilled.numCtx / 2)));
  }
  const base = spilled.size - bytesPerToken * spilled.numCtx;
  const tokens = (spilled.sizeVram - base) / bytesPerToken;
  const fitting = floorToStep(tokens * SAFETY);
  if (fitting < least) {
    if (held !== undefined) return Math.min(most, held.numCtx);
    // Better without the safety margin than with too little for anything.
    return tokens < ROOMY_WINDOW ? undefined : Math.min(most, ROOMY_WINDOW);
  }
  return Math.min(most, fitting, spilled.numCtx - STEP);
}

/** Whether part of it is on the CPU although there is a graphics card. */
export function isSpilled({ size, sizeVram }: LoadedModel): boolean {
  return sizeVram > 0 && sizeVram < size;
}

/** Bytes per token of the window, from two loads with different windows. */
function tokenBytes(loads: readonly LoadedModel[]): number | undefined {
  const sorted = loads.toSorted((a, b) => a.numCtx - b.numCtx);
  const [small, large] = [sorted[0], sorted.at(-1)];
  if (small === undefined || large === undefined || small.numCtx === large.numCtx) return undefined;
  const rate = (large.size - small.size) / (large.numCtx - small.numCtx);
  return rate > 0 ? rate : undefined;
}

function floorToStep(tokens: number): number {
  return Math.floor(tokens / STEP) * STEP;
}
