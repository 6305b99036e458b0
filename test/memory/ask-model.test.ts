import { expect, test } from 'vitest';
import type { Script } from '../../src/demo/script.ts';
import { AskedModel } from '../../src/memory/run/ask-model.ts';
import { OllamaClient } from '../../src/model/client.ts';
import { RENDERED, type TestOllama, withOllama } from '../support/ollama-server.ts';

const SCHEMA = { type: 'object', properties: { kept: { type: 'string' } }, required: ['kept'] };
const QUESTION = { system: 'Read.', text: 'A session.', schema: SCHEMA, maxTokens: 77 };

async function asked(script: Script): Promise<{ readonly server: TestOllama; readonly model: AskedModel }> {
  const server = await withOllama(script);
  const settings = {
    model: RENDERED.name,
    numCtx: 8_192,
    numPredict: 512,
    keepAlive: '30m',
    think: true,
    sampling: { temperature: 0.2 },
    idleTimeoutMs: 60_000,
    reconnectMs: 0,
  };
  return {
    server,
    model: new AskedModel({ client: new OllamaClient({ host: server.host, headers: {} }), settings }),
  };
}

const signal = (): AbortSignal => new AbortController().signal;

test('a question goes out with the window and the keep_alive of the session', async () => {
  const { server, model } = await asked([{ json: { kept: 'yes' } }]);
  expect(await model.ask(QUESTION, signal())).toEqual({ kept: 'yes' });
  const { body } = await server.waitForRequest(1, 'chat');
  expect(body).toEqual({
    model: RENDERED.name,
    messages: [
      { role: 'system', content: 'Read.' },
      { role: 'user', content: 'A session.' },
    ],
    format: SCHEMA,
    think: false,
    stream: true,
    truncate: false,
    shift: false,
    keep_alive: '30m',
    options: { num_ctx: 8_192, num_predict: 77, temperature: 0.2 },
  });
});

test('what is no JSON is an error that says so', async () => {
  const { model } = await asked([{ content: 'I keep nothing.' }]);
  await expect(model.ask(QUESTION, signal())).rejects.toThrow('the answer is not valid JSON');
});

test('JSON in a fence is read where the server does not know schemas', async () => {
  const { model } = await asked([{ content: 'Here:\n```json\n{"kept": "yes",}\n```' }]);
  expect(await model.ask(QUESTION, signal())).toEqual({ kept: 'yes' });
});

test('an answer that was cut says that it was too long', async () => {
  const { model } = await asked([{ content: '{"kept":"ye', doneReason: 'length' }]);
  await expect(model.ask(QUESTION, signal())).rejects.toThrow('the answer was too long');
});

test('an abort ends the request', async () => {
  const { server, model } = await asked([{ json: { kept: 'yes' }, waitFor: new Promise(() => undefined) }]);
  const stop = new AbortController();
  const answer = model.ask(QUESTION, stop.signal);
  await server.waitForRequest(1, 'chat');
  stop.abort(new Error('the user is back'));
  await expect(answer).rejects.toThrow('the user is back');
  await server.waitForAbort(1);
});
