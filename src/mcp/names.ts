/** How models name the tools of servers, and which one they mean. */
import { contentHash } from '../config/project-file.ts';
import { nearestName } from '../config/suggest.ts';
import { foldName } from '../model/repair/names.ts';

/** A tool by its server. */
export interface Named {
  readonly server: string;
  readonly tool: string;
}

/** Longer names are refused by some models' servers. */
const LONGEST = 64;
const HASH = 8;
const MOST_NEAR = 3;

/**
 * Names for tools that are declared: `mcp__server__tool`, other characters replaced, each once. Two that would be the
 * same, and one that is too long, end in a hash.
 */
export function declaredNames<T extends Named>(tools: readonly T[]): ReadonlyMap<string, T> {
  const plain = tools.map((tool) => ({ tool, name: plainName(tool) }));
  const entries = plain.map(({ tool, name }): [string, T] => {
    const isOnly = plain.filter((other) => other.name === name).length === 1;
    return [isOnly && name.length <= LONGEST ? name : hashedName(name, tool), tool];
  });
  return new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function plainName({ server, tool }: Named): string {
  return `mcp__${server}__${tool}`.replace(/[^A-Za-z0-9_-]/g, '_');
}

function hashedName(name: string, { server, tool }: Named): string {
  const hash = contentHash(Buffer.from(JSON.stringify([server, tool]))).slice(0, HASH);
  return `${name.slice(0, LONGEST - HASH - 1)}_${hash}`;
}

/** What a name may mean: `mcp__server__tool`, `server.tool`, `server__tool`, `server/tool`, or a tool alone. */
export function meantBy<T extends Named>(
  { server, tool }: { readonly server: string; readonly tool: string },
  known: readonly T[],
): readonly T[] {
  const written = tool.replace(/^mcp__/, '');
  const isSame = (a: string, b: string): boolean => foldName(a) === foldName(b);
  const isWhole = (one: T): boolean =>
    ['.', '/', ':'].some((mark) => isSame(`${one.server}${mark}${one.tool}`, written));
  const within = server === '' ? known : known.filter((one) => isSame(one.server, server));
  const exact = within.filter((one) => one.tool === tool);
  if (exact.length > 0) return exact;
  const whole = known.filter(isWhole);
  return whole.length > 0 ? whole : within.filter((one) => isSame(one.tool, written));
}

/** The names nearest to one, best first: for "did you mean". */
export function nearNames(name: string, names: readonly string[]): readonly string[] {
  const folded = foldName(name);
  const nearest = nearestName(name, names);
  const parts = folded.length < 3 ? [] : names.filter((one) => foldName(one).includes(folded));
  const holding = names.filter((one) => foldName(one).length >= 3 && folded.includes(foldName(one)));
  return [...new Set([...(nearest === undefined ? [] : [nearest]), ...parts, ...holding])].slice(
    0,
    MOST_NEAR,
  );
}
