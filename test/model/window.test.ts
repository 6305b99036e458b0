import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseWindow } from '../../src/model/window.ts';

test.each([
  [{}, { numCtx: 32_768, numPredict: 8192, source: 'default' }],
  [{ modelMax: 8192 }, { numCtx: 8192, numPredict: 2048, source: 'default' }],
  [{ modelMax: 131_072 }, { numCtx: 32_768, numPredict: 8192, source: 'default' }],
  [
    { modelfile: 16_384, modelMax: 131_072 },
    { numCtx: 16_384, numPredict: 4096, source: 'modelfile' },
  ],
  [
    { configured: 65_536, modelfile: 16_384, modelMax: 131_072 },
    { numCtx: 65_536, numPredict: 8192, source: 'config' },
  ],
  [
    { configured: 1_000_000, modelMax: 40_960 },
    { numCtx: 40_960, numPredict: 8192, source: 'config' },
  ],
  [{ configured: 3000 }, { numCtx: 2816, numPredict: 704, source: 'config' }],
  [{ configured: 1 }, { numCtx: 256, numPredict: 64, source: 'config' }],
] as const)('%o gives %o', (limits, expected) => {
  expect(chooseWindow(limits)).toEqual(expected);
});

test('is always a multiple of 256 with a positive reserve that leaves room for the prompt', () => {
  const tokens = fc.option(fc.integer({ min: 1, max: 2_000_000 }), { nil: undefined });
  fc.assert(
    fc.property(tokens, tokens, tokens, (configured, modelfile, modelMax) => {
      const { numCtx, numPredict } = chooseWindow({ configured, modelfile, modelMax });
      expect([numCtx % 256, numPredict > 0, numPredict < numCtx]).toEqual([0, true, true]);
    }),
  );
});
