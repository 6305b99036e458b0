import fc from 'fast-check';
import { expect, test } from 'vitest';
import { composeRegion } from '../../../src/tui/screen/region.ts';

const lines = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${name}${i}`);

function parts(wanted: { live: number; queue: number; body: number; status: boolean; caret?: number }) {
  return {
    live: (max: number) => lines('live', wanted.live).slice(-max),
    queue: (max: number) => lines('queue', wanted.queue).slice(0, max),
    body: (max: number) => ({
      lines: lines('body', wanted.body).slice(0, max),
      cursor: { x: 3, y: Math.min(wanted.caret ?? 0, max - 1, wanted.body - 1) },
    }),
    status: wanted.status ? 'status' : undefined,
    footer: 'footer',
  };
}

test('on a large screen everything has room and air', () => {
  expect(composeRegion(24, parts({ live: 2, queue: 1, body: 2, status: true, caret: 1 }))).toEqual({
    lines: ['live0', 'live1', '', 'status', 'queue0', '', 'body0', 'body1', '', 'footer'],
    cursor: { x: 3, y: 7 },
    regions: {
      cells: 'live0\nlive1',
      status: '\nstatus',
      queue: 'queue0',
      body: '\nbody0\nbody1',
      footer: '\nfooter',
    },
  });
});

test('on a small one the body and the status come first', () => {
  expect(composeRegion(8, parts({ live: 9, queue: 3, body: 2, status: true }))).toEqual({
    lines: ['live8', 'status', 'queue0', 'queue1', 'body0', 'body1', 'footer'],
    cursor: { x: 3, y: 4 },
    regions: {
      cells: 'live8',
      status: 'status',
      queue: 'queue0\nqueue1',
      body: 'body0\nbody1',
      footer: 'footer',
    },
  });
  expect(composeRegion(3, parts({ live: 9, queue: 3, body: 4, status: true }))).toEqual({
    lines: ['status', 'body0'],
    cursor: { x: 3, y: 1 },
    regions: { cells: '', status: 'status', queue: '', body: 'body0', footer: '' },
  });
});

test('the region is always lower than the screen, and the caret stays with its line', () => {
  const wanted = fc.record({
    live: fc.nat({ max: 60 }),
    queue: fc.nat({ max: 9 }),
    body: fc.integer({ min: 1, max: 40 }),
    status: fc.boolean(),
    caret: fc.nat({ max: 39 }),
  });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 120 }), wanted, (rows, want) => {
      const region = composeRegion(rows, parts(want));
      expect(region.lines.length).toBeLessThan(rows);
      expect(region.lines[region.cursor?.y ?? -1]).toMatch(/^body/);
    }),
  );
});
