/** Files and programs of a command's text, with a real shell in a real sandbox. */
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { knownCommands } from '../../../src/session/custom-commands.ts';
import { planSession } from '../../../src/session/plan.ts';
import { folders, put } from '../skills/skill-folders.ts';

async function commands(text: string) {
  const around = await folders();
  const { cwd, home, project } = around;
  put(home, 'config.toml', `[projects."${project}"]\ntrust_level = "trusted"\n`);
  put(project, '.oagent/prompts/x.md', text);
  const plan = planSession(
    { cd: cwd },
    { home, env: { ...process.env, HOME: around.user }, interactive: true },
  );
  const known = await knownCommands(plan, { mcp: undefined, skills: undefined });
  const expand = async (args = '') => {
    try {
      return (await known?.expand('x', args, new AbortController().signal))?.text;
    } catch (error) {
      return `Error: ${(error as Error).message}`;
    }
  };
  return { ...around, expand };
}

test('a file comes in a fence with its path; elsewhere, missing and large ones are said', async () => {
  const { expand, project, cwd, user } = await commands('Look: @$1');
  put(cwd, 'a.md', 'has ```` in it\n');
  put(project, 'docs/b.txt', 'root\n');
  put(cwd, 'large.txt', 'x'.repeat(300_000));
  const outside = put(user, 'secret.txt', 'secret');
  symlinkSync(outside, path.join(cwd, 'link.txt'));
  writeFileSync(path.join(cwd, 'binary'), Buffer.from([0, 1, 2]));
  expect([
    await expand('a.md'),
    await expand('docs/b.txt'),
    ((await expand('large.txt')) ?? '').length < 13_000,
    await expand('none.txt'),
    await expand('link.txt'),
    await expand('../../user/secret.txt'),
    await expand('/etc/passwd'),
    await expand('deep'),
    await expand(),
  ]).toEqual([
    'Look: a.md:\n`````\nhas ```` in it\n`````',
    'Look: ../docs/b.txt:\n```\nroot\n```',
    true,
    'Error: @none.txt cannot be added: there is no such file',
    'Error: @link.txt cannot be added: a link leads out of the project',
    'Error: @../../user/secret.txt cannot be added: a link leads out of the project',
    'Error: @/etc/passwd cannot be added: a link leads out of the project',
    'Error: @deep cannot be added: it is not a regular file',
    'Error: @ names no file: the argument is missing',
  ]);
});

test('a program runs in the sandbox, which cannot write, and gets the arguments as the shell’s own', async () => {
  const { expand, cwd } = await commands(
    'A: !`printf %s "$1"` B: !`cat a.txt; false` C: !`echo x > new.txt` D: !`echo "$ARGUMENTS/$#"`',
  );
  put(cwd, 'a.txt', 'text\n');
  const text = await expand('"$(touch hacked) `touch hacked`" two');
  expect(text).toContain('A: $(touch hacked) `touch hacked` B: text\n[cat a.txt; false: exit code 1] C: ');
  expect(text).toMatch(/\[echo x > new\.txt: exit code \d+\] D: \$\(touch hacked\) `touch hacked` two\/2$/);
  const { expand: list } = await commands('!`ls`');
  expect([await list(), (await import('node:fs')).readdirSync(cwd).sort()]).toEqual([
    'deep',
    ['a.txt', 'deep'],
  ]);
});

test('long output is cut', async () => {
  const { expand } = await commands('!`seq 1 20000`');
  const text = (await expand()) ?? '';
  expect([
    text.startsWith('1\n2\n'),
    text.endsWith('20000'),
    text.length < 13_000,
    /full output: /.test(text),
  ]).toEqual([true, true, true, true]);
});
