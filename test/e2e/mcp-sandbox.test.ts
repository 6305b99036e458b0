/** A server of others in the sandbox of the session, with the built program. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { Script } from '../../src/demo/script.ts';
import { type Bench, bench, pidsWith } from '../support/exec.ts';
import { sandboxedTest } from '../support/sandbox.ts';

const FILES = path.resolve('node_modules/@modelcontextprotocol/server-filesystem/dist/index.js');

const write = (file: string) => ({
  toolCalls: [
    {
      name: 'mcp_call',
      arguments: { server: 'files', tool: 'write_file', arguments: { path: file, content: 'written' } },
    },
  ],
});

/** A server that itself would write in the folder of the session and in the one beside it. */
async function confined(script: Script): Promise<Bench> {
  const made = await bench(script);
  const outside = path.join(made.cwd, '../outside');
  mkdirSync(outside);
  writeFileSync(
    path.join(made.home, 'config.toml'),
    [
      // The folders of this test are in there.
      'sandbox_workspace_write.exclude_slash_tmp = true',
      '[mcp_servers.files]',
      `command = "${process.execPath}"`,
      `args = ["${FILES}", "${made.cwd}", "${outside}"]`,
      'sandbox = true',
      '[mcp_servers.files.tools.write_file]',
      'approval_mode = "approve"',
      '',
    ].join('\n'),
  );
  return made;
}

const outputs = ({ chats }: Bench): string[] =>
  chats()
    .at(-1)
    ?.messages.flatMap(({ role, content }) => (role === 'tool' ? [content] : [])) ?? [];

sandboxedTest.for([
  ['workspace-write', 'Successfully wrote', true],
  ['read-only', 'EROFS', false],
  // The user wants it confined whatever commands may do.
  ['danger-full-access', 'Successfully wrote', true],
] as const)('with %s it writes where commands may, and nowhere else', async ([mode, inside, isWritten]) => {
  const made = await confined([write('in.txt'), write('../outside/out.txt'), { content: 'Done.' }]);
  const { code, stderr } = await made.run(['exec', '-s', mode, 'write']);
  expect([code, outputs(made)], stderr).toEqual([
    0,
    [expect.stringContaining(inside), expect.stringContaining('EROFS')],
  ]);
  const file = path.join(made.cwd, 'in.txt');
  expect([
    existsSync(file) && readFileSync(file, 'utf8'),
    existsSync(path.join(made.cwd, '../outside/out.txt')),
  ]).toEqual([isWritten && 'written', false]);
  expect(pidsWith(`${FILES} ${made.cwd}`)).toEqual([]);
});

sandboxedTest.for(['SIGKILL', 'SIGTERM'] as const)('after %s no process of it is left', async (signal) => {
  const never = new Promise<void>(() => undefined);
  const made = await confined((_, index) =>
    index === 0 ? write('in.txt') : { content: 'Later.', waitFor: never },
  );
  const running = made.start(['exec', '-s', 'workspace-write', 'write']);
  await made.server.waitForRequest(2);
  expect(pidsWith(`${FILES} ${made.cwd}`)).not.toEqual([]);
  running.child.kill(signal);
  await running.ended;
  await expect.poll(() => pidsWith(`${FILES} ${made.cwd}`)).toEqual([]);
});
