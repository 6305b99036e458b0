import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { LimitWatch } from '../../../src/agent/turn-limits.ts';
import type { ChatRequest } from '../../../src/demo/chat-request.ts';
import type { Turn } from '../../../src/demo/script.ts';
import type { Hooks } from '../../../src/extensions/hooks/hooks.ts';
import type { Item } from '../../../src/protocol.ts';
import type { Tool } from '../../../src/tools/tool.ts';
import { openItems, type TestAgent } from '../../support/agent.ts';
import { NATIVE, RENDERED, type TestOllama, withOllama } from '../../support/ollama-server.ts';
import { agentWithTask } from '../../support/sub-agent.ts';

const CALL: Turn = { toolCalls: [{ name: 'task', arguments: { prompt: 'Where is the answer?' } }] };

/** Who asks: the sub-agent's first message of the user says what it is. */
function isSub({ messages }: Pick<ChatRequest, 'messages'>): boolean {
  return messages.some(({ role, content }) => role === 'user' && content.includes('You are a sub-agent'));
}

/** A parent that gives one task and then answers, and what its sub-agent says. */
function scripted(...its: readonly Turn[]): (request: ChatRequest) => Turn {
  let step = 0;
  let given = 0;
  return (request) => {
    if (isSub(request)) return its[step++] ?? { content: 'no more' };
    return given++ === 0 ? CALL : { content: 'Done.' };
  };
}

function taskOf(session: TestAgent): Extract<Item, { type: 'task' }> {
  const found = session.completed().find((item) => item.type === 'task');
  if (found?.type !== 'task') throw new Error('no task');
  return found;
}

interface Body {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly tools: readonly unknown[];
}

function chats(server: TestOllama) {
  return server.log
    .filter(({ kind }) => kind === 'chat')
    .map((entry) => ({ ...entry, body: entry.body as Body }));
}

const read = (file: string): Turn => ({ toolCalls: [{ name: 'read_file', arguments: { path: file } }] });

test.each([
  ['rendered', RENDERED.name],
  ['native', NATIVE.name],
])('its requests begin as those of its parent, which then continues its own (%s)', async (_way, model) => {
  const server = await withOllama(scripted(read('a.ts'), { content: 'It is in a.ts:2.' }));
  const session = await agentWithTask(server, { model });
  await writeFile(path.join(session.cwd, 'a.ts'), 'one\nconst answer = 42;\n');
  expect((await session.turn(`Find it. ${'It is long. '.repeat(1_000)}`)).type).toBe('turn_completed');

  const [first, sub, subAgain, last] = chats(server);
  const head = (body: Body | undefined): string => JSON.stringify([body?.tools, body?.messages[0]]);
  expect([sub, subAgain, last].map((entry) => head(entry?.body))).toEqual(Array(3).fill(head(first?.body)));
  expect(
    JSON.stringify(last?.body.messages).startsWith(JSON.stringify(first?.body.messages).slice(0, -1)),
  ).toBe(true);
  expect([subAgain?.rereadTokens, last?.rereadTokens]).toEqual([subAgain?.newTokens, last?.newTokens]);
  // Of its first request, the server knows the head.
  expect(sub?.rereadTokens).toBeLessThan((sub?.promptTokens ?? 0) / 2);
  expect(openItems(session.events)).toEqual([]);
  const { id, steps, ...task } = taskOf(session);
  expect(task).toEqual({
    type: 'task',
    prompt: 'Where is the answer?',
    tokens: expect.any(Number),
    output: 'It is in a.ts:2.\n[Every place that it names was found in the code.]',
    status: 'completed',
  });
  expect(steps.map((step) => [step.type, 'output' in step && step.output])).toEqual([
    ['tool_call', '1\tone\n2\tconst answer = 42;'],
  ]);
  // The conversation has the result and nothing else of it.
  expect(last?.body.messages.at(-1)).toMatchObject({ role: 'tool', content: task.output });
});

test('what could change something is refused in one line, and the tools stay declared', async () => {
  let ran = 0;
  const foreign: Tool = {
    schema: {
      type: 'function',
      function: {
        name: 'mcp_call',
        description: 'x',
        parameters: { type: 'object', properties: {}, required: [] },
      },
    },
    isReadOnly: () => true,
    run: async () => {
      ran += 1;
      return { ok: true, text: 'ran' };
    },
  };
  const patch = '*** Begin Patch\n*** Add File: b.txt\n+x\n*** End Patch';
  const names = ['apply_patch', 'ask_user', 'update_plan', 'task', 'mcp_call'];
  const args: { [name: string]: { [key: string]: unknown } } = {
    apply_patch: { input: patch },
    ask_user: { question: 'May I?' },
    update_plan: { plan: [{ step: 'a', status: 'pending' }] },
    task: { prompt: 'more' },
  };
  const server = await withOllama(
    scripted(
      { toolCalls: names.map((name) => ({ name, arguments: args[name] ?? {} })) },
      { toolCalls: [{ name: 'exec_command', arguments: { cmd: 'echo x > c.txt' } }] },
      { toolCalls: [{ name: 'shell', arguments: { command: `apply_patch <<'EOF'\n${patch}\nEOF` } }] },
      { content: 'Nothing was written.' },
    ),
  );
  const session = await agentWithTask(server, { more: [foreign] });
  await session.turn('Go.');
  const outputs = chats(server)[4]?.body.messages.filter(({ role }) => role === 'tool') ?? [];
  expect(outputs.slice(0, 5).map(({ content }) => content)).toEqual(
    names.map((name) => `${name} is not for a sub-agent: search and read, then answer with what you found.`),
  );
  expect(ran).toBe(0);
  expect(['b.txt', 'c.txt'].map((file) => existsSync(path.join(session.cwd, file)))).toEqual([false, false]);
  expect(session.events.filter(({ type }) => type === 'approval_requested')).toEqual([]);
  expect(taskOf(session).status).toBe('completed');
});

test('it has a quarter of the steps; then it gives what it has', async () => {
  const server = await withOllama(
    scripted(read('a.ts'), read('b.ts'), { content: 'a.ts:1 says one.' }, { content: 'too many' }),
  );
  const session = await agentWithTask(server, { limits: { maxSteps: 8 } });
  await writeFile(path.join(session.cwd, 'a.ts'), 'one\n');
  await writeFile(path.join(session.cwd, 'b.ts'), 'two\n');
  expect((await session.turn('Go.')).type).toBe('turn_completed');
  expect(taskOf(session)).toMatchObject({
    output:
      'a.ts:1 says one.\n[Its steps were used up: this is what it had found.]\n[Every place that it names was found in the code.]',
    status: 'completed',
  });
});

test.each([
  ['nothing', { content: '' }],
  ['an announcement', { content: 'Let me read the file first.' }],
])('%s is no result: it is asked for once more', async (_name, said) => {
  const server = await withOllama(scripted(read('a.ts'), said, said, said, { content: 'It is a.ts:1.' }));
  const session = await agentWithTask(server);
  await writeFile(path.join(session.cwd, 'a.ts'), 'one\n');
  await session.turn('Go.');
  const its = chats(server).filter(({ body }) =>
    body.messages.some(({ content }) => content.includes('You are a sub-agent')),
  );
  const text = JSON.stringify(its.at(-1)?.body.messages);
  expect(text).toContain('[That is not a result.');
  expect(taskOf(session).status).toBe('completed');
});

test('/task: the sub-agent does it, no request is made for the conversation, which has the result', async () => {
  let asked = 0;
  const server = await withOllama((request) => {
    if (isSub(request)) return hasOutput(request) ? { content: 'It is in a.ts:1.' } : read('a.ts');
    asked += 1;
    return { content: 'Yes.' };
  });
  const session = await agentWithTask(server, { offersTask: false });
  await writeFile(path.join(session.cwd, 'a.ts'), 'one\n');
  const end = session.waitFor(({ type }) => type === 'turn_completed');
  session.agent.submit({ type: 'user_turn', text: 'Find it.', shownAs: '/task Find it.', isTask: true });
  expect(await end).toMatchObject({ lastMessage: expect.stringContaining('It is in a.ts') });
  expect(asked).toBe(0);
  expect(taskOf(session).prompt).toBe('Find it.');
  await session.turn('Sure?');
  expect(asked).toBe(1);
  expect(chats(server).at(-1)?.body.messages.slice(2, 4)).toEqual([
    { role: 'user', content: 'Find it.' },
    { role: 'user', content: `[A sub-agent did this. Its result:]\n${taskOf(session).output}` },
  ]);
});

test('where it is not declared, a model is told of it when the user asks for it, and can call it', async () => {
  const server = await withOllama(scripted(read('a.ts'), { content: 'Nothing there.' }));
  const session = await agentWithTask(server, { offersTask: false });
  expect((await session.turn('Use a sub-agent to look around.')).type).toBe('turn_completed');
  const [first] = chats(server);
  expect(JSON.stringify(first?.body.tools)).not.toContain('"task"');
  expect(first?.body.messages.at(-1)?.content).toMatch(/^\[There is one more tool, task,/);
  expect(taskOf(session)).toMatchObject({ status: 'completed' });
});

test('an interrupt ends it: its call has an output, and the next turn goes on', async () => {
  const never = Promise.withResolvers<void>();
  const server = await withOllama((request) =>
    isSub(request) ? { content: 'late', waitFor: never.promise } : first-- > 0 ? CALL : { content: 'Fine.' },
  );
  let first = 1;
  const session = await agentWithTask(server);
  const end = session.waitFor(({ type }) => type === 'turn_aborted');
  const began = session.waitFor((event) => event.type === 'model_phase' && taskBegan(session));
  session.agent.submit({ type: 'user_turn', text: 'Go.' });
  await began;
  session.agent.submit({ type: 'interrupt' });
  await end;
  never.resolve();
  expect(taskOf(session)).toMatchObject({
    status: 'failed',
    output: 'the sub-agent was stopped before it had a result',
  });
  expect(openItems(session.events)).toEqual([]);
  expect((await session.turn('Go on.')).type).toBe('turn_completed');
  const outputs = chats(server)
    .at(-1)
    ?.body.messages.filter(({ role }) => role === 'tool');
  expect(outputs).toMatchObject([{ content: 'the sub-agent was stopped before it had a result' }]);
});

function taskBegan(session: TestAgent): boolean {
  return session.events.some((event) => event.type === 'item_started' && event.item.type === 'task');
}

test('what is said meanwhile waits for the conversation', async () => {
  const gate = Promise.withResolvers<void>();
  let its = 0;
  const server = await withOllama((request) => {
    if (isSub(request))
      return its++ === 0 ? { ...read('a.ts'), waitFor: gate.promise } : { content: 'a.ts:1' };
    return request.messages.some(({ role }) => role === 'tool') ? { content: 'Done.' } : CALL;
  });
  const session = await agentWithTask(server);
  await writeFile(path.join(session.cwd, 'a.ts'), 'one\n');
  const began = session.waitFor((event) => event.type === 'model_phase' && taskBegan(session));
  const end = session.waitFor(({ type }) => type === 'turn_completed');
  session.agent.submit({ type: 'user_turn', text: 'Go.' });
  await began;
  session.agent.submit({ type: 'steer', text: 'And be quick.' });
  gate.resolve();
  await end;
  const texts = chats(server).map(({ body }) => JSON.stringify(body.messages).includes('And be quick.'));
  expect(texts).toEqual([false, false, false, true]);
});

test('its tokens are those of the turn, whose limit holds for both', async () => {
  const server = await withOllama(scripted(read('a.ts'), read('b.ts'), { content: 'It is a.ts:1.' }));
  const session = await agentWithTask(server, { limits: { maxTokens: 3_000 } });
  await writeFile(path.join(session.cwd, 'a.ts'), 'one\n');
  const end = await session.turn('Go.');
  expect(end).toMatchObject({ type: 'turn_failed', limit: { code: 'max_tokens' } });
  const counted = chats(server).reduce((sum, { promptTokens }) => sum + (promptTokens ?? 0), 0);
  const last = session.events.findLast((event) => event.type === 'token_count');
  expect(last).toMatchObject({ total: { inputTokens: counted } });
  expect(taskOf(session).output).toContain('[Its steps were used up: this is what it had found.]');
});

test('a window that is too small for all of it is compacted, its own alone', async () => {
  const files = Array.from({ length: 12 }, (_, index) => `f${index}.ts`);
  let at = 0;
  const server = await withOllama((request) => {
    if (request.messages.at(-1)?.content.startsWith('Stop here.'))
      return { content: 'Seen so far: f0.ts:1.' };
    if (!isSub(request) && !request.messages.some(({ content }) => content.includes('Where is the answer?')))
      return request.messages.some(({ role }) => role === 'tool') ? { content: 'Done.' } : CALL;
    const file = files[at++];
    return file === undefined ? { content: 'It is f0.ts:1.' } : read(file);
  });
  const session = await agentWithTask(server, { numCtx: 8_192 });
  const text = Array.from({ length: 100 }, (_, index) => `export const value${index} = ${index};`).join('\n');
  for (const file of files) await writeFile(path.join(session.cwd, file), `${text}\n`);
  expect((await session.turn('Go.')).type).toBe('turn_completed');
  expect(at).toBeGreaterThan(files.length);
  expect(session.events.filter(({ type }) => type === 'compacted')).toEqual([]);
  expect(taskOf(session)).toMatchObject({ status: 'completed', output: expect.stringContaining('f0.ts:1') });
  expect(Math.max(...chats(server).map(({ promptTokens }) => promptTokens ?? 0))).toBeLessThan(8_192);
});

test('a result is at most 600 tokens, the rest in a file that the model may read; a step is bounded', async () => {
  const long = Array.from({ length: 400 }, (_, at) => `${(at * 7_919).toString(36)} ${at ** 3}`).join('\n');
  const flood: Turn = { toolCalls: [{ name: 'exec_command', arguments: { cmd: 'seq 100000' } }] };
  const server = await withOllama(scripted(flood, { content: long }));
  const session = await agentWithTask(server);
  await session.turn('Go.');
  const result = chats(server).at(-1)?.body.messages.at(-1)?.content ?? '';
  expect(Buffer.byteLength(result)).toBeLessThan(600 * 5);
  const file = /\[full output: ([^\]]+)\]/.exec(result)?.[1] ?? '';
  expect(readFileSync(file, 'utf8')).toContain(long);
  expect(result).toMatch(/\n\[It names no place in the code: check what you rely on\.\]$/);
  const { steps, output } = taskOf(session);
  expect(output).toContain(long);
  expect(steps.map((step) => 'output' in step && step.output.length < 50_000)).toEqual([true]);
});

test('a call that it writes as text is run, and a loop ends it with what it has', async () => {
  const leaked: Turn = { content: '{"name": "read_file", "arguments": {"path": "a.ts"}}' };
  const server = await withOllama(
    scripted(...Array.from({ length: 5 }, () => leaked), { content: 'It is a.ts:1.' }),
  );
  const session = await agentWithTask(server);
  await writeFile(path.join(session.cwd, 'a.ts'), 'one\n');
  expect((await session.turn('Go.')).type).toBe('turn_completed');
  const { steps, output, status } = taskOf(session);
  expect(steps.map((step) => step.type === 'tool_call' && step.tool)).toEqual(Array(3).fill('read_file'));
  expect([output.split('\n')[0], status]).toEqual(['It is a.ts:1.', 'completed']);
});

test('without any result the model is told what was read, and goes on itself', async () => {
  const server = await withOllama(
    scripted(read('a.ts'), ...Array.from({ length: 30 }, () => ({ content: '' }))),
  );
  const session = await agentWithTask(server);
  await writeFile(path.join(session.cwd, 'a.ts'), 'one\n');
  expect((await session.turn('Go.')).type).toBe('turn_completed');
  expect(taskOf(session)).toMatchObject({
    status: 'failed',
    output: expect.stringMatching(
      /^the sub-agent gave no result: .+\. It has read a\.ts\. Give it a smaller task, or do it yourself\.$/s,
    ),
  });
});

test('an empty prompt is refused', async () => {
  const asked: Turn = { toolCalls: [{ name: 'task', arguments: { prompt: '  ' } }] };
  const server = await withOllama((_request, index) => (index === 0 ? asked : { content: 'Done.' }));
  const session = await agentWithTask(server);
  await session.turn('Go.');
  expect(chats(server)[1]?.body.messages.at(-1)?.content).toBe('prompt is empty: say what to find out');
});

test('files are where it begins, also as a single text', async () => {
  const asked: Turn = { toolCalls: [{ name: 'task', arguments: { prompt: 'Look.', files: 'a.ts' } }] };
  const server = await withOllama((request) =>
    isSub(request)
      ? hasOutput(request)
        ? { content: 'Seen.' }
        : read('a.ts')
      : hasOutput(request)
        ? { content: 'Done.' }
        : asked,
  );
  const session = await agentWithTask(server);
  await session.turn('Go.');
  expect(chats(server)[1]?.body.messages.at(-1)?.content).toBe('Look.\nBegin with: a.ts');
});

function hasOutput({ messages }: Pick<ChatRequest, 'messages'>): boolean {
  return messages.some(({ role }) => role === 'tool');
}

test('of the limits of a turn it gets what is left, of the time a part', () => {
  const usage = {
    total: { inputTokens: 100, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 },
  };
  const watch = new LimitWatch(
    { maxSteps: 8, maxMs: 100_000, maxTokens: 500 },
    usage,
    new AbortController().signal,
  );
  usage.total = { ...usage.total, inputTokens: 300, outputTokens: 50 };
  const { maxMs = 0, ...left } = watch.left;
  watch.stop();
  expect(left).toEqual({ maxSteps: 8, maxTokens: 250 });
  expect(maxMs).toBeGreaterThan(50_000);
  expect(maxMs).toBeLessThanOrEqual(75_000);
});

const INVENTED: Turn = { content: 'It is certainly in src/app.js at line 1.' };

test('what comes before anything was read is no result: it is asked to look, once', async () => {
  const server = await withOllama(scripted(INVENTED, read('a.ts'), { content: 'It is a.ts:1.' }));
  const session = await agentWithTask(server);
  await writeFile(path.join(session.cwd, 'a.ts'), 'one\n');
  await session.turn('Go.');
  expect(chats(server)[2]?.body.messages.at(-1)?.content).toMatch(/^\[You have looked at nothing/);
  expect(taskOf(session).output).toContain('It is a.ts:1.');
});

test('whoever insists on an answer from nothing gives none', async () => {
  const server = await withOllama(scripted(INVENTED, INVENTED));
  const session = await agentWithTask(server);
  await session.turn('Go.');
  expect(taskOf(session)).toMatchObject({
    status: 'failed',
    output: 'the sub-agent gave no result: it looked at nothing. Give it a smaller task, or do it yourself.',
  });
});

test('it gets code that the index has for its task, which counts as seen, and no memories', async () => {
  const asked: string[] = [];
  const memory = { memories: [], text: 'REMEMBERED', isFirst: true };
  const server = await withOllama(scripted({ content: 'a.ts:1' }, { content: 'It is a.ts:1.' }));
  const session = await agentWithTask(server, {
    retrieve: async (message) => {
      asked.push(message);
      return { text: 'a.ts:1-1\none', places: [{ path: 'a.ts', start: 1, end: 1 }], memory };
    },
  });
  await writeFile(path.join(session.cwd, 'a.ts'), 'one\n');
  await session.turn('Go.');
  expect(asked).toEqual(['Go.', 'Where is the answer?']);
  const its = JSON.stringify(chats(server)[1]?.body.messages);
  expect([its.includes('a.ts:1-1'), its.includes('REMEMBERED')]).toEqual([true, false]);
  expect(taskOf(session)).toMatchObject({
    output: 'It is a.ts:1.\n[Every place that it names was found in the code.]',
    status: 'completed',
  });
});

test('a call that is described among sentences is asked for', async () => {
  const described: Turn = {
    content:
      'You can search for it:\n\n```json\n{"name": "ripgrep", "arguments": {"pattern": "one"}}\n```\n\nThis finds the line.',
  };
  const server = await withOllama(
    scripted(read('nothere.ts'), described, read('a.ts'), { content: 'It is a.ts:1.' }),
  );
  const session = await agentWithTask(server);
  await writeFile(path.join(session.cwd, 'a.ts'), 'one\n');
  await session.turn('Go.');
  expect(chats(server)[3]?.body.messages.at(-1)?.content).toMatch(/^\[Nothing was run: /);
  expect(taskOf(session).output).toContain('It is a.ts:1.');
});

test('if all of its calls failed, that is said', async () => {
  const server = await withOllama(scripted(read('nothere.ts'), INVENTED, INVENTED, INVENTED));
  const session = await agentWithTask(server);
  await session.turn('Go.');
  expect(taskOf(session).output).toBe(
    'It is certainly in [no such file].\n[All of its calls failed: what it says is not from the code.]',
  );
});

test('what a hook forbids is forbidden for it too; hooks about turns and messages are not for it', async () => {
  const heard: string[] = [];
  const nothing = { isAllowed: true };
  const never = async (): Promise<never> => {
    throw new Error('not for it');
  };
  const hooks: Hooks = {
    preToolUse: async ({ name }) => {
      heard.push(name);
      return name === 'read_file' ? { ...nothing, blocked: 'not this file' } : nothing;
    },
    postToolUse: async ({ name }) => {
      heard.push(`after ${name}`);
      return {};
    },
    ...{ sessionStart: undefined, userPromptSubmit: undefined, preCompact: undefined, stop: undefined },
    hear: () => undefined,
    close: never,
  };
  const write: Turn = {
    toolCalls: [{ name: 'exec_command', arguments: { cmd: 'echo x > c.txt; cat a.ts' } }],
  };
  const server = await withOllama(scripted(read('a.ts'), write, { content: 'I may not read it.' }));
  const session = await agentWithTask(server, { hooks });
  await writeFile(path.join(session.cwd, 'a.ts'), 'one\n');
  expect((await session.turn('Go.')).type).toBe('turn_completed');
  expect(heard).toEqual(['task', 'read_file', 'exec_command', 'after exec_command', 'after task']);
  const outputs = chats(server)[2]?.body.messages.filter(({ role }) => role === 'tool');
  expect(outputs?.map(({ content }) => content.includes('not this file'))).toEqual([true]);
  expect(existsSync(path.join(session.cwd, 'c.txt'))).toBe(false);
});
