/** The sums of all sessions: by model and by day. Foreign files cannot make it grow without end. */
import { emptyStats, type ModelStats } from './model-stats.ts';
import { ReadingSpeed } from './reading.ts';

/** Time is milliseconds. */
export interface DayStats {
  /** YYYY-MM-DD, local time. */
  readonly date: string;
  work: number;
  read: number;
  written: number;
  turns: number;
}

const MAX_MODELS = 200;
const MAX_NAME = 200;
const MAX_DAYS = 4_000;
const OTHERS = '(others)';

export class Tally {
  badLines = 0;
  readonly #models = new Map<string, ModelStats>();
  readonly #speeds = new Map<string, ReadingSpeed>();
  readonly #days = new Map<string, DayStats>();

  /** The most used first. */
  get models(): ModelStats[] {
    const isUsed = ({ requests, turns, time }: ModelStats): boolean =>
      requests > 0 || turns.total > 0 || time.work > 0;
    return [...this.#models.values()]
      .filter(isUsed)
      .sort((a, b) => b.time.work - a.time.work || b.requests - a.requests);
  }

  /** Those on which something happened, the oldest first. */
  get days(): DayStats[] {
    return [...this.#days.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
  }

  model(name: string): ModelStats {
    const known = keyIn(this.#models, name.slice(0, MAX_NAME), MAX_MODELS);
    return made(this.#models, known, () => emptyStats(known));
  }

  speed(name: string): ReadingSpeed {
    const known = keyIn(this.#speeds, name.slice(0, MAX_NAME), MAX_MODELS);
    return made(this.#speeds, known, () => new ReadingSpeed());
  }

  /** @param at milliseconds of the epoch. */
  day(at: number): DayStats {
    const date = keyIn(this.#days, dateOf(new Date(at)), MAX_DAYS);
    return made(this.#days, date, () => ({ date, work: 0, read: 0, written: 0, turns: 0 }));
  }
}

/** YYYY-MM-DD in local time. */
export function dateOf(day: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

function keyIn(map: ReadonlyMap<string, unknown>, key: string, most: number): string {
  return map.has(key) || map.size < most ? key : OTHERS;
}

function made<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}
