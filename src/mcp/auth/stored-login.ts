/**
 * The token of a login, renewed when it has run out: by one process at a time, because a refresh token may be good only once.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { lockFile } from '../../system/process-lock.ts';
import type { McpAuth } from '../connection.ts';
import { McpError } from '../wire/mcp-error.ts';
import type { Login, TokenStore } from './token-store.ts';

/** A token that is good for less counts as run out. */
const SPARE_MS = 30_000;
/** Another process that renews it needs less. */
const PATIENCE_MS = 30_000;
const POLL_MS = 50;

export class StoredLogin implements McpAuth {
  readonly command: string;
  readonly #store: TokenStore;

  /** @param name of the server. */
  constructor(store: TokenStore, name: string) {
    this.#store = store;
    this.command = `oagent mcp login ${name}`;
  }

  readonly token = async (signal: AbortSignal): Promise<string | undefined> => {
    const login = this.#store.read();
    if (login === undefined) return undefined;
    if (!hasRunOut(login)) return login.accessToken;
    return this.#renewed((now) => !hasRunOut(now), signal);
  };

  readonly renewed = async (refused: string, signal: AbortSignal): Promise<string | undefined> =>
    this.#renewed((now) => now.accessToken !== refused, signal);

  /** @param isGood a token is already there that will do: another process was quicker. */
  async #renewed(isGood: (login: Login) => boolean, signal: AbortSignal): Promise<string | undefined> {
    const release = await this.#lock(signal);
    try {
      const login = this.#store.read();
      if (login === undefined || isGood(login)) return login?.accessToken;
      const { refreshed } = await import('./refresh.ts');
      // Whoever asked may give up, but the old refresh token may be good no more: the new one is kept. authFetch has a limit.
      const next = await refreshed(login, new AbortController().signal);
      if (next === undefined) {
        this.#store.remove();
        return undefined;
      }
      this.#store.write(next);
      return next.accessToken;
    } finally {
      release();
    }
  }

  async #lock(signal: AbortSignal): Promise<() => void> {
    for (let left = PATIENCE_MS / POLL_MS; left > 0; left -= 1) {
      const lock = lockFile(`${this.#store.file}.lock`);
      if (!lock.isHeld) return lock.release;
      await wait(POLL_MS, undefined, { signal });
    }
    throw new McpError(
      `Another oagent has been renewing the token of the login for ${PATIENCE_MS / 1000} s.\nEnd it, or log in again by \`${this.command}\`.`,
    );
  }
}

function hasRunOut({ expiresAt }: Login): boolean {
  return expiresAt !== undefined && expiresAt - SPARE_MS < Date.now();
}
