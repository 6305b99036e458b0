/** The skills that are installed; without one nothing of them is loaded. */
import { skillPlaces } from '../extensions/skills/skill-places.ts';
import type { Skills } from '../extensions/skills/skills.ts';
import type { SessionPlan } from './plan.ts';

export async function openSkills({ cwd, home, env, loaded }: SessionPlan): Promise<Skills | undefined> {
  const { config } = loaded;
  if (!config.skills.enabled) return undefined;
  const places = skillPlaces({ cwd, home, env, trust: config });
  if (places.used.length === 0) return undefined;
  const [{ findSkills }, { InstalledSkills }] = await Promise.all([
    import('../extensions/skills/find-skills.ts'),
    import('../extensions/skills/installed-skills.ts'),
  ]);
  const { skills } = findSkills(places);
  return skills.length === 0 ? undefined : new InstalledSkills(skills, cwd);
}
