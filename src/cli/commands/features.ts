/** `oagent features list`: name, stage and state, as Codex prints them. */
import { FEATURES } from '../../config/features.ts';
import type { Config } from '../../config/schema.ts';
import { valueAt } from '../../config/table.ts';

export function featureLines(config: Config): string {
  const width = Math.max(...FEATURES.map(({ name }) => name.length));
  return FEATURES.map(
    ({ name, key }) => `${name.padEnd(width)}  stable  ${valueAt(config, key) === true}\n`,
  ).join('');
}
