/** The requests themselves: what stands in them, and what two of them share. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createTools } from '../../src/tools/registry.ts';
import { bench, type ChatBody } from '../support/exec.ts';
import { tempFolder } from '../support/temp-folder.ts';

const HI = () => ({ content: 'Hi.' });

test('the first request: static system message, frame, prompt; nothing else', async () => {
  const { run, chats, cwd, server } = await bench(HI);
  await run(['exec', 'Do it']);
  const [{ messages, tools, ...rest } = { messages: [] }] = chats() as Partial<ChatBody>[] as [ChatBody];
  expect(rest).toEqual({
    model: 'base:latest',
    think: true,
    stream: true,
    truncate: false,
    shift: false,
    keep_alive: '30m',
    options: { num_ctx: 32_768, num_predict: 8192 },
  });
  expect(tools?.map((tool) => tool.function.name)).toEqual([
    'exec_command',
    'write_stdin',
    'apply_patch',
    'ripgrep',
    'read_file',
    'update_plan',
  ]);
  expect(messages).toEqual([
    { role: 'system', content: (await readFile('prompts/system.md', 'utf8')).trim() },
    {
      role: 'user',
      content: `<environment_context>
  <shell>bash</shell>
  <current_date>${new Date().toISOString().slice(0, 10)}</current_date>
  <timezone>UTC</timezone>
  <sandbox>read-only, network off</sandbox>
  <cwd>${cwd}</cwd>
</environment_context>`,
    },
    { role: 'user', content: 'Do it' },
  ]);
  expect(server.log.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /api/tags',
    'GET /api/ps',
    'POST /api/show',
    'POST /api/chat',
    'GET /api/ps',
  ]);
});

test('with tools.unified_exec = false there is shell instead', async () => {
  const { run, chats } = await bench(HI);
  await run(['exec', '-c', 'tools.unified_exec=false', 'Do it']);
  expect(chats()[0]?.tools?.map((tool) => tool.function.name)).toEqual([
    'shell',
    'apply_patch',
    'ripgrep',
    'read_file',
    'update_plan',
  ]);
});

test('a model that is led is offered no tool, and told of none', async () => {
  const { run, chats, server } = await bench([{ json: { act: 'answer' } }, { content: 'Hi.' }]);
  const { stdout } = await run(['exec', '-c', 'models."base:latest".profile="led"', 'Do it']);
  expect(stdout).toBe('Hi.\n');
  expect(chats().map(({ tools }) => tools)).toEqual([undefined, undefined]);
  const [request] = server.log.filter(({ kind }) => kind === 'chat');
  const names = createTools({ unifiedExec: true, canEscalate: true, env: () => ({}) }).flatMap(
    ({ schema: { function: tool } }) => [tool.name, ...Object.keys(tool.parameters.properties)],
  );
  // Those that are English words are names of acts, too.
  const told = names.filter((name) => name.includes('_') || name === 'tty');
  expect(told).toEqual(expect.arrayContaining(['write_stdin', 'tty', 'yield_time_ms', 'update_plan']));
  expect(told.filter((name) => request?.rawBody.includes(name))).toEqual([]);
});

test('AGENTS.md, the global one and those of the project, stand in front of the environment', async () => {
  const { run, chats, cwd, home } = await bench(HI);
  const sub = path.join(cwd, 'sub');
  await mkdir(sub);
  await writeFile(path.join(home, 'AGENTS.md'), 'Global.\n');
  await writeFile(path.join(cwd, 'AGENTS.md'), 'Root.\n');
  await writeFile(path.join(sub, 'AGENTS.md'), 'shadowed');
  await writeFile(path.join(sub, 'AGENTS.override.md'), 'Sub.\n');
  await run(['exec', '--trust', '-C', sub, 'Do it']);
  const [, frame, prompt] = chats()[0]?.messages ?? [];
  const doc = `# AGENTS.md instructions for ${sub}

<INSTRUCTIONS>
Global.

--- project-doc ---

Root.


Sub.

</INSTRUCTIONS>

<environment_context>`;
  expect(frame?.content.slice(0, doc.length)).toBe(doc);
  expect(prompt?.content).toBe('Do it');
});

test('AGENTS.md that is too long is cut, and the user is warned', async () => {
  const { json, cwd, chats } = await bench(HI);
  const file = path.join(cwd, 'AGENTS.md');
  await writeFile(file, 'x'.repeat(40_000));
  const { lines } = await json(['--trust', '-c', 'project_doc_max_bytes=20000', 'Do it']);
  expect(lines[1]).toEqual({
    type: 'item.completed',
    item: {
      id: 'item_0',
      type: 'error',
      message: expect.stringContaining(`Loaded only 20000 of 40000 bytes from ${file}`),
    },
  });
  expect(chats()[0]?.messages[1]?.content.match(/x{9,}/)?.[0]).toHaveLength(20_000);
});

test('two sessions in two folders share everything up to the folder', async () => {
  const { run, server } = await bench(HI);
  const other = await tempFolder();
  await mkdir(path.join(other, '.git'));
  await run(['exec', 'Do it']);
  await run(['exec', 'Do it'], { cwd: other });
  const [first = '', second = ''] = server.log
    .filter(({ kind }) => kind === 'chat')
    .map(({ rawBody }) => rawBody);
  const common = [...first].findIndex((char, index) => char !== second[index]);
  expect(first.slice(0, common)).toMatch(/<sandbox>read-only, network off<\/sandbox>\\n {2}<cwd>\//);
  expect(first.slice(common)).toMatch(/^[^<]*<\/cwd>/);
});

test('the same task in the same folder is the same request, byte for byte', async () => {
  const { run, server } = await bench(HI);
  await run(['exec', 'Do it']);
  await run(['exec', '--json', 'Do it']);
  const [first, second] = server.log.filter(({ kind }) => kind === 'chat');
  expect(second?.rawBody).toBe(first?.rawBody);
  expect(second?.rereadTokens).toBe(1);
});

test('request N+1 begins with request N', async () => {
  const calls = [
    { name: 'shell', arguments: { command: 'seq 5' } },
    { name: 'read_file', arguments: { path: 'missing' } },
  ];
  const { run, chats, server } = await bench([
    { thinking: 'One.', content: 'First.', toolCalls: calls },
    { thinking: 'Two.', toolCalls: [{ name: 'ripgrep', arguments: { pattern: 'x', glob: '*.ts' } }] },
    { content: 'Done.' },
  ]);
  await run(['exec', 'Do it']);
  const bodies = chats();
  for (const [index, body] of bodies.slice(1).entries()) {
    const before = bodies[index];
    expect(body.messages.slice(0, before?.messages.length)).toEqual(before?.messages);
    expect(JSON.stringify(body.tools)).toBe(JSON.stringify(before?.tools));
  }
  for (const { newTokens, rereadTokens } of server.log.filter(({ kind }) => kind === 'chat').slice(1)) {
    expect(rereadTokens).toBe(newTokens);
  }
});
