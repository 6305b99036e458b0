/**
 * Which connections other programs of this machine have to a server on it, as Linux lists them. A request of another client waits in the
 * server's queue while ours is answered, and nothing in the server's own lists says so.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isThisMachine } from '../../model/host.ts';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const ESTABLISHED = '01';

/** The port of a server on this machine; undefined: it is on another one. @param host a base URL. */
export function localPort(host: string): number | undefined {
  if (!isThisMachine(host)) return undefined;
  const { port, protocol } = new URL(host);
  return Number(port || (protocol === 'https:' ? 443 : 80));
}

/** The sockets of other processes that are connected to this port, by inode; empty where that cannot be known. */
export function otherConnections(port: number): ReadonlySet<string> {
  const all = new Set(TABLES.flatMap((table) => connectionsIn(readText(table), port)));
  if (all.size === 0) return all;
  for (const inode of ownSockets()) all.delete(inode);
  return all;
}

/** @param table its columns: number, local address, remote address, state, …, inode. Ports are hexadecimal. */
export function connectionsIn(table: string, port: number): readonly string[] {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const [, , remote = '', state, , , , , , inode = '0'] = line.trim().split(/\s+/);
    return state === ESTABLISHED && remote.endsWith(ending) && inode !== '0' ? [inode] : [];
  });
}

function ownSockets(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/self/fd/${fd}`)) ?? [];
    return inode === undefined ? [] : [inode];
  });
}

/** A descriptor can have been closed since they were listed. */
function readLink(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
