/** The modes of a session, as Shift+Tab has them in the terminal. */
import type { SessionMode as AcpMode, SessionModeState } from '@agentclientprotocol/sdk';
import type { SessionMode } from '../protocol.ts';
import { modeName, PRESETS } from '../tui/overlay/permissions.ts';

interface Mode extends AcpMode {
  readonly permissions: SessionMode;
}

const MODES: readonly Mode[] = PRESETS.filter(({ id }) => id !== 'full-access').map(
  ({ label: name, detail: description, permissions }) => ({
    id: modeId(permissions),
    name,
    description,
    permissions,
  }),
);

/** @returns `read-only`, `ask`, `write`, `plan`, or, for what only a command line or configuration can set, another word. */
export function modeId(now: SessionMode): string {
  return modeName(now)?.replace(' ', '-') ?? 'configured';
}

export class Modes {
  readonly #modes: readonly Mode[];
  readonly #mayWrite: boolean;

  /**
   * @param first how the session begins.
   * @param mayWrite the user trusts the folder, or has settled the mode: a client's setting alone opens no folder.
   */
  constructor(first: SessionMode, mayWrite: boolean) {
    this.#mayWrite = mayWrite;
    const offered = MODES.filter(({ id }) => mayWrite || id !== 'write');
    const { mode, approval } = first;
    const id = modeId(first);
    const description = `sandbox ${mode}, approval ${approval}`;
    const own: Mode = { id, name: 'As configured', description, permissions: first };
    this.#modes = offered.some((known) => known.id === id) ? offered : [...offered, own];
  }

  /** What a client shows. */
  state(now: SessionMode): SessionModeState {
    const availableModes = this.#modes.map(({ id, name, description }) => ({ id, name, description }));
    return { currentModeId: modeId(now), availableModes };
  }

  /** Undefined: it is not offered. */
  permissionsOf(id: string): SessionMode | undefined {
    return this.#modes.find((mode) => mode.id === id)?.permissions;
  }

  /** Why a mode is not offered, and what to do. */
  whyNot(id: string): string {
    if (id === 'write' && !this.#mayWrite)
      return 'the folder is not trusted, so it is only read. To trust it, run oagent in it once and say yes';
    return `there is no mode ${id}. Choose one of ${this.#modes.map((mode) => mode.id).join(', ')}`;
  }
}
