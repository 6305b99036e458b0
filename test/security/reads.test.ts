/** What a model asks read_file, ripgrep and a patch for, that its commands could not read. */
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Bench, BYPASS, bench } from '../support/exec.ts';

const SECRET = 'what was said elsewhere';
const TOKEN = 'value-of-a-variable-1234';

type Call = readonly [name: string, args: { readonly [name: string]: string }];

/** What the calls, made in one answer, give back; each path is named after `places`. */
async function results(
  calls: (made: Bench) => readonly Call[],
  { mode = ['-s', 'workspace-write'], env = {} }: { mode?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<string[]> {
  let asked: readonly Call[] = [];
  const made = await bench((_, turn) =>
    turn === 0
      ? { toolCalls: asked.map(([name, args]) => ({ name, arguments: args })) }
      : { content: 'Done.' },
  );
  mkdirSync(path.join(made.home, 'sessions', '2026'), { recursive: true });
  writeFileSync(path.join(made.home, 'sessions', '2026', 'rollout.jsonl'), `${SECRET}\n`);
  writeFileSync(path.join(made.home, 'history.jsonl'), `${SECRET}\n`);
  writeFileSync(path.join(made.cwd, 'mine.txt'), 'what was said here\n');
  asked = calls(made);
  const { code } = await made.run(['exec', ...mode, 'Do it'], { env });
  expect(code).toBe(0);
  const last = made.chats().at(-1)?.messages ?? [];
  return last.flatMap(({ role, content }) => (role === 'tool' ? [content] : []));
}

const CANNOT = /cannot be read: commands do not see it either/;

test.each([
  ['read-only'],
  ['workspace-write'],
])('the private files of oagent are not read in %s', async (mode) => {
  const found = await results(
    ({ home, cwd }) => {
      const file = path.join(home, 'sessions', '2026', 'rollout.jsonl');
      symlinkSync(file, path.join(cwd, 'link.txt'));
      symlinkSync(path.join(home, 'sessions'), path.join(cwd, 'folder'));
      symlinkSync('/', path.join(cwd, 'root'));
      const patch = `*** Begin Patch\n*** Update File: ${file}\n@@\n-x\n+y\n*** End Patch`;
      return [
        ['read_file', { path: file }],
        ['read_file', { path: 'link.txt' }],
        ['read_file', { path: 'folder/2026/rollout.jsonl' }],
        ['read_file', { path: `root${file}` }],
        ['read_file', { path: path.relative(cwd, file) }],
        ['read_file', { path: path.join(home, 'history.jsonl') }],
        // Neither whether it exists.
        ['read_file', { path: path.join(home, 'sessions', '2026', 'rollout.json') }],
        ['ripgrep', { pattern: 'what was', path: file }],
        ['ripgrep', { pattern: 'what was', path: path.join(home, 'sessions') }],
        ['ripgrep', { pattern: 'what was', path: 'link.txt' }],
        ['ripgrep', { pattern: 'what was', path: 'folder/' }],
        ['ripgrep', { pattern: 'what was', path: path.join(home, 'sessions', '202') }],
        ['apply_patch', { input: patch }],
      ];
    },
    { mode: ['-s', mode] },
  );
  expect(found.length).toBe(13);
  expect(found.filter((text) => !CANNOT.test(text))).toEqual([]);
  expect(found.join()).not.toContain(SECRET);
});

test('a search above them leaves them out, also where nothing else was found', async () => {
  const found = await results(({ home, cwd }) => [
    ['ripgrep', { pattern: 'what was said', path: path.dirname(cwd) }],
    ['ripgrep', { pattern: 'what was said', path: home }],
    ['ripgrep', { pattern: 'said elsewhere', path: path.dirname(cwd) }],
    ['ripgrep', { pattern: 'said elsewhere', glob: `${path.dirname(cwd)}/**/*.jsonl` }],
    ['ripgrep', { pattern: 'said elsewhere', glob: '../home/**' }],
  ]);
  expect(found[0]).toContain('mine.txt:1:what was said here');
  expect(found.join()).not.toContain(SECRET);
});

test.each([[['-s', 'read-only']], [[BYPASS]]])('oagent’s own process is not read, with %j', async (mode) => {
  const found = await results(
    ({ cwd }) => {
      symlinkSync('/proc/self', path.join(cwd, 'self'));
      symlinkSync('/proc/self/environ', path.join(cwd, 'environ'));
      return [
        ['read_file', { path: '/proc/self/environ' }],
        ['read_file', { path: '/proc/thread-self/environ' }],
        ['read_file', { path: `/proc/${process.pid}/environ` }],
        ['read_file', { path: '/proc/self/root/etc/hostname' }],
        ['read_file', { path: '/proc/self/cwd/mine.txt' }],
        ['read_file', { path: 'self/environ' }],
        ['read_file', { path: 'environ' }],
        ['read_file', { path: '/dev/stdin' }],
        ['read_file', { path: '/dev/fd/1' }],
        ['ripgrep', { pattern: 'TOKEN', path: '/proc/self/environ' }],
        ['ripgrep', { pattern: 'TOKEN', path: `/proc/${process.pid}` }],
        ['ripgrep', { pattern: 'TOKEN', path: 'self/environ' }],
      ];
    },
    { mode, env: { MY_TOKEN: TOKEN } },
  );
  expect(found.length).toBe(12);
  expect(found.filter((text) => !CANNOT.test(text))).toEqual([]);
});

test('what a command may read can be read: the system’s files, and the outputs of this session', async () => {
  const found = await results(({ cwd }) => {
    linkSync(path.join(cwd, 'mine.txt'), path.join(cwd, 'other.txt'));
    symlinkSync('mine.txt', path.join(cwd, 'link.txt'));
    return [
      ['read_file', { path: '/proc/version' }],
      ['read_file', { path: '/etc/passwd' }],
      ['read_file', { path: 'other.txt' }],
      ['read_file', { path: 'link.txt' }],
    ];
  });
  expect(found.map((text) => CANNOT.test(text))).toEqual([false, false, false, false]);
});

test('ripgrep gets the environment of commands', async () => {
  let printed: readonly string[] = [];
  const made = await bench((_, turn) =>
    turn === 0 ? { toolCalls: [{ name: 'ripgrep', arguments: { pattern: 'x' } }] } : { content: 'Done.' },
  );
  const spy = path.join(path.dirname(made.cwd), 'rg');
  const log = path.join(path.dirname(made.cwd), 'log');
  writeFileSync(spy, `#!/bin/sh\nenv > ${log}\n`, { mode: 0o755 });
  await made.run(['exec', 'Do it'], { env: { OAGENT_RG: spy, MY_TOKEN: TOKEN, PLAIN: 'kept' } });
  const { readFileSync } = await import('node:fs');
  printed = readFileSync(log, 'utf8').split('\n');
  expect([printed.includes('PLAIN=kept'), printed.some((line) => line.includes(TOKEN))]).toEqual([
    true,
    false,
  ]);
});
