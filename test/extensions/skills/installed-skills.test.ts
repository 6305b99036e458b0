import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findSkills } from '../../../src/extensions/skills/find-skills.ts';
import { InstalledSkills } from '../../../src/extensions/skills/installed-skills.ts';
import { skillPlaces } from '../../../src/extensions/skills/skill-places.ts';
import type { SkillWindow } from '../../../src/extensions/skills/skills.ts';
import { type Folders, folders, put, skillMd } from './skill-folders.ts';

const WINDOW: SkillWindow = { numCtx: 32_768, left: 20_000, history: [] };
const installed = (around: Folders) =>
  new InstalledSkills(findSkills(skillPlaces(around)).skills, around.cwd);

async function withSkills(...texts: readonly (readonly [name: string, text: string])[]) {
  const around = await folders();
  for (const [name, text] of texts) put(around.project, `.agents/skills/${name}/SKILL.md`, text);
  const skills = installed(around);
  const names = (message: string, window = WINDOW) =>
    skills.forMessage(message, window).map(({ skill, isRecalled }) => `${skill.name} ${isRecalled}`);
  return { around, skills, names };
}

test('the one that fits a message comes with its text and its folder, once', async () => {
  const { around, skills, names } = await withSkills(
    [
      'release',
      skillMd('release', 'Publish a release with changelog and tag', '# Release\n\nRun `npm version`.'),
    ],
    ['invoices', skillMd('invoices', 'Generate PDF invoices')],
  );
  const [used] = skills.forMessage('prepare the next release and write the changelog', WINDOW);
  expect(used).toEqual({
    skill: expect.objectContaining({ name: 'release' }),
    text: `[Skill release: follow it where it fits; its files are in ${path.join(around.project, '.agents/skills/release')}]\n# Release\n\nRun \`npm version\`.`,
    isRecalled: true,
  });
  const history = [{ content: `Before.\n${used?.text}` }];
  expect([
    names('prepare the next release and write the changelog', { ...WINDOW, history }),
    names('$release', { ...WINDOW, history }),
    names('why is the list empty?'),
    names('the invoices as PDF', { ...WINDOW, history }),
  ]).toEqual([[], [], [], ['invoices true']]);
});

test('$name calls one outright, whatever else fits, but not in code, in a path or in another word', async () => {
  const { names } = await withSkills(
    [
      'release',
      skillMd('release', 'Publish a release with changelog', 'x', 'disable-model-invocation: true\n'),
    ],
    ['db-tables', skillMd('db-tables', 'Tables', 'x', 'paths: "*.sql"\n')],
  );
  expect([
    names('publish a release with changelog'),
    names('$release 3.1, and $db-tables'),
    names('($release)'),
    names('`$release` and $releases, a$release, $$release, /$release, $RELEASE'),
    names('```sh\necho $release\n```\nwhat is this?'),
    names('$none of these'),
  ]).toEqual([[], ['release false', 'db-tables false'], ['release false'], [], [], []]);
});

test('one with paths comes for files that the message names or the model touches, and not by words', async () => {
  const { around, skills, names } = await withSkills([
    'migrations',
    skillMd('migrations', 'Write database migrations', 'x', 'paths: src/db/**, *.sql\n'),
  ]);
  const touched = (...files: string[]) => skills.forFiles(files, WINDOW)?.skill.name;
  expect([
    names('write a database migration'),
    names('what is in @db/schema.ts:12?'),
    names('look at "a/b/one.sql".'),
    names('one.sqlite is not it, nor ../other/db/x.ts'),
  ]).toEqual([[], ['migrations true'], ['migrations true'], []]);
  expect([
    touched('db/x.ts'),
    touched(path.join(around.project, 'src/db/deep/y')),
    touched('main.ts', '../deep.sql'),
    touched('/etc/x.sql', '../../outside.sql', 'x.sql.bak', ''),
    touched('x'.repeat(5_000)),
  ]).toEqual(['migrations', 'migrations', 'migrations', undefined, undefined]);
});

test('a glob that could take for ever does not', async () => {
  const { skills } = await withSkills([
    'slow',
    skillMd('slow', 'x', 'x', `paths: "${'*a'.repeat(40)}/+(a|a+)+(a|a+)b/${'**/'.repeat(20)}x"\n`),
  ]);
  const start = performance.now();
  expect(skills.forFiles([`${'a'.repeat(200)}/${'a/'.repeat(200)}`], WINDOW)).toBe(undefined);
  expect(performance.now() - start).toBeLessThan(5_000);
});

test('a long one is cut at a heading, and says where the rest is', async () => {
  const part = (number: number) => `## Part ${number}\n\n${`Line of part ${number}.\n`.repeat(40)}`;
  const body = `# Long\n\n${[1, 2, 3, 4, 5, 6].map(part).join('\n')}`;
  const { around, skills } = await withSkills(['long', skillMd('long', 'Long things', body)]);
  const file = path.join(around.project, '.agents/skills/long/SKILL.md');
  const text = (numCtx: number, left = 20_000) =>
    skills.forMessage('$long', { numCtx, left, history: [] })[0]?.text;
  expect(text(32_768)).toContain('Line of part 6.');
  const cut = text(4_096) ?? '';
  const lines = cut.split('\n');
  const [, line = ''] = /^\[Cut here\. The rest is in .* from line (\d+)\.\]$/.exec(lines.at(-1) ?? '') ?? [];
  expect([lines.at(-1), lines.at(-2), readFileSync(file, 'utf8').split('\n')[Number(line) - 1]]).toEqual([
    `[Cut here. The rest is in ${file} from line ${line}.]`,
    'Line of part 5.',
    '## Part 6',
  ]);
  expect([text(4_096, 300), text(32_768, 30)]).toEqual([undefined, undefined]);
});
