import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answerSpace,
  chooseWindow,
  fitFrom,
  isSpilled,
  type LoadedModel,
  sharedWindow,
} from '../../src/model/window.ts';

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
  [
    { fit: 65_536, modelMax: 131_072 },
    { numCtx: 65_536, numPredict: 8192, source: 'fit' },
  ],
  [
    { fit: 65_536, modelfile: 8192 },
    { numCtx: 8192, numPredict: 2048, source: 'modelfile' },
  ],
  [{ tooLarge: 32_768 }, { numCtx: 16_384, numPredict: 4096, source: 'fit' }],
  [{ tooLarge: 8192 }, { numCtx: 8192, numPredict: 2048, source: 'fit' }],
  [{ tooLarge: 65_536 }, { numCtx: 32_768, numPredict: 8192, source: 'default' }],
  [
    { tooLarge: 4096, modelMax: 4096 },
    { numCtx: 4096, numPredict: 1024, source: 'default' },
  ],
  [
    { tooLarge: 16_384, configured: 32_768 },
    { numCtx: 32_768, numPredict: 8192, source: 'config' },
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

/** A card with `room` bytes, a model of 8,000,000 and 1,000 for each token of its window. */
const onCard = (numCtx: number, room = 60_000_000): LoadedModel => {
  const size = 8_000_000 + 1000 * numCtx;
  return { numCtx, size, sizeVram: Math.min(size, room) };
};

test('spilled is what is partly on the card, not what has no card', () => {
  const loads = [onCard(32_768), onCard(131_072), onCard(32_768, 0)];
  expect(loads.map(isSpilled)).toEqual([false, true, false]);
});

test.each([
  ['nothing is known', [], 131_072, undefined],
  ['no card', [onCard(32_768, 0)], 131_072, undefined],
  ['held: twice as much next time', [onCard(32_768)], 131_072, 65_536],
  ['held, and the model can do no more', [onCard(32_768)], 40_960, 40_960],
  ['a small window of the user’s own held: the default next time', [onCard(4096)], 131_072, 32_768],
  ['spilled: half', [onCard(131_072)], 262_144, 65_536],
  ['spilled a little above the least window: that one is tried', [onCard(8448, 16_192_000)], 8448, 8192],
  ['spilled at the least window', [onCard(8192, 9_000_000)], 131_072, undefined],
  ['held and spilled: what the card has room for', [onCard(32_768), onCard(65_536)], 131_072, 49_152],
  ['and that held as well', [onCard(32_768), onCard(65_536), onCard(49_152)], 131_072, 49_152],
  ['two spilled tell the same', [onCard(131_072), onCard(65_536)], 131_072, 49_152],
  [
    'the model does not fit by itself',
    [onCard(32_768, 7_000_000), onCard(16_384, 7_000_000)],
    131_072,
    undefined,
  ],
] as const)('the window that fits: %s', (_name, loads, modelMax, expected) => {
  expect(fitFrom(loads, modelMax)).toBe(expected);
});

test('whatever the card: sessions come to a window that holds, or find that none does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300_000_000 }),
      fc.integer({ min: 2048, max: 300_000 }),
      (room, modelMax) => {
        const loads: LoadedModel[] = [];
        const tried: number[] = [];
        for (let session = 0; session < 12; session += 1) {
          const { numCtx } = chooseWindow({ fit: fitFrom(loads, modelMax), modelMax });
          tried.push(numCtx);
          const others = loads.filter((load) => load.numCtx !== numCtx);
          loads.splice(0, loads.length, ...others, onCard(numCtx, room));
        }
        const [before = 0, last = 0] = tried.slice(-2);
        expect(last).toBe(before);
        expect(last).toBeLessThanOrEqual(modelMax);
        if (room < 8_000_000 + 1000 * 8192) return;
        expect(onCard(last, room).sizeVram).toBe(onCard(last, room).size);
        expect(last).toBeGreaterThan(Math.min(modelMax - 256, ((room - 8_000_000) / 1000) * 0.5 - 512));
      },
    ),
  );
});

describe('a window with which others have the model loaded', () => {
  const wanted = (numCtx: number, source: 'config' | 'default') => ({ numCtx, numPredict: 8192, source });

  test('is used if it is enough: what the user has set, else what everything works with', () => {
    const shared = (numCtx: number) => ({ numCtx, numPredict: answerSpace(numCtx), source: 'shared' });
    expect(sharedWindow(wanted(32_768, 'default'), 8192)).toEqual(shared(8192));
    expect(sharedWindow(wanted(32_768, 'default'), 65_536)).toEqual(shared(65_536));
    expect(sharedWindow(wanted(16_384, 'config'), 32_768)).toEqual(shared(32_768));
    expect(sharedWindow(wanted(4096, 'default'), 6000)).toEqual(shared(6000));
  });

  test('is not if it is too small, or the same', () => {
    expect(sharedWindow(wanted(32_768, 'default'), 4096)).toBeUndefined();
    expect(sharedWindow(wanted(16_384, 'config'), 8192)).toBeUndefined();
    expect(sharedWindow(wanted(16_384, 'config'), 16_384)).toBeUndefined();
  });
});
