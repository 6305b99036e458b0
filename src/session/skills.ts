/** The skills that are installed; without one nothing of them is loaded. */
import type { Skills } from '../extensions/skills/skills.ts';
import type { SessionPlan } from './plan.ts';

export async function openSkills(_plan: SessionPlan): Promise<Skills | undefined> {
  return undefined;
}
