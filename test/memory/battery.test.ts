import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isOnBattery } from '../../src/memory/run/battery.ts';

type Facts = { readonly [fact: string]: string };

function supplies(...all: readonly Facts[]): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'supplies-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [index, facts] of all.entries()) {
    mkdirSync(path.join(folder, `s${index}`));
    for (const [name, text] of Object.entries(facts)) {
      writeFileSync(path.join(folder, `s${index}`, name), `${text}\n`);
    }
  }
  return folder;
}

const BATTERY = { type: 'Battery', status: 'Discharging' };

test.each<readonly [string, readonly Facts[], boolean]>([
  ['a laptop without its cable', [BATTERY, { type: 'Mains', online: '0' }], true],
  [
    'a laptop at its cable',
    [
      { type: 'Battery', status: 'Charging' },
      { type: 'Mains', online: '1' },
    ],
    false,
  ],
  ['one that discharges at a weak charger', [BATTERY, { type: 'USB', online: '1' }], false],
  ['a desktop with a wireless mouse', [{ ...BATTERY, scope: 'Device' }], false],
  ['a machine without a battery', [], false],
])('%s', async (_what, all, expected) => {
  expect(await isOnBattery('linux', supplies(...all))).toBe(expected);
});

test('a system that lists no supplies runs on mains', async () => {
  expect(await isOnBattery('linux', '/no/such/folder')).toBe(false);
});
