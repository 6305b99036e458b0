import fc from 'fast-check';
import type { TextProps } from 'ink';
import { render } from 'ink-testing-library';
import { expect, test, vi } from 'vitest';
import { layOut } from '../../src/tui/layout.tsx';
import { noRegions, type Regions } from '../../src/tui/screen/frame.ts';
import { composeRegion } from '../../src/tui/screen/region.ts';
import { Body, Cells, Footer, Queue, Status } from '../../src/tui/View.tsx';
import { TestModel, ViewHarness } from '../support/tui-view.tsx';

const rendered: string[] = [];
vi.mock('ink', async (original) => {
  const ink = await original<typeof import('ink')>();
  const Text = (props: TextProps) => {
    rendered.push(String(props.children));
    return <ink.Text {...props} />;
  };
  return { ...ink, Text };
});

const PARTS: Regions = {
  cells: '• an answer\n  that grows',
  status: '\n⠋ Writing (2s)',
  queue: '  next: more',
  body: '\n› typing',
  footer: '\n  qwen3 · 12% of 8k',
};

test('the parts are below each other, and the ones that are absent take no row', async () => {
  const harness = new ViewHarness(new TestModel());
  const shown: string[] = [];
  for (const regions of [{ body: '› ' }, PARTS, { ...PARTS, cells: '', status: '', queue: ' ' }, noRegions]) {
    harness.model.show(regions);
    shown.push(await harness.painted());
  }
  expect(shown).toEqual([
    '›',
    '• an answer\n  that grows\n\n⠋ Writing (2s)\n  next: more\n\n› typing\n\n  qwen3 · 12% of 8k',
    '\n\n› typing\n\n  qwen3 · 12% of 8k',
    '',
  ]);
});

test('a picture renders the part that has changed, and a picture without a change none', async () => {
  const harness = new ViewHarness(new TestModel());
  harness.model.show(PARTS);
  await harness.painted();
  const renders: string[][] = [];
  for (const regions of [
    { body: '\n› typing on' },
    { status: '\n⠙ Writing (2s)' },
    {},
    { footer: '', queue: '' },
  ]) {
    rendered.length = 0;
    harness.model.show(regions);
    await harness.painted();
    renders.push([...rendered]);
  }
  expect(renders).toEqual([['\n› typing on'], ['\n⠙ Writing (2s)'], [], []]);
});

test.each([
  ['Cells', Cells],
  ['Status', Status],
  ['Queue', Queue],
  ['Body', Body],
  ['Footer', Footer],
])('%s shows its rows as they are', (_, Part) => {
  const { lastFrame, unmount } = render(<Part text={'\n  one\n\n  two'} />);
  expect(lastFrame()).toBe('\n  one\n\n  two');
  unmount();
});

test('what Ink lays out are the rows of the picture, whatever is in them', async () => {
  const row = fc.stringMatching(/^[ -~é漢नि\u00ad]{0,30}$/);
  const part = fc.array(row, { maxLength: 3 });
  const given = fc.record({ live: part, queue: part, body: fc.array(row, { minLength: 1, maxLength: 4 }) });
  await fc.assert(
    fc.asyncProperty(given, fc.boolean(), async ({ live, queue, body }, hasStatus) => {
      const { lines, regions } = composeRegion(40, {
        live: () => live,
        queue: () => queue,
        body: () => ({ lines: body }),
        status: hasStatus ? '⠋ \x1b[1mWriting\x1b[22m' : undefined,
        footer: 'footer',
      });
      const model = new TestModel();
      model.show(regions);
      const taken: (readonly string[])[] = [];
      const layout = layOut(
        model,
        () => ({ columns: 20, rows: 40 }),
        (_, rows) => taken.push(rows),
      );
      await layout.flushed();
      layout.end();
      expect(taken.at(-1)?.map((text) => text.trimEnd())).toEqual(lines.map((text) => text.trimEnd()));
    }),
    { numRuns: 60 },
  );
});

test('keys reach the model under their names', async () => {
  const harness = new ViewHarness(new TestModel());
  await harness.type(
    'a',
    'B',
    'é',
    '\r',
    '\n',
    '\t',
    '\x7f',
    '\x1b[A',
    '\x1b[1;3D',
    '\x03',
    '\x1b[27u',
    'ok\r',
  );
  expect(harness.model.heard).toEqual([
    ...[
      'a',
      'B',
      'é',
      'enter',
      'ctrl+j',
      'tab',
      'backspace',
      'up',
      'alt+left',
      'ctrl+c',
      'escape',
      'ok',
      'enter',
    ],
  ]);
});

test('a paste is one paste: marked, in pieces, or recognised by its line ends', async () => {
  const harness = new ViewHarness(new TestModel());
  await harness.type('\x1b[200~rm -rf /\r\x03\x1b[201~x');
  await harness.type('\x1b[200~first', ' second\x1b[201~');
  await harness.type('one\rtwo\rthree\rfour\r');
  expect(harness.model.heard).toEqual([
    'paste: rm -rf /\r\x03',
    'x',
    'paste: first second',
    'paste: one\rtwo\rthree\rfour\r',
  ]);
});

test('a view that has ended hears the model no more', () => {
  const { model, view } = new ViewHarness(new TestModel());
  expect(model.listeners).toBe(1);
  view.unmount();
  expect(model.listeners).toBe(0);
});
