/**
 * Which version of the protocol is spoken with a server. Up to 2025-11-25 a connection begins with `initialize`; from 2026-07-28 there is no
 * beginning, and each request says what the client is.
 */
import { isObject } from '../../model/json-object.ts';
import type { JsonObject } from '../../protocol.ts';
import { McpError, McpRefusal, quoted } from './mcp-error.ts';
import type { Peer } from './peer.ts';
import { METHOD_NOT_FOUND } from './peer.ts';
import { textOf } from './read-lists.ts';

const INITIALIZED_VERSIONS: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];
const [NEWEST_INITIALIZED = ''] = INITIALIZED_VERSIONS;
const STATELESS_VERSION = '2026-07-28';

const UNSUPPORTED_VERSION = -32022;

const META = 'io.modelcontextprotocol/';

/** In `_meta` of each request of the era without a connection. */
export const VERSION_KEY = `${META}protocolVersion`;

export interface Era {
  readonly version: string;
  /** Each request stands alone. */
  readonly isStateless: boolean;
  readonly capabilities: JsonObject;
  readonly server: { readonly name: string; readonly version: string };
  readonly instructions: string;
}

export interface NegotiateOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Of oagent. */
  readonly version: string;
}

/**
 * Asks as servers of today expect it; one that does not know that is asked as it says, or as the next version has it.
 * @throws McpError; the reason of the signal
 */
export async function negotiate(peer: Peer, options: NegotiateOptions): Promise<Era> {
  try {
    return await initialize(peer, options, NEWEST_INITIALIZED);
  } catch (error) {
    if (!(error instanceof McpRefusal) || !isOtherVersion(error)) throw error;
    const supported = isObject(error.data) ? textsIn(error.data.supported) : [];
    const common = INITIALIZED_VERSIONS.find((version) => supported.includes(version));
    if (common !== undefined) return initialize(peer, options, common);
    if (supported.length > 0 && !supported.includes(STATELESS_VERSION)) throw unknownVersion(supported);
    return discover(peer, options).catch(asNoServer);
  }
}

/** What each request of this era carries besides its own parameters. */
export function ownParams(era: Era, version: string): JsonObject {
  return era.isStateless ? { _meta: statelessMeta(version) } : {};
}

async function initialize(
  peer: Peer,
  { signal, timeoutMs, version }: NegotiateOptions,
  asked: string,
): Promise<Era> {
  const result = await peer.request(
    'initialize',
    { protocolVersion: asked, capabilities: {}, clientInfo: clientInfo(version) },
    { signal, timeoutMs, isCancellable: false },
  );
  const { protocolVersion } = result;
  if (typeof protocolVersion !== 'string' || !INITIALIZED_VERSIONS.includes(protocolVersion)) {
    throw unknownVersion(typeof protocolVersion === 'string' ? [protocolVersion] : []);
  }
  peer.notify('notifications/initialized');
  return eraOf(protocolVersion, false, result);
}

async function discover(peer: Peer, { signal, timeoutMs, version }: NegotiateOptions): Promise<Era> {
  const result = await peer.request(
    'server/discover',
    { _meta: statelessMeta(version) },
    { signal, timeoutMs },
  );
  const versions = textsIn(result.supportedVersions);
  if (!versions.includes(STATELESS_VERSION)) throw unknownVersion(versions);
  return eraOf(STATELESS_VERSION, true, result);
}

function asNoServer(error: unknown): never {
  if (!(error instanceof McpRefusal) || error.code !== METHOD_NOT_FOUND) throw error;
  throw new McpError(
    'The server knows neither initialize nor server/discover: it does not seem to speak MCP. Check its command or url.',
  );
}

function isOtherVersion({ code, message }: McpRefusal): boolean {
  return (
    code === METHOD_NOT_FOUND || code === UNSUPPORTED_VERSION || /unsupported protocol version/i.test(message)
  );
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function unknownVersion(versions: readonly string[]): McpError {
  const theirs = quoted(versions.join(', ')) || 'no version that it names';
  return new McpError(
    `The server speaks another version of MCP: ${theirs}.\noagent knows ${[STATELESS_VERSION, ...INITIALIZED_VERSIONS].join(', ')}: update whichever of the two is older.`,
  );
}

function eraOf(
  version: string,
  isStateless: boolean,
  { capabilities, serverInfo, instructions, _meta }: JsonObject,
): Era {
  const inMeta = isObject(_meta) ? _meta[`${META}serverInfo`] : undefined;
  const server = [serverInfo, inMeta].find(isObject) ?? {};
  return {
    version,
    isStateless,
    capabilities: isObject(capabilities) ? capabilities : {},
    server: { name: textOf(server.name), version: textOf(server.version) },
    instructions: textOf(instructions),
  };
}

function statelessMeta(version: string): JsonObject {
  return {
    [VERSION_KEY]: STATELESS_VERSION,
    [`${META}clientCapabilities`]: {},
    [`${META}clientInfo`]: clientInfo(version),
  };
}

function clientInfo(version: string): JsonObject {
  return { name: 'oagent', version };
}
