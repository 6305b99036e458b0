import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { MOST_ENTRIES, TooManyEntries, takeBase } from '../../../src/tools/trial/base.ts';
import { mountsBelow, probeTrial } from '../../../src/tools/trial/mount.ts';
import { trialOf } from '../../support/trial.ts';

test('finds what is mounted in a folder, whatever its name is', () => {
  const mountinfo = [
    '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '23 22 0:21 / /home/ada\\040b/ws rw - tmpfs tmpfs rw',
    '24 23 0:22 / /home/ada\\040b/ws/mnt\\134x rw - tmpfs tmpfs rw',
    '',
  ].join('\n');
  expect(mountsBelow('/home/ada b/ws', mountinfo)).toBe('/home/ada b/ws/mnt\\x');
  expect(mountsBelow('/home', mountinfo)).toBe('/home/ada b/ws');
  expect(mountsBelow('/home/ada', mountinfo)).toBe(undefined);
});

test("a trial of a folder that holds oagent's own is refused", async () => {
  const { home, folder } = trialOf(() => undefined);
  await expect(probeTrial({ home, folder, workspace: path.dirname(home) }, process.env)).rejects.toThrow(
    process.platform === 'linux'
      ? `A trial cannot be made here: oagent's own folder ${home} and ${path.dirname(home)} lie in each other. Without one, /rewind takes back what was changed.`
      : 'only Linux',
  );
});

test('a workspace with too many entries is refused', () => {
  const { workspace } = trialOf((folder) => {
    for (let at = 0; at < 5; at += 1) writeFileSync(path.join(folder, `${at}`), '');
  });
  expect(() => takeBase(workspace, 4)).toThrow(TooManyEntries);
  expect(takeBase(workspace, 5).size).toBe(5);
  expect(MOST_ENTRIES).toBe(500_000);
});
