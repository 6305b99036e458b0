/**
 * How large the context window is, decided once a session.
 *
 * Invariants: the same number goes out with every request, since another one makes Ollama reload the model and
 * forget its cache; it is a multiple of 256, to which the runner rounds anyway, so that both sides count alike. What a
 * load teaches is used by the next session, never by the one that made it.
 * Does not: ask the server (capabilities.ts), count tokens, or remember (measures.ts).
 */

/** The runner allocates in steps of this many tokens. */
const STEP = 256;

/** What a model gets when neither the user nor its Modelfile nor an earlier load says: bearable in most memories. */
const DEFAULT_WINDOW = 32_768;

/** Below this the instructions, one file and an answer do not fit together. */
export const MIN_WINDOW = 4096;
/** From here on everything works. */
export const ROOMY_WINDOW = 8192;

export interface WindowChoice {
  readonly numCtx: number;
  /** Tokens that an answer may have at most: sent as `num_predict`, kept free of the prompt. */
  readonly numPredict: number;
  readonly source: 'config' | 'modelfile' | 'fit' | 'default';
}

/** A model in memory, by the server's account. */
export interface LoadedModel {
  /** Tokens. */
  readonly numCtx: number;
  /** Bytes of the whole, and of what is on the graphics card; less of the latter: the rest is on the CPU. */
  readonly size: number;
  readonly sizeVram: number;
}

/**
 * config > Modelfile > what fits by earlier loads > min(the model's maximum, 32,768); never above the model's maximum,
 * because the server would cut it there without a word.
 *
 * @param limits tokens; `modelMax` is undefined where the server does not tell.
 */
export function chooseWindow(limits: {
  readonly configured?: number | undefined;
  readonly modelfile?: number | undefined;
  readonly fit?: number | undefined;
  readonly modelMax?: number | undefined;
}): WindowChoice {
  const { configured, modelfile, fit, modelMax } = limits;
  const source = configured ? 'config' : modelfile ? 'modelfile' : fit ? 'fit' : 'default';
  const wanted = configured || modelfile || fit || DEFAULT_WINDOW;
  const numCtx = Math.max(STEP, floorToStep(Math.min(wanted, modelMax ?? wanted)));
  return { numCtx, numPredict: Math.min(8192, Math.floor(numCtx / 4)), source };
}

/** Another program, or the system, needs some of the card too. */
const SAFETY = 0.95;

/**
 * The largest window that the graphics card holds, as far as loads with different windows tell: twice the largest that
 * was held, until one spills to the CPU; then what the card has, divided by what a token takes.
 *
 * @param loads of this model on this server, each window once.
 * @returns undefined where nothing can be told: no load, no graphics card, or a model that does not fit by itself, which a
 * smaller window would not help.
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
  const room = floorToStep(tokens * SAFETY);
  if (room < least) {
    if (held !== undefined) return Math.min(most, held.numCtx);
    // Without the margin rather than with less than all needs.
    return tokens < ROOMY_WINDOW ? undefined : Math.min(most, ROOMY_WINDOW);
  }
  return Math.min(most, room, spilled.numCtx - STEP);
}

/** A part of it is on the CPU, although there is a card. */
export function isSpilled({ size, sizeVram }: LoadedModel): boolean {
  return sizeVram > 0 && sizeVram < size;
}

/** What one token of the window takes, from two loads with different windows. */
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
