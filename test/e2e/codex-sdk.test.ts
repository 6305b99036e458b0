/** The TypeScript SDK of Codex drives the program as if it were Codex: nothing of the SDK is replaced. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Codex, type CodexOptions, type ThreadEvent, type ThreadOptions } from '@openai/codex-sdk';
import { expect, test } from 'vitest';
import type { Script, Turn } from '../../src/demo/script.ts';
import { httpFault } from '../../src/demo/script.ts';
import { addFile, type Bench, bench, MAIN, processesWith, sleepers, usageOf } from '../support/exec.ts';
import { RENDERED } from '../support/ollama-server.ts';
import { sandboxedTest } from '../support/sandbox.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface SdkBench extends Bench {
  readonly codex: Codex;
}

async function sdk(
  script: Script,
  options: CodexOptions = {},
  serverOptions: Parameters<typeof bench>[1] = {},
): Promise<SdkBench> {
  const made = await bench(script, serverOptions);
  const env = Object.fromEntries(
    Object.entries(made.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return { ...made, codex: new Codex({ codexPathOverride: MAIN, env, ...options }) };
}

/** The SDK has no flag for it: a command that writes needs the bypass, which its `config` cannot give. */
const READS: Turn = {
  content: 'I look.',
  toolCalls: [{ name: 'shell', arguments: { command: 'cat note.txt' } }],
  evalCount: 7,
};
const ANSWER: Turn = { thinking: 'Easy.', content: 'It says hello.', evalCount: 5 };

sandboxedTest('run() gives the items, the final response and the usage', async () => {
  const { codex, cwd, server } = await sdk([READS, ANSWER]);
  await writeFile(path.join(cwd, 'note.txt'), 'hello\n');
  const thread = codex.startThread({ workingDirectory: cwd });
  const turn = await thread.run('What does note.txt say?');
  expect(turn).toEqual({
    items: [
      { id: 'item_0', type: 'agent_message', text: 'I look.' },
      {
        id: 'item_1',
        type: 'command_execution',
        command: "/bin/bash -c 'cat note.txt'",
        aggregated_output: 'hello\n',
        exit_code: 0,
        status: 'completed',
      },
      { id: 'item_2', type: 'reasoning', text: 'Easy.' },
      { id: 'item_3', type: 'agent_message', text: 'It says hello.' },
    ],
    finalResponse: 'It says hello.',
    usage: usageOf(server.log, 12),
  });
  expect(thread.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('an answer in three parts, cut in a fence and in a word, is one; also in a thread that is resumed', async () => {
  const cut = (content: string): Turn => ({ content, doneReason: 'length' });
  const parts = ['Code:\n```js\nconst a', ' = "😀', '";\n```\nThat is all.'] as const;
  const answer = parts.join('');
  const script = [cut(parts[0]), cut(parts[1]), { content: parts[2] }];
  const { codex, cwd, chats } = await sdk([...script, ...script]);
  const thread = codex.startThread({ workingDirectory: cwd });
  const first = await thread.run('Tell.');
  const again = await codex.resumeThread(thread.id ?? '', { workingDirectory: cwd }).run('Again.');
  for (const { finalResponse, items } of [first, again])
    expect({ finalResponse, items }).toEqual({
      finalResponse: answer,
      items: [{ id: 'item_0', type: 'agent_message', text: answer }],
    });
  const sent = chats().at(-1)?.messages ?? [];
  expect(sent.filter(({ role }) => role === 'assistant').map(({ content }) => content)).toEqual([
    ...parts,
    ...parts.slice(0, 2),
  ]);
  const requests = chats().map(({ messages }) => messages);
  for (const [index, messages] of requests.entries())
    expect(messages.slice(0, requests[index - 1]?.length ?? 0)).toEqual(requests[index - 1] ?? []);
});

sandboxedTest('runStreamed() gives every event, and the id of the thread', async () => {
  const { codex, cwd, server } = await sdk([READS, ANSWER]);
  await writeFile(path.join(cwd, 'note.txt'), 'hello\n');
  const thread = codex.startThread({ workingDirectory: cwd });
  const { events } = await thread.runStreamed('Read.');
  const command = { id: 'item_1', type: 'command_execution', command: "/bin/bash -c 'cat note.txt'" };
  const seen: ThreadEvent[] = [];
  // More than the SDK knows of.
  const evidence = {
    files: [],
    commands: [{ command: 'cat note.txt', exit_code: 0, runs: 1 }],
    checks: [],
  };
  for await (const event of events) seen.push(event);
  expect(seen).toEqual([
    { type: 'thread.started', thread_id: thread.id },
    { type: 'turn.started' },
    { type: 'item.completed', item: { id: 'item_0', type: 'agent_message', text: 'I look.' } },
    {
      type: 'item.started',
      item: { ...command, aggregated_output: '', exit_code: null, status: 'in_progress' },
    },
    {
      type: 'item.completed',
      item: { ...command, aggregated_output: 'hello\n', exit_code: 0, status: 'completed' },
    },
    { type: 'item.completed', item: { id: 'item_2', type: 'reasoning', text: 'Easy.' } },
    { type: 'item.completed', item: { id: 'item_3', type: 'agent_message', text: 'It says hello.' } },
    { type: 'turn.completed', usage: usageOf(server.log, 12), evidence },
  ]);
});

test('text with line separators arrives whole', async () => {
  const content = 'one\u2028two\u2029three\r\nfour\u0085';
  const { codex, cwd } = await sdk([{ content }]);
  const turn = await codex.startThread({ workingDirectory: cwd }).run('Hi');
  expect(turn.finalResponse).toBe(content);
});

test('outputSchema reaches the server, and the answer has its form', async () => {
  const { codex, cwd, chats } = await sdk([{ content: 'It is four.' }, { content: '{"sum":4}' }]);
  const schema = { type: 'object', properties: { sum: { type: 'integer' } }, required: ['sum'] };
  const turn = await codex.startThread({ workingDirectory: cwd }).run('2 + 2?', { outputSchema: schema });
  expect(turn.finalResponse).toBe('{"sum":4}');
  expect(chats().map(({ format }) => format)).toEqual([undefined, schema]);
});

test('an abort while the model is silent ends the run, and the server is told', async () => {
  const { codex, cwd, server } = await sdk([{ fault: { kind: 'stall' } }]);
  const abort = new AbortController();
  const run = codex.startThread({ workingDirectory: cwd }).run('Hi', { signal: abort.signal });
  const outcome = expect(run).rejects.toThrow(/abort/i);
  await server.waitForRequest(1);
  abort.abort();
  await outcome;
  const { kind } = await server.waitForAbort(1);
  expect(kind).toBe('chat');
  await expect.poll(() => processesWith(cwd)).toBe(0);
});

test('an abort while a command runs leaves no process behind', async () => {
  const marker = `86399.${process.pid}`;
  const command = `sleep ${marker} & sleep ${marker}; wait`;
  const { codex, cwd } = await sdk([{ toolCalls: [{ name: 'shell', arguments: { command } }] }], {
    codexPathOverride: await bypassing(),
  });
  const abort = new AbortController();
  const { events } = await codex
    .startThread({ workingDirectory: cwd })
    .runStreamed('Sleep', { signal: abort.signal });
  const drained = (async () => {
    for await (const event of events) {
      if (event.type !== 'item.started') continue;
      await expect.poll(() => sleepers(marker)).toBe(2);
      abort.abort();
    }
  })();
  await expect(drained).rejects.toThrow(/abort/i);
  await expect.poll(() => processesWith(marker)).toBe(0);
  await expect.poll(() => processesWith(cwd)).toBe(0);
});

/** A program that is oagent with the bypass flag: what a user of the SDK has to make who wants it. */
async function bypassing(): Promise<string> {
  const file = path.join(await tempFolder(), 'oagent-bypass');
  await writeFile(file, `#!/bin/sh\nexec '${MAIN}' --yolo "$@"\n`, { mode: 0o755 });
  return file;
}

test('run() throws with the message when the turn failed', async () => {
  const { codex, cwd } = await sdk([httpFault(400, 'this model is broken')]);
  await expect(codex.startThread({ workingDirectory: cwd }).run('Hi')).rejects.toThrow(
    new Error('Ollama refused the request (400): this model is broken'),
  );
});

test('run() throws with what stderr says when there is no session', async () => {
  const { codex, cwd } = await sdk([]);
  await expect(codex.startThread({ workingDirectory: cwd, model: 'nope' }).run('Hi')).rejects.toThrow(
    "Codex Exec exited with code 1: Reading prompt from stdin...\nError: model 'nope' is not installed. Get it with `ollama pull nope`. Installed: base:latest\n",
  );
});

test('a local image reaches a model with eyes', async () => {
  const image = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const eyes = { ...RENDERED, name: 'eyes', capabilities: ['completion', 'tools', 'vision'] };
  const { codex, cwd, chats } = await sdk([{ content: 'A dot.' }], {}, { models: [eyes] });
  const file = path.join(cwd, 'dot.png');
  await writeFile(file, image);
  const turn = await codex.startThread({ workingDirectory: cwd, model: 'eyes' }).run([
    { type: 'text', text: 'What is' },
    { type: 'text', text: 'this?' },
    { type: 'local_image', path: file },
  ]);
  expect(turn.finalResponse).toBe('A dot.');
  expect(chats()[0]?.messages.at(-1)).toEqual({
    role: 'user',
    content: 'What is\n\nthis?',
    images: [image.toString('base64')],
  });
});

const OPTIONS: readonly (readonly [string, ThreadOptions])[] = [
  ['no option at all', {}],
  ['threadSource', { threadSource: 'a test' }],
  ['networkAccessEnabled', { networkAccessEnabled: true }],
  ['webSearchMode', { webSearchMode: 'disabled' }],
  ['webSearchEnabled', { webSearchEnabled: false }],
  ['approvalPolicy never', { approvalPolicy: 'never' }],
  ['approvalPolicy on-request', { approvalPolicy: 'on-request' }],
  ['modelReasoningEffort minimal', { modelReasoningEffort: 'minimal' }],
  ['modelReasoningEffort xhigh', { modelReasoningEffort: 'xhigh' }],
  ['sandboxMode', { sandboxMode: 'danger-full-access' }],
];

test.for(OPTIONS)('%s is taken without a word', async ([, options]) => {
  const { codex, cwd } = await sdk([{ content: 'Done.' }]);
  const turn = await codex.startThread({ workingDirectory: cwd, ...options }).run('Hi');
  expect(turn.items).toEqual([{ id: 'item_0', type: 'agent_message', text: 'Done.' }]);
});

test('webSearchMode is told not to be there', async () => {
  const { codex, cwd } = await sdk([{ content: 'Done.' }]);
  const turn = await codex.startThread({ workingDirectory: cwd, webSearchMode: 'live' }).run('Hi');
  expect([turn.items[0], turn.finalResponse]).toEqual([
    {
      id: 'item_0',
      type: 'error',
      message: 'oagent does not use these settings of Codex: web_search: there is no web search (-c)',
    },
    'Done.',
  ]);
});

test('modelReasoningEffort decides how a model with levels thinks', async () => {
  const levels = { ...RENDERED, name: 'gpt-oss:20b', architecture: 'gptoss' };
  const { codex, cwd, chats } = await sdk(() => ({ content: 'Done.' }), {}, { models: [levels] });
  for (const modelReasoningEffort of ['minimal', 'high', 'xhigh'] as const) {
    await codex.startThread({ workingDirectory: cwd, modelReasoningEffort }).run('Hi');
  }
  expect(chats().map(({ think }) => think)).toEqual(['low', 'high', 'max']);
});

test('networkAccessEnabled is what the model is told', async () => {
  const { codex, cwd, chats } = await sdk([{ content: 'Done.' }]);
  await codex
    .startThread({ workingDirectory: cwd, sandboxMode: 'workspace-write', networkAccessEnabled: true })
    .run('Hi');
  expect(chats()[0]?.messages[1]?.content).toContain('<sandbox>workspace-write, network on</sandbox>');
});

test('skipGitRepoCheck lets it work outside a repository', async () => {
  const { codex } = await sdk(() => ({ content: 'Done.' }));
  const workingDirectory = await tempFolder();
  await expect(codex.startThread({ workingDirectory }).run('Hi')).rejects.toThrow(
    'Not inside a trusted directory and --skip-git-repo-check was not specified.',
  );
  const turn = await codex.startThread({ workingDirectory, skipGitRepoCheck: true }).run('Hi');
  expect(turn.finalResponse).toBe('Done.');
});

test('sandboxMode and additionalDirectories open folders for writing', async () => {
  const [extra, closed] = [await tempFolder(), await tempFolder()];
  // The folders of this test lie in /tmp, which workspace-write would open.
  const config = { sandbox_workspace_write: { exclude_slash_tmp: true, exclude_tmpdir_env_var: true } };
  const files = ['in.txt', path.join(extra, 'extra.txt'), path.join(closed, 'closed.txt')];
  const { codex, cwd } = await sdk(
    [
      { toolCalls: files.map((file) => ({ name: 'apply_patch', arguments: { input: addFile(file, 'x') } })) },
      { content: 'Done.' },
    ],
    { config },
  );
  const turn = await codex
    .startThread({ workingDirectory: cwd, sandboxMode: 'workspace-write', additionalDirectories: [extra] })
    .run('Write');
  expect(turn.items).toEqual([
    {
      id: 'item_0',
      type: 'file_change',
      changes: [{ path: path.join(cwd, 'in.txt'), kind: 'add' }],
      status: 'completed',
    },
    {
      id: 'item_1',
      type: 'file_change',
      changes: [{ path: path.join(extra, 'extra.txt'), kind: 'add' }],
      status: 'completed',
    },
    { id: 'item_2', type: 'agent_message', text: 'Done.' },
  ]);
  expect(await readFile(path.join(extra, 'extra.txt'), 'utf8')).toBe('x\n');
  await expect(readFile(path.join(closed, 'closed.txt'))).rejects.toThrow('ENOENT');
});

test('baseUrl names the server, with the /v1 of an OpenAI address', async () => {
  const { server, cwd, env } = await bench([{ content: 'Here.' }]);
  const { OLLAMA_HOST: _host, ...rest } = env;
  const codex = new Codex({
    codexPathOverride: MAIN,
    env: rest as Record<string, string>,
    baseUrl: `${server.host}/v1`,
  });
  expect((await codex.startThread({ workingDirectory: cwd }).run('Hi')).finalResponse).toBe('Here.');
});

test('baseUrl wins over OLLAMA_HOST', async () => {
  const { server, cwd, env } = await bench([{ content: 'Here.' }]);
  const codex = new Codex({
    codexPathOverride: MAIN,
    env: { ...(env as Record<string, string>), OLLAMA_HOST: 'http://127.0.0.1:1' },
    baseUrl: `${server.host}/v1/`,
    apiKey: 'not needed',
  });
  expect((await codex.startThread({ workingDirectory: cwd }).run('Hi')).finalResponse).toBe('Here.');
});

test('leaving the loop over the events early ends the process', async () => {
  const { codex, cwd, server } = await sdk([{ fault: { kind: 'stall' } }]);
  const { events } = await codex.startThread({ workingDirectory: cwd }).runStreamed('Hi');
  const seen: ThreadEvent['type'][] = [];
  for await (const event of events) {
    seen.push(event.type);
    if (event.type === 'turn.started') break;
  }
  expect(seen).toEqual(['thread.started', 'turn.started']);
  await expect.poll(() => processesWith(cwd)).toBe(0);
  await expect.poll(() => server.log.filter(({ finishedAt }) => finishedAt === null)).toEqual([]);
});

test('resumeThread() goes on with the thread, and a second run() does too', async () => {
  const { codex, cwd, chats, server } = await sdk([
    { content: 'One.', evalCount: 2 },
    { content: 'Two.', evalCount: 3 },
    { content: 'Three.', evalCount: 4 },
  ]);
  const thread = codex.startThread({ workingDirectory: cwd });
  await thread.run('First.');
  await thread.run('Second.');
  const resumed = codex.resumeThread(thread.id ?? '', { workingDirectory: cwd });
  const turn = await resumed.run('Third.');
  expect(turn).toEqual({
    items: [{ id: 'item_0', type: 'agent_message', text: 'Three.' }],
    finalResponse: 'Three.',
    usage: usageOf(server.log, 9),
  });
  expect(resumed.id).toBe(thread.id);
  const said = chats()[2]
    ?.messages.slice(2)
    .map(({ content }) => content);
  expect(said).toEqual(['First.', 'One.', 'Second.', 'Two.', 'Third.']);
});

test('resumeThread() works from any folder, and says where the thread ran', async () => {
  const { codex, cwd } = await sdk([{ content: 'One.' }, { content: 'Two.' }, { content: 'Three.' }]);
  const thread = codex.startThread({ workingDirectory: cwd });
  await thread.run('First.');
  const other = await tempFolder();
  const options = { workingDirectory: other, skipGitRepoCheck: true };
  const [here, there] = [codex.resumeThread(thread.id ?? ''), codex.resumeThread(thread.id ?? '', options)];
  const said = [await here.run('Second.'), await there.run('Third.')].map(({ items }) => items[0]);
  const message = (from: string, to: string) => ({
    ...{ id: 'item_0', type: 'error' },
    message: `this session ran in ${from}; continuing in ${to}`,
  });
  expect(said).toEqual([message(cwd, process.cwd()), message(process.cwd(), other)]);
});

test('resumeThread() of a thread that is not there throws with the reason', async () => {
  const { codex, cwd } = await sdk([]);
  const id = '01a1fdb2-3c69-72d3-a633-92fb8138136e';
  await expect(codex.resumeThread(id, { workingDirectory: cwd }).run('Hi')).rejects.toThrow(
    `no session ${id}`,
  );
});
