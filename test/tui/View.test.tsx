import { expect, test } from 'vitest';
import { TestModel, ViewHarness } from '../support/tui-view.tsx';

test('each live region is laid out as it is', async () => {
  const harness = new ViewHarness(new TestModel());
  const shown: string[] = [];
  for (const live of [['› '], ['› typing', '', 'footer'], ['› typing', '', 'footer'], []]) {
    harness.model.show({ live });
    shown.push(await harness.painted());
  }
  expect(shown).toEqual(['›', '› typing\n\nfooter', '› typing\n\nfooter', '']);
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
