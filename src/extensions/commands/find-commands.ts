/** Looks for commands in all of their places. The first one of a name counts, and oagent's own come before all. */
import { realPath, statOf } from '../../config/paths.ts';
import type { Place, Places } from '../places.ts';
import { type Broken, brokenBy, entriesIn, LEADS_OUT, leadsOut, readIn } from '../read-place.ts';
import { type CommandText, readCommand } from './command-file.ts';

export interface FoundCommand extends CommandText {
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly place: Place;
}

export interface FoundCommands {
  readonly commands: readonly FoundCommand[];
  readonly broken: readonly Broken[];
  /** `by` is a file, or `oagent`. */
  readonly shadowed: readonly { readonly name: string; readonly file: string; readonly by: string }[];
  readonly untrusted: readonly string[];
}

/** Folders within folders. */
const DEPTH = 4;
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u;

/** @param taken the names of oagent's own commands. */
export function findCommands({ used, untrusted }: Places, taken: ReadonlySet<string>): FoundCommands {
  const found = used.flatMap((place) => commandsIn(place.folder, '', place, DEPTH));
  const commands = new Map<string, FoundCommand>();
  const shadowed: FoundCommands['shadowed'][number][] = [];
  for (const one of found) {
    if ('problem' in one) continue;
    const { name, file } = one;
    const first = commands.get(name);
    if (taken.has(name)) shadowed.push({ name, file, by: 'oagent' });
    else if (first === undefined) commands.set(name, one);
    else if (realPath(first.file) !== realPath(file)) shadowed.push({ name, file, by: first.file });
  }
  return {
    commands: [...commands.values()],
    broken: found.filter((one) => 'problem' in one),
    shadowed,
    untrusted,
  };
}

function commandsIn(folder: string, prefix: string, place: Place, depth: number): (FoundCommand | Broken)[] {
  return entriesIn(place, folder).flatMap(({ name, file }) => {
    const isText = name.toLowerCase().endsWith('.md');
    const word = `${prefix}${isText ? name.slice(0, -'.md'.length) : name}`.toLowerCase();
    if (depth > 1 && statOf(file)?.isDirectory()) {
      if (leadsOut(place, file)) return [{ file, problem: LEADS_OUT }];
      return commandsIn(file, `${word}:`, place, depth - 1);
    }
    if (!isText) return [];
    if (!word.split(':').every((part) => NAME.test(part)))
      return [{ file, problem: 'its name cannot be typed: use letters, digits, _ . and -' }];
    return commandAt(file, word, place);
  });
}

function commandAt(file: string, name: string, place: Place): FoundCommand | Broken {
  try {
    return { ...readCommand(readIn(place, file)), name, file, place };
  } catch (error) {
    return brokenBy(file, error);
  }
}
