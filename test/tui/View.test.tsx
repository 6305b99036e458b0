import { render } from 'ink';
import { expect, test } from 'vitest';
import { View } from '../../src/tui/View.tsx';
import { Screen } from '../support/screen.ts';
import { TestModel, ViewHarness } from '../support/tui-view.tsx';

const cell = (id: number, ...lines: readonly string[]) => ({ id, lines });

test('finished cells are printed once, in order, above the live region', async () => {
  const harness = new ViewHarness(new TestModel());
  const frames = [
    { live: ['› '] },
    { printed: [cell(1, 'one')] },
    { live: ['› typing'] },
    { printed: [cell(1, 'one'), cell(2, '', 'two', 'more of it'), cell(3, '', 'three')] },
    { live: ['› '] },
  ];
  for (const frame of frames) {
    harness.model.show(frame);
    await harness.painted();
  }
  expect(harness.text()).toBe('one\n\ntwo\nmore of it\n\nthree\n›');
});

test('lines that are wider than the terminal stay whole', async () => {
  const harness = new ViewHarness(new TestModel());
  const line = 'wide '.repeat(60).trim();
  const wider = '広い'.repeat(120);
  harness.model.show({ printed: [cell(1, line)], live: ['›'] });
  await harness.painted();
  harness.model.show({ printed: [cell(1, line), cell(2, wider)] });
  expect(await harness.painted()).toBe(`${line}\n${wider}\n›`);
});

test('a frame in which nothing was finished does not touch the history', async () => {
  const harness = new ViewHarness(new TestModel());
  let looks = 0;
  const printed = [cell(1, 'one')];
  const { slice } = printed;
  printed.slice = (...range) => {
    looks += 1;
    return slice.apply(printed, range);
  };
  harness.model.show({ printed });
  await harness.painted();
  const before = looks;
  for (const text of ['› a', '› ab', '› abc']) {
    harness.model.show({ live: [text] });
    await harness.painted();
  }
  expect({ text: harness.text(), more: looks - before }).toEqual({ text: 'one\n› abc', more: 0 });
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

test('while suspended nothing is painted and no key is heard; after it the picture is the newest', async () => {
  const screen = new Screen(40, 10);
  const model = new TestModel();
  const { promise: mounted, resolve } = Promise.withResolvers<(work: () => Promise<void>) => Promise<void>>();
  const ink = render(<View model={model} onMounted={resolve} />, {
    stdout: screen.stdout,
    stdin: screen.stdin,
    interactive: true,
    incrementalRendering: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  const suspend = await mounted;
  model.show({ printed: [cell(1, 'one')], live: ['› draft'] });
  await ink.waitUntilRenderFlush();
  let during = '';
  await suspend(async () => {
    await screen.settled();
    const { length } = screen.raw;
    model.show({ live: ['› nobody sees this'] });
    await ink.waitUntilRenderFlush();
    during = screen.raw.slice(length);
    screen.feed('the editor\r\n');
  });
  model.show({ live: ['› edited'] });
  await ink.waitUntilRenderFlush();
  await screen.settled();
  expect({ during, history: screen.history(), isRaw: screen.isRaw }).toEqual({
    during: '',
    history: 'one\nthe editor\n› edited',
    isRaw: true,
  });
  ink.unmount();
  await screen.settled();
  expect(screen.isRaw).toBe(false);
});
