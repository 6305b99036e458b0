/**
 * Whether a hook is meant for a tool. Names and lists of names (`Edit|Write`) are compared; anything else is a regular expression,
 * found anywhere in a name.
 *
 * The expression may come with a project and the name from a model, and some expressions take longer than the universe: one that is
 * not done in time counts as an error.
 */
import vm from 'node:vm';

const NAMES = /^[\w|, -]*$/;
const MOST_MS = 100;
/** No tool has a longer name. */
const LONGEST_NAME = 200;

/** @param names by which the tool is known; one is enough. @throws Error if it takes too long. */
export function isMatch(matcher: string | undefined, names: readonly string[]): boolean {
  if (matcher === undefined || matcher === '' || matcher === '*') return true;
  if (NAMES.test(matcher)) {
    const wanted = matcher.split(/[|,]/).map((name) => name.trim());
    return names.some((name) => wanted.includes(name));
  }
  try {
    return vm.runInNewContext(
      'const expression = new RegExp(matcher); names.some((name) => expression.test(name))',
      { matcher, names: names.map((name) => name.slice(0, LONGEST_NAME)) },
      { timeout: MOST_MS },
    );
  } catch {
    throw new Error(`its matcher ${JSON.stringify(matcher)} takes too long`);
  }
}
