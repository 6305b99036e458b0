import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { commandPlaces } from '../../../src/extensions/commands/command-places.ts';
import { findCommands } from '../../../src/extensions/commands/find-commands.ts';
import { folders, put } from '../skills/skill-folders.ts';

test('the first of a name counts, oagent’s own before all; folders are part of the name', async () => {
  const around = await folders();
  const { project, cwd, home, user } = around;
  put(cwd, '.oagent/prompts/Fix.md', 'Fix $1.');
  const root = put(project, '.oagent/prompts/fix.md', 'Of the root');
  put(
    project,
    '.claude/commands/git/pr/Open.md',
    '---\ndescription: Open a PR\nargument-hint: [base] [title]\nmodel: small\nmode: read-only\nallowed-tools: Bash\n---\nOpen it.',
  );
  const own = put(home, 'prompts/model.md', 'x');
  put(user, '.codex/prompts/note.md', '\n# Note it\n\nmore');
  put(user, '.codex/prompts/read.txt', 'x');
  const found = findCommands(commandPlaces(around), new Set(['model']));
  expect(
    found.commands.map(({ name, description, hint, model, mode, body }) => [
      name,
      description,
      hint,
      model,
      mode,
      body,
    ]),
  ).toEqual([
    ['fix', 'Fix $1.', undefined, undefined, undefined, 'Fix $1.'],
    ['git:pr:open', 'Open a PR', '[base] [title]', 'small', 'read-only', 'Open it.'],
    ['note', 'Note it', undefined, undefined, undefined, '# Note it\n\nmore'],
  ]);
  expect(found.shadowed).toEqual([
    { name: 'fix', file: root, by: path.join(cwd, '.oagent/prompts/Fix.md') },
    { name: 'model', file: own, by: 'oagent' },
  ]);
});

test('what is broken, strange or elsewhere is named and not used', async () => {
  const around = await folders();
  const { project, user } = around;
  put(project, '.oagent/prompts/a b.md', 'x');
  put(project, '.oagent/prompts/empty.md', '---\nmode: plan\n---\n');
  put(project, '.oagent/prompts/mode.md', '---\nmode: fast\n---\nx');
  put(user, 'elsewhere/x.md', 'x');
  mkdirSync(path.join(project, '.claude'));
  symlinkSync(path.join(user, 'elsewhere'), path.join(project, '.claude/commands'));
  symlinkSync(path.join(user, 'elsewhere/x.md'), path.join(project, '.oagent/prompts/linked.md'));
  symlinkSync(path.join(user, 'elsewhere'), path.join(project, '.oagent/prompts/folder'));
  const { commands, broken } = findCommands(commandPlaces(around), new Set());
  const folder = path.join(project, '.oagent/prompts');
  expect(commands).toEqual([]);
  expect(broken.map(({ file, problem }) => `${path.relative(folder, file)}: ${problem}`)).toEqual([
    'a b.md: its name cannot be typed: use letters, digits, _ . and -',
    'empty.md: it has no text',
    'folder: a link leads out of the project',
    'linked.md: a link leads out of the project',
    'mode.md: its mode is "fast": write one of plan, read-only, workspace-write, danger-full-access',
  ]);
  const strange = await folders('unknown');
  put(strange.project, '.oagent/prompts/x.md', 'x');
  expect(findCommands(commandPlaces(strange), new Set())).toEqual({
    commands: [],
    broken: [],
    shadowed: [],
    untrusted: [path.join(strange.project, '.oagent/prompts')],
  });
});
