/** How the built program starts: on an old Node, and what it loads. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { transformSync } from 'rolldown/utils';
import { expect, test } from 'vitest';
import { bench, DIST, MAIN, startOagent, startProgram, systemProgram } from '../support/exec.ts';

/** A Node that is too old for the program; undefined where there is none. */
function oldNode(): { readonly file: string; readonly version: string } | undefined {
  for (const name of ['node', 'nodejs', 'node20', 'node18']) {
    const file = systemProgram(name);
    if (file === undefined) continue;
    const version = spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout.trim().replace(/^v/, '');
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major > 0 && (major < 22 || (major === 22 && minor < 16))) return { file, version };
  }
  return undefined;
}

const old = oldNode();
if (old === undefined) console.warn('SKIPPED: the start on an old Node, which needs one on PATH');

test.skipIf(old === undefined)('an old Node is told in one line, exit 2', () => {
  const { status, stdout, stderr } = spawnSync(old?.file ?? '', [MAIN, 'exec', 'Hi'], { encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({
    status: 2,
    stdout: '',
    stderr: `oagent needs Node.js 22.16 or later (but not 23); this is ${old?.version}. Run it with Node.js 24, for example.\n`,
  });
});

test('the entry has no syntax above ES2020, so that an old Node can parse it', async () => {
  const source = await readFile(MAIN, 'utf8');
  const { code } = transformSync(MAIN, source, { target: 'es2020' });
  expect(code).toBe(transformSync(MAIN, source, { target: 'esnext' }).code);
  expect(source.startsWith('#!/usr/bin/env node\n')).toBe(true);
  // Only what is there in every Node is imported before the version is known.
  expect(source).not.toMatch(/^\s*import\b(?!\()/m);
});

/** The files of dist that loading these ones loads. */
function loaded(...files: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*"(\.[^"]+\.js)"/g)) {
      visit(path.resolve(path.dirname(file), name));
    }
  };
  for (const file of files) visit(path.join(DIST, file));
  return [...seen];
}

test('exec loads few files, no React, no full zod, no server script, no npm client and no protocol of editors', () => {
  const chunks = readdirSync(path.join(DIST, 'chunks')).filter((name) => /^exec-[\w-]{8}\.js$/.test(name));
  const files = loaded('run.js', ...chunks.map((name) => `chunks/${name}`));
  // Each costs a third of a millisecond (TOGETHER in scripts/build.mjs).
  expect(files.length).toBeLessThan(14);
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n');
  expect(text).toContain('turn.started');
  const foreign = [
    'useEffect',
    'ZodObject.create',
    'scripted-demo',
    'new Ollama(',
    'web-tree-sitter',
    'chromadb',
    'session/request_permission',
    // Of extensions only the look whether there are any.
    'mcpServers',
    'tools/call',
    'SKILL.md',
    '.claude/commands',
    'hook_event_name',
    'leads out of the project',
  ];
  expect(foreign.filter((word) => text.includes(word))).toEqual([]);
  // Far less than with any of them; if it has to grow, it must be worth the start of every run.
  expect(Buffer.byteLength(text)).toBeLessThan(637_000);
});

test('without an extension exec loads the same few files, and nothing for one', async () => {
  const { run, home } = await bench([{ content: 'Hi.' }]);
  const file = path.join(home, 'modules.json');
  const hook = path.resolve('test/support/modules-before.cjs');
  const env = { NODE_OPTIONS: `--require=${hook}`, MODULES_FILE: file, MODULES_BEFORE: 'POST /api/chat' };
  expect((await run(['exec', 'Hi'], { env })).code).toBe(0);
  const names = (JSON.parse(await readFile(file, 'utf8')) as string[]).map((name) =>
    name.replace(/-[\w-]{8}\.js$/, ''),
  );
  expect(names).toEqual([
    'main.js',
    'run.js',
    'cli',
    'cli-exec-view',
    'cli-exec-view-worker',
    'exec',
    'exec',
    'exec-view',
    'exec-view-worker',
    'exec-worker',
    'exec-human',
    'build-agent',
  ]);
});

test('exec loads little for an index that is there: no thread, no parsers, no patches', () => {
  const chunks = readdirSync(path.join(DIST, 'chunks'));
  const named = (name: RegExp): string[] =>
    chunks.filter((file) => name.test(file)).map((file) => `chunks/${file}`);
  const before = new Set(loaded('run.js', ...named(/^exec-[\w-]{8}\.js$/)));
  const files = loaded(...named(/^code-index-[\w-]{8}\.js$/)).filter((file) => !before.has(file));
  expect(files.length).toBeLessThan(6);
  expect(files.reduce((sum, file) => sum + readFileSync(file).length, 0)).toBeLessThan(60_000);
  for (const file of files)
    expect(readFileSync(file, 'utf8')).not.toMatch(/node:(?:worker_threads|zlib|v8|vm)"/);
});

test('the compile cache is written below OAGENT_HOME, and a home that cannot be written costs nothing', async () => {
  const { env, home, cwd } = await bench([]);
  const { NODE_COMPILE_CACHE: _cache, ...plain } = env;
  expect((await startOagent(['config', 'schema'], { cwd, env: plain }).ended).code).toBe(0);
  expect(readdirSync(path.join(home, 'cache/compile'))).toHaveLength(1);
  const closed = { ...plain, OAGENT_HOME: '/dev/null/home' };
  expect((await startOagent(['--version'], { cwd, env: closed }).ended).code).toBe(0);
});

test('the version is told within the time of a few Node starts', async () => {
  const { run } = await bench([]);
  const before = performance.now();
  for (let start = 0; start < 3; start += 1) execFileSync(process.execPath, ['-e', '']);
  const starts = performance.now();
  await run(['--version']);
  expect(performance.now() - starts).toBeLessThan(2 * (starts - before));
});

test('a folder that is gone is told', async () => {
  const { cwd, env } = await bench([]);
  const script = `mkdir gone && cd gone && rmdir ../gone && '${process.execPath}' '${MAIN}' exec - <<<Hi`;
  const { code, stderr } = await startProgram('/bin/bash', ['-c', script], { cwd, env }).ended;
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'Error: the current folder no longer exists. Change to one that does\n',
  });
});
