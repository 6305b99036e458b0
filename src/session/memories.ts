/** Whether a session may use memories and whether any may be made of it: the one place that decides, for all that ask. */
import { printable } from '../config/errors.ts';
import { memoriesOffIn, projectTrust } from '../config/trust.ts';
import type { MemoriesOff } from '../rollout/lines.ts';
import type { SessionPlan } from './plan.ts';

export interface MemoryRights {
  /** It is told what earlier sessions have taught. */
  readonly mayUse: boolean;
  /** Memories may be made of it. */
  readonly mayMake: boolean;
  /** Why one of them is false, to continue "memories are off: …". */
  readonly why?: string;
}

type MemoryPlan = Pick<SessionPlan, 'cwd' | 'loaded' | 'isEphemeral' | 'isIncognito' | 'stored'>;

/** A project's own configuration has no say in it. */
export function memoryRights(plan: MemoryPlan): MemoryRights {
  const { cwd, isEphemeral, stored } = plan;
  const { config } = plan.loaded;
  const none = (why: string): MemoryRights => ({ mayUse: false, mayMake: false, why });
  if (isIncognito(plan)) return none('this session is incognito');
  if (!config.memories.enabled) return none('memories.enabled is false');
  const off = memoriesOffIn(config, cwd);
  if (off !== undefined) return none(`they are switched off in ${printable(off)}`);
  const { use, generate } = config.memories;
  const isTrusted = projectTrust(config, cwd).level === 'trusted';
  const reasons = [
    use ? undefined : 'memories.use is false',
    generate ? undefined : 'memories.generate is false',
    isTrusted ? undefined : 'this folder is not trusted, so none are used',
    isEphemeral ? 'nothing is kept of this session, so none are made of it' : undefined,
    // What was said under it stays what it was.
    stored?.session.memoriesOff ? 'they were off earlier in this session, so none are made of it' : undefined,
  ].filter((reason) => reason !== undefined);
  return {
    mayUse: use && isTrusted,
    mayMake: generate && !isEphemeral && stored?.session.memoriesOff === undefined,
    why: reasons.length === 0 ? undefined : reasons.join('; '),
  };
}

export function isIncognito({ isIncognito, stored }: MemoryPlan): boolean {
  return isIncognito || stored?.session.memoriesOff === 'incognito';
}

/** What the rollout of this session has to say of it. */
export function memoriesOff(plan: MemoryPlan): MemoriesOff | undefined {
  if (isIncognito(plan)) return 'incognito';
  return memoryRights(plan).mayMake ? undefined : 'settings';
}
