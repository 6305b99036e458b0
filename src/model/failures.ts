/**
 * Every way in which a connection to the server fails: what happened, why, what to do, and whether another try helps.
 *
 * `away`: the server may come back. A server that has answered before is waited for; one that never has is a mistake in
 * an address, or was not started, and is reported at once. `shut`: the same, but whoever is not known is tried again.
 */
import type { EnvProxy } from './proxy.ts';
import type { Remedy } from './remedy.ts';
import { OLLAMA_WORDS, type ServerWords } from './server-words.ts';

export interface Place {
  /** Without credentials. */
  readonly host: string;
  /** The server has answered in this session. */
  readonly isKnown?: boolean;
  /** The connection was closed without an answer, as a container's host does while nothing runs in it. */
  readonly isClosedAtOnce?: boolean;
  /** Between us and the server. */
  readonly proxy?: EnvProxy | undefined;
  /** Absent: those of Ollama. */
  readonly words?: ServerWords | undefined;
}

interface Failure {
  /** Error codes of Node, of its TLS and of its HTTP parser. */
  readonly codes: RegExp;
  readonly remedy: Remedy | 'away' | 'shut';
  readonly say: (host: string, code: string, words: ServerWords) => string;
  /** In a list of servers, which ends in what to do; absent: all that `say` says. */
  readonly brief?: string;
}

const FAILURES: readonly Failure[] = [
  {
    codes: /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|ENOENT)$/,
    remedy: 'away',
    say: (host, code, words) =>
      `no ${words.name} server at ${host} (${code}): ${words.start}, or set ${words.address}`,
    brief: 'nobody answers',
  },
  {
    codes: /^(?:ENOTFOUND|EAI_\w+)$/,
    remedy: 'away',
    say: (host, code, words) => `cannot find the host of ${host} (${code}): check ${words.address}`,
    brief: 'no such host',
  },
  {
    codes: /^(?:ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    remedy: 'fail',
    say: (host, code, words) =>
      `the certificate of ${host} is for another name (${code}): use that name in ${words.address}, or renew the certificate`,
  },
  {
    codes: /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/,
    remedy: 'fail',
    say: (host, code) =>
      `the certificate of ${host} is not valid today (${code}): renew it, or check the clock of this machine`,
  },
  {
    codes: /CERT|SIGNATURE|ISSUER/,
    remedy: 'fail',
    say: (host, code) =>
      `the certificate of ${host} is not known here (${code}): name a file with it, or with its authority, in NODE_EXTRA_CA_CERTS`,
  },
  {
    codes: /^(?:EPROTO|ERR_SSL_\w+|ERR_TLS_\w+)$/,
    remedy: 'fail',
    say: (host, code, words) =>
      `${host} does not answer in TLS (${code}): set ${words.address} to its address with http://, or to the port that has TLS`,
  },
  {
    codes: /^HPE_/,
    remedy: 'fail',
    say: (host, code, words) =>
      `what answers at ${host} does not speak HTTP (${code}): check the port in ${words.address}, or use https://`,
  },
  {
    codes: /^(?:ERR_INVALID_URL|ERR_INVALID_PROTOCOL|ERR_UNESCAPED_CHARACTERS|ERR_SOCKET_BAD_PORT)$/,
    remedy: 'fail',
    say: (host, _code, words) => `${host} is not a valid server address; check ${words.address}`,
  },
  {
    codes: /^(?:ERR_INVALID_CHAR|ERR_INVALID_HTTP_TOKEN|ERR_HTTP_INVALID_HEADER_VALUE)$/,
    remedy: 'fail',
    say: (_, _code, words) =>
      `a header for the server has a character that HTTP does not allow: check ${words.headers}`,
  },
  {
    codes: /^(?:EACCES|EPERM)$/,
    remedy: 'fail',
    say: (host, code) => `this machine does not let oagent connect to ${host} (${code}): check its firewall`,
  },
  {
    codes: /^(?:EMFILE|ENFILE)$/,
    remedy: 'fail',
    say: (_, code, words) =>
      `too many files are open to connect to ${words.name} (${code}): close programs, or raise \`ulimit -n\``,
  },
  // The machine is off, or a firewall drops what is sent there: each further try would take minutes.
  {
    codes: /^connect ETIMEDOUT$/,
    remedy: 'away',
    say: (host, _code, words) =>
      `nothing answers at ${host} (ETIMEDOUT): is that machine on? Else set ${words.address}`,
    brief: 'nobody answers',
  },
  {
    codes: /^closed (?:ECONNRESET|EPIPE)$/,
    remedy: 'shut',
    say: (_, code, words) => `the connection to ${words.name} was lost (${code})`,
  },
  {
    codes: /^(?:ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENETRESET|ERR_STREAM_\w+|ERR_HTTP2_\w+|ENOBUFS)$/,
    remedy: 'retry',
    say: (_, code, words) => `the connection to ${words.name} was lost (${code})`,
  },
];

export function failureOf(
  error: NodeJS.ErrnoException,
  place: Place,
): { readonly message: string; readonly remedy: Remedy; readonly brief?: string } {
  const { host, isKnown = false, proxy, words = OLLAMA_WORDS } = place;
  const code = error.code ?? firstCode(error) ?? '';
  if (proxy !== undefined && code.startsWith('ERR_PROXY_')) {
    return { message: proxyText(error.message, code, host, proxy), remedy: 'fail' };
  }
  const found = FAILURES.find(({ codes }) => codes.test(`${circumstance(error, place)}${code}`));
  if (found === undefined) {
    const reason = code === '' ? error.message : `${error.message}, ${code}`;
    return {
      message: `the server at ${host} cannot be used (${reason}); check ${words.address}`,
      remedy: 'fail',
    };
  }
  const { remedy, say } = found;
  const brief = found.brief === undefined || proxy !== undefined ? undefined : `${found.brief} (${code})`;
  const message =
    remedy === 'away' && proxy
      ? proxyText(error.message, code, host, proxy)
      : `${say(host, code, words)}${viaProxy(host, proxy)}`;
  if (remedy === 'away')
    return { message, remedy: isKnown ? 'wait' : 'fail', ...(brief !== undefined && { brief }) };
  if (remedy === 'shut') return { message, remedy: isKnown ? 'wait' : 'retry' };
  return { message, remedy };
}

/** What is said of a failure that may be the proxy's. */
export function viaProxy(host: string, proxy: EnvProxy | undefined): string {
  if (proxy === undefined) return '';
  const { variable, shown } = proxy;
  return `. It came by way of ${variable} (${shown}); to go around that, put ${hostnameOf(host)} into NO_PROXY`;
}

/** What an address has for NO_PROXY. */
function hostnameOf(host: string): string {
  return URL.canParse(host) ? new URL(host).hostname : host;
}

function proxyText(message: string, code: string, host: string, { variable, shown }: EnvProxy): string {
  const around = `put ${hostnameOf(host)} into NO_PROXY`;
  if (code === 'ERR_PROXY_INVALID_CONFIG') {
    return `${variable} is not the address of an HTTP proxy: correct it, or ${around}`;
  }
  if (code === 'ERR_PROXY_TUNNEL') {
    const status = /HTTP\/[\d.]+ (\d{3})/.exec(message)?.[1] ?? code;
    return `the proxy ${shown} of ${variable} does not let oagent through to ${host} (${status}): ${around}`;
  }
  return `the proxy ${shown} of ${variable} does not answer (${code}): check it, or ${around}`;
}

/** What stands before a code in the table if it means something else there. */
function circumstance(error: NodeJS.ErrnoException, { isClosedAtOnce }: Place): string {
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
  if (first?.code === 'ETIMEDOUT' && first.syscall === 'connect') return 'connect ';
  return isClosedAtOnce ? 'closed ' : '';
}

/** Node wraps the failures of several addresses of one name in an AggregateError. */
function firstCode(error: Error): string | undefined {
  return error instanceof AggregateError
    ? (error.errors[0] as NodeJS.ErrnoException | undefined)?.code
    : undefined;
}
