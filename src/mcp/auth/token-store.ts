/**
 * The tokens of a login: one file for each server in `$OAGENT_HOME/mcp/auth`, which commands of the model cannot read (safety/reads.ts).
 *
 * A login belongs to a server's name and address: with another address there is none. A file is replaced as a whole.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../config/make-folder.ts';
import { contentHash } from '../../config/project-file.ts';
import { isObject, parseJson } from '../../model/json-object.ts';
import { hideFromTrace } from '../../system/trace.ts';
import { smallText } from '../../text/regular-file.ts';

/** What was registered for oagent, or the user has configured; names as OAuth has them. */
export type LoginClient = {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly token_endpoint_auth_method?: string;
};

export interface Login {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint?: string | undefined;
  readonly client: LoginClient;
  /** What the token is for. */
  readonly resource: string;
  readonly scope?: string | undefined;
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  /** In milliseconds since 1970; absent: it is not said. */
  readonly expiresAt?: number | undefined;
}

export class TokenStore {
  readonly file: string;

  /** @param home oagent's own folder. */
  constructor(home: string, { name, url }: { readonly name: string; readonly url: string }) {
    const id = contentHash(Buffer.from(JSON.stringify([name, url])));
    this.file = path.join(home, 'mcp', 'auth', `${id}.json`);
  }

  /** Undefined: there is none that can be used. */
  read(): Login | undefined {
    const login = loginOf(parseJson(smallText(this.file) ?? ''));
    if (login !== undefined) hideFromTrace(() => secretsOf(login));
    return login;
  }

  /** @throws a system error. */
  write(login: Login): void {
    hideFromTrace(() => secretsOf(login));
    const temporary = `${this.file}.${process.pid}.tmp`;
    makeFolder(path.dirname(this.file));
    try {
      // One that a dead process has left could have other rights.
      rmSync(temporary, { force: true });
      writeFileSync(temporary, JSON.stringify(login), { mode: 0o600, flag: 'wx' });
      renameSync(temporary, this.file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  remove(): void {
    rmSync(this.file, { force: true });
  }
}

function secretsOf({ accessToken, refreshToken = '', client }: Login): string[] {
  return [accessToken, refreshToken, client.client_secret ?? ''].filter((secret) => secret !== '');
}

function loginOf(value: unknown): Login | undefined {
  if (!isObject(value) || !isObject(value.client)) return undefined;
  const { client, expiresAt } = value;
  const needed = [value.issuer, value.tokenEndpoint, value.resource, value.accessToken, client.client_id];
  const more = [
    ...[value.scope, value.refreshToken, value.revocationEndpoint],
    ...[client.client_secret, client.token_endpoint_auth_method],
  ];
  const isWhole =
    needed.every((one) => typeof one === 'string' && one !== '') &&
    more.every((one) => one === undefined || typeof one === 'string') &&
    (expiresAt === undefined || Number.isFinite(expiresAt));
  return isWhole ? (value as unknown as Login) : undefined;
}
