/** A survey of sixty files in a window of 16k: the scripted model answers with what its prompt shows, nothing else. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ChatRequest } from '../../../src/demo/chat-request.ts';
import type { Script, ScriptedCall } from '../../../src/demo/script.ts';
import type { Event } from '../../../src/protocol.ts';
import type { TestAgent } from '../../support/agent.ts';
import { RENDERED, type TestOllama, withOllama } from '../../support/ollama-server.ts';
import { agentWithTask } from '../../support/sub-agent.ts';

const WINDOW = 16_384;
const FILES = Array.from({ length: 60 }, (_, index) => `src/part${String(index).padStart(2, '0')}.ts`);
const IN_TASK = 10;
const IN_STEP = 5;
/** Where each file has what is asked for. */
const LINE = 31;

const limitOf = (file: string): string => `limit ${1_000 + FILES.indexOf(file)}`;

function source(file: string): string {
  const lines = Array.from({ length: 60 }, (_, index) => `export function step${index}(value: number) {}`);
  lines[LINE - 1] = `// ${limitOf(file)}`;
  return `${lines.join('\n')}\n`;
}

async function repository(session: TestAgent): Promise<void> {
  await mkdir(path.join(session.cwd, 'src'));
  for (const file of FILES) await writeFile(path.join(session.cwd, file), source(file));
}

const textOf = ({ messages }: ChatRequest): string => messages.map(({ content }) => content).join('\n');
const reads = (files: readonly string[]): ScriptedCall[] =>
  files.map((file) => ({ name: 'read_file', arguments: { path: file } }));
const calledFor = ({ messages }: ChatRequest): string =>
  JSON.stringify(messages.flatMap(({ calls }) => calls.map(({ arguments: args }) => args)));
const report = (files: readonly string[], seen: string): string =>
  files
    .filter((file) => seen.includes(limitOf(file)))
    .map((file) => `- ${file}:${LINE} has ${limitOf(file)}`)
    .join('\n');

/** Reads what it was given in steps, then says what it sees. */
function reader(request: ChatRequest, files: readonly string[], done: ReadonlySet<string>) {
  const next = files.filter((file) => !done.has(file)).slice(0, IN_STEP);
  return next.length > 0 ? { toolCalls: reads(next) } : { content: report(files, textOf(request)) };
}

function alone(): Script {
  const done = new Set<string>();
  return (request) => {
    const answer = reader(request, FILES, done);
    for (const { arguments: args } of answer.toolCalls ?? []) done.add(String(args.path));
    return answer;
  };
}

const withTasks: Script = (request) => {
  const work = request.messages.find(({ content }) => content.includes('Begin with: '))?.content;
  if (work !== undefined) {
    const files = FILES.filter((file) => work.includes(file));
    return reader(request, files, new Set(files.filter((file) => calledFor(request).includes(file))));
  }
  const given = request.messages.flatMap(({ calls }) => calls).length * IN_TASK;
  const files = FILES.slice(given, given + IN_TASK);
  if (files.length === 0) return { content: report(FILES, textOf(request)) };
  return { toolCalls: [{ name: 'task', arguments: { prompt: 'Which limit does each have?', files } }] };
};

async function survey(script: Script): Promise<{ server: TestOllama; session: TestAgent; end: Event }> {
  const server = await withOllama(script);
  const session = await agentWithTask(server, { model: RENDERED.name, numCtx: WINDOW });
  await repository(session);
  return { server, session, end: await session.turn('Which limit does each file of src have?') };
}

test('with tasks it fits: nothing is compacted, and nothing is lost', async () => {
  const { server, session, end } = await survey(withTasks);
  expect(end).toMatchObject({
    type: 'turn_completed',
    lastMessage: report(FILES, FILES.map(limitOf).join()),
  });
  expect(session.events.filter(({ type }) => type === 'compacted' || type === 'warning')).toEqual([]);
  const tasks = session.completed().flatMap((item) => (item.type === 'task' ? [item] : []));
  expect(tasks.map(({ steps, output }) => [steps.length, output.split('\n').at(-1)])).toEqual(
    Array(FILES.length / IN_TASK).fill([IN_TASK, '[Every place that it names was found in the code.]']),
  );

  const chats = server.log.filter(({ kind }) => kind === 'chat');
  const largest = Math.max(...chats.map(({ promptTokens }) => promptTokens ?? 0));
  expect(largest).toBeLessThan(WINDOW);
  // All that the sub-agents have read is several windows, and the server has read none of it twice.
  const read = tasks.reduce((sum, { tokens = 0 }) => sum + tokens, 0);
  expect(read).toBeGreaterThan(2 * WINDOW);
  const reread = chats.reduce((sum, { rereadTokens }) => sum + (rereadTokens ?? 0), 0);
  expect(reread).toBeLessThan(read + (chats.at(-1)?.promptTokens ?? 0));
});

test('without them it does not fit', async () => {
  const { session, end } = await survey(alone());
  expect(session.events.filter(({ type }) => type === 'compacted').length).toBeGreaterThan(1);
  const said = end.type === 'turn_completed' ? (end.lastMessage ?? '') : '';
  expect(FILES.filter((file) => said.includes(limitOf(file))).length).toBeLessThan(FILES.length / 2);
});
