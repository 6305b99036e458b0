/** A session that uses all extensions: the server reads only what is new, and the tools stay what they were. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Script } from '../../src/demo/script.ts';
import { skillMd } from '../extensions/skills/skill-folders.ts';
import { bench } from '../support/exec.ts';

const FILES = path.resolve('node_modules/@modelcontextprotocol/server-filesystem/dist/index.js');

const CALLS = [
  { name: 'mcp_find', arguments: { query: 'list a directory' } },
  { name: 'mcp_call', arguments: { server: 'files', tool: 'list_directory', arguments: { path: '.' } } },
  { name: 'task', arguments: { prompt: 'Where is the answer?' } },
  { name: 'exec_command', arguments: { cmd: 'echo hi' } },
] as const;

test('nothing is read twice over two turns of everything', async () => {
  const isSub = (text: string): boolean => text.includes('Where is the answer?') && !text.includes('Publish');
  let step = 0;
  let hasRead = false;
  const script: Script = ({ messages }) => {
    if (isSub(messages.map(({ content }) => content).join('\n'))) {
      if (hasRead) return { content: 'It is in notes.txt:1.' };
      hasRead = true;
      return { toolCalls: [{ name: 'read_file', arguments: { path: 'notes.txt' } }] };
    }
    const next = CALLS[step];
    step += 1;
    return next === undefined ? { content: 'Published.' } : { toolCalls: [next] };
  };
  const { run, server, home, cwd } = await bench(script);
  const put = (file: string, text: string): void => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  // A server keeps a conversation that another one displaces only if it is more than what they share.
  put(path.join(cwd, 'AGENTS.md'), 'It is long. '.repeat(800));
  put(path.join(cwd, 'notes.txt'), 'the answer is 42\n');
  put(
    path.join(cwd, '.agents/skills/release/SKILL.md'),
    skillMd('release', 'Publish a release of the package', 'Tag it first.'),
  );
  put(path.join(cwd, '.oagent/prompts/sum.md'), 'Sum up $1 in $2 words: @notes.txt');
  put(
    path.join(home, 'config.toml'),
    `[agents]
enabled = true
[mcp_servers.files]
command = "${process.execPath}"
args = ["${FILES}", "${cwd}"]
[mcp_servers.files.tools.list_directory]
approval_mode = "approve"
[[hooks.PostToolUse]]
matcher = "Bash"
hooks = [{ type = "command", command = "echo 'checked by the hook' >&2; exit 2" }]
[projects."${cwd}"]
trust_level = "trusted"
`,
  );
  expect((await run(['exec', 'Publish a release of the package'])).code).toBe(0);
  expect((await run(['exec', 'resume', '--last', '/sum notes ten'])).code).toBe(0);

  const chats = server.log.filter(({ kind }) => kind === 'chat');
  const bodies = chats.map(({ body }) => body as { tools: unknown; messages: { content: string }[] });
  const said = bodies.map(({ messages }) => messages.map(({ content }) => content).join('\n'));
  const last = said.at(-1) ?? '';
  for (const part of [
    'Tag it first.',
    'files.list_directory(',
    '[FILE] notes.txt',
    'notes.txt:1',
    'checked by the hook',
    'Sum up notes in ten words',
  ])
    expect(last).toContain(part);
  expect(new Set(bodies.map(({ tools }) => JSON.stringify(tools))).size).toBe(1);
  const own = bodies.filter((_, at) => !isSub(said[at] ?? ''));
  expect([own.length, bodies.length]).toEqual([CALLS.length + 2, CALLS.length + 4]);
  for (const [at, { messages }] of own.slice(1).entries()) {
    const before = JSON.stringify(own[at]?.messages).slice(0, -1);
    expect(JSON.stringify(messages).startsWith(before)).toBe(true);
  }
  // Of the sub-agent's conversation the beginning is known; that of the session goes on where it was.
  const ofSession = chats.filter((_, at) => !isSub(said[at] ?? ''));
  for (const [at, { promptTokens, rereadTokens }] of ofSession.slice(1).entries())
    expect(rereadTokens).toBeLessThanOrEqual((promptTokens ?? 0) - (ofSession[at]?.promptTokens ?? 0));
});
