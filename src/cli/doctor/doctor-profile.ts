/** What `oagent doctor` reports about how a model calls tools, and the profile that a session would use. */
import { formatKeyPath } from '../../config/key-path.ts';
import type { Config } from '../../config/schema.ts';
import { type CallRecord, type ProfileChoice, profileOf, triesOf } from '../../model/call-profile.ts';
import type { ChosenModel } from '../../model/choose.ts';
import type { ModelMeasures } from '../../model/measures.ts';
import { sessionProfile } from '../../session/model-profile.ts';

export interface ProfileFacts extends ProfileChoice {
  /** The calls measured of these weights. */
  readonly record: CallRecord;
  /** The file that keeps it. */
  readonly path: string;
}

export type TryResult =
  | { readonly record: CallRecord /** For the next sessions. */; readonly isKept: boolean }
  | { readonly problem: string };

export function profileFacts(
  config: Pick<Config, 'models'>,
  measures: ModelMeasures,
  host: string,
  model: Pick<ChosenModel, 'name' | 'digest'>,
): ProfileFacts {
  return {
    ...sessionProfile(config, measures, host, model),
    record: measures.callsOf(host, model.name, model.digest),
    path: measures.path,
  };
}

/** @param model as the user names it. */
export function profileLines(model: string, facts: ProfileFacts, tried: TryResult | undefined): string[] {
  const lines = tried === undefined ? [] : [tryLine(tried)];
  if (tried !== undefined && 'record' in tried && facts.profileSource === 'measured') return lines;
  return [...lines, sourceLine(model, facts)];
}

function tryLine(tried: TryResult): string {
  if ('problem' in tried) return `The call test failed: ${tried.problem}`;
  const kept = tried.isKept ? '' : ' (not kept: the server does not identify the weights)';
  return `calls tools: ${callsText(tried.record)} -> profile ${profileOf(tried.record)}${kept}`;
}

function sourceLine(model: string, { profile, profileSource, record, path }: ProfileFacts): string {
  switch (profileSource) {
    case 'config':
      return `profile ${profile}, set by ${formatKeyPath(['models', model, 'profile'])}`;
    case 'measured':
      return `profile ${profile}, measured: calls tools ${callsText(record)} (${path}; --try measures again)`;
    case 'unknown':
      return `profile ${profile} until the first answers show how it calls tools; --try finds out now`;
    default:
      return profileSource satisfies never;
  }
}

/** `1 of 5 natively, 4 as text`. */
function callsText(record: CallRecord): string {
  const { native, leaked, none } = record;
  return [
    `${native} of ${triesOf(record)} natively`,
    ...(leaked === 0 ? [] : [`${leaked} as text`]),
    ...(none === 0 ? [] : [`${none} not at all`]),
  ].join(', ');
}
