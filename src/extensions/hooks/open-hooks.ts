/** Opens the hooks of a session: those of the user, and of a project's those that the user has allowed, now or when asked. */
import { printable } from '../../config/errors.ts';
import { setExtensionTrust } from '../../config/extension-trust.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { Event, OfferedExtension } from '../../protocol.ts';
import type { Permissions } from '../../safety/permissions.ts';
import { createSandbox } from '../../safety/sandbox/probe.ts';
import { errorMessage } from '../../text/error-message.ts';
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
  readonly offer?: ((what: OfferedExtension) => Promise<'yes' | 'no' | 'later'>) | undefined;
}

type Brought = HookSource & { readonly project: HookProject };

/** @returns undefined if there are none. */
export function openSessionHooks(options: OpenOptions): Hooks | undefined {
  const { place, emit, offer } = options;
  const { sources, warnings } = findHooks(options);
  for (const message of warnings) emit({ type: 'warning', message });
  const usable = sources.filter(({ project }) => project === undefined || project.trust === 'allowed');
  const unknown = sources.filter((source): source is Brought => source.project?.trust === 'unknown');
  if (usable.length + unknown.length === 0) return undefined;
  const hooks = new SessionHooks(
    usable.flatMap((source) => source.hooks),
    { place, emit, sandbox: (permissions: Permissions) => createSandbox(permissions) },
  );
  if (unknown.length === 0) return hooks;
  if (offer !== undefined) void offerAll(unknown, hooks, { ...options, offer });
  else emit({ type: 'warning', message: leftOut(unknown) });
  return usable.length > 0 || offer !== undefined ? hooks : undefined;
}

async function offerAll(
  brought: readonly Brought[],
  hooks: SessionHooks,
  { home, emit, offer }: OpenOptions & { readonly offer: NonNullable<OpenOptions['offer']> },
): Promise<void> {
  for (const source of brought) {
    const { name, lines, root, id, hash } = source.project;
    const answer = await offer({ kind: 'hook', name, lines });
    if (answer === 'later') continue;
    if (answer === 'yes') hooks.add(source.hooks);
    try {
      setExtensionTrust(home, root, id, hash, answer === 'yes' ? 'allowed' : 'refused');
    } catch (error) {
      emit({ type: 'warning', message: errorMessage(error) });
    }
  }
}

function leftOut(brought: readonly Brought[]): string {
  const names = brought.map(({ project }) => printable(project.name)).join(', ');
  return `oagent is not running hooks of this project, because you have not allowed them (${names}). Look at them and allow them with \`oagent hooks trust\``;
}
