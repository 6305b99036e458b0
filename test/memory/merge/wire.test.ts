/** One record over a real connection, as a session's model is asked. */
import { expect, test } from 'vitest';
import { consolidateNext } from '../../../src/memory/merge/consolidate.ts';
import { AskedModel } from '../../../src/memory/run/ask-model.ts';
import { OllamaClient } from '../../../src/model/client.ts';
import { chatBodies } from '../../support/exec.ts';
import { RENDERED, withOllama } from '../../support/ollama-server.ts';
import { Merging } from './merge-store.ts';

test('a question is one request in the window of the session, constrained by the schema', async () => {
  const decision = { act: 'new', everywhere: false, kind: 'fact', topic: 'environment', weight: 3 };
  const server = await withOllama([{ json: { A: decision } }]);
  const settings = {
    ...{ model: RENDERED.name, numCtx: 4_096, numPredict: 512, keepAlive: '30m', think: false },
    ...{ sampling: {}, idleTimeoutMs: 60_000, reconnectMs: 0 },
  };
  const model = new AskedModel({ client: new OllamaClient({ host: server.host, headers: {} }), settings });
  const merging = new Merging();
  merging.put('t1', '- The port of the server is 8080');
  const step = await consolidateNext({ ...merging.deps, model }, new AbortController().signal);
  expect(step).toMatchObject({ state: 'more' });
  const [body] = chatBodies(server.log);
  expect(chatBodies(server.log).length).toBe(1);
  expect(body).toMatchObject({
    keep_alive: '30m',
    options: { num_ctx: 4_096, num_predict: 130 },
    format: { type: 'object', required: ['A'], additionalProperties: false },
  });
  expect(merging.entries()).toMatchObject([
    { text: 'The port of the server is 8080', topic: 'environment', kind: 'fact', weight: 3 },
  ]);
});
