/** The package that `npm pack` makes works where it is installed, on each Node that it promises. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addFile,
  type Bench,
  BYPASS,
  bench,
  type RunResult,
  startProgram,
  VERSION,
} from '../support/exec.ts';
import {
  type Installed,
  libraryUser,
  nodeFolder,
  npx,
  packAndInstall,
  packagesBelow,
  typeErrors,
} from './installed.ts';

/** The part of a package's name that says which system it is for. */
const SYSTEM = /-(?:linux|darwin|win32)-.*/;

let installed: Installed;

beforeAll(() => {
  installed = packAndInstall();
});

afterAll(() => rmSync(installed.base, { recursive: true, force: true }));

/** PATH as on a system whose Node is the one in `folder`. */
const pathWith = (folder = ''): string => `${folder}${path.delimiter}${process.env.PATH ?? ''}`;

test('it has what users need and nothing else', () => {
  const top = new Set(installed.files.map((file) => file.split('/')[0]));
  expect([...top].sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'THIRD_PARTY_NOTICES.txt',
    'dist',
    'docs',
    'examples',
    'package.json',
  ]);
});

test('few packages come with it, and none runs anything when it is installed', () => {
  const packages = packagesBelow(installed.folder);
  const running = packages.filter(({ scripts }) =>
    ['preinstall', 'install', 'postinstall'].some((name) => name in scripts),
  );
  expect(running).toEqual([]);
  expect(packages.map(({ name }) => name.replace(SYSTEM, '-SYSTEM')).sort()).toEqual([
    '@anthropic-ai/sandbox-runtime',
    '@lydell/node-pty',
    '@lydell/node-pty-SYSTEM',
    '@pondwader/socks5-server',
    '@vscode/ripgrep',
    '@vscode/ripgrep-SYSTEM',
    '@vscode/tree-sitter-wasm',
    'chromadb',
    'chromadb-js-bindings-SYSTEM',
    'commander',
    'node-forge',
    'semver',
    'unbash',
    'zod',
  ]);
});

const NODES = [
  ['24', path.dirname(process.execPath)],
  ['22.16.0', nodeFolder('22.16.0')],
] as const;

describe.each(NODES)('on Node %s', (_version, folder) => {
  const onNode = test.skipIf(folder === undefined);

  /** As a user's shell starts it, with that Node first on PATH. */
  async function oagent(made: Bench, args: readonly string[]): Promise<RunResult> {
    const env = { ...made.env, PATH: pathWith(folder) };
    return startProgram(installed.bin, args, { cwd: made.cwd, env }).ended;
  }

  onNode('it says its version', async () => {
    const seen = await oagent(await bench([]), ['--version']);
    expect(seen).toEqual({ code: 0, signal: null, stdout: `${VERSION}\n`, stderr: '' });
  });

  onNode('npx runs it from the file', async () => {
    const { cwd, env } = await bench([]);
    const printed = npx(installed, ['--version'], { cwd, env: { ...env, PATH: pathWith(folder) } });
    expect(printed).toBe(`${VERSION}\n`);
  });

  onNode('the demo repairs its repository', async () => {
    const { code, stdout } = await oagent(await bench([]), ['demo']);
    expect(code).toBe(0);
    expect(stdout).toContain('All 9 tests pass.');
  });

  onNode('exec runs a command, writes a file and answers', async () => {
    const made = await bench([
      { toolCalls: [{ name: 'exec_command', arguments: { cmd: 'for n in 1 2; do echo "$n"; done' } }] },
      { toolCalls: [{ name: 'apply_patch', arguments: { input: addFile('a.txt', 'one') } }] },
      { content: 'Done.' },
    ]);
    const { code, stdout, stderr } = await oagent(made, ['exec', BYPASS, 'Write a.txt']);
    expect({ code, stdout, file: readFileSync(path.join(made.cwd, 'a.txt'), 'utf8') }).toEqual({
      code: 0,
      stdout: 'Done.\n',
      file: 'one\n',
    });
    expect(stderr).toContain('1 file changed (+1 -0)');
  });

  onNode('an example uses it as a library', async () => {
    const made = await bench([{ content: 'It adds numbers.' }]);
    const program = path.join(libraryUser(installed), 'watch.mjs');
    const env = { ...made.env, PATH: pathWith(folder) };
    const { code, stdout, stderr } = await startProgram('node', [program, 'What is it?'], {
      cwd: made.cwd,
      env,
    }).ended;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '\nIt adds numbers.\n', stderr: '' });
  });

  onNode('a script is read by its parser', async () => {
    const { code, stdout } = await oagent(await bench([]), [
      'rules',
      'check',
      '--',
      'bash',
      '-c',
      'ls | head -1',
    ]);
    expect({ code, classes: stdout.match(/^ +class: .*$/gm) }).toEqual({
      code: 0,
      classes: ['    class: known to only read', '    class: known to only read'],
    });
  });

  onNode('it makes an index of a repository and finds code in it', async () => {
    const made = await bench([]);
    writeFileSync(
      path.join(made.cwd, 'cart.ts'),
      'export function totalOfCart(): number {\n  return 0;\n}\n',
    );
    const built = await oagent(made, ['index', 'build']);
    const found = await oagent(made, ['index', 'search', 'total', 'cart', '--json']);
    expect({ built: built.code, found: JSON.parse(found.stdout) }).toEqual({
      built: 0,
      found: [expect.objectContaining({ path: 'cart.ts', start: 1, end: 3, symbol: 'totalOfCart' })],
    });
  });
});

test('the library has types that need nothing else', () => {
  const folder = libraryUser(installed);
  writeFileSync(
    path.join(folder, 'use.ts'),
    [
      "import { createSession, type Event, type Session } from 'oagent';",
      "export const session: Promise<Session> = createSession({ sandbox: 'read-only' });",
      'export function said(event: Event): string | null {',
      "  return event.type === 'turn_completed' ? event.lastMessage : null;",
      '}',
      '// @ts-expect-error: not a mode',
      "void createSession({ sandbox: 'none' });",
    ].join('\n'),
  );
  expect(typeErrors(folder, 'use.ts')).toBe('');
});

const OLD_NODE = '20.20.2';
const oldNode = nodeFolder(OLD_NODE);

test.skipIf(oldNode === undefined)('on Node 20 it says what it needs', async () => {
  const { cwd, env } = await bench([]);
  const seen = await startProgram(installed.bin, ['exec', 'Hi'], {
    cwd,
    env: { ...env, PATH: pathWith(oldNode) },
  }).ended;
  expect(seen).toEqual({
    code: 2,
    signal: null,
    stdout: '',
    stderr: `oagent needs Node.js 22.16 or later (but not 23); this is ${OLD_NODE}. Run it with Node.js 24, for example.\n`,
  });
});
