/** The files with hooks in a folder of a project, besides its config.toml; in this order they run. */
import path from 'node:path';

export const HOOK_FILES: readonly string[] = [
  path.join('.codex', 'hooks.json'),
  path.join('.oagent', 'hooks.json'),
];
