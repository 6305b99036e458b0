/**
 * The proxy of the environment for an address, chosen as Ollama's own client does: HTTP_PROXY and HTTPS_PROXY, in
 * capitals or not, except for what NO_PROXY names and for this machine.
 *
 * Node would choose too, but says neither whether it did nor which proxy failed, and ignores what it cannot use.
 */
import { withEncodedCredentials } from './host.ts';

const LOOPBACK = /^(?:(?:.+\.)?localhost\.?|127\.[\d.]+|::1|::ffff:7f[\da-f]{2}:[\da-f]{1,4})$/;

export interface EnvProxy {
  /** The variable that names it. */
  readonly variable: string;
  /** Perhaps with `user:password@`; undefined if it is not the address of an HTTP proxy. */
  readonly url: string | undefined;
  /** Without credentials. */
  readonly shown: string;
}

export function proxyFor(url: URL, env: NodeJS.ProcessEnv): EnvProxy | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (LOOPBACK.test(host)) return undefined;
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const variable = env[name] ? name : name.toLowerCase();
  const value = env[variable]?.trim() ?? '';
  if (value === '') return undefined;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const exceptions = (env.NO_PROXY || env.no_proxy || '').toLowerCase().split(/[\s,]+/);
  if (exceptions.some((entry) => covers(entry, host, port))) return undefined;
  const [, scheme = 'http', rest = value] = /^([a-z][a-z\d+.-]*):\/\/(.*)$/is.exec(value) ?? [];
  const text = `${scheme}://${withEncodedCredentials(rest)}`;
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = parsed !== undefined && /^https?:$/.test(parsed.protocol);
  return {
    variable,
    url: isHttp ? parsed.href : undefined,
    shown: parsed ? `${parsed.protocol}//${parsed.host}` : '',
  };
}

/** `*`, a name with all below it, an address, a network in CIDR form; each but the last perhaps with a port. */
function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const { BlockList, isIP } = process.getBuiltinModule('node:net');
  const subnet = /^(.+)\/(\d{1,3})$/.exec(entry);
  if (subnet) {
    const [, network = '', bits] = subnet;
    const isV6 = isIP(network) === 6;
    if (isIP(network) === 0 || isIP(host) !== isIP(network) || Number(bits) > (isV6 ? 128 : 32)) return false;
    const list = new BlockList();
    list.addSubnet(network, Number(bits), isV6 ? 'ipv6' : 'ipv4');
    return list.check(host, isV6 ? 'ipv6' : 'ipv4');
  }
  const parts = /^\[(.+)\](?::(\d+))?$/.exec(entry) ?? /^([^:]+)(?::(\d+))?$/.exec(entry);
  const [, written = entry, only = port] = parts ?? [];
  const name = written.replace(/^\*?\./, '');
  if (name === '' || only !== port) return false;
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}
