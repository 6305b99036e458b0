/** Until when a command was watched is known after a kill: from each reported change on, and else from time to time. */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { checkpointsFolder } from '../../../../src/config/checkpoints-folder.ts';
import { LifeSign } from '../../../../src/tools/checkpoints/commands/life-sign.ts';
import { makeWorld } from './world.ts';

const ctimeOf = (file: string): number => statSync(file).ctimeMs;

test.skipIf(process.platform !== 'linux')(
  'a change is noted when it is reported, not at the next beat',
  async () => {
    const { at, run, owner } = makeWorld({ a: 'one\n', 'd/b': 'two\n' });
    const running = path.join(checkpointsFolder(owner.home, owner.session), 'workspace', 'running');
    vi.useFakeTimers({ toFake: ['setInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    await run(async () => {
      for (const name of ['a', 'd/b']) {
        const last = ctimeOf(running);
        // The clock of the file system goes in steps.
        do writeFileSync(path.join(owner.home, 'clock'), '');
        while (ctimeOf(path.join(owner.home, 'clock')) <= last);
        writeFileSync(at(name), 'changed\n');
        while (ctimeOf(running) < ctimeOf(at(name))) await new Promise((resolve) => setImmediate(resolve));
      }
    });
  },
);

test('it beats where nothing is reported, and touches nothing after its end', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const folder = mkdtempSync(path.join(tmpdir(), 'oagent-life-sign-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [file, other] = [path.join(folder, 'running'), path.join(folder, 'other')];
  const sign = new LifeSign(file);
  sign.write('text');
  const mtime = statSync(file).mtimeMs;
  vi.advanceTimersByTime(100);
  expect([mtime > 0, statSync(file).mtimeMs]).toEqual([true, 0]);
  sign.changed();
  sign.changed();
  sign.end();
  // It may get the same number.
  const descriptor = openSync(other, 'w');
  sign.changed();
  vi.advanceTimersByTime(1_000);
  closeSync(descriptor);
  expect(statSync(other).mtimeMs).toBeGreaterThan(0);
});
