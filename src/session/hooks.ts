/** The hooks that the configuration names; without one nothing of them is loaded. */
import type { Hooks } from '../extensions/hooks/hooks.ts';
import type { ExtensionParts } from './extension-parts.ts';
import type { SessionPlan } from './plan.ts';

export async function openHooks(_plan: SessionPlan, _parts: ExtensionParts): Promise<Hooks | undefined> {
  return undefined;
}
