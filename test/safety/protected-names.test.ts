import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { HOOK_FILES } from '../../src/config/hook-files.ts';
import { projectFile } from '../../src/config/project-file.ts';
import { commandPlaces } from '../../src/extensions/commands/command-places.ts';
import type { Surroundings } from '../../src/extensions/places.ts';
import { skillPlaces } from '../../src/extensions/skills/skill-places.ts';
import { PROTECTED_NAMES } from '../../src/safety/permissions.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** Whatever other agents are called: a new place is created here without being known. */
const AGENTS = ['.agents', '.claude', '.codex', '.cursor', '.gemini', '.github', '.oagent', '.windsurf'];
const KINDS = ['skills', 'prompts', 'commands', 'agents', 'rules'];

test('no command may write where a project keeps what a session obeys or runs', async () => {
  const cwd = await tempFolder();
  for (const agent of AGENTS)
    for (const kind of KINDS) mkdirSync(path.join(cwd, agent, kind), { recursive: true });
  const around: Surroundings = {
    ...{ cwd, home: await tempFolder(), env: { HOME: await tempFolder() } },
    trust: { projects: { [cwd]: { trust_level: 'trusted' } }, project_root_markers: [] },
  };
  const folders = [...skillPlaces(around).used, ...commandPlaces(around).used].map(({ folder }) => folder);
  const places = [...folders, ...HOOK_FILES.map((file) => path.join(cwd, file)), projectFile(cwd)];
  const names = places.map((place) => path.relative(cwd, place).split(path.sep)[0]);
  expect([...new Set(names)].toSorted()).toEqual(PROTECTED_NAMES.filter((name) => name !== '.git'));
});
