/** `oagent memories` and `--no-memories`, as a user runs them. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { addEntry } from '../../src/memory/store/entries.ts';
import { openMemoryStore } from '../../src/memory/store/open-store.ts';
import { putRecord } from '../../src/memory/store/records.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { readSession } from '../../src/rollout/reconstruct.ts';
import { type Bench, BYPASS, bench, MAIN } from '../support/exec.ts';
import { entry, record } from '../support/memory.ts';
import { startInPty } from '../support/pty.ts';

const ID = '0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeee0a';
const STAMP = /\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d/g;

async function place(): Promise<Bench & { readonly memories: (...args: string[]) => Promise<string[]> }> {
  const made = await bench([{ content: 'Done.' }]);
  const memories = async (...args: string[]): Promise<string[]> => {
    const { code, stdout, stderr } = await made.run(['memories', ...args]);
    return [String(code), ...[stdout, stderr].map((text) => text.replaceAll(STAMP, 'STAMP').trimEnd())];
  };
  return { ...made, memories };
}

function remember(home: string): void {
  const store = openMemoryStore(home);
  putRecord(store, record(ID));
  addEntry(store, entry('Tests run with npm test.', { threads: [ID] }));
  addEntry(store, entry('Tests are slow \u001b[2J here.', { is_trusted: 0, project: '' }));
  store.close();
}

const files = (home: string): Record<string, string> => {
  const root = path.join(home, 'memories');
  const all = readdirSync(root, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return Object.fromEntries(
    all.map(({ parentPath, name }) => [name, readFileSync(path.join(parentPath, name), 'utf8')]),
  );
};

test('notes are added, listed, shown and forgotten', async () => {
  const { memories, run, home, cwd } = await place();
  writeFileSync(path.join(home, 'config.toml'), `[projects."${cwd}"]\ntrust_level = "trusted"\n`);
  expect([
    await memories(),
    await memories('add', 'Use', 'tabs'),
    await memories('list'),
    await memories('show', 'tabs'),
    await memories('forget', 'use tabs'),
    await memories('forget', 'use tabs'),
    await memories('add', ' '),
    await memories('path'),
  ]).toEqual([
    ['0', '', 'Nothing is remembered yet.'],
    ['0', 'Remembered: notes/STAMP-use-tabs.md', ''],
    ['0', 'Your notes:\n  STAMP-use-tabs.md  Use tabs', ''],
    ['0', expect.stringContaining('text: Use tabs\n'), ''],
    ['0', 'Deleted your note notes/STAMP-use-tabs.md', ''],
    ['1', '', 'Error: nothing that is remembered matches "use tabs". All of it: oagent memories list'],
    ['1', '', 'Error: there is nothing to remember: the text is empty'],
    ['0', path.join(home, 'memories'), ''],
  ]);
  const piped = await run(['memories', 'add', '-'], { stdin: 'my token is ghp_abcdefghijklmnop0123\n' });
  expect([piped.code, piped.stderr]).toEqual([0, 'warning: what looked like a secret in it is masked\n']);
});

test('what sessions have taught is listed, and as JSON; nothing of it steers the terminal', async () => {
  const { memories, home } = await place();
  remember(home);
  const [, shown] = await memories();
  expect(shown).toBe(
    [
      'Lines of the handbook:',
      '     1  2026-11-01  /work/shop  Tests run with npm test.',
      '     2  2026-11-01  Tests are slow here. (not trusted)',
      'Sessions:',
      `  ${ID}  2026-11-01  /work/shop  fix-the-cart`,
    ].join('\n'),
  );
  const [, json = ''] = await memories('list', '--json');
  expect(JSON.parse(json)[0]).toEqual({
    kind: 'line',
    id: '1',
    text: 'Tests run with npm test.',
    dated: '2026-11-01T12:00:00.000Z',
    folder: '/work/shop',
    trusted: true,
    threads: [ID],
    topic: 'Tests',
  });
});

test('a rebuild writes the same bytes again', async () => {
  const { memories, home } = await place();
  remember(home);
  expect((await memories('rebuild'))[1]?.split('\n').at(-1)).toBe('0 files of 4 already up to date.');
  const before = files(home);
  rmSync(path.join(home, 'memories'), { recursive: true });
  await memories('rebuild');
  expect(files(home)).toEqual(before);
  expect(await memories('rebuild')).toEqual(['0', '4 files of 4 already up to date.', '']);
  expect((await memories('show', 'MEMORY.md'))[1]).toBe(before['MEMORY.md']?.trimEnd());
});

test('of several that match none is forgotten without a terminal, and on one you are asked', async () => {
  const { memories, home, cwd, env } = await place();
  remember(home);
  const [code, out, error] = await memories('forget', 'tests');
  expect([code, out, error?.split('\n')[0]]).toEqual([
    '1',
    '',
    'Error: 3 match. There is no terminal to ask on: name one of them by its id or its text.',
  ]);
  const { screen, type, ended } = startInPty(process.execPath, [MAIN, 'memories', 'forget', 'tests'], {
    cwd,
    env,
  });
  await screen.until(() => screen.raw.includes('Forget all 3? [y/N] '));
  type('y\r');
  expect((await ended).code).toBe(0);
  expect((await memories('list'))[1]).not.toContain('handbook');
  expect(await memories('forget', ID)).toEqual([
    '0',
    `Forgot what session ${ID} taught; it is not read again.`,
    '',
  ]);
  expect((await memories())[2]?.split('\n')[0]).toBe('Nothing is remembered yet.');
});

test('an older folder is taken over', async () => {
  const { memories, cwd } = await place();
  const old = path.join(cwd, 'old');
  mkdirSync(old);
  writeFileSync(path.join(old, 'MEMORY.md'), '## User preferences\n- use tabs in Makefiles\n');
  expect([
    await memories('migrate', 'old'),
    await memories('migrate', old),
    await memories('migrate', 'none'),
  ]).toEqual([
    ['0', `Took over 1 line, 0 sessions, 0 skills. ${old} stays as it is.`, ''],
    [
      '0',
      `Took over 0 lines, 0 sessions, 0 skills. 1 were already here or are forgotten. ${old} stays as it is.`,
      '',
    ],
    ['1', '', `Error: ${cwd}/none is not a folder`],
  ]);
});

test('a folder is switched off and on, in the user’s own configuration', async () => {
  const { memories, home, cwd, run } = await place();
  const config = path.join(home, 'config.toml');
  writeFileSync(config, `# mine\n[projects."${cwd}"]\ntrust_level = "trusted"\n`);
  mkdirSync(path.join(cwd, 'deep'));
  const deep = (...args: string[]) => run(['memories', ...args, '-C', path.join(cwd, 'deep')]);
  expect((await deep('off')).stdout).toBe(`Memories are off in ${cwd} and below it.\n`);
  expect((await deep('off')).code).toBe(0);
  expect((await memories())[2]).toBe(
    `Nothing is remembered yet.\nMemories are limited in this folder: they are switched off in ${cwd}.`,
  );
  expect((await memories('on'))[1]).toBe(`Memories are on in ${cwd} and below it.`);
  expect(readFileSync(config, 'utf8')).toBe(
    `# mine\n[projects."${cwd}"]\nmemories = true\ntrust_level = "trusted"\n`,
  );
});

test('--no-memories marks the session, before exec and after it', async () => {
  for (const args of [
    ['--no-memories', 'exec', BYPASS, 'Begin.'],
    ['exec', BYPASS, '--no-memories', 'Begin.'],
  ]) {
    const { run, home } = await place();
    expect((await run(args)).code).toBe(0);
    expect(rolloutFiles(home).map(({ path: file }) => readSession(file).memoriesOff)).toEqual(['incognito']);
  }
  const { run, home } = await place();
  await run(['exec', BYPASS, 'Begin.']);
  expect(rolloutFiles(home).map(({ path: file }) => readSession(file).memoriesOff)).toEqual([undefined]);
});

test('in a session: /remember, /incognito and /memories', async () => {
  const { home, cwd, env, memories } = await place();
  writeFileSync(path.join(home, 'config.toml'), `[projects."${cwd}"]\ntrust_level = "trusted"\n`);
  const { screen, type, ended } = startInPty(process.execPath, [MAIN, '-m', 'base', '--screen-reader'], {
    cwd,
    env,
  });
  const until = (text: string): Promise<unknown> => screen.until(() => screen.raw.includes(text));
  await until('You: ');
  type('/remember Use tabs\r');
  await until('Remembered.');
  type('/memories\r');
  await until('Number, 1 to 3: ');
  expect(screen.raw).toContain('1. Use tabs: note');
  type('\r');
  await until('Nothing was changed.');
  type('/incognito\r');
  await until('Incognito: no memories are made of this session');
  type('Begin.\r');
  await until('Done.');
  type('\u0004');
  expect((await ended).code).toBe(0);
  expect(rolloutFiles(home).map(({ path: file }) => readSession(file).memoriesOff)).toEqual(['incognito']);
  expect((await memories())[1]).toBe('Your notes:\n  STAMP-use-tabs.md  Use tabs');
});

test('what cannot be meant is wrong usage', async () => {
  const { memories } = await place();
  expect((await memories('nope'))[2]?.split('\n')[0]).toBe("error: unknown command 'nope'");
  expect([(await memories('nope'))[0], (await memories('add'))[0], (await memories('migrate'))[0]]).toEqual([
    '2',
    '2',
    '2',
  ]);
});
