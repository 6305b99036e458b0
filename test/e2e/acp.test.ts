/** `oagent acp` as an editor uses it: the SDK's own client, and the calls that Zed makes. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { McpServer } from '@agentclientprotocol/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { type AcpClient, acpClient, callsOf, textOf } from '../support/acp-client.ts';
import { addFile, type Bench, bench, MAIN, processesWith, sleepers, VERSION } from '../support/exec.ts';
import { RENDERED } from '../support/ollama-server.ts';
import { sandboxedTest } from '../support/sandbox.ts';

const shell = (command: string) => ({ toolCalls: [{ name: 'shell', arguments: { command } }] });
const patch = (input: string) => ({ toolCalls: [{ name: 'apply_patch', arguments: { input } }] });
const done = { content: 'Done.' };

/** As `oagent` asks in the terminal. */
function trust({ home, cwd }: Bench): void {
  writeFileSync(path.join(home, 'config.toml'), `[projects."${cwd}"]\ntrust_level = "trusted"\n`);
}

async function trusted(...args: Parameters<typeof bench>): Promise<Bench> {
  const made = await bench(...args);
  trust(made);
  return made;
}

test('a prompt is answered piece by piece, with thinking, plan and usage; the end of stdin ends it', async () => {
  const plan = { plan: [{ step: 'Look', status: 'in_progress' }] };
  const made = await trusted([
    { thinking: 'Hm, hm.', toolCalls: [{ name: 'update_plan', arguments: plan }] },
    { content: 'All is well.' },
  ]);
  const acp = await acpClient(made);
  const { sessionId, modes } = await acp.begin();
  expect(modes).toMatchObject({ currentModeId: 'write' });
  expect(modes?.availableModes.map(({ id }) => id)).toEqual(['read-only', 'ask', 'write', 'plan']);
  expect(await acp.say(sessionId, 'Look around.')).toBe('end_turn');
  expect(textOf(acp.updates, 'agent_thought_chunk')).toBe('Hm, hm.');
  expect(textOf(acp.updates, 'agent_message_chunk')).toBe('All is well.');
  expect(
    acp.updates.filter(({ sessionUpdate }) => sessionUpdate === 'agent_message_chunk').length,
  ).toBeGreaterThan(1);
  expect(acp.updates).toContainEqual({
    sessionUpdate: 'plan',
    entries: [{ content: 'Look', status: 'in_progress', priority: 'medium' }],
  });
  expect(acp.updates.findLast(({ sessionUpdate }) => sessionUpdate === 'usage_update')).toMatchObject({
    used: expect.any(Number),
    size: expect.any(Number),
  });
  expect(await acp.end()).toBe(0);
  expect(acp.stderr()).toBe('');
  for (const line of acp.stdout().trimEnd().split('\n'))
    expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
});

test('commands, files and searches are tool calls with kinds, places, diffs and outputs', async () => {
  const made = await trusted([
    patch(addFile('new.txt', 'one')),
    patch('*** Begin Patch\n*** Update File: old.txt\n@@\n a\n-b\n+B\n c\n*** End Patch'),
    { toolCalls: [{ name: 'read_file', arguments: { path: 'old.txt' } }] },
    done,
  ]);
  writeFileSync(path.join(made.cwd, 'old.txt'), 'a\nb\nc\n');
  const acp = await acpClient(made);
  const { sessionId } = await acp.begin();
  expect(await acp.say(sessionId, 'Change it.')).toBe('end_turn');
  const [created, file] = [path.join(made.cwd, 'new.txt'), path.join(made.cwd, 'old.txt')];
  expect(callsOf(acp.updates).map(({ toolCallId: _, rawInput: __, ...call }) => call)).toEqual([
    {
      ...{ title: 'Add new.txt', kind: 'edit', status: 'completed' },
      content: [{ type: 'diff', path: created, oldText: null, newText: 'one\n' }],
      locations: [{ path: created, line: 1 }],
    },
    {
      ...{ title: 'Edit old.txt', kind: 'edit', status: 'completed' },
      content: [{ type: 'diff', path: file, oldText: 'a\nb\nc\n', newText: 'a\nB\nc\n' }],
      locations: [{ path: file, line: 1 }],
    },
    {
      ...{ title: 'Read old.txt', kind: 'read', status: 'completed' },
      content: [expect.objectContaining({ type: 'content' })],
      locations: [{ path: file }],
    },
  ]);
  expect(readFileSync(file, 'utf8')).toBe('a\nB\nc\n');
});

sandboxedTest('the output of a command is text, or a terminal where the client shows one', async () => {
  const script = [shell('echo hello; exit 3'), done];
  const plain = await trusted(script);
  const first = await acpClient(plain);
  await first.say((await first.begin()).sessionId, 'Run it.');
  expect(callsOf(first.updates)).toMatchObject([
    {
      ...{ title: 'echo hello; exit 3', kind: 'execute', status: 'failed' },
      content: [
        { type: 'content', content: { type: 'text', text: '```\nhello\n```' } },
        { type: 'content', content: { type: 'text', text: 'Exit code 3' } },
      ],
    },
  ]);
  const second = await trusted(script);
  const clientCapabilities = { _meta: { terminal_output: true } };
  const zed = await acpClient(second, { initialize: { clientCapabilities } });
  await zed.say((await zed.begin()).sessionId, 'Run it.');
  const metas = zed.updates.flatMap((update) => ('_meta' in update && update._meta ? [update._meta] : []));
  const terminal_id = expect.any(String);
  expect(metas).toEqual([
    { terminal_info: { terminal_id, cwd: second.cwd } },
    { terminal_output: { terminal_id, data: 'hello\n' } },
    { terminal_exit: { terminal_id, exit_code: 3, signal: null } },
  ]);
});

test('a question is a permission request with the answers of the terminal', async () => {
  const made = await trusted([patch(addFile('a.txt', '1')), patch(addFile('b.txt', '2')), done]);
  const answers = ['once', 'no'];
  const acp = await acpClient(made, { choose: () => answers.shift() });
  const { sessionId } = await acp.begin();
  await acp.agent.request('session/set_mode', { sessionId, modeId: 'ask' });
  expect(acp.updates).toContainEqual({ sessionUpdate: 'current_mode_update', currentModeId: 'ask' });
  expect(await acp.say(sessionId, 'Write them.')).toBe('end_turn');
  expect(acp.asked[0]).toMatchObject({
    sessionId,
    toolCall: { title: 'Add a.txt', kind: 'edit', status: 'pending' },
    options: [
      { optionId: 'once', kind: 'allow_once' },
      { optionId: 'session', kind: 'allow_always' },
      { optionId: 'no', name: 'No', kind: 'reject_once' },
      { optionId: 'stop', kind: 'reject_once' },
    ],
  });
  expect(callsOf(acp.updates).map(({ toolCallId, title, status }) => [toolCallId, title, status])).toEqual([
    [acp.asked[0]?.toolCall.toolCallId, 'Add a.txt', 'completed'],
    [acp.asked[1]?.toolCall.toolCallId, 'Add b.txt', 'failed'],
  ]);
  expect([existsSync(path.join(made.cwd, 'a.txt')), existsSync(path.join(made.cwd, 'b.txt'))]).toEqual([
    true,
    false,
  ]);
});

sandboxedTest('a cancel ends the command, its call and the prompt, and the session goes on', async () => {
  const made = await trusted([shell('echo begun; sleep 4711'), { content: 'Hello again.' }]);
  const acp = await acpClient(made);
  const { sessionId } = await acp.begin();
  const answer = acp.say(sessionId, 'Wait.');
  const waiting = acp.say(sessionId, 'And then this.');
  await acp.update(
    (update) => update.sessionUpdate === 'tool_call_update' && JSON.stringify(update).includes('begun'),
  );
  await acp.agent.notify('session/cancel', { sessionId });
  expect([await answer, await waiting]).toEqual(['cancelled', 'cancelled']);
  expect(callsOf(acp.updates)).toMatchObject([{ status: 'failed' }]);
  expect(sleepers('4711')).toBe(0);
  expect(await acp.say(sessionId, 'Still there?')).toBe('end_turn');
});

test('a cancel while something is asked ends the prompt', async () => {
  const made = await trusted([patch(addFile('a.txt', '1')), done]);
  const acp = await acpClient(made, { args: ['-s', 'read-only'] });
  const { sessionId } = await acp.begin();
  const answer = acp.say(sessionId, 'Write it.');
  await expect.poll(() => acp.asked.length, { timeout: 20_000 }).toBe(1);
  await acp.agent.notify('session/cancel', { sessionId });
  expect(await answer).toBe('cancelled');
  expect(callsOf(acp.updates).map(({ status }) => status)).not.toContain('in_progress');
});

sandboxedTest('when the client is gone nothing is left', async () => {
  const made = await trusted([shell('echo begun; sleep 4712')]);
  const acp = await acpClient(made);
  const { sessionId } = await acp.begin();
  void acp.say(sessionId, 'Wait.').catch(() => undefined);
  await acp.update(
    (update) => update.sessionUpdate === 'tool_call_update' && JSON.stringify(update).includes('begun'),
  );
  expect(await acp.end()).toBe(0);
  expect(sleepers('4712')).toBe(0);
});

test('a folder that is not trusted is only read', async () => {
  const made = await bench([done]);
  const acp = await acpClient(made);
  const { sessionId, modes } = await acp.begin();
  expect(modes).toMatchObject({ currentModeId: 'ask' });
  expect(modes?.availableModes.map(({ id }) => id)).toEqual(['read-only', 'ask', 'plan']);
  const write = acp.agent.request('session/set_mode', { sessionId, modeId: 'write' });
  await expect(write).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining('not trusted'),
  });
  await acp.say(sessionId, 'Hello.');
  expect(textOf(acp.updates, 'agent_message_chunk')).toMatch(/is not trusted[\s\S]*Done\./);
});

test('a session is listed, and loaded with its history in another process', async () => {
  const made = await trusted([patch(addFile('a.txt', '1')), done, { content: 'Welcome back.' }]);
  const first = await acpClient(made);
  const { sessionId } = await first.begin();
  await first.say(sessionId, 'Write it.');
  await first.end();
  const acp = await acpClient(made);
  const { sessions } = await acp.agent.request('session/list', { cwd: made.cwd });
  expect(sessions).toMatchObject([
    { sessionId, cwd: made.cwd, title: 'Write it.', updatedAt: expect.any(String) },
  ]);
  await acp.agent.request('session/load', { sessionId, cwd: made.cwd, mcpServers: [] });
  expect(textOf(acp.updates, 'user_message_chunk')).toBe('Write it.');
  expect(textOf(acp.updates, 'agent_message_chunk')).toBe('Done.');
  expect(callsOf(acp.updates)).toMatchObject([{ title: 'Add a.txt', status: 'completed' }]);
  expect(await acp.say(sessionId, 'And now?')).toBe('end_turn');
  expect(
    made
      .chats()
      .at(-1)
      ?.messages.filter(({ role }) => role === 'user').length,
  ).toBeGreaterThan(1);
  // One that is open elsewhere stays.
  const third = await acpClient(made);
  await expect(third.agent.request('session/delete', { sessionId })).rejects.toMatchObject({
    message: expect.stringContaining('another'),
  });
  await acp.agent.request('session/delete', { sessionId });
  await acp.agent.request('session/delete', { sessionId });
  expect((await acp.agent.request('session/list', { cwd: made.cwd })).sessions).toEqual([]);
});

test('what is open stays open when it cannot be loaded anew, and two loads come one after the other', async () => {
  const made = await trusted([done, done, done]);
  const acp = await acpClient(made);
  const { sessionId } = await acp.begin();
  await acp.say(sessionId, 'Hello.');
  const load = (cwd: string) =>
    acp.agent.request('session/load', { sessionId, cwd, mcpServers: [] }).then(
      () => 'loaded',
      ({ code, message }) => [code, message],
    );
  const missing = path.join(made.cwd, 'missing');
  expect([await load('.'), await load(missing)]).toEqual([
    [-32602, 'cwd is ".". It must be an absolute path'],
    [-32602, `cwd is "${missing}", which is not a folder`],
  ]);
  expect(await acp.say(sessionId, 'Still there?')).toBe('end_turn');
  expect(await Promise.all([load(made.cwd), load(made.cwd)])).toEqual(['loaded', 'loaded']);
  expect(await acp.say(sessionId, 'And now?')).toBe('end_turn');
});

test('links, embedded files and images reach the model', async () => {
  const made = await trusted([done], {
    models: [
      {
        name: 'seeing',
        path: 'rendered',
        capabilities: ['completion', 'tools', 'vision'],
        contextLength: 32_768,
      },
    ],
  });
  const acp = await acpClient(made);
  const { sessionId } = await acp.begin();
  const uri = (name: string): string => pathToFileURL(path.join(made.cwd, name)).href;
  const png =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  await acp.agent.request('session/prompt', {
    sessionId,
    prompt: [
      { type: 'text', text: 'Compare ' },
      { type: 'resource_link', uri: uri('a.txt'), name: 'a.txt' },
      { type: 'text', text: ' with ' },
      { type: 'resource', resource: { uri: uri('b.txt'), text: 'not saved yet\n' } },
      { type: 'image', data: png, mimeType: 'image/png' },
    ],
  });
  expect(made.chats()[0]?.messages.at(-1)).toMatchObject({
    content: 'Compare a.txt with b.txt\n\n<file path="b.txt">\nnot saved yet\n</file>',
    images: [png],
  });
});

test('slash commands: those of oagent and those of the user', async () => {
  const made = await trusted([{ content: '{"analysis": "", "findings": []}' }]);
  const acp = await acpClient(made);
  const { sessionId } = await acp.begin();
  const listed = await acp.update(({ sessionUpdate }) => sessionUpdate === 'available_commands_update');
  expect(JSON.stringify(listed)).toContain('"name":"review"');
  expect(await acp.say(sessionId, '/status')).toBe('end_turn');
  expect(textOf(acp.updates, 'agent_message_chunk')).toContain(`Folder: ${made.cwd}`);
  execFileSync('git', ['init', '-q'], { cwd: made.cwd });
  writeFileSync(path.join(made.cwd, 'new.ts'), 'export const one = 1;\n');
  expect(await acp.say(sessionId, '/review')).toBe('end_turn');
  expect(made.chats()[0]?.messages.at(-1)?.content).toContain('new.ts (new file)');
  expect(textOf(acp.updates, 'agent_message_chunk')).toContain(
    'No bugs found in the uncommitted changes: 1 piece.',
  );
});

test('errors say what to do', async () => {
  const made = await trusted([done]);
  await made.server.close();
  const acp = await acpClient(made);
  const { sessionId } = await acp.begin();
  await expect(acp.say(sessionId, 'Hello.')).rejects.toMatchObject({
    code: -32603,
    message: expect.stringContaining('ollama serve'),
  });
  await expect(acp.say('no-such', 'Hello.')).rejects.toMatchObject({
    code: -32002,
    message: expect.stringContaining('session/load'),
    data: { sessionId: 'no-such' },
  });
  const missing = { cwd: path.join(made.cwd, 'nowhere'), mcpServers: [] };
  await expect(acp.agent.request('session/new', missing)).rejects.toMatchObject({
    message: expect.stringContaining('which is not a folder'),
  });
});

test('the model is an option of the session, and a change while a turn runs comes behind it', async () => {
  const gate = Promise.withResolvers<void>();
  const models = [RENDERED, { ...RENDERED, name: 'other' }];
  const made = await trusted([done, { ...done, waitFor: gate.promise }, done], { models });
  const acp = await acpClient(made);
  const { sessionId } = await acp.begin();
  expect(await acp.say(sessionId, 'One.')).toBe('end_turn');
  const offered = await acp.update(({ sessionUpdate }) => sessionUpdate === 'config_option_update');
  const [option] = offered.sessionUpdate === 'config_option_update' ? offered.configOptions : [];
  expect(option).toMatchObject({ type: 'select', id: 'model', category: 'model' });
  if (option?.type !== 'select') throw new Error('no choice');
  const names = option.options.map((one) => ('value' in one ? one.value : ''));
  expect(names).toContain(option.currentValue);
  const other = names.find((name) => name !== option.currentValue) ?? '';
  const choose = (value: string, configId = 'model') =>
    acp.agent.request('session/set_config_option', { sessionId, configId, value });
  await expect(choose('no-such-model')).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining(other),
  });
  await expect(choose(other, 'colour')).rejects.toMatchObject({ code: -32602 });
  const two = acp.say(sessionId, 'Two.');
  await expect.poll(() => made.chats().length).toBe(2);
  const changed = await choose(other);
  expect(changed.configOptions).toMatchObject([{ currentValue: other }]);
  gate.resolve();
  await two;
  await acp.say(sessionId, 'Three.');
  expect(made.chats().map(({ model }) => model)).toEqual([option.currentValue, option.currentValue, other]);
});

test('a plan is worked on when the user says so', async () => {
  const made = await trusted([{ content: '# Plan\n\n1. Write a.txt' }, patch(addFile('a.txt', '1')), done]);
  const acp = await acpClient(made, { choose: () => 'here' });
  const { sessionId } = await acp.begin();
  await acp.agent.request('session/set_mode', { sessionId, modeId: 'plan' });
  expect(await acp.say(sessionId, 'Plan it.')).toBe('end_turn');
  expect(acp.asked[0]?.toolCall).toMatchObject({ title: 'Work on this plan?', kind: 'switch_mode' });
  expect(existsSync(path.join(made.cwd, 'a.txt'))).toBe(true);
  expect(acp.updates.findLast(({ sessionUpdate }) => sessionUpdate === 'current_mode_update')).toMatchObject({
    currentModeId: 'write',
  });
});

test('the calls that Zed makes, line by line', async () => {
  const made = await trusted([done]);
  const child = spawn(process.execPath, [MAIN, 'acp'], {
    cwd: made.cwd,
    env: made.env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  /** The answer, whatever comes before it. */
  const call = async (
    id: number,
    method: string,
    params: object,
  ): Promise<{ result?: object; error?: object }> => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    for (;;) {
      const message = JSON.parse((await lines.next()).value ?? 'null');
      if (message.id === id) return message;
    }
  };
  const clientCapabilities = {
    fs: { readTextFile: true, writeTextFile: true },
    terminal: true,
    _meta: { terminal_output: true, 'terminal-auth': true },
  };
  const clientInfo = { name: 'zed', title: 'Zed', version: '1.0.0' };
  const initialize = await call(0, 'initialize', { protocolVersion: 1, clientCapabilities, clientInfo });
  expect(initialize).toEqual({
    ...{ jsonrpc: '2.0', id: 0 },
    result: {
      protocolVersion: 1,
      agentInfo: { name: 'oagent', title: 'oagent', version: VERSION },
      authMethods: [],
      agentCapabilities: {
        loadSession: true,
        promptCapabilities: { image: true, audio: false, embeddedContext: true },
        mcpCapabilities: { http: true, sse: false },
        sessionCapabilities: { list: {}, resume: {}, close: {}, delete: {} },
      },
    },
  });
  const created = await call(1, 'session/new', { cwd: made.cwd, mcpServers: [] });
  const { sessionId } = created.result as { sessionId: string };
  const prompt = [{ type: 'text', text: 'hi' }];
  expect(await call(2, 'session/prompt', { sessionId, prompt })).toEqual({
    ...{ jsonrpc: '2.0', id: 2 },
    result: { stopReason: 'end_turn' },
  });
  expect(await call(3, 'no/such_method', {})).toMatchObject({ error: { code: -32601 } });
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('MCP servers of the client are used in its session', async () => {
  const call = {
    name: 'mcp_call',
    arguments: { server: 'editor', tool: 'echo', arguments: { message: 'hi' } },
  };
  const made = await trusted([{ toolCalls: [call] }, done]);
  const acp = await acpClient(made, { choose: () => 'once' });
  const everything = path.resolve('node_modules/@modelcontextprotocol/server-everything/dist/index.js');
  const mcpServers: McpServer[] = [
    { name: 'editor', command: process.execPath, args: [everything], env: [] },
  ];
  const { sessionId } = await acp.agent.request('session/new', { cwd: made.cwd, mcpServers });
  expect(await acp.say(sessionId, 'Echo it.')).toBe('end_turn');
  expect(callsOf(acp.updates)).toMatchObject([
    { title: 'Start the MCP server editor', status: 'completed' },
    { title: 'editor: echo', status: 'completed', rawInput: { message: 'hi' } },
  ]);
  expect(JSON.stringify(callsOf(acp.updates))).toContain('Echo: hi');
  const sse: McpServer = { type: 'sse', name: 'old', url: 'http://127.0.0.1:1', headers: [] };
  const refused = acp.agent.request('session/new', { cwd: made.cwd, mcpServers: [sse] });
  await expect(refused).rejects.toMatchObject({ code: -32602, message: expect.stringContaining('SSE') });
  expect(await acp.end()).toBe(0);
  expect(processesWith(everything)).toBe(0);
});

sandboxedTest.each([
  ['SIGTERM', (acp: AcpClient) => acp.child.kill('SIGTERM')],
  ['the end of its reader', (acp: AcpClient) => acp.child.stdout?.destroy()],
] as const)('%s ends everything', async (_, endIt) => {
  const made = await trusted([shell('for i in $(seq 99); do echo line; sleep 0.1; done; sleep 4713')]);
  const acp = await acpClient(made);
  const { sessionId } = await acp.begin();
  void acp.say(sessionId, 'Wait.').catch(() => undefined);
  await acp.update(
    (update) => update.sessionUpdate === 'tool_call_update' && JSON.stringify(update).includes('line'),
  );
  const exit = once(acp.child, 'exit');
  endIt(acp);
  expect(await exit).toEqual([0, null]);
  expect(processesWith('sleep 4713')).toBe(0);
});

test('garbage on stdin is answered with errors, and the next call is', async () => {
  const made = await trusted([done]);
  const child = spawn(process.execPath, [MAIN, 'acp'], {
    cwd: made.cwd,
    env: made.env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? 'null');
  child.stdin.write(
    'no json\n[]\n{"jsonrpc":"2.0","id":7,"method":"session/new","params":{"cwd":"/","mcpServers":[]}}\n',
  );
  const codes = [await next(), await next(), await next()].map(
    (answer) => (answer as { error: { code: number } }).error.code,
  );
  expect(codes).toEqual([-32700, -32600, -32600]);
  child.stdin.write('{"jsonrpc":"2.0","id":8,"method":"initialize","params":{"protocolVersion":99}}\n');
  expect(await next()).toMatchObject({ id: 8, result: { protocolVersion: 1 } });
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
});
