/** A server that wants to know who asks, and where it says a token can be had (RFC 9728). */
import { McpError, quoted } from './mcp-error.ts';

export class McpAuthError extends McpError {
  override readonly name = 'McpAuthError';
  /** Address of the metadata of the protected resource, as the server sent it: not checked. */
  readonly resourceMetadata: string | undefined;
  /** What has to be asked for. */
  readonly scope: string | undefined;

  constructor(message: string, challenge: ReadonlyMap<string, string>) {
    super(message);
    this.resourceMetadata = challenge.get('resource_metadata');
    this.scope = challenge.get('scope');
  }
}

interface Sent {
  readonly hasToken: boolean;
  /** The command that logs in; undefined: there can be no login. */
  readonly login: string | undefined;
}

/** The error of an answer; undefined if a login is not what it lacks. */
export function authError(
  status: number,
  header: string | undefined,
  { hasToken, login }: Sent,
): McpAuthError | undefined {
  const challenge = challengeOf(header ?? '');
  const error = challenge.get('error') ?? '';
  if (status !== 401 && !(status === 403 && error === 'insufficient_scope')) return undefined;
  const said = quoted(challenge.get('error_description') ?? error);
  const why = hasToken ? 'does not accept the token' : 'asks for a login';
  const reason = said === '' ? '' : `: ${said}`;
  return new McpAuthError(
    `The server ${why} (HTTP ${status})${reason}.\n${remedyOf({ hasToken, login })} bearer_token_env_var.`,
    challenge,
  );
}

function remedyOf({ hasToken, login }: Sent): string {
  if (login === undefined) return hasToken ? 'Renew the token of' : 'Set the variable with its token as';
  return `Log in${hasToken ? ' again' : ''} by \`${login}\`, or set`;
}

/** The parameters, by lower-case name. Of several schemes the first one that has a parameter wins. */
function challengeOf(header: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', text, word = ''] of header.matchAll(
    /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g,
  )) {
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, text === undefined ? word : text.replace(/\\(.)/g, '$1'));
  }
  return found;
}
