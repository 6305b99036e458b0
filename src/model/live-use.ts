/** What the other oagents of this user do with a model on a server: how many requests are before one, and whether a session has it loaded. */
import path from 'node:path';
import { LiveEntries } from '../system/live-entries.ts';
import { sameModel } from './capabilities.ts';
import { serverId } from './host.ts';

/** A model on a server. */
interface Use {
  readonly server: string;
  readonly model: string;
}

/** `since`: when the request was sent, in milliseconds since 1970. */
type OpenRequest = Use & { readonly since: number };

/** A request among those of all oagents. */
export interface PlaceInLine {
  /** How many requests to the same model were sent before it and are still open. */
  readonly before: () => number;
  readonly leave: () => void;
}

export function enterLine(home: string, request: OpenRequest): PlaceInLine {
  const requests = requestsIn(home);
  const own = requests.add(request);
  const isEarlier = ({ id, since }: OpenRequest & { readonly id: string }): boolean =>
    since < request.since || (since === request.since && id < own.id);
  return {
    before: () => requests.list().filter((other) => isSame(other, request) && isEarlier(other)).length,
    leave: own.remove,
  };
}

/** This process keeps the model in use between its requests. @returns a function that ends it. */
export function enterUse(home: string, use: Use): () => void {
  return usesIn(home).add(use).remove;
}

/** Another living oagent uses the model: it has a session with it, or a request to it. */
export function isInUse(home: string, use: Use): boolean {
  return [usesIn(home), requestsIn(home)].some((entries) =>
    entries.list().some((other) => other.pid !== process.pid && isSame(other, use)),
  );
}

function requestsIn(home: string): LiveEntries<OpenRequest> {
  return new LiveEntries(path.join(home, 'live', 'requests'), readRequest);
}

function usesIn(home: string): LiveEntries<Use> {
  return new LiveEntries(path.join(home, 'live', 'models'), readUse);
}

function isSame(a: Use, b: Use): boolean {
  return serverId(a.server) === serverId(b.server) && sameModel(a.model, b.model);
}

function readUse({ server, model }: { readonly [key: string]: unknown }): Use | undefined {
  return typeof server === 'string' && typeof model === 'string' ? { server, model } : undefined;
}

function readRequest(value: { readonly [key: string]: unknown }): OpenRequest | undefined {
  const use = readUse(value);
  return use !== undefined && typeof value.since === 'number' ? { ...use, since: value.since } : undefined;
}
