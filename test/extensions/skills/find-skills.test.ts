import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findSkills } from '../../../src/extensions/skills/find-skills.ts';
import { skillPlaces } from '../../../src/extensions/skills/skill-places.ts';
import { type Folders, folders, put, skillMd } from './skill-folders.ts';

const found = (around: Folders) => findSkills(skillPlaces(around));
const named = (around: Folders) =>
  found(around).skills.map(({ name, file }) => `${name} ${path.relative(path.dirname(around.user), file)}`);

test('the nearest folder of the project comes first, then those above it, then the user’s', async () => {
  const around = await folders();
  const { project, user, home, cwd } = around;
  put(home, 'skills/own/SKILL.md', skillMd('own', 'oagent’s folder'));
  put(user, '.agents/skills/shared/SKILL.md', skillMd('shared', 'For all agents'));
  put(user, '.claude/skills/release/SKILL.md', skillMd('release', 'The user’s'));
  const above = put(project, '.claude/skills/release/SKILL.md', skillMd('release', 'Of the root'));
  const first = put(cwd, '.codex/skills/group/release/SKILL.md', skillMd('release', 'Of the folder'));
  expect(named(around)).toEqual([
    'release project/src/.codex/skills/group/release/SKILL.md',
    'own user/.oagent/skills/own/SKILL.md',
    'shared user/.agents/skills/shared/SKILL.md',
  ]);
  expect(found(around).shadowed).toEqual([
    { name: 'release', file: above, by: first },
    { name: 'release', file: path.join(user, '.claude/skills/release/SKILL.md'), by: first },
  ]);
});

test('a project that is not trusted has none, and they are named', async () => {
  for (const level of ['untrusted', 'unknown'] as const) {
    const around = await folders(level);
    put(around.project, '.agents/skills/x/SKILL.md', skillMd('x', 'Strange'));
    put(around.user, '.agents/skills/y/SKILL.md', skillMd('y', 'Own'));
    expect(named(around)).toEqual(['y user/.agents/skills/y/SKILL.md']);
    expect(found(around).untrusted).toEqual([path.join(around.project, '.agents/skills')]);
  }
});

test('no link leads out of a project; the user’s own may lead anywhere', async () => {
  const around = await folders();
  const { project, user } = around;
  const outside = put(user, 'elsewhere/x/SKILL.md', skillMd('x', 'Elsewhere'));
  mkdirSync(path.join(project, '.agents/skills/linked'), { recursive: true });
  symlinkSync(outside, path.join(project, '.agents/skills/linked/SKILL.md'));
  symlinkSync(path.dirname(outside), path.join(project, '.agents/skills/folder'));
  mkdirSync(path.join(project, '.claude'));
  symlinkSync(path.join(user, 'elsewhere'), path.join(project, '.claude/skills'));
  expect(found(around).skills).toEqual([]);
  expect(found(around).broken).toEqual([
    { file: path.join(project, '.agents/skills/folder'), problem: 'a link leads out of the project' },
    {
      file: path.join(project, '.agents/skills/linked/SKILL.md'),
      problem: 'a link leads out of the project',
    },
  ]);
  mkdirSync(path.join(user, '.claude'));
  symlinkSync(path.join(user, 'elsewhere'), path.join(user, '.claude/skills'));
  expect(named(around)).toEqual(['x user/.claude/skills/x/SKILL.md']);
});

test('a link within the project is no second skill', async () => {
  const around = await folders();
  put(around.project, '.agents/skills/x/SKILL.md', skillMd('x', 'One'));
  mkdirSync(path.join(around.project, '.claude'));
  symlinkSync('../.agents/skills', path.join(around.project, '.claude/skills'));
  expect([named(around), found(around).shadowed, found(around).broken]).toEqual([
    ['x project/.agents/skills/x/SKILL.md'],
    [],
    [],
  ]);
});

test('a broken one is named with what is wrong and what to do, and the others are used', async () => {
  const around = await folders();
  const at = (name: string, text: string) => put(around.project, `.agents/skills/${name}/SKILL.md`, text);
  at('good', skillMd('good', 'Good', 'Text', 'unknown: [1, {a: b}]\n'));
  at('from-folder', '---\ndescription: Named by its folder\n---\nText\n');
  at('a-name', skillMd('Release It', 'x'));
  at('b-nothing', '---\nname: b\n---\nText\n');
  at('c-long', skillMd('c', 'x'.repeat(1_025)));
  at('d-empty', '---\nname: d\ndescription: d\n---\n\n');
  at('e-open', '---\nname: e\n');
  at('f-large', `${skillMd('f', 'f')}${'x'.repeat(2 ** 18)}`);
  put(around.project, '.agents/skills/g-case/skill.md', skillMd('g', 'g'));
  execFileSync('mkfifo', [path.join(around.project, '.agents/skills/pipe')]);
  mkdirSync(path.join(around.project, '.agents/skills/h-pipe'));
  execFileSync('mkfifo', [path.join(around.project, '.agents/skills/h-pipe/SKILL.md')]);
  const { skills, broken } = found(around);
  expect(skills.map(({ name }) => name)).toEqual(['from-folder', 'good']);
  const folder = path.join(around.project, '.agents/skills');
  expect(
    broken.map(({ file, problem }) => `${path.relative(folder, file)}: ${problem.replace(folder, 'F')}`),
  ).toEqual([
    'a-name/SKILL.md: its name is "Release It": write 1 to 64 of a-z, 0-9 and - as `name:` in its front matter',
    'b-nothing/SKILL.md: it has no description: write `description: when it is to be used` in its front matter',
    'c-long/SKILL.md: its description has 1025 characters: shorten it to 1024, the rest belongs below the front matter',
    'd-empty/SKILL.md: it has no text: write below the front matter what is to be done',
    'e-open/SKILL.md: its front matter has no end: write a line with --- below it',
    'f-large/SKILL.md: it is larger than 256 KiB',
    'g-case/SKILL.md: F/g-case/skill.md is not read: its name has to be SKILL.md',
    'h-pipe/SKILL.md: it is not a regular file',
  ]);
});

test('paths are a list or a text with commas', async () => {
  const around = await folders();
  const pathsOf = (more: string) => {
    put(around.project, '.agents/skills/x/SKILL.md', skillMd('x', 'x', 'x', more));
    return found(around).skills.map(({ paths, isOnlyCalled }) => [...paths, isOnlyCalled]);
  };
  expect([
    pathsOf('paths: src/{a,b}/*.ts, ./lib/**\n'),
    pathsOf('paths:\n  - "*.sql"\n  - /db/**\n'),
    pathsOf('disable-model-invocation: True\n'),
  ]).toEqual([[['src/{a,b}/*.ts', 'lib/**', false]], [['*.sql', 'db/**', false]], [[true]]]);
});
