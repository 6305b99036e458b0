/**
 * The resources of MCP servers that `@` finds among the files, by what the session has told of them: no key asks a server for anything.
 *
 * Invariant: only what a message can name is offered, so that what is chosen here is what is sent.
 */

import type { McpServerInfo } from '../../protocol/extensions.ts';
import { mentionOf } from '../../text/resource-mentions.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { cleanInput } from './elements.ts';
import type { FileMatch } from './file-search.ts';

interface Offered {
  /** `server:uri` */
  readonly path: string;
  readonly name: string;
}

const MOST = 50;
/** Where nothing says that a server is meant, so many files come first, and so many resources behind them. */
const FILES_BEFORE = 4;
const RESOURCES_BETWEEN = 3;

/** By the list that the session has told last. */
const known = new WeakMap<readonly McpServerInfo[], readonly Offered[]>();

/** @param files the matches among the files. @param query what follows the `@`. */
export function withResources(
  files: readonly FileMatch[],
  servers: readonly McpServerInfo[],
  query: string,
): readonly FileMatch[] {
  const found = findResources(offeredBy(servers), query);
  if (found.length === 0) return files;
  if (servers.some(({ name }) => isMeant(name, query))) return [...found, ...files];
  return [
    ...files.slice(0, FILES_BEFORE),
    ...found.slice(0, RESOURCES_BETWEEN),
    ...files.slice(FILES_BEFORE),
    ...found.slice(RESOURCES_BETWEEN),
  ];
}

/** Those that have the query in them, those that have it only in their name last. */
function findResources(offered: readonly Offered[], query: string): FileMatch[] {
  const wanted = query.toLowerCase();
  const named = offered.flatMap(({ path, name }): (FileMatch & { readonly at: number })[] => {
    const folded = path.toLowerCase();
    const at = folded.indexOf(wanted);
    if (at < 0 && !name.toLowerCase().includes(wanted)) return [];
    // Some letters are longer in lower case: then the offsets are others.
    const isSame = at >= 0 && folded.length === path.length && wanted.length === query.length;
    const positions = isSame ? Array.from(wanted.split(''), (_, index) => at + index) : [];
    return [{ path, positions, resource: { name }, at }];
  });
  return named
    .toSorted((one, other) => Number(one.at < 0) - Number(other.at < 0))
    .slice(0, MOST)
    .map(({ at: _, ...match }) => match);
}

function offeredBy(servers: readonly McpServerInfo[]): readonly Offered[] {
  const before = known.get(servers);
  if (before !== undefined) return before;
  const offered = servers.flatMap(({ name: server, resources }) =>
    resources.flatMap(({ uri, name }): Offered[] => {
      const mention = mentionOf({ server, uri });
      return mention === undefined || !isPlain(mention) ? [] : [{ path: mention.slice(1), name }];
    }),
  );
  known.set(servers, offered);
  return offered;
}

/** It is in the composer and on the screen what the server has called it. */
function isPlain(mention: string): boolean {
  return (
    cleanInput(mention) === mention &&
    sanitizeForTerminal(mention) === mention &&
    !/[\ue000-\uf8ff]/.test(mention)
  );
}

function isMeant(server: string, query: string): boolean {
  return query !== '' && (server.startsWith(query) || query.startsWith(`${server}:`));
}
