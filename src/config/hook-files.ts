/** The files with hooks in a folder of a project, besides its config.toml; in this order they run. */
import path from 'node:path';

/** Where Claude Code has them, among other settings. */
export const CLAUDE_SETTINGS: string = path.join('.claude', 'settings.json');

export const HOOK_FILES: readonly string[] = [
  CLAUDE_SETTINGS,
  path.join('.codex', 'hooks.json'),
  path.join('.oagent', 'hooks.json'),
];
