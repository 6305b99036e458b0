/** Which profile a model works in: the configured one, or else the measured one. */
import type { Config } from '../config/schema.ts';
import { chooseProfile, type Profile, type ProfileChoice } from '../model/call-profile.ts';
import type { ChosenModel } from '../model/choose.ts';
import type { ModelMeasures } from '../model/measures.ts';
import { tableOf } from './model-table.ts';

export function sessionProfile(
  config: Pick<Config, 'models'>,
  measures: ModelMeasures,
  host: string,
  { name, digest }: Pick<ChosenModel, 'name' | 'digest'>,
): ProfileChoice {
  const choice = chooseProfile(configuredProfile(config, name), measures.callsOf(host, name, digest));
  const isPossible = choice.profileSource === 'config' || measures.of(host, name).obeysFormat !== false;
  // A model can only be led if the server makes it obey a schema.
  return isPossible ? choice : { ...choice, profile: 'native' };
}

/** Whether the digest of this model is needed to find its profile. */
export function needsDigest(
  config: Pick<Config, 'models'>,
  measures: ModelMeasures,
  host: string,
  name: string,
): boolean {
  return configuredProfile(config, name) === undefined && measures.hasCalls(host, name);
}

function configuredProfile(config: Pick<Config, 'models'>, name: string): Profile | undefined {
  return tableOf(config, name).profile;
}
