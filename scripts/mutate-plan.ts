/** What `mutate.ts` is going to do: which mutations were asked for, and where each of them applies. Pure. */
import type { Mutation } from '../test/mutations/mutation.ts';

/** A mutation and the source as it becomes. */
export interface Planned {
  readonly mutation: Mutation;
  /** Where the text was found: `mutation.file`, unless it has moved. */
  readonly file: string;
  readonly mutated: string;
}

/** A mutation that applies nowhere any more, and what to do about it. */
export interface Stale {
  readonly mutation: Mutation;
  readonly problem: string;
}

export interface Plan {
  readonly planned: readonly Planned[];
  readonly stale: readonly Stale[];
}

/** `src/rollout/lock.ts` is in the room `rollout`. */
export function roomOf({ file }: Mutation): string {
  return file.split('/')[1] ?? '';
}

export function testsOf(mutation: Mutation): readonly string[] {
  return mutation.tests ?? [`test/${roomOf(mutation)}/`];
}

/** @param words rooms, or parts of a file's name; none: everything. */
export function chosen(all: readonly Mutation[], words: readonly string[]): readonly Mutation[] {
  if (words.length === 0) return all;
  const rooms = new Set(all.map(roomOf));
  const fits = (mutation: Mutation, word: string): boolean =>
    rooms.has(word) ? roomOf(mutation) === word : mutation.file.includes(word);
  return all.filter((mutation) => words.some((word) => fits(mutation, word)));
}

/**
 * @param sources every source file by its path, relative to the project.
 * @param hasTest whether there is such a test file or folder: without one nothing would run, which looks like a failed test.
 */
export function planOf(
  mutations: readonly Mutation[],
  sources: ReadonlyMap<string, string>,
  hasTest: (path: string) => boolean,
): Plan {
  const planned: Planned[] = [];
  const stale: Stale[] = [];
  for (const mutation of mutations) {
    const { find, replace } = mutation;
    const places = placesOf(mutation, sources);
    const [file, ...others] = places;
    const text = file === undefined ? undefined : sources.get(file);
    const lost = testsOf(mutation).find((test) => !hasTest(test));
    if (lost !== undefined) stale.push({ mutation, problem: `there is no ${lost}` });
    else if (file === undefined || text === undefined)
      stale.push({ mutation, problem: 'the text is not there any more' });
    else if (others.length > 0) stale.push({ mutation, problem: `it is in ${places.join(' and ')}` });
    else if (countOf(text, find) > 1)
      stale.push({ mutation, problem: `it occurs ${countOf(text, find)} times` });
    else planned.push({ mutation, file, mutated: text.replace(find, () => replace) });
  }
  return { planned, stale };
}

/** The file that is named, if it has the text; else every file that has it. */
function placesOf({ file, find }: Mutation, sources: ReadonlyMap<string, string>): readonly string[] {
  if (sources.get(file)?.includes(find)) return [file];
  return [...sources].flatMap(([name, text]) => (text.includes(find) ? [name] : []));
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

export interface Outcome {
  readonly mutation: Mutation;
  readonly result: 'caught' | 'survived';
}

/** Lines for the end of a run: one for each room, then one for all. */
export function tableOf(outcomes: readonly Outcome[]): readonly string[] {
  const rooms = Map.groupBy(outcomes, ({ mutation }) => roomOf(mutation));
  const rows = [...rooms, ['all', outcomes] as const].map(([name, list]) => {
    const caught = list.filter(({ result }) => result === 'caught').length;
    const percent = list.length === 0 ? 100 : Math.floor((100 * caught) / list.length);
    return `${name.padEnd(12)}${`${caught} of ${list.length}`.padStart(10)}${`${percent} %`.padStart(8)}`;
  });
  return [`${'room'.padEnd(12)}${'caught'.padStart(10)}`, ...rows];
}

/** The share of the mutations that the tests must catch. */
const LEAST_CAUGHT = 0.95;

export function isGoodEnough(outcomes: readonly Outcome[]): boolean {
  const caught = outcomes.filter(({ result }) => result === 'caught').length;
  return caught >= outcomes.length * LEAST_CAUGHT;
}
