/** What a command of the user's own may change for its turn: the model, and the permissions, which it can only narrow. */
import type { LoadedConfig } from '../config/load.ts';
import type { CommandMode } from '../extensions/commands/command-file.ts';
import type { CommandModel } from '../extensions/commands/custom-commands.ts';
import { PLAN_MODE, SANDBOX_MODES, type SessionMode } from '../protocol.ts';

/** @returns undefined if the session has no more than that. */
export function narrowed(
  { mode, approval, isPlan }: SessionMode,
  wanted: CommandMode | undefined,
): SessionMode | undefined {
  if (wanted === undefined || isPlan) return undefined;
  if (wanted === 'plan') return PLAN_MODE;
  return SANDBOX_MODES.indexOf(wanted) < SANDBOX_MODES.indexOf(mode) ? { mode: wanted, approval } : undefined;
}

/** The configuration in which the command has chosen the model: one of the project may not choose all that the user may. */
export function withCommandModel(
  loaded: LoadedConfig,
  { name, file, isOfProject }: CommandModel,
): LoadedConfig {
  return {
    ...loaded,
    config: { ...loaded.config, model: name },
    origins: new Map([...loaded.origins, ['model', file]]),
    projectFiles: isOfProject ? [...loaded.projectFiles, file] : loaded.projectFiles,
  };
}
