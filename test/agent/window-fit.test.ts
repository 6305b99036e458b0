/** What a load teaches: remembered, told, and used by the next session only. */
import { expect, test } from 'vitest';
import { collectDoctorFacts } from '../../src/cli/doctor/doctor-facts.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ModelSpec } from '../../src/demo/models.ts';
import { OllamaClient } from '../../src/model/client.ts';
import { ModelMeasures } from '../../src/model/measures.ts';
import { planModel } from '../../src/session/planned-model.ts';
import { testAgent } from '../support/agent.ts';
import { RENDERED, withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

const NEVER = new AbortController().signal;

/** A card of 60 MB, a model of 8 MB and 1 kB a token: 52,000 tokens fit. */
const MODEL: ModelSpec = {
  ...RENDERED,
  contextLength: 131_072,
  size: 8_000_000,
  tokenBytes: 1000,
  sizeVram: 60_000_000,
};

test('each session takes what the ones before have found to fit, until it holds', async () => {
  const server = await withOllama(() => ({ content: 'Yes.' }), { models: [MODEL] });
  const home = await tempFolder();
  const measures = new ModelMeasures(home);
  const client = new OllamaClient({ host: server.host, headers: {} });
  const facts = await client.show('base', NEVER);
  const loaded = loadConfig({ home, cwd: home });
  const story: unknown[] = [];
  for (let session = 0; session < 4; session += 1) {
    const { settings, windowSource } = planModel(
      { loaded, home, env: {}, source: 'exec' },
      client,
      { name: 'base', facts },
      60_000,
    );
    const agent = await testAgent(server, { numCtx: settings.numCtx, measures });
    await agent.turn('Is it?');
    await agent.turn('Really?');
    const warnings = agent.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
    story.push([settings.numCtx, windowSource, ...warnings]);
  }
  expect(story).toEqual([
    [32_768, 'default'],
    [
      65_536,
      'fit',
      '18% of base runs on the CPU with a window of 65,536 tokens. `oagent doctor` says which window fits',
    ],
    [49_152, 'fit'],
    [49_152, 'fit'],
  ]);
  // Within a session nothing is loaded again.
  expect(server.log.filter(({ reloaded }) => reloaded)).toHaveLength(3);
  expect((await collectDoctorFacts(client, loaded.config, NEVER, { measures })).window).toEqual({
    numCtx: 49_152,
    numPredict: 8192,
    source: 'fit',
    modelMax: 131_072,
    loaded: 49_152,
    measured: { held: 49_152, spilled: 65_536, path: measures.path },
  });
  expect(measures.of(server.host, 'base').bytesPerToken).toBeGreaterThan(1);
});

test('the rate of earlier sessions is used before the server has counted', async () => {
  const server = await withOllama(() => ({ content: 'Yes.' }));
  const measures = new ModelMeasures(await tempFolder());
  measures.keepRate(server.host, 'base', 2);
  const fresh = await testAgent(server, { measures });
  const chats: number[] = [];
  fresh.agent.subscribe((event) => {
    if (event.type === 'model_phase' && event.newTokens !== undefined) chats.push(event.newTokens);
  });
  await fresh.turn('Is it?');
  const plain = await testAgent(server);
  plain.agent.subscribe((event) => {
    if (event.type === 'model_phase' && event.newTokens !== undefined) chats.push(event.newTokens);
  });
  await plain.turn('Is it?');
  expect(Math.abs((chats[0] ?? 0) - 2 * (chats[1] ?? 0))).toBeLessThanOrEqual(20);
});
