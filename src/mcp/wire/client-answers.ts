/**
 * What a server gets when it asks for something. Nothing of it is declared, so that a server does not count on it: a declared root would
 * replace the folders that the user has given to server-filesystem as arguments.
 */
import { pathToFileURL } from 'node:url';
import type { JsonObject } from '../../protocol.ts';

/**
 * The result; undefined for a method that there is not.
 * @param folder where a server on this machine works; absent for others.
 */
export function clientAnswer(method: string, folder: string | undefined): JsonObject | undefined {
  if (method === 'ping') return {};
  if (method === 'roots/list')
    return { roots: folder === undefined ? [] : [{ uri: pathToFileURL(folder).href }] };
  return method === 'elicitation/create' ? { action: 'decline' } : undefined;
}
