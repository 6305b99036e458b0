/** Which memories are about the project of a session. */
import path from 'node:path';
import { holds } from '../../config/paths.ts';
import { projectRoot, type TrustConfig, tooWideForWriting } from '../../config/trust.ts';

export interface Project {
  /** Without links. */
  readonly root: string;
  /** Far more than one project is below it: what is there is not about it. */
  readonly isWide: boolean;
}

interface Place {
  readonly cwd: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

export function projectOf(config: TrustConfig, { cwd, home, env }: Place): Project {
  const root = projectRoot(config, cwd);
  return { root, isWide: tooWideForWriting(root, env, home) !== undefined };
}

/** @param folder that a memory is about, or was learnt in; absolute. Empty: all projects. */
export function isOfProject(folder: string, { root, isWide }: Project): boolean {
  return folder === '' || folder === root || (!isWide && holds(root, folder));
}

/** What the user calls a project. */
export function projectName(folder: string): string {
  return path.basename(folder);
}
