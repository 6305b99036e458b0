/** A message that is larger than the window. */
import { expect, test } from 'vitest';
import { startInScreen } from '../../support/tui.ts';

test('the footer says that a message is too long before it is sent', async () => {
  const view = await startInScreen({ columns: 80 });
  await view.paste(`${'some words\n'.repeat(7_000)}`);
  expect(view.text()).not.toContain('too long');
  await view.paste(`${'other words\n'.repeat(4_000)}`);
  await view.type('why?');
  expect(view.text()).toContain('why?');
  expect(view.text()).toContain('too long (~31.3k tokens): its middle would be cut');
  expect(view.ops).toEqual([]);
});

test('in a narrow terminal it says so in fewer words, before anything else', async () => {
  for (const [columns, said] of [
    [40, 'too long: its middle would be cut'],
    [20, 'too long'],
  ] as const) {
    const view = await startInScreen({ columns });
    await view.paste('words\n'.repeat(40_000));
    expect(view.text().split('\n').at(-1)).toBe(`  ${said}`);
  }
});
