import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelMeasures } from '../../src/model/measures.ts';
import { tempFolder } from '../support/temp-folder.ts';

const HOST = 'http://127.0.0.1:11434';
const load = (numCtx: number, sizeVram = 10) => ({ numCtx, size: 10, sizeVram });

test('what one session measured is there for the next', async () => {
  const home = path.join(await tempFolder(), 'new');
  const measures = new ModelMeasures(home);
  expect(measures.of(HOST, 'base')).toEqual({ loads: [] });
  measures.keepRate(HOST, 'base', 3.21987);
  measures.keepLoad(HOST, 'base', load(8192));
  measures.keepObedience(HOST, 'base', true);
  measures.keepObedience(HOST, 'base', false);
  measures.keepLoad(HOST, 'other', load(4096, 5));
  expect(measures.keepLoad(HOST, 'Base', load(8192, 9))).toEqual([load(8192, 9)]);
  const next = new ModelMeasures(home);
  expect(next.of(HOST, 'base:latest')).toEqual({
    bytesPerToken: 3.22,
    obeysFormat: false,
    loads: [load(8192, 9)],
  });
  expect(next.of(HOST, 'other')).toEqual({ loads: [load(4096, 5)] });
  expect(next.of('http://elsewhere:1', 'base')).toEqual({ loads: [] });
  expect(readdirSync(home)).toEqual(['models.json']);
  expect(statSync(next.path).mode & 0o777).toBe(0o600);
});

test('how long a model thinks is kept by effort; what is no length is nothing', async () => {
  const home = await tempFolder();
  const measures = new ModelMeasures(home);
  expect(measures.thinkingOf(HOST, 'base', 'true')).toEqual([]);
  measures.keepThinking(HOST, 'base', 'true', [10, 20]);
  measures.keepThinking(HOST, 'base', 'low', [5]);
  measures.keepRate(HOST, 'base', 4);
  const next = new ModelMeasures(home);
  expect([next.thinkingOf(HOST, 'Base', 'true'), next.thinkingOf(HOST, 'base', 'low')]).toEqual([
    [10, 20],
    [5],
  ]);
  const damaged = { thinking: { true: [3, 'x', null, -1, 4], low: 7 } };
  writeFileSync(next.path, JSON.stringify({ [`base:latest @ ${HOST}`]: damaged }));
  expect([next.thinkingOf(HOST, 'base', 'true'), next.thinkingOf(HOST, 'base', 'low')]).toEqual([[3, 4], []]);
});

test('a rate that is nearly the same is not written', async () => {
  const measures = new ModelMeasures(await tempFolder());
  measures.keepRate(HOST, 'base', 4);
  measures.keepRate(HOST, 'base', 4.07);
  expect(measures.of(HOST, 'base').bytesPerToken).toBe(4);
  measures.keepRate(HOST, 'base', 4.1);
  expect(measures.of(HOST, 'base').bytesPerToken).toBe(4.1);
});

test('the newest loads are kept, each window once', async () => {
  const measures = new ModelMeasures(await tempFolder());
  for (let index = 1; index <= 9; index += 1) measures.keepLoad(HOST, 'base', load(index * 256));
  expect(measures.of(HOST, 'base').loads.map(({ numCtx }) => numCtx / 256)).toEqual([4, 5, 6, 7, 8, 9]);
});

test('how a model calls tools is kept for its weights; other weights are unknown', async () => {
  const measures = new ModelMeasures(await tempFolder());
  const none = { native: 0, leaked: 0, none: 0 };
  const calls = { native: 1, leaked: 3, none: 1 };
  measures.keepRate(HOST, 'base', 4);
  expect([measures.callsOf(HOST, 'base', 'd1'), measures.hasCalls(HOST, 'base')]).toEqual([none, false]);
  measures.keepCalls(HOST, 'base', 'd1', calls);
  measures.keepLoad(HOST, 'base', load(8192));
  expect([
    measures.callsOf(HOST, 'Base:latest', 'd1'),
    measures.callsOf(HOST, 'base', 'd2'),
    measures.callsOf(HOST, 'base', undefined),
    measures.callsOf('http://elsewhere:1', 'base', 'd1'),
    measures.hasCalls(HOST, 'base'),
    measures.of(HOST, 'base'),
  ]).toEqual([
    calls,
    none,
    none,
    none,
    true,
    { bytesPerToken: 4, loads: [load(8192)], calls: { digest: 'd1', ...calls } },
  ]);
  measures.keepCalls(HOST, 'base', 'd2', { ...none, native: 5 });
  expect([measures.callsOf(HOST, 'base', 'd1'), measures.callsOf(HOST, 'base', 'd2').native]).toEqual([
    none,
    5,
  ]);
});

test('a folder that cannot be written costs nothing', async () => {
  const home = path.join(await tempFolder(), 'file');
  writeFileSync(home, '');
  const measures = new ModelMeasures(home);
  measures.keepRate(HOST, 'base', 4);
  expect(measures.of(HOST, 'base')).toEqual({ loads: [] });
  mkdirSync(path.join(home, '..', 'dir', 'models.json'), { recursive: true });
  const blocked = new ModelMeasures(path.join(home, '..', 'dir'));
  blocked.keepRate(HOST, 'base', 4);
  expect(readdirSync(path.join(home, '..', 'dir'))).toEqual(['models.json']);
});

test('whatever stands in the file, reading it gives a measure', async () => {
  const home = await tempFolder();
  const measures = new ModelMeasures(home);
  const entry = fc.oneof(
    fc.json(),
    fc.jsonValue().map((value) => JSON.stringify({ [`base:latest @ ${HOST}`]: value })),
    fc.jsonValue().map((value) =>
      JSON.stringify({
        [`base:latest @ ${HOST}`]: {
          bytesPerToken: value,
          loads: [value, { numCtx: value, size: 1, sizeVram: 1 }],
          calls: { digest: 'd', native: value, leaked: 0, none: 0 },
        },
      }),
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(entry, (text) => {
      writeFileSync(measures.path, text);
      const { bytesPerToken = 1, loads } = measures.of(HOST, 'base');
      expect(bytesPerToken).toBeGreaterThan(0);
      expect(measures.callsOf(HOST, 'base', 'd').native).toBeGreaterThanOrEqual(0);
      for (const { numCtx, size } of loads) expect(Math.min(numCtx, size)).toBeGreaterThan(0);
    }),
    { numRuns: 60 },
  );
});

test('the reading speed is replaced when it differs by a tenth', async () => {
  const measures = new ModelMeasures(await tempFolder());
  const kept = [10, 10.5, 2.34567, 30].map((speed) => {
    measures.keepSpeed(HOST, 'base', speed);
    return measures.of(HOST, 'base').msPerToken;
  });
  expect(kept).toEqual([10, 10, 2.35, 30]);
});
