/** `exec --json`: the whole stream that clients of Codex read, line by line. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { httpFault, type ScriptedCall } from '../../src/demo/script.ts';
import { NOTHING_SEEN } from '../support/evidence.ts';
import { addFile, BYPASS, bench, usageOf } from '../support/exec.ts';
import { sandboxedTest } from '../support/sandbox.ts';

const call = (name: string, args: ScriptedCall['arguments']): ScriptedCall => ({ name, arguments: args });
const shell = (command: string): ScriptedCall => call('shell', { command });
const patch = (...lines: string[]): ScriptedCall =>
  call('apply_patch', { input: ['*** Begin Patch', ...lines, '*** End Patch'].join('\n') });
const plan = (...statuses: string[]): ScriptedCall =>
  call('update_plan', { plan: statuses.map((status, index) => ({ step: `Step ${index + 1}`, status })) });

const STARTED = [{ type: 'thread.started', thread_id: expect.any(String) }, { type: 'turn.started' }];
const message = (id: string, text: string) => ({
  type: 'item.completed',
  item: { id, type: 'agent_message', text },
});
const todo = (type: string, id: string, ...done: boolean[]) => ({
  type,
  item: {
    id,
    type: 'todo_list',
    items: done.map((completed, index) => ({ text: `Step ${index + 1}`, completed })),
  },
});

test('thinking, a plan, commands that succeed and fail, and the end', async () => {
  const { json, server } = await bench([
    {
      thinking: 'Let me see.',
      content: 'I begin.',
      toolCalls: [plan('in_progress', 'pending'), shell('echo one; echo two >&2')],
      evalCount: 11,
    },
    {
      thinking: ' \n',
      toolCalls: [plan('completed', 'in_progress'), shell('echo bad; exit 3')],
      evalCount: 12,
    },
    { content: 'Done.', evalCount: 13 },
  ]);
  const { code, lines, stderr } = await json([BYPASS, 'Work']);
  const one = { id: 'item_3', type: 'command_execution', command: "/bin/bash -c 'echo one; echo two >&2'" };
  const bad = { id: 'item_4', type: 'command_execution', command: "/bin/bash -c 'echo bad; exit 3'" };
  expect({ code, lines, stderr }).toEqual({
    code: 0,
    stderr: 'Reading additional input from stdin...\n',
    lines: [
      ...STARTED,
      { type: 'item.completed', item: { id: 'item_0', type: 'reasoning', text: 'Let me see.' } },
      message('item_1', 'I begin.'),
      todo('item.started', 'item_2', false, false),
      {
        type: 'item.started',
        item: { ...one, aggregated_output: '', exit_code: null, status: 'in_progress' },
      },
      {
        type: 'item.completed',
        item: { ...one, aggregated_output: 'one\ntwo\n', exit_code: 0, status: 'completed' },
      },
      todo('item.updated', 'item_2', true, false),
      {
        type: 'item.started',
        item: { ...bad, aggregated_output: '', exit_code: null, status: 'in_progress' },
      },
      {
        type: 'item.completed',
        item: { ...bad, aggregated_output: 'bad\n', exit_code: 3, status: 'failed' },
      },
      message('item_5', 'Done.'),
      todo('item.completed', 'item_2', true, false),
      {
        type: 'turn.completed',
        usage: usageOf(server.log, 36),
        evidence: {
          files: [],
          commands: [
            { command: 'echo one; echo two >&2', exit_code: 0, runs: 1 },
            { command: 'echo bad; exit 3', exit_code: 3, runs: 1 },
          ],
          checks: [],
        },
      },
    ],
  });
});

test('a patch that adds, updates, deletes and moves', async () => {
  const { json, cwd } = await bench([
    {
      toolCalls: [
        patch(
          '*** Add File: new/added.txt',
          '+hello',
          '*** Update File: changed.txt',
          '@@',
          '-old',
          '+new',
          '*** Delete File: gone.txt',
          '*** Update File: from.txt',
          '*** Move to: to.txt',
          '@@',
          '-left',
          '+right',
        ),
      ],
    },
    { content: 'Done.' },
  ]);
  await writeFile(path.join(cwd, 'changed.txt'), 'old\n');
  await writeFile(path.join(cwd, 'gone.txt'), 'gone\n');
  await writeFile(path.join(cwd, 'from.txt'), 'left\n');
  const { code, lines } = await json([BYPASS, 'Work']);
  const changes = [
    { path: path.join(cwd, 'new/added.txt'), kind: 'add' },
    { path: path.join(cwd, 'changed.txt'), kind: 'update' },
    { path: path.join(cwd, 'gone.txt'), kind: 'delete' },
    { path: path.join(cwd, 'from.txt'), kind: 'update' },
  ];
  expect(code).toBe(0);
  expect(lines.slice(2, -1)).toEqual([
    { type: 'item.started', item: { id: 'item_0', type: 'file_change', changes, status: 'in_progress' } },
    { type: 'item.completed', item: { id: 'item_0', type: 'file_change', changes, status: 'completed' } },
    message('item_1', 'Done.'),
  ]);
  expect(await readFile(path.join(cwd, 'to.txt'), 'utf8')).toBe('right\n');
});

sandboxedTest('calls that are refused show no item and take no id', async () => {
  const { json, chats } = await bench([
    {
      toolCalls: [
        patch('*** Update File: missing.txt', '@@', '-a', '+b'),
        shell('rm -f x'),
        call('fly', {}),
        call('read_file', {}),
      ],
    },
    { content: 'I cannot.' },
  ]);
  const { code, lines } = await json(['Work']);
  expect(code).toBe(0);
  expect(lines.slice(2, -1)).toEqual([message('item_0', 'I cannot.')]);
  const answers = chats()[1]?.messages.filter(({ role }) => role === 'tool');
  expect(answers?.map(({ tool_name }) => tool_name)).toEqual(['apply_patch', 'shell', 'fly', 'read_file']);
});

test('ripgrep and read_file are tool calls of the server "oagent"', async () => {
  const { json, cwd } = await bench([
    {
      toolCalls: [
        call('ripgrep', { pattern: 'need.e' }),
        call('read_file', { path: 'hay.txt' }),
        call('read_file', { path: 'nothing.txt' }),
      ],
    },
    { content: 'Found.' },
  ]);
  await writeFile(path.join(cwd, 'hay.txt'), 'hay\nneedle\n');
  const { lines } = await json(['Find']);
  const base = (id: string, tool: string, args: object) => ({
    id,
    type: 'mcp_tool_call',
    server: 'oagent',
    tool,
    arguments: args,
  });
  const done = (text: string) => ({
    result: { content: [{ type: 'text', text }], structured_content: null },
    error: null,
    status: 'completed',
  });
  const open = { result: null, error: null, status: 'in_progress' };
  const [search, read, missing] = [
    base('item_0', 'ripgrep', { pattern: 'need.e' }),
    base('item_1', 'read_file', { path: 'hay.txt' }),
    base('item_2', 'read_file', { path: 'nothing.txt' }),
  ];
  const items = lines.slice(2, -1);
  // They run side by side, so that only the order of their starts is certain.
  expect(items.slice(0, 3)).toEqual(
    [search, read, missing].map((item) => ({ type: 'item.started', item: { ...item, ...open } })),
  );
  const completed = items.slice(3, 6).map(({ item }) => item) as { id: string }[];
  expect(completed.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
    { ...search, ...done('hay.txt:2:needle') },
    { ...read, ...done('1\thay\n2\tneedle') },
    {
      ...missing,
      result: null,
      error: { message: expect.stringContaining('nothing.txt') },
      status: 'failed',
    },
  ]);
  expect(items.slice(6)).toEqual([message('item_3', 'Found.')]);
});

test('what Codex expects of the order of keys', async () => {
  const { run, cwd } = await bench([
    {
      toolCalls: [
        plan('completed'),
        shell('exit 0'),
        call('read_file', { path: 'a' }),
        patch('*** Add File: b', '+b'),
      ],
    },
    { content: 'Done.' },
  ]);
  await writeFile(path.join(cwd, 'a'), 'a\n');
  const { stdout } = await run(['exec', '--experimental-json', BYPASS, 'Work']);
  const shapes = stdout
    .trimEnd()
    .split('\n')
    .filter((line) => !line.includes('"item.started"') || line.includes('todo_list'))
    .map((line) =>
      line
        .match(/"(\w+)":/g)
        ?.join('')
        .replaceAll('"', ''),
    );
  expect(shapes).toEqual([
    'type:thread_id:',
    'type:',
    'type:item:id:type:items:text:completed:',
    'type:item:id:type:command:aggregated_output:exit_code:status:',
    'type:item:id:type:server:tool:arguments:path:result:content:type:text:structured_content:error:status:',
    'type:item:id:type:changes:path:kind:status:',
    'type:item:id:type:text:',
    'type:item:id:type:items:text:completed:',
    'type:usage:input_tokens:cached_input_tokens:cache_write_input_tokens:output_tokens:reasoning_output_tokens:' +
      'evidence:files:path:kind:added:removed:commands:command:exit_code:runs:checks:',
  ]);
});

test('a warning is an error item behind thread.started', async () => {
  const { json, home } = await bench([{ content: 'Hi.' }]);
  const file = path.join(home, 'config.toml');
  await writeFile(file, 'modle = "base"\n');
  const { code, lines } = await json(['Hi']);
  const warning = `oagent is ignoring 1 unrecognized configuration setting: modle (did you mean model?) (${file})`;
  expect(code).toBe(0);
  expect(lines.slice(0, -1)).toEqual([
    STARTED[0],
    { type: 'item.completed', item: { id: 'item_0', type: 'error', message: warning } },
    STARTED[1],
    message('item_1', 'Hi.'),
  ]);
});

test('a request that is tried again is told, and what broke off is not shown', async () => {
  const { json, server } = await bench([
    { thinking: 'Half a', content: 'Half an', fault: { kind: 'error_line', error: 'runner died' } },
    { content: 'Whole.', evalCount: 4 },
  ]);
  const { code, lines } = await json(['Hi']);
  expect({ code, lines }).toEqual({
    code: 0,
    lines: [
      ...STARTED,
      { type: 'error', message: 'Reconnecting... 1/2 (the model stopped with an error: runner died)' },
      message('item_0', 'Whole.'),
      {
        type: 'turn.completed',
        usage: usageOf(server.log.filter(({ kind }) => kind === 'chat').slice(1), 4),
        evidence: NOTHING_SEEN,
      },
    ],
  });
});

test('a failure is an error and a failed turn with the same text; the plan is closed', async () => {
  const { json } = await bench([{ toolCalls: [plan('in_progress')] }, httpFault(400, 'no more')]);
  const { code, lines } = await json(['Hi']);
  const text = 'Ollama refused the request (400): no more';
  expect({ code, lines }).toEqual({
    code: 1,
    lines: [
      ...STARTED,
      todo('item.started', 'item_0', false),
      todo('item.completed', 'item_0', false),
      { type: 'error', message: text },
      { type: 'turn.failed', error: { message: text }, evidence: NOTHING_SEEN },
    ],
  });
});

test('text of the model is given as it is, in lines that every reader of lines agrees about', async () => {
  const text = 'a\nb\r\n\u001b[31mred\u001b[0m \u2028 \u2029 "quoted" \\ \u202e 🦙';
  const { json } = await bench([{ content: text }]);
  const { lines, stdout } = await json(['Hi']);
  expect(lines[2]).toEqual(message('item_0', text));
  // Node's readline, through which the SDK reads, ends a line at these too.
  expect(stdout).not.toMatch(/[\r\u2028\u2029]/);
});

test('output is whole in the event although the model gets a part of it', async () => {
  const { json, chats } = await bench([{ toolCalls: [shell('seq 5000')] }, { content: 'Long.' }]);
  const { lines } = await json([BYPASS, 'Count']);
  const { aggregated_output } = lines[3]?.item as { aggregated_output: string };
  expect(aggregated_output).toBe(Array.from({ length: 5000 }, (_, index) => `${index + 1}\n`).join(''));
  const answer = chats()[1]?.messages.at(-1)?.content ?? '';
  expect(Buffer.byteLength(answer)).toBeLessThanOrEqual(10_300);
  expect(answer).toContain('Total output lines: 5000');
});

test('with the bypass a patch may write outside of the repository', async () => {
  const { json, home } = await bench([
    { toolCalls: [call('apply_patch', { input: addFile('../outside.txt', 'x') })] },
    { content: 'Done.' },
  ]);
  await json([BYPASS, 'Write']);
  expect(await readFile(path.join(home, '../outside.txt'), 'utf8')).toBe('x\n');
});

test('an answer that was cut off and continued is one message, everywhere', async () => {
  const script = [
    { content: 'The first half, ', doneReason: 'length', evalCount: 4 },
    { content: '<think>\nHere.\n</think>\n\nthe second half.', evalCount: 5 },
  ];
  const whole = 'The first half, the second half.';
  const { json, run, cwd } = await bench([...script, ...script]);
  const file = path.join(cwd, 'last.txt');
  const { lines } = await json(['-o', file, 'Tell']);
  expect(lines.filter(({ type }) => type === 'item.completed')).toEqual([
    { type: 'item.completed', item: { id: 'item_0', type: 'reasoning', text: 'Here.' } },
    message('item_1', whole),
  ]);
  expect(await readFile(file, 'utf8')).toBe(whole);
  expect((await run(['exec', 'Tell'])).stdout).toBe(`${whole}\n`);
  const shown = await run(['sessions', 'show', String(lines[0]?.thread_id)]);
  expect(shown.stdout).toContain(whole);
  expect(shown.stdout.split('The first half')).toHaveLength(2);
});
