import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openCodeIndex } from '../../src/session/code-index.ts';
import { openSession } from '../../src/session/open-session.ts';
import { planSession } from '../../src/session/plan.ts';
import { withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('the server is asked for the model before the index is opened, and works while that is done', async () => {
  const server = await withOllama([]);
  vi.stubEnv('OAGENT_HOME', path.join(await tempFolder(), '.oagent'));
  vi.stubEnv('OLLAMA_HOST', server.host);
  onTestFinished(() => void vi.unstubAllEnvs());
  const plan = planSession({ cd: await tempFolder(), model: 'native' });
  const opened = Promise.withResolvers<string[]>();
  const openIndex = async () => {
    while (server.log.length === 0) await new Promise(setImmediate);
    opened.resolve(server.log.map(({ path: route }) => route));
    const index = await openCodeIndex(plan, { purpose: 'make', patienceMs: 0 });
    if (index === undefined) throw new Error('no index');
    return index;
  };
  const { agent } = await openSession(
    plan,
    { openIndex, onRetry: () => undefined },
    new AbortController().signal,
  );
  expect(await opened.promise).toContain('/api/show');
  agent.submit({ type: 'shutdown' });
  await agent.settled();
});
