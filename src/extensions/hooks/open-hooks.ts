/** Opens the hooks of a session: those of the user, and of a project's those that the user has allowed, now or when asked. */
import { printable } from '../../config/errors.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { Event } from '../../protocol.ts';
import type { Permissions } from '../../safety/permissions.ts';
import { createSandbox } from '../../safety/sandbox/probe.ts';
import { type Brought, type Offer, offerAll } from '../offer-brought.ts';
import type { Hooks } from './hooks.ts';
import { SessionHooks, type SessionPlace } from './session-hooks.ts';
import { findHooks, type HookProject, type HookSource } from './sources.ts';

interface OpenOptions {
  readonly cwd: string;
  readonly home: string;
  readonly loaded: LoadedConfig;
  readonly place: () => SessionPlace;
  readonly emit: (event: Event) => void;
  /** Asks the user; absent: nobody is there. */
  readonly offer?: Offer | undefined;
}

type ProjectSource = HookSource & { readonly project: HookProject };

/** @returns undefined if there are none. */
export function openSessionHooks(options: OpenOptions): Hooks | undefined {
  const { place, emit, offer } = options;
  const { sources, warnings } = findHooks(options);
  for (const message of warnings) emit({ type: 'warning', message });
  const usable = sources.filter(({ project }) => project === undefined || project.trust === 'allowed');
  const unknown = sources.filter((source): source is ProjectSource => source.project?.trust === 'unknown');
  if (usable.length + unknown.length === 0) return undefined;
  const hooks = new SessionHooks(
    usable.flatMap((source) => source.hooks),
    { place, emit, sandbox: (permissions: Permissions) => createSandbox(permissions) },
  );
  if (unknown.length === 0) return hooks;
  const warn = (message: string): void => emit({ type: 'warning', message });
  if (offer !== undefined)
    void offerAll(
      unknown.map((source) => broughtOf(source, hooks)),
      offer,
      { home: options.home, warn },
    );
  else emit({ type: 'warning', message: leftOut(unknown) });
  return usable.length > 0 || offer !== undefined ? hooks : undefined;
}

function broughtOf({ project, hooks }: ProjectSource, session: SessionHooks): Brought {
  const { name, lines, root, id, hash } = project;
  const decided = (isAllowed: boolean): void => {
    if (isAllowed) session.add(hooks);
  };
  const reason = 'they come with the project, and would run in the sandbox';
  return { kind: 'hook', name, lines, reason, trust: { root, id, hash }, decided };
}

function leftOut(brought: readonly ProjectSource[]): string {
  const names = brought.map(({ project }) => printable(project.name)).join(', ');
  return `oagent is not running hooks of this project, because you have not allowed them (${names}). Look at them and allow them with \`oagent hooks trust\``;
}
