/**
 * The module for a protocol and its connections, through the proxy of the environment. Not imported: as an ES module, node:http evaluates all
 * of its exports, which loads undici (35 ms, 14 MB), and few users need node:https.
 */
import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import type { EnvProxy } from './proxy.ts';

type Client = typeof import('node:http') | typeof import('node:https');

export interface HttpClient {
  readonly client: Client;
  readonly agent: Agent;
}

/** @throws an error with the code ERR_PROXY_INVALID_CONFIG */
export function makeClient(protocol: string, proxy: EnvProxy | undefined, keepAlive: boolean): HttpClient {
  const via = proxy?.url ?? '';
  if (proxy !== undefined && via === '') {
    throw Object.assign(new Error(proxy.variable), { code: 'ERR_PROXY_INVALID_CONFIG' });
  }
  const client = process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http');
  const proxyEnv = via === '' ? undefined : { HTTP_PROXY: via, HTTPS_PROXY: via };
  return { client, agent: new client.Agent({ keepAlive, ...(proxyEnv && { proxyEnv }) }) };
}

/**
 * Node takes its own listener off when an answer has arrived to its end, and then an abort by someone who has not read it
 * to the end would end the process. Whoever reads or waits gets the error from the request.
 */
export function hearErrors(socket: Socket): void {
  if (!socket.listeners('error').includes(ignore)) socket.on('error', ignore);
}

const ignore = (): void => undefined;
