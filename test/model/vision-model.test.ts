import { expect, test } from 'vitest';
import type { ModelSpec } from '../../src/demo/models.ts';
import { OllamaClient } from '../../src/model/client.ts';
import { chooseVisionModel, describeImage } from '../../src/model/vision-model.ts';
import { NATIVE, RENDERED, withOllama } from '../support/ollama-server.ts';

const NEVER = new AbortController().signal;
const seeing = (name: string, size: number, more: Partial<ModelSpec> = {}): ModelSpec => ({
  ...NATIVE,
  name,
  size,
  capabilities: ['completion', 'vision'],
  ...more,
});

async function choose(models: readonly ModelSpec[], wanted?: string): Promise<string> {
  const server = await withOllama([], { models });
  const client = new OllamaClient({ host: server.host, headers: {} });
  return chooseVisionModel(client, wanted, NEVER).then(
    ({ name }) => name,
    (error: Error) => error.message,
  );
}

test('the smallest that sees and runs here, even if the list does not know that it sees', async () => {
  const cloud = seeing('cloud:1b', 1, { remoteHost: 'https://ollama.com' });
  expect(await choose([RENDERED, seeing('large:7b', 7e9), seeing('small:3b', 3e9), cloud])).toBe('small:3b');
  expect(await choose([RENDERED, seeing('hidden:2b', 2e9, { listedCapabilities: ['completion'] })])).toBe(
    'hidden:2b',
  );
});

test('the one that the user names, if it sees', async () => {
  const models = [RENDERED, seeing('large:7b', 7e9), seeing('small:3b', 3e9)];
  expect(await choose(models, 'large:7b')).toBe('large:7b');
  expect(await choose(models, 'base')).toBe('base (vision_model) cannot see images either');
  expect(await choose(models, 'gone')).toContain("model 'gone' is not installed");
});

test('none: what to pull', async () => {
  expect(await choose([RENDERED])).toBe(
    'no installed model can see images: `ollama pull qwen2.5vl:3b` gets one that describes them',
  );
});

test('it is asked in a small window, and makes room again behind the last image', async () => {
  const server = await withOllama(
    [{ content: ' A button. ' }, { content: 'Two buttons.' }, { content: '' }],
    {
      models: [seeing('eyes', 1)],
    },
  );
  const client = new OllamaClient({ host: server.host, headers: {} });
  const model = await chooseVisionModel(client, undefined, NEVER);
  const said = [false, true].map((isLast) => ({ data: 'aGk=', isLast }));
  const texts: string[] = [];
  for (const image of said) texts.push(await describeImage(client, model, image, () => undefined, NEVER));
  expect(texts).toEqual(['A button.', 'Two buttons.']);
  const chats = server.log
    .filter(({ kind }) => kind === 'chat')
    .map(({ body }) => body as Record<string, unknown>);
  expect(chats.map(({ keep_alive, options, messages }) => ({ keep_alive, options, messages }))).toEqual(
    ['5m', 0].map((keep_alive) => ({
      keep_alive,
      options: { num_ctx: 4096, num_predict: 600 },
      messages: [{ role: 'user', content: expect.stringContaining('Describe this image'), images: ['aGk='] }],
    })),
  );
  expect(await client.running(NEVER)).toEqual([]);
  await expect(
    describeImage(client, model, { data: 'aGk=', isLast: true }, () => undefined, NEVER),
  ).rejects.toThrow('eyes:latest said nothing about the image');
});

test('one that others have loaded keeps its window and its time', async () => {
  const server = await withOllama([{ content: 'x' }, { content: 'A button.' }], {
    models: [seeing('eyes', 1)],
  });
  const client = new OllamaClient({ host: server.host, headers: {} });
  const body = {
    model: 'eyes',
    messages: [{ role: 'user', content: 'x' }],
    options: { num_ctx: 8192 },
    shift: false,
  };
  await (await fetch(`${server.host}/api/chat`, { method: 'POST', body: JSON.stringify(body) })).text();
  const model = await chooseVisionModel(client, undefined, NEVER);
  await describeImage(client, model, { data: 'aGk=', isLast: true }, () => undefined, NEVER);
  const last = server.log.filter(({ kind }) => kind === 'chat').at(-1);
  expect(last).toMatchObject({ reloaded: false, body: { options: { num_ctx: 8192 } } });
  expect(last?.body).not.toHaveProperty('keep_alive');
});
