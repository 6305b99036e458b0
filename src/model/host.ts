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
  const schemeEnd = text.indexOf('://');
  const scheme = schemeEnd < 0 ? 'http' : text.slice(0, schemeEnd).toLowerCase();
  const rest = schemeEnd < 0 ? text : text.slice(schemeEnd + 3);
  const slash = rest.indexOf('/');
  const path = slash < 0 ? '' : rest.slice(slash).replace(/\/+$/, '');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const at = authority.lastIndexOf('@');
  const credentials = at < 0 ? '' : authority.slice(0, at + 1);
  const { host, port } = splitHostPort(authority.slice(at + 1));
  const defaultPort = schemeEnd < 0 ? DEFAULT_PORT : scheme === 'https' ? '443' : '80';
  return `${scheme}://${credentials}${dialable(host)}:${validPort(port) ? Number(port) : defaultPort}${path}`;
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
