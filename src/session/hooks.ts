/** The hooks that the configuration names; without one nothing of them is loaded. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { HOOK_FILES } from '../config/hook-files.ts';
import { projectFolders, projectRoot } from '../config/trust.ts';
import type { Hooks } from '../extensions/hooks/hooks.ts';
import type { SessionPlace } from '../extensions/hooks/session-hooks.ts';
import type { ExtensionParts } from './extension-parts.ts';
import type { SessionPlan } from './plan.ts';
import { sessionEnvironment } from './session-environment.ts';

export async function openHooks(
  plan: SessionPlan,
  { now, emit, offer }: ExtensionParts,
): Promise<Hooks | undefined> {
  if (!mayHaveHooks(plan)) return undefined;
  const { openSessionHooks } = await import('../extensions/hooks/open-hooks.ts');
  const { cwd, home, loaded } = plan;
  return openSessionHooks({ cwd, home, loaded, place: () => hookPlace(now()), emit, offer });
}

/** Cheap: no file is opened. */
function mayHaveHooks({ cwd, home, loaded: { config, projectHooks } }: SessionPlan): boolean {
  if (config.hooks !== undefined || projectHooks.length > 0) return true;
  if (existsSync(path.join(home, 'hooks.json'))) return true;
  return projectFolders(config, cwd).some((folder) =>
    HOOK_FILES.some((file) => existsSync(path.join(folder, file))),
  );
}

/** Where hooks run, by the plan as it is now. */
export function hookPlace(plan: SessionPlan): SessionPlace {
  const { cwd, permissions, threadId, loaded } = plan;
  return {
    cwd,
    permissions,
    threadId,
    project: projectRoot(loaded.config, cwd),
    env: sessionEnvironment(plan),
  };
}
