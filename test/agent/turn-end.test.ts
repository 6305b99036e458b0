/** An answer that leaves something undone is asked once; whoever insists is believed. */
import { expect, test } from 'vitest';
import type { Script, Turn } from '../../src/demo/script.ts';
import { type TestAgent, testAgent } from '../support/agent.ts';
import { withOllama } from '../support/ollama-server.ts';

interface Body {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

const shell = (command: string): Turn => ({ toolCalls: [{ name: 'shell', arguments: { command } }] });
const plan = (status: string): Turn => ({
  toolCalls: [{ name: 'update_plan', arguments: { plan: [{ step: 'Change it', status }] } }],
});

async function open(
  script: Script,
  options: Parameters<typeof testAgent>[1] = {},
): Promise<TestAgent & { readonly bodies: () => readonly Body[] }> {
  const server = await withOllama(script);
  const bodies = (): readonly Body[] =>
    server.log.filter(({ kind }) => kind === 'chat').map(({ body }) => body as Body);
  return { bodies, ...(await testAgent(server, options)) };
}

const reasons = ({ events }: TestAgent): string[] =>
  events.flatMap((event) => (event.type === 'retry' ? [event.reason] : []));

const notesIn = (bodies: readonly Body[]): string[] =>
  (bodies.at(-1)?.messages ?? [])
    .filter(({ role, content }) => role === 'user' && content.startsWith('['))
    .map(({ content }) => content);

const STOPPED: Turn = { content: 'Als Nächstes kommt die Änderung an der Datei.' };

test('with steps of the plan open it is asked, once; each request begins with the one before', async () => {
  const session = await open([plan('pending'), STOPPED, STOPPED]);
  expect(await session.turn('Weiter.')).toMatchObject({
    type: 'turn_completed',
    lastMessage: STOPPED.content,
  });
  const bodies = session.bodies();
  expect(bodies).toHaveLength(3);
  expect(notesIn(bodies)).toEqual(['[Your plan has open steps. Go on, or give your final answer.]']);
  expect(reasons(session)).toEqual(['steps of the plan are open']);
  for (const [index, { messages }] of bodies.slice(1).entries())
    expect(messages.slice(0, bodies[index]?.messages.length)).toEqual(bodies[index]?.messages);
});

test('after a call it is asked again', async () => {
  const session = await open([
    ...[plan('pending'), STOPPED, shell('echo a'), STOPPED],
    ...[plan('completed'), { content: 'Die Datei ist jetzt geändert.' }],
  ]);
  expect(await session.turn('Weiter.')).toMatchObject({ lastMessage: 'Die Datei ist jetzt geändert.' });
  expect(reasons(session)).toEqual(['steps of the plan are open', 'steps of the plan are open']);
});

test('a model that always stops is believed in the end', async () => {
  let calls = 0;
  const session = await open(({ messages }) => {
    if (messages.at(-1)?.role === 'tool') return STOPPED;
    calls += 1;
    return calls === 1 ? plan('pending') : shell(`echo ${calls}`);
  });
  expect(await session.turn('Weiter.')).toMatchObject({ type: 'turn_completed' });
  expect(reasons(session)).toHaveLength(5);
});

test('a plan of an earlier turn does not count', async () => {
  const session = await open([plan('pending'), { content: 'Bereit.' }, STOPPED]);
  await session.turn('Plan.');
  await session.turn('Weiter.');
  expect(reasons(session)).toEqual([]);
});

test.each([
  [true, '[Nobody can answer. Decide yourself and go on.]'],
  [false, undefined],
])('a question, nobody there: %s', async (isUnattended, note) => {
  const asked = { content: 'Shall I change a.js?' };
  const session = await open([asked, asked, asked], { isUnattended });
  expect(await session.turn('Weiter.')).toMatchObject({ lastMessage: asked.content });
  expect(notesIn(session.bodies())).toEqual(note === undefined ? [] : [note]);
});

test.each<[string, string, readonly Turn[], string]>([
  [
    'that changed nothing',
    'Add a test.',
    [],
    '[No file was changed. Make the change, or give your final answer.]',
  ],
  [
    'whose test failed',
    'Weiter.',
    [shell('node --test nothing.js')],
    '[node --test nothing.js failed. Go on, or give your final answer.]',
  ],
  [
    'that did not run the test of the task',
    'Weiter mit `npm test`.',
    [],
    '[npm test was not run. Go on, or give your final answer.]',
  ],
  [
    'that ends in code',
    'Weiter.',
    [{ content: '```bash\nls\n```' }],
    '[Nothing was run or written: your reply ends in code. Make the call, or give your answer without it.]',
  ],
])('where nobody is there, a turn %s is asked', async (_, task, before, note) => {
  const session = await open(
    [...before, { content: 'Das ist erledigt.' }, { content: 'Wirklich.' }, { content: 'Ja.' }],
    {
      isUnattended: true,
    },
  );
  expect(await session.turn(task)).toMatchObject({ type: 'turn_completed' });
  expect(notesIn(session.bodies()).map((text) => text.split('\n')[0])).toEqual([note]);
});

test.each([
  'Soll ich es (so ändern?)',
  'Gefragt ist: "Soll ich?"',
  '**Soll ich?**',
  'So?\n1. ja\n2. nein',
])('who can reply is not told that nobody can: %s', async (content) => {
  const session = await open([plan('pending'), { content }], { isUnattended: false });
  expect(await session.turn('Weiter.')).toMatchObject({ lastMessage: content });
  expect(reasons(session)).toEqual([]);
});

test('code that calls a tool is an example if the user asks about the tool, and a call if not', async () => {
  const example = { content: 'It is called like this:\n\n```python\nread_file("a.ts")\n```' };
  const asked = await open([example]);
  expect(await asked.turn('How is read_file called?')).toMatchObject({ lastMessage: example.content });
  const leaked = await open([{ content: 'Like this:\n\nread_file("a.ts")' }, { content: 'It is missing.' }]);
  expect(await leaked.turn('What is in a.ts?')).toMatchObject({ lastMessage: 'It is missing.' });
  expect(leaked.bodies()[1]?.messages.at(-1)).toMatchObject({ role: 'tool' });
});

test('a call that failed, and an answer that names what comes next', async () => {
  const session = await open([
    { toolCalls: [{ name: 'read_file', arguments: { path: 'lib/a.js' } }] },
    { content: 'Entonces corrijo src/a.js.' },
    { content: 'No existe.' },
  ]);
  expect(await session.turn('Sigue.')).toMatchObject({ lastMessage: 'No existe.' });
  expect(notesIn(session.bodies())).toEqual(['[The last call failed. Go on, or give your final answer.]']);
});
