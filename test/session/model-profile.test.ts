import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Config } from '../../src/config/schema.ts';
import { OllamaClient } from '../../src/model/client.ts';
import { ModelMeasures } from '../../src/model/measures.ts';
import { needsDigest, sessionProfile } from '../../src/session/model-profile.ts';
import { openSession } from '../../src/session/open-session.ts';
import { planSession } from '../../src/session/plan.ts';
import { planModel } from '../../src/session/planned-model.ts';
import { withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

const HOST = 'http://h';
const LEAKS = { native: 1, leaked: 4, none: 0 };
const NATIVE = { native: 5, leaked: 0, none: 0 };

test('the configuration wins over the measure, the exact name over one that means the same', async () => {
  const measures = new ModelMeasures(await tempFolder());
  measures.keepCalls(HOST, 'qwen3', 'd', LEAKS);
  const models = { 'Qwen3:latest': { profile: 'native' as const }, qwen3: {}, 'b:1': {} };
  const profile = (name: string, digest: string | undefined, of: Config['models'] = models) =>
    Object.values(sessionProfile({ models: of }, measures, HOST, { name, digest })).join(', ');
  expect([
    profile('qwen3:latest', 'd'),
    profile('qwen3', 'd'),
    profile('qwen3', 'other'),
    profile('qwen3', undefined),
    profile('b:1', 'd'),
    profile('constructor', 'd', {}),
    profile('qwen3:latest', 'd', { qwen3: { profile: 'native' } }),
  ]).toEqual([
    'native, config',
    'led, measured',
    'native, unknown',
    'native, unknown',
    'native, unknown',
    'native, unknown',
    'native, config',
  ]);
  expect([
    needsDigest({ models }, measures, HOST, 'qwen3:latest'),
    needsDigest({ models }, measures, HOST, 'qwen3'),
    needsDigest({ models }, measures, HOST, 'b:1'),
  ]).toEqual([false, true, false]);
});

test('a session asks for the digest only where it makes a difference, and has its profile from the start', async () => {
  const server = await withOllama([]);
  const home = path.join(await tempFolder(), '.oagent');
  vi.stubEnv('OAGENT_HOME', home);
  vi.stubEnv('OLLAMA_HOST', server.host);
  onTestFinished(() => void vi.unstubAllEnvs());
  const cwd = await tempFolder();
  const plan = (...config: string[]) => planSession({ cd: cwd, model: 'native', config });
  const client = new OllamaClient({ host: server.host, headers: {} });
  const [, installed] = await client.installed(new AbortController().signal);
  const digest = installed?.digest ?? '';
  const measures = new ModelMeasures(home);
  const asked = async (...config: string[]): Promise<string[]> => {
    const before = server.log.length;
    await openSession(plan(...config), { onRetry: () => undefined }, new AbortController().signal);
    return server.log.slice(before).map(({ path: route }) => route);
  };
  measures.keepRate(server.host, 'native', 4);
  expect((await asked()).sort()).toEqual(['/api/ps', '/api/show']);
  measures.keepCalls(server.host, 'native', digest, LEAKS);
  expect((await asked()).sort()).toEqual(['/api/ps', '/api/show', '/api/tags']);
  expect((await asked('models.native.profile=native')).sort()).toEqual(['/api/ps', '/api/show']);

  const facts = await client.show('native', new AbortController().signal);
  const settings = (of: string | undefined, ...config: string[]) => {
    const made = planModel(plan(...config), client, { name: 'native', facts, digest: of }, 1000);
    return [made.profile, made.profileSource, made.digest];
  };
  expect([settings(digest), settings('other'), settings(digest, 'models.native.profile=native')]).toEqual([
    ['led', 'measured', digest],
    ['native', 'unknown', 'other'],
    ['native', 'config', digest],
  ]);
  measures.keepCalls(server.host, 'native', digest, NATIVE);
  expect(settings(digest)).toEqual(['native', 'measured', digest]);
});
