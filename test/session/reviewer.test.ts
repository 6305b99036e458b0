/** What `oagent review` is opened with: the host, the window and the patience of a session. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { httpFault } from '../../src/demo/script.ts';
import { startScriptedOllama } from '../../src/demo/scripted-ollama.ts';
import { IndexService } from '../../src/repo-index/service.ts';
import { Asker } from '../../src/review/ask.ts';
import { review } from '../../src/review/review.ts';
import { planSession } from '../../src/session/plan.ts';
import { openReviewer } from '../../src/session/reviewer.ts';
import { RENDERED, withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SIGNAL = new AbortController().signal;

/** A plan in a repository of its own. */
async function planWith(toml: string) {
  const user = await tempFolder();
  const [home, repo] = [path.join(user, 'home'), path.join(user, 'repo')];
  mkdirSync(path.join(repo, '.git'), { recursive: true });
  mkdirSync(home);
  writeFileSync(path.join(home, 'config.toml'), toml);
  vi.stubEnv('OAGENT_HOME', home);
  vi.stubEnv('OLLAMA_HOST', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  return planSession({ cd: repo }, { ephemeral: true });
}

test('of several hosts the first that answers reviews', async () => {
  const gone = await startScriptedOllama({ models: [RENDERED], script: [] });
  await gone.close();
  const server = await withOllama([{ content: '{}' }]);
  const hosts = JSON.stringify([gone.host, server.host]);
  const plan = await planWith(
    `model = "base"\n[index]\nenabled = false\n[ollama]\nhosts = ${hosts}\nconnect_timeout_ms = 5000\n`,
  );
  const reviewer = await openReviewer(plan, { onRetry: () => undefined }, SIGNAL);
  const { client, settings } = reviewer.deps;
  const request = { messages: [{ role: 'user', content: 'Hi' }], tools: [] } as const;
  await client.chat(settings, request, { onDelta: () => undefined, onPhase: () => undefined }, SIGNAL);
  await reviewer.close();
  expect(server.log.filter(({ kind }) => kind === 'chat')).toHaveLength(1);
});

test('a request that failed is sent again as often as the user has set', async () => {
  const server = await withOllama(() => httpFault(500, 'out of luck'));
  const plan = await planWith(
    `model = "base"\n[index]\nenabled = false\n[model_providers.ollama]\nbase_url = "${server.host}"\nrequest_max_retries = 0\n`,
  );
  const retries: string[] = [];
  const onRetry = (error: Error) => void retries.push(error.message);
  const { deps, close } = await openReviewer(plan, { onRetry }, SIGNAL);
  const question = { about: 'a', ask: 'b', schema: { type: 'object' } };
  await expect(new Asker('c', deps).ask(question, SIGNAL)).rejects.toThrow('out of luck');
  await close();
  expect(retries).toEqual([]);
});

test('a server that is away leaves no index open', async () => {
  const gone = await startScriptedOllama({ models: [RENDERED], script: [] });
  await gone.close();
  const close = vi.spyOn(IndexService.prototype, 'close');
  onTestFinished(() => close.mockRestore());
  const plan = await planWith(`model = "base"\n[ollama]\nhost = "${gone.host}"\n`);
  await expect(openReviewer(plan, { onRetry: () => undefined }, SIGNAL)).rejects.toThrow('no Ollama server');
  expect(close).toHaveBeenCalledTimes(1);
});

test('code that cannot be looked up leaves no change out', async () => {
  const server = await withOllama(() => ({ content: '{"findings": []}' }));
  const plan = await planWith(
    `model = "base"\n[index]\nenabled = false\n[ollama]\nhost = "${server.host}"\n`,
  );
  const { deps, close } = await openReviewer(plan, { onRetry: () => undefined }, SIGNAL);
  const findCode = () => Promise.reject(new Error('the index is damaged'));
  const lines = [{ kind: '+', line: 1, text: 'export function total(items) {' }] as const;
  const file = {
    path: 'a.ts',

    isBinary: false,
    isSubmodule: false,
    change: 'update',
    hunks: [{ section: '', lines }],
  } as const;
  const { pieces, notReviewed } = await review({ files: [file] }, { ...deps, findCode }, SIGNAL);
  await close();
  expect({ pieces, notReviewed }).toEqual({ pieces: 1, notReviewed: [] });
});
