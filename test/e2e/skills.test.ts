/** Skills and commands of the user's own, with the built program. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { put, skillMd } from '../extensions/skills/skill-folders.ts';
import { type Bench, bench } from '../support/exec.ts';

const trust = ({ home, cwd }: Bench): void =>
  writeFileSync(path.join(home, 'config.toml'), `[projects."${cwd}"]\ntrust_level = "trusted"\n`);

test('skills list, show and new', async () => {
  const made = await bench([]);
  const { run, cwd, home } = made;
  trust(made);
  put(cwd, '.agents/skills/release/SKILL.md', skillMd('release', 'Publish a release', 'Tag it.'));
  put(cwd, '.claude/skills/release/SKILL.md', skillMd('release', 'Another'));
  put(cwd, '.agents/skills/sql/SKILL.md', skillMd('sql', 'SQL files', 'x', 'paths: "*.sql"\n'));
  put(cwd, '.agents/skills/bad/SKILL.md', '---\nname: bad\n---\nx');
  put(home, 'prompts/fix.md', 'Fix $1');
  put(home, 'prompts/quit.md', 'No');
  const first = path.join(cwd, '.agents/skills/release/SKILL.md');
  expect((await run(['skills'])).stdout.split('\n')).toEqual([
    'release: Publish a release',
    '  .agents/skills/release/SKILL.md',
    'sql (for *.sql): SQL files',
    '  .agents/skills/sql/SKILL.md',
    'Commands:',
    '/fix: Fix $1',
    `  ${home}/prompts/fix.md`,
    'Not used:',
    '.agents/skills/bad/SKILL.md: it has no description: write `description: when it is to be used` in its front matter',
    `.claude/skills/release/SKILL.md: ${first} has the same name (release) and comes first: rename one of them`,
    `${home}/prompts/quit.md: /quit is a command of oagent's own: rename the file`,
    '',
  ]);
  expect((await run(['skills', 'show', 'release'])).stdout).toBe(
    '---\nname: release\ndescription: Publish a release\n---\n\nTag it.\n',
  );
  const begun = await run(['skills', 'new', 'my-skill']);
  expect([begun.code, begun.stdout]).toEqual([0, `${cwd}/.oagent/skills/my-skill/SKILL.md\n`]);
  const json = JSON.parse((await run(['skills', 'list', '--json'])).stdout);
  expect(json.skills.map(({ name }: { name: string }) => name)).toEqual(['release', 'sql', 'my-skill']);
  expect([
    (await run(['skills', 'new', 'my-skill'])).code,
    (await run(['skills', 'new', 'My Skill'])).code,
    (await run(['skills', 'new', 'own', '--user'])).stdout,
    (await run(['skills', 'show', 'none'])).code,
  ]).toEqual([1, 2, `${home}/skills/own/SKILL.md\n`, 1]);
});

test('a new skill goes nowhere that a link of the repository leads to, and overwrites nothing', async () => {
  const { run, cwd, home } = await bench([]);
  mkdirSync(path.join(home, 'elsewhere'));
  symlinkSync(path.join(home, 'elsewhere'), path.join(cwd, '.oagent'));
  const refused = await run(['skills', 'new', 'x']);
  expect([refused.code, refused.stderr, existsSync(path.join(home, 'elsewhere/skills'))]).toEqual([
    1,
    `Could not write ${cwd}/.oagent/skills/x/SKILL.md: a link leads out of the project\n`,
    false,
  ]);
});

test('exec runs a command and calls a skill; other texts stay as they are', async () => {
  const made = await bench([{ content: 'a' }, { content: 'b' }, { content: 'c' }]);
  const { run, cwd, chats } = made;
  trust(made);
  put(cwd, 'notes.txt', 'noted\n');
  put(cwd, '.oagent/prompts/git/sum.md', 'Sum up $1: @notes.txt !`printf done`');
  put(cwd, '.agents/skills/release/SKILL.md', skillMd('release', 'Publish', 'Tag it.'));
  const ran = await run(['exec', '/git:sum "these two"']);
  expect([ran.code, ran.stdout, ran.stderr.includes('/git:sum "these two"')]).toEqual([0, 'a\n', true]);
  const skill = await run(['exec', '/release 2.0']);
  expect(skill.stderr).toContain('Skill: release, as you asked');
  await run(['exec', '/usr/bin is broken, and /tmp']);
  const prompts = chats().map(({ messages }) =>
    messages.slice(-2).map(({ content }) => (content.startsWith('<') ? '<…>' : content)),
  );
  expect(prompts).toEqual([
    ['<…>', 'Sum up these two: notes.txt:\n```\nnoted\n``` done'],
    [
      '$release 2.0',
      '[Skill release: follow it where it fits; its files are in .agents/skills/release]\nTag it.',
    ],
    ['<…>', '/usr/bin is broken, and /tmp'],
  ]);
});

test('exec narrows the sandbox for a command, and says what is wrong with one', async () => {
  const made = await bench([
    { toolCalls: [{ name: 'shell', arguments: { command: 'echo x > x.txt' } }] },
    { content: 'a' },
  ]);
  const { run, cwd, home } = made;
  trust(made);
  put(home, 'prompts/look.md', '---\nmode: read-only\n---\nLook');
  put(home, 'prompts/see.md', 'See @none');
  await run(['exec', '-s', 'workspace-write', '/look']);
  expect(existsSync(path.join(cwd, 'x.txt'))).toBe(false);
  const failed = await run(['exec', '/see']);
  expect([failed.code, failed.stderr.split('\n').at(-2)]).toEqual([
    1,
    'Error: /see: @none cannot be added: there is no such file',
  ]);
});

test('the model reads the files of a skill in the home, and its scripts run in the sandbox', async () => {
  const { home, json, chats } = await bench([
    { toolCalls: [{ name: 'read_file', arguments: { path: '../home/skills/own/more.md' } }] },
    { toolCalls: [{ name: 'shell', arguments: { command: 'sh "$HOME/home/skills/own/go.sh"' } }] },
    { content: 'a' },
  ]);
  put(home, 'skills/own/SKILL.md', skillMd('own', 'Own things', 'See more.md.'));
  put(home, 'skills/own/more.md', 'More of it.\n');
  put(home, 'skills/own/go.sh', 'echo it ran; echo x > "$HOME/home/skills/own/x"');
  const { lines } = await json(['$own please']);
  expect(
    chats()
      .at(-1)
      ?.messages.filter(({ role }) => role === 'tool')
      .map(({ content }) => content),
  ).toEqual(['1\tMore of it.', expect.stringContaining('it ran')]);
  expect([lines.length > 0, existsSync(path.join(home, 'skills/own/x'))]).toEqual([true, false]);
});
