/** Images by the built program: for a model that sees, and described for one that does not. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';
import { NATIVE, RENDERED } from '../support/ollama-server.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const SEES = { ...RENDERED, capabilities: ['completion', 'tools', 'vision'] };
const EYES = { ...NATIVE, name: 'eyes', size: 1, capabilities: ['completion', 'vision'] };
const names = (body: { tools?: readonly { function: { name: string } }[] } | undefined) =>
  body?.tools?.map((tool) => tool.function.name) ?? [];

test('a model that sees may look at files of the workspace; one that does not is offered nothing for it', async () => {
  const { run, chats, cwd } = await bench(
    [{ toolCalls: [{ name: 'view_image', arguments: { path: 'a.png' } }] }, { content: 'A dot.' }],
    { models: [SEES] },
  );
  writeFileSync(path.join(cwd, 'a.png'), PNG);
  expect((await run(['exec', 'What is in a.png?'])).stdout).toBe('A dot.\n');
  const [first, second] = chats();
  expect(names(first)).toContain('view_image');
  expect(second?.messages.at(-1)).toEqual({
    role: 'tool',
    content: '[a.png: PNG, 70 B]',
    images: [PNG.toString('base64')],
    tool_name: 'view_image',
    tool_call_id: expect.any(String),
  });
  const blind = await bench([{ content: 'Hi.' }]);
  await blind.run(['exec', 'Hi']);
  expect(names(blind.chats()[0])).not.toContain('view_image');
});

test('an image for a blind model is described once, before its first request, also after a resume', async () => {
  const { run, json, chats, cwd } = await bench(
    [{ content: 'A red button.' }, { content: 'Red.' }, { content: 'Still red.' }],
    { models: [RENDERED, EYES] },
  );
  writeFileSync(path.join(cwd, 'shot.png'), PNG);
  const { lines } = await json(['-m', 'base', '-i', 'shot.png', '--', 'Which colour?']);
  expect(lines.filter(({ type }) => type === 'item.completed').map(({ item }) => item)).toContainEqual({
    id: expect.any(String),
    type: 'image_description',
    name: 'shot.png',
    model: 'eyes:latest',
    text: 'A red button.',
  });
  const again = await run(['exec', '-m', 'base', 'resume', '--last', '-i', 'shot.png', '--', 'And now?']);
  expect(again.stdout).toBe('Still red.\n');
  expect(again.stderr).not.toContain('eyes:latest describes');
  expect(chats().map(({ model, messages }) => [model, messages.at(-1)?.content])).toEqual([
    ['eyes:latest', expect.stringContaining('Describe this image')],
    ['base', '[shot.png, as eyes:latest describes it:\nA red button.]'],
    ['base', '[shot.png, as eyes:latest describes it:\nA red button.]'],
  ]);
  const [, first, second] = chats();
  expect(second?.messages.slice(0, first?.messages.length)).toEqual(first?.messages);
});

test('exec says who describes what', async () => {
  const { run, cwd } = await bench([{ content: 'A red button.' }, { content: 'Red.' }], {
    models: [RENDERED, EYES],
  });
  writeFileSync(path.join(cwd, 'shot.png'), PNG);
  const { stdout, stderr } = await run(['exec', '-m', 'base', '-i', 'shot.png', '--', 'Which colour?']);
  expect(stdout).toBe('Red.\n');
  expect(stderr.match(/^eyes:latest describes shot\.png…?$/gm)).toEqual([
    'eyes:latest describes shot.png…',
    'eyes:latest describes shot.png',
  ]);
});

test('a blind model that asks for an image gets words, too, and is told where it reads one as text', async () => {
  const { run, chats, cwd } = await bench(
    [
      { toolCalls: [{ name: 'read_file', arguments: { path: 'a.png' } }] },
      { toolCalls: [{ name: 'view_image', arguments: { path: 'a.png' } }] },
      { content: 'A dot.' },
      { content: 'Done.' },
    ],
    { models: [RENDERED, EYES] },
  );
  writeFileSync(path.join(cwd, 'a.png'), PNG);
  expect((await run(['exec', '-m', 'base', 'What is in a.png?'])).stdout).toBe('Done.\n');
  const outputs = chats()
    .at(-1)
    ?.messages.filter(({ role }) => role === 'tool');
  expect(outputs?.map(({ content }) => content)).toEqual([
    'a.png is an image (PNG): look at it with view_image',
    '[a.png, as eyes:latest describes it:\nA dot.]',
  ]);
});

test('vision_model: none switches it off, a name chooses', async () => {
  const { run, chats, cwd, home } = await bench([{ content: 'A dot.' }, { content: 'Red.' }], {
    models: [RENDERED, EYES, { ...EYES, name: 'large', size: 2 }],
  });
  writeFileSync(path.join(cwd, 'a.png'), PNG);
  const args = ['exec', '-m', 'base', '-i', 'a.png', '--', 'What?'];
  writeFileSync(path.join(home, 'config.toml'), 'vision_model = "none"\n');
  expect(await run(args)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Error: base cannot see images (-i), and vision_model is "none"\n'),
  });
  writeFileSync(path.join(home, 'config.toml'), 'vision_model = "large"\n');
  expect((await run(args)).stdout).toBe('Red.\n');
  expect(chats().map(({ model }) => model)).toEqual(['large', 'base']);
});
