/**
 * Which profile a session has a model work in: the configuration's, else the measured one.
 *
 * Does not: decide what a measure means (model/call-profile.ts).
 */
import type { Config } from '../config/schema.ts';
import { chooseProfile, type Profile, type ProfileChoice } from '../model/call-profile.ts';
import { sameModel } from '../model/capabilities.ts';
import type { ChosenModel } from '../model/choose.ts';
import type { ModelMeasures } from '../model/measures.ts';

export function sessionProfile(
  config: Pick<Config, 'models'>,
  measures: ModelMeasures,
  host: string,
  { name, digest }: Pick<ChosenModel, 'name' | 'digest'>,
): ProfileChoice {
  const choice = chooseProfile(configuredProfile(config, name), measures.callsOf(host, name, digest));
  const isPossible = choice.profileSource === 'config' || measures.of(host, name).obeysFormat !== false;
  // A model can only be led where the server holds it to a schema.
  return isPossible ? choice : { ...choice, profile: 'native' };
}

/** The digest of this model would tell which profile it is. */
export function needsDigest(
  config: Pick<Config, 'models'>,
  measures: ModelMeasures,
  host: string,
  name: string,
): boolean {
  return configuredProfile(config, name) === undefined && measures.hasCalls(host, name);
}

function configuredProfile({ models }: Pick<Config, 'models'>, name: string): Profile | undefined {
  // The exact name first: a table may hold `qwen3` and `qwen3:latest`.
  if (Object.hasOwn(models, name)) return models[name]?.profile;
  return Object.entries(models).find(([key]) => sameModel(key, name))?.[1].profile;
}
