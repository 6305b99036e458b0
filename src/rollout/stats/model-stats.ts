/** What a model did in a span of time: sums over requests and turns. All of it can be added up. */

/** Times are milliseconds. */
export interface ModelStats {
  readonly model: string;
  /** In which it answered at least once. */
  sessions: number;
  /** Answers. */
  requests: number;
  turns: {
    total: number;
    done: number;
    verified: number;
    refuted: number;
    failed: number;
    interrupted: number;
  };
  tokens: {
    /** Of all prompts, each of them whole. */
    sent: number;
    /** What the server had to read of them, as far as that is known. */
    read: number;
    /** Of what was read, what it had read before. */
    readAgain: number;
    written: number;
  };
  time: {
    /** Loading, reading and writing. */
    work: number;
    /** The part of the work that the server did not report: the time until the answer was there. */
    estimated: number;
    load: number;
    read: number;
    write: number;
  };
  /** For the speeds: of the requests whose time and amount are known for sure. */
  timed: { read: number; readMs: number; written: number; writeMs: number };
  /** Times the server had to load the model. */
  loads: number;
  compactions: number;
  /** Faulty answers that were understood all the same. */
  repaired: number;
  /** Useless answers, after which the model was asked again: thinking that was stopped is one. */
  askedAgain: number;
  /** Calls that were refused before they began: unknown tool, bad arguments, bad patch, not allowed. */
  refused: number;
}

export function emptyStats(model: string): ModelStats {
  return {
    model,
    sessions: 0,
    requests: 0,
    turns: { total: 0, done: 0, verified: 0, refuted: 0, failed: 0, interrupted: 0 },
    tokens: { sent: 0, read: 0, readAgain: 0, written: 0 },
    time: { work: 0, estimated: 0, load: 0, read: 0, write: 0 },
    timed: { read: 0, readMs: 0, written: 0, writeMs: 0 },
    loads: 0,
    compactions: 0,
    repaired: 0,
    askedAgain: 0,
    refused: 0,
  };
}

/** Tokens per second; undefined: nothing was measured. */
export function speedsOf({ timed }: ModelStats): {
  readonly read: number | undefined;
  readonly write: number | undefined;
} {
  const rate = (tokens: number, ms: number): number | undefined =>
    ms > 0 && tokens > 0 ? (tokens / ms) * 1_000 : undefined;
  return { read: rate(timed.read, timed.readMs), write: rate(timed.written, timed.writeMs) };
}

/** Fewer turns say nothing about a model. */
const MIN_TURNS = 5;

/** Two standard deviations. */
const Z = 1.96;

/**
 * The models that were used enough to be compared, the one that works best first: by the share of turns that were done, and not
 * refuted by their check, with what few turns leave uncertain taken off; where that is equal, by faulty answers, then by speed.
 */
export function ranked(models: readonly ModelStats[]): ModelStats[] {
  return models
    .filter(({ turns }) => turns.total >= MIN_TURNS)
    .sort((a, b) => sure(b) - sure(a) || faults(a) - faults(b) || writing(b) - writing(a));
}

/** The lower end of Wilson's interval, in whole percent: less is no difference. */
function sure({ turns: { total: n, done, refuted } }: ModelStats): number {
  const p = Math.max(0, done - refuted) / n;
  const middle = p + Z ** 2 / (2 * n);
  const spread = Z * Math.sqrt((p * (1 - p)) / n + Z ** 2 / (4 * n ** 2));
  return Math.round((100 * (middle - spread)) / (1 + Z ** 2 / n));
}

function faults({ repaired, askedAgain, refused, requests }: ModelStats): number {
  return (repaired + askedAgain + refused) / Math.max(1, requests);
}

function writing(stats: ModelStats): number {
  return speedsOf(stats).write ?? 0;
}
