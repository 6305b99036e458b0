/** One folder, whatever it is called: trust, AGENTS.md, sessions and index are the same. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';

test('a folder that is named through a link is the folder itself', async () => {
  const { home, cwd, run, json, chats } = await bench([{ content: 'One.' }, { content: 'Two.' }]);
  const link = path.join(path.dirname(cwd), 'link');
  mkdirSync(path.join(cwd, 'pkg'));
  symlinkSync(cwd, link);
  writeFileSync(path.join(cwd, 'AGENTS.md'), 'Use tabs.\n');
  writeFileSync(
    path.join(home, 'config.toml'),
    `[projects.${JSON.stringify(link)}]\ntrust_level = "trusted"\n`,
  );
  const elsewhere = { cwd: path.dirname(cwd) };
  expect((await json(['-C', `${link}/pkg/`, 'Begin.'], elsewhere)).code).toBe(0);
  const sent = JSON.stringify(chats()[0]?.messages);
  expect([sent.includes('Use tabs.'), sent.includes(`${cwd}/pkg`), sent.includes(link)]).toEqual([
    true,
    true,
    false,
  ]);
  const again = await json(['resume', '--last', 'Go on.'], { cwd: path.join(cwd, 'pkg') });
  expect([again.code, again.lines.map(({ type }) => type)]).toEqual([
    0,
    ['thread.started', 'turn.started', 'item.completed', 'turn.completed'],
  ]);
  expect((await run(['sessions', 'list'], { cwd: path.join(link, 'pkg') })).stdout).toContain('Begin.');
});

test('on a volume that folds case, other capitals are the same folder', async () => {
  const place = await bench([{ content: 'One.' }, { content: 'Two.' }]);
  const { home, cwd, run, json, chats } = place;
  const base = path.dirname(cwd);
  const env = {
    NODE_OPTIONS: `--require=${path.resolve('test/support/folding.cjs')}`,
    FOLDING_FOLDER: base,
  };
  writeFileSync(path.join(cwd, 'AGENTS.md'), 'Use tabs.\n');
  writeFileSync(
    path.join(home, 'config.toml'),
    `[projects.${JSON.stringify(path.join(base, 'Repo'))}]\ntrust_level = "trusted"\n`,
  );
  expect((await json(['-C', 'REPO', 'Begin.'], { cwd: base, env })).code).toBe(0);
  const sent = JSON.stringify(chats()[0]?.messages);
  expect([
    sent.includes('Use tabs.'),
    sent.includes(`<cwd>${cwd}</cwd>`),
    sent.includes('workspace-write'),
  ]).toEqual([true, true, true]);
  expect((await json(['-C', 'rePo', 'resume', '--last', 'Go on.'], { cwd: base, env })).code).toBe(0);
  expect((await run(['sessions', 'list'], { cwd, env })).stdout).toContain('Begin.');
});
