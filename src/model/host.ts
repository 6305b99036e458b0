/**
 * The address of the Ollama server as one base URL, from every form of OLLAMA_HOST that Ollama itself accepts.
 *
 * The result has a scheme, a host that can be connected to, a port, and no trailing slash.
 */

const DEFAULT_PORT = '11434';

/**
 * The rules are those of Ollama's own client: surrounding blanks and quotes are dropped; without a scheme it is http on
 * port 11434; with one, the scheme's port is the default, also for a port out of range; a path is kept. An address to
 * listen on (`0.0.0.0`, `::`, no host at all) becomes the loopback address, since nothing can connect to it.
 *
 * @example parseHost('0.0.0.0:8080') // 'http://127.0.0.1:8080'
 * @example parseHost('https://gpu.lan/ollama/') // 'https://gpu.lan:443/ollama'
 */
export function parseHost(value: string | undefined): string {
  const text = (value ?? '').trim().replace(/^["']+|["']+$/g, '');
  // A password may hold `://` too.
  const [, named, rest = text] = /^([a-z][a-z\d+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  const scheme = named?.toLowerCase() ?? 'http';
  const encoded = withEncodedCredentials(rest);
  const at = encoded.lastIndexOf('@');
  const credentials = encoded.slice(0, at + 1);
  const address = encoded.slice(at + 1).replace(/[?#].*$/s, '');
  const slash = address.indexOf('/');
  const path = slash < 0 ? '' : withoutEndpoint(address.slice(slash)).replace(/\/+$/, '');
  const authority = slash < 0 ? address : address.slice(0, slash);
  const isPort = named === undefined && at < 0 && slash < 0 && validPort(authority);
  const { host, port } = isPort ? { host: '', port: authority } : splitHostPort(authority);
  const defaultPort = named === undefined ? DEFAULT_PORT : scheme === 'https' ? '443' : '80';
  return `${scheme}://${credentials}${dialable(host)}:${validPort(port) ? Number(port) : defaultPort}${path}`;
}

/** What other programs append to the address of Ollama: `/v1`, `/api`, a whole endpoint. */
function withoutEndpoint(path: string): string {
  return path.replace(/(?:\/+(?:v1|api)(?:\/+[a-z]+(?:\/+completions)?)?)+\/*$/i, '');
}

/**
 * What follows the scheme of an address, with its user and password as a URL holds them. A password may have any character
 * in it; a path of a server hardly has an @.
 */
export function withEncodedCredentials(rest: string): string {
  const at = rest.lastIndexOf('@');
  return at < 0 ? rest : `${encodedCredentials(rest.slice(0, at))}${rest.slice(at)}`;
}

/** What was encoded stays so. */
function encodedCredentials(text: string): string {
  const colon = text.indexOf(':');
  const parts = colon < 0 ? [text] : [text.slice(0, colon), text.slice(colon + 1)];
  return parts.map((part) => encodeURIComponent(decoded(part).toWellFormed())).join(':');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function splitHostPort(hostPort: string): { host: string; port: string } {
  const bracketed = /^\[(.*)\](?::(.*))?$/.exec(hostPort);
  if (bracketed) return { host: bracketed[1] ?? '', port: bracketed[2] ?? '' };
  const colons = hostPort.split(':').length - 1;
  if (colons !== 1) return { host: hostPort, port: '' };
  const [host = '', port = ''] = hostPort.split(':');
  return { host, port };
}

function validPort(port: string): boolean {
  return /^\d+$/.test(port) && Number(port) <= 65_535;
}

function dialable(host: string): string {
  if (host === '' || host === '0.0.0.0') return '127.0.0.1';
  if (host === '::' || host === '::0') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * The same text for all addresses of one server: this machine has several names, and names of hosts have no case.
 *
 * @param host as parseHost gives it
 */
export function serverId(host: string): string {
  if (!URL.canParse(host)) return host;
  const { protocol, username, password, hostname, port, pathname } = new URL(host);
  const name = ONE_LOOPBACK.test(hostname) ? '127.0.0.1' : hostname.replace(/\.$/, '');
  const user = username === '' && password === '' ? '' : `${username}:${password}@`;
  return `${protocol}//${user}${name}:${port || (protocol === 'https:' ? '443' : '80')}${pathname.replace(/\/+$/, '')}`;
}

/** Whether an address, as parseHost gives it, is one of this machine. */
export function isThisMachine(host: string): boolean {
  if (!URL.canParse(host)) return false;
  const { hostname } = new URL(host);
  return ONE_LOOPBACK.test(hostname) || OTHER_LOOPBACK.test(hostname);
}

/** Not the rest of 127/8: another server may listen on each of those. */
const ONE_LOOPBACK = /^(?:localhost\.?|127\.0\.0\.1|\[::1\]|\[::ffff:7f00:1\])$/;
const OTHER_LOOPBACK = /^127(?:\.\d+){3}$/;
