/** A model that nobody knows writes its first call as text: what follows depends on the server. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ChatRequest } from '../../src/demo/chat-request.ts';
import { httpFault, type Turn } from '../../src/demo/script.ts';
import type { ProfileChoice } from '../../src/model/call-profile.ts';
import { ModelMeasures } from '../../src/model/measures.ts';
import { openItems, type TestAgent, testAgent } from '../support/agent.ts';
import { type ChatBody, chatBodies } from '../support/exec.ts';
import { NATIVE, RENDERED, type TestOllama, withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

const UNKNOWN: ProfileChoice = { profile: 'native', profileSource: 'unknown' };
const BROKEN = 'def add(a, b):\n    return a - b\n';
const RIGHT = BROKEN.replace('a - b', 'a + b');
const TASK = 'Fix the bug in calc.py.';

/** A call as text, which adds a line to a file. */
const leaked = (line: string): Turn => ({
  content: JSON.stringify({ name: 'shell', arguments: { command: `echo ${line} >> leaked.txt` } }),
});

interface Opened extends TestAgent {
  readonly server: TestOllama;
  readonly bodies: () => readonly ChatBody[];
  readonly measures: ModelMeasures;
  /** What `leaked` calls have written. */
  readonly written: () => string;
  /** What is remembered of the model. */
  readonly learned: () => object;
}

async function open(
  script: (request: ChatRequest, index: number) => Turn,
  options: Parameters<typeof testAgent>[1] = {},
): Promise<Opened> {
  const server = await withOllama(script);
  const measures = new ModelMeasures(await tempFolder());
  const session = await testAgent(server, { model: NATIVE.name, profile: UNKNOWN, measures, ...options });
  writeFileSync(path.join(session.cwd, 'calc.py'), BROKEN);
  const file = path.join(session.cwd, 'leaked.txt');
  return {
    ...session,
    server,
    measures,
    bodies: () => chatBodies(server.log),
    written: () => (existsSync(file) ? readFileSync(file, 'utf8') : ''),
    learned: () => {
      const { calls, obeysFormat } = measures.of(server.host, options.model ?? NATIVE.name);
      const { digest: _, ...kinds } = calls ?? { digest: '' };
      return { kinds, obeysFormat };
    },
  };
}

/** `t`: with tools, `f`: with a schema, `-`: neither. */
const forms = ({ bodies }: Opened): string =>
  bodies()
    .map(({ tools, format }) => (format !== undefined ? 'f' : tools !== undefined ? 't' : '-'))
    .join('');

/** Holds its model to the schema. */
function obedient({ messages, format, tools }: ChatRequest): Turn {
  if (format !== undefined) return { json: { act: 'change', file: 'calc.py' } };
  if (tools.length > 0) return leaked('never');
  return messages.at(-1)?.role === 'assistant'
    ? { content: `\`\`\`python\n${RIGHT}\`\`\`` }
    : { content: 'The sign was wrong.' };
}

test('a server that holds it to a schema: it is led, from this turn on', async () => {
  const session = await open(obedient);
  expect(await session.turn(TASK)).toMatchObject({
    type: 'turn_completed',
    lastMessage: 'The sign was wrong.',
    usage: {
      inputTokens: session.server.log.reduce((sum, { promptTokens }) => sum + (promptTokens ?? 0), 0),
    },
    evidence: { files: [{ kind: 'update' }], commands: [] },
  });
  expect(readFileSync(path.join(session.cwd, 'calc.py'), 'utf8')).toBe(RIGHT);
  expect([forms(session).slice(0, 3), session.written()]).toEqual(['tf-', '']);
  expect(session.learned()).toEqual({ kinds: { native: 0, leaked: 1, none: 0 }, obeysFormat: true });
  expect(JSON.stringify(session.agent.history.items)).not.toContain('leaked.txt');
  expect(session.events.filter(({ type }) => type === 'model_led')).toHaveLength(1);
  expect(openItems(session.events)).toEqual([]);

  await session.turn('What does calc.py do?');
  expect(forms(session).slice(1)).not.toContain('t');
  expect(session.learned()).toEqual({ kinds: { native: 0, leaked: 1, none: 0 }, obeysFormat: true });
});

const DISOBEDIENT: readonly (readonly [name: string, format: Turn])[] = [
  ['writes another call', leaked('two')],
  [
    'writes an act with words around it',
    { content: '{"act": "change", "file": "calc.py"} is what I choose.' },
  ],
];

test.each(
  DISOBEDIENT,
)('a server that ignores the schema, so that the model %s: as if nothing had been tried', async (_name, second) => {
  const session = await open(({ format }, index) =>
    index === 0 ? leaked('one') : format !== undefined ? second : { content: 'Done.' },
  );
  const end = await session.turn(TASK);
  expect(end.type).toBe('turn_completed');
  const lines = second === DISOBEDIENT[0]?.[1] ? 'one\ntwo\n' : 'one\n';
  expect(session.written()).toBe(lines);
  const prompts = session.agent.history.items.filter(
    (item) => item.type === 'user' && item.kind === 'prompt',
  );
  expect(prompts.map(({ content }) => content)).toEqual([TASK]);
  expect(session.agent.history.items.slice(0, 4).map(({ type }) => type)).toEqual([
    'user',
    'user',
    'assistant',
    'tool',
  ]);
  // What is asked next begins as the first request did.
  const [first, , third] = session.bodies();
  expect(third?.messages.slice(0, first?.messages.length) ?? first?.messages).toEqual(first?.messages);
  expect(session.learned()).toEqual({ kinds: { native: 0, leaked: 1, none: 0 }, obeysFormat: false });
  expect(session.events.filter(({ type }) => type === 'model_led')).toEqual([]);
  expect(openItems(session.events)).toEqual([]);

  const before = session.bodies().length;
  await session.turn('And now?');
  expect(
    session
      .bodies()
      .slice(before)
      .every(({ tools, format }) => tools !== undefined && format === undefined),
  ).toBe(true);
  expect(session.written()).toBe(lines);
});

test.each([
  ['400', httpFault(400, 'invalid format: expected "json" or a JSON schema')],
  ['500', httpFault(500, 'failed to load model vocabulary required for format: grammar')],
])('a server that refuses the schema (%s): the call is run, once', async (_status, refusal) => {
  const session = await open(({ format }, index) =>
    index === 0 ? leaked('one') : format !== undefined ? refusal : { content: 'Done.' },
  );
  expect(await session.turn(TASK)).toMatchObject({ type: 'turn_completed', lastMessage: 'Done.' });
  expect(session.written()).toBe('one\n');
  expect(session.learned()).toEqual({ kinds: { native: 0, leaked: 1, none: 0 }, obeysFormat: false });
  expect(openItems(session.events)).toEqual([]);
});

test('a call as a call: it is native, and nothing is tried', async () => {
  const session = await open((_request, index) =>
    index === 0
      ? { toolCalls: [{ name: 'shell', arguments: { command: 'echo one >> leaked.txt' } }] }
      : { content: 'Done.' },
  );
  await session.turn(TASK);
  expect([forms(session), session.written()]).toEqual(['tt', 'one\n']);
  expect(session.learned()).toEqual({ kinds: { native: 1, leaked: 0, none: 0 }, obeysFormat: undefined });
});

test('an answer without a call says nothing', async () => {
  const session = await open(() => ({ content: 'It subtracts.' }));
  await session.turn('What does calc.py do?');
  expect([forms(session), session.learned()]).toEqual(['t', { kinds: {}, obeysFormat: undefined }]);
});

test.each([
  ['configured as native', { profile: { profile: 'native', profileSource: 'config' } }, {}],
  [
    'measured as native',
    { profile: { profile: 'native', profileSource: 'measured' } },
    { native: 0, leaked: 1, none: 0 },
  ],
  ['one that thinks', { model: RENDERED.name }, { native: 0, leaked: 1, none: 0 }],
] as const)('a model that is %s is not led, and its call is run once', async (_name, options, kinds) => {
  const session = await open(
    (_request, index) => (index === 0 ? leaked('one') : { content: 'Done.' }),
    options,
  );
  expect(await session.turn(TASK)).toMatchObject({ type: 'turn_completed', lastMessage: 'Done.' });
  expect([forms(session), session.written()]).toEqual(['tt', 'one\n']);
  expect(session.learned()).toEqual({ kinds, obeysFormat: undefined });
});

test('a server that is known to ignore schemas is not tried again', async () => {
  const session = await open((_request, index) => (index === 0 ? leaked('one') : { content: 'Done.' }));
  session.measures.keepObedience(session.server.host, NATIVE.name, false);
  await session.turn(TASK);
  expect([forms(session), session.written()]).toEqual(['tt', 'one\n']);
});

test.each([
  ['obeys', obedient],
  [
    'does not',
    ({ format }: ChatRequest, index: number): Turn =>
      index === 0 ? leaked('one') : format ? leaked('two') : { content: 'Done.' },
  ],
])('what the user says during the first answer is not lost, where the server %s', async (_name, script) => {
  let steer = (): void => {};
  const session = await open((request, index) => {
    if (index < 2) steer();
    return script(request, index);
  });
  const said = ['Be quick.', 'And careful.'];
  steer = () => session.agent.submit({ type: 'steer', text: said.shift() ?? '' });
  expect((await session.turn(TASK)).type).toBe('turn_completed');
  const prompts = session.agent.history.items.flatMap((item) =>
    item.type === 'user' && item.kind === 'prompt' ? [item.content] : [],
  );
  expect(prompts).toEqual([TASK, 'Be quick.', 'And careful.']);
  const shown = session.completed().flatMap((item) => (item.type === 'user_message' ? [item.text] : []));
  expect(shown).toEqual(prompts);
  expect(openItems(session.events)).toEqual([]);
});

test('an interrupt before the server has shown what it does leaves the model as it was', async () => {
  let interrupt = (): void => {};
  const session = await open((request, index) => {
    if (index === 1) interrupt();
    return index === 1
      ? { ...obedient(request), waitFor: new Promise(() => {}) }
      : index < 1
        ? leaked('one')
        : { content: 'Yes.' };
  });
  interrupt = () => session.agent.submit({ type: 'interrupt' });
  expect((await session.turn(TASK)).type).toBe('turn_aborted');
  expect([session.written(), session.learned()]).toEqual(['', { kinds: {}, obeysFormat: undefined }]);
  expect(await session.turn('Are you there?')).toMatchObject({ type: 'turn_completed', lastMessage: 'Yes.' });
  expect(forms(session)).toBe('tft');
  expect(openItems(session.events)).toEqual([]);
});
