/** A disk that is full: nothing is stopped by it, it is said, and a rewind knows later what it cannot put back. */
import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkpointsFolder } from '../../../src/config/checkpoints-folder.ts';
import { readPatch } from '../../../src/tools/apply-patch/normalize.ts';
import { planPatch } from '../../../src/tools/apply-patch/plan.ts';
import { CommandChanges } from '../../../src/tools/checkpoints/commands/command-changes.ts';
import { keepChange } from '../../../src/tools/checkpoints/record.ts';
import { changesOf, prepareRewind, restore } from '../../../src/tools/checkpoints/restore.ts';
import { canMount, fill, smallDisk } from '../../support/small-disk.ts';
import { patchOf } from '../apply-patch/support.ts';

const LEFT = 256 * 1024;
const FULL = 'ENOSPC: no space left on device, write';
/** Cannot be compressed into what is left. */
const LARGE = `${randomBytes(400_000).toString('hex')}\n`;

function place() {
  const home = smallDisk('8m');
  const cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-full-')));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const owner = { home, session: 'one', cwd };
  mkdirSync(path.join(home, 'patches'));
  writeFileSync(path.join(cwd, 'a'), LARGE);
  return { owner, a: path.join(cwd, 'a'), objects: path.join(checkpointsFolder(home, 'one'), 'objects') };
}

type Place = ReturnType<typeof place>;

async function command({ owner, a }: Place, changes: CommandChanges, work: () => void): Promise<void> {
  const { length } = changesOf(owner);
  const kept = await changes.begin([path.dirname(a)], length + 1, new AbortController().signal);
  work();
  await kept?.end();
}

const refusals = ({ owner }: Place): unknown =>
  prepareRewind(owner, changesOf(owner), () => true).plan.refused.map(({ path: file, kind }) => [file, kind]);

test.runIf(canMount)(
  'of a command: what it was before is known not to be kept, and no half of it is',
  async () => {
    const at = place();
    const warnings: string[] = [];
    const changes = new CommandChanges(at.owner, (message) => warnings.push(message));
    onTestFinished(() => changes.close());
    let filler = '';
    await command(at, changes, () => {
      filler = fill(at.owner.home, LEFT);
      writeFileSync(at.a, 'two\n');
    });
    expect(warnings).toEqual([`what commands change cannot be taken back by /rewind: ${FULL}`]);
    expect(readdirSync(at.objects).filter((name) => name.startsWith('.'))).toEqual([]);
    rmSync(filler);
    await command(at, changes, () => writeFileSync(at.a, 'three\n'));
    expect(refusals(at)).toEqual([[at.a, 'forgotten']]);
  },
);

test.runIf(canMount)('of a patch', async () => {
  const at = place();
  const patch = async (...lines: readonly string[]) => {
    const { files } = await planPatch(readPatch(patchOf(...lines)), at.owner.cwd);
    return keepChange(at.owner, { item: 1, by: 'patch' }, files);
  };
  mkdirSync(path.dirname(at.objects), { recursive: true });
  const filler = fill(at.owner.home, LEFT);
  const kept = await patch('*** Delete File: a');
  rmSync(at.a);
  kept.made();
  expect(String(kept.problem)).toBe(`Error: ${FULL}`);
  expect(readdirSync(at.objects)).toEqual([]);
  rmSync(filler);
  const again = await patch('*** Add File: a', '+three');
  writeFileSync(at.a, 'three\n');
  again.made();
  expect([again.problem, refusals(at)]).toEqual([undefined, [[at.a, 'forgotten']]]);
});

test.runIf(canMount)('nothing is put back if what is there now could not be brought back', async () => {
  const at = place();
  const changes = new CommandChanges(at.owner, () => undefined);
  onTestFinished(() => changes.close());
  await command(at, changes, () => writeFileSync(at.a, `${LARGE}more\n`));
  changes.close();
  const all = changesOf(at.owner);
  const after = all[0]?.files[0]?.after;
  rmSync(path.join(at.objects, after?.kind === 'file' ? after.sha256 : ''));
  const filler = fill(at.owner.home, LEFT);
  await expect(
    restore(
      at.owner,
      prepareRewind(at.owner, all, () => true),
      2,
    ),
  ).rejects.toThrow(
    `no file was put back: what is there now cannot be kept: No space left on device (os error 28)`,
  );
  expect([readFileSync(at.a, 'utf8'), changesOf(at.owner)]).toEqual([`${LARGE}more\n`, all]);
  rmSync(filler);
  await restore(
    at.owner,
    prepareRewind(at.owner, all, () => true),
    2,
  );
  expect(readFileSync(at.a, 'utf8')).toBe(LARGE);
});
