/** The commands that are not oagent's own; without one nothing of them is loaded. */
import path from 'node:path';
import { makeFolder } from '../config/make-folder.ts';
import { projectRoot } from '../config/trust.ts';
import { commandPlaces } from '../extensions/commands/command-places.ts';
import type { CustomCommands } from '../extensions/commands/custom-commands.ts';
import type { Filling } from '../extensions/commands/expand.ts';
import type { Skills } from '../extensions/skills/skills.ts';
import type { McpServers } from '../mcp/mcp-servers.ts';
import { counter } from '../text/uuid.ts';
import type { ExtensionParts } from './extension-parts.ts';
import type { SessionPlan } from './plan.ts';

interface Others {
  readonly mcp: McpServers | undefined;
  readonly skills: Skills | undefined;
}

/** Announces them, too. */
export async function openCustomCommands(
  plan: SessionPlan,
  { mcp, skills, now, emit }: ExtensionParts & Others,
): Promise<CustomCommands | undefined> {
  const known = await knownCommands(plan, { mcp, skills }, now);
  const announce = (): void => {
    if (known !== undefined) emit({ type: 'custom_commands', commands: known.all });
  };
  mcp?.onChange(announce);
  announce();
  return known;
}

/** Undefined: there are none. */
export async function knownCommands(
  plan: SessionPlan,
  { mcp, skills }: Others,
  now = () => plan,
): Promise<CustomCommands | undefined> {
  const { cwd, home, env, loaded } = plan;
  const places = commandPlaces({ cwd, home, env, trust: loaded.config });
  if (places.used.length === 0 && mcp === undefined && skills === undefined) return undefined;
  const [{ findCommands }, { KnownCommands }, { OWN_NAMES }] = await Promise.all([
    import('../extensions/commands/find-commands.ts'),
    import('../extensions/commands/known-commands.ts'),
    import('./own-names.ts'),
  ]);
  return new KnownCommands({
    files: findCommands(places, OWN_NAMES).commands,
    skills,
    mcp,
    taken: OWN_NAMES,
    filling: (signal) => fillingFor(now(), signal),
  });
}

/** Programs in it can read, whatever the session may do, and reach no network. */
async function fillingFor(plan: SessionPlan, signal: AbortSignal): Promise<Filling> {
  const [{ filling }, { SessionGuard }, { sessionEnvironment }, { createSandbox }] = await Promise.all([
    import('../extensions/commands/fill.ts'),
    import('../safety/session-guard.ts'),
    import('./session-environment.ts'),
    import('../safety/sandbox/probe.ts'),
  ]);
  const { cwd, loaded } = plan;
  const permissions = {
    ...plan.permissions,
    mode: 'read-only',
    approval: 'never',
    network: false,
    isPlan: false,
  } as const;
  const nextName = counter('command', 0);
  const folder = permissions.ownOutputs ?? path.join(plan.home, 'outputs', plan.threadId);
  return filling({
    cwd,
    root: projectRoot(loaded.config, cwd),
    guard: new SessionGuard({ permissions, sandbox: () => createSandbox(permissions), warn: () => {} }),
    env: sessionEnvironment({ ...plan, permissions }),
    spillPath: () => {
      makeFolder(folder);
      return path.join(folder, `${nextName()}-${Date.now()}.txt`);
    },
    signal,
  });
}
