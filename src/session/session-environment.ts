/** The variables of the commands of a session. */
import { commandEnvironment } from '../safety/env.ts';
import { hasNetwork } from '../safety/permissions.ts';
import type { SessionPlan } from './plan.ts';

export function sessionEnvironment({
  env,
  loaded,
  permissions,
}: Pick<SessionPlan, 'env' | 'loaded' | 'permissions'>): NodeJS.ProcessEnv {
  return commandEnvironment(env, loaded.config.shell_environment_policy, {
    networkAccess: hasNetwork(permissions),
  });
}
