/** A project may name a model, but not send what the model reads to somebody else's machine. */
import type { LoadedConfig } from '../config/load.ts';
import { type ChosenModel, NoModelError } from '../model/choose.ts';

/** @throws NoModelError for a model that runs in the cloud, if it is the project's configuration that has chosen it. */
export function refuseCloudOfProject(
  { config, origins, projectFiles }: LoadedConfig,
  { name, facts }: ChosenModel,
): void {
  const origin = origins.get('model') ?? '';
  if (facts.remoteHost === undefined || name !== config.model || !projectFiles.includes(origin)) return;
  throw new NoModelError(
    `${name}, which the project's configuration chooses (${origin}), runs in the cloud (${facts.remoteHost}). ` +
      `Only you can choose such a model: -m ${name}`,
  );
}
