import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { keepTrial } from '../../../src/tools/trial/keep.ts';
import type { TrialPlace } from '../../../src/tools/trial/mount.ts';
import { readTrial } from '../../../src/tools/trial/record.ts';
import { type Tree, treeOf } from '../../support/tree.ts';
import { inTrial, noTrials, sourceInTrial, trialOf } from '../../support/trial.ts';

const why = await noTrials();
if (why !== undefined) console.warn(`NOT TESTED: ${why}`);

const report = (place: TrialPlace): Promise<unknown> =>
  sourceInTrial(
    place,
    `const { lookAtTrial } = await import('@/tools/trial/inside.ts'); console.log(JSON.stringify(lookAtTrial(folder)));`,
  ).then((text) => JSON.parse(text));

async function keep(place: TrialPlace, isPartial = false) {
  await sourceInTrial(
    place,
    `const { decideToKeep } = await import('@/tools/trial/inside.ts'); decideToKeep(folder, ${isPartial});`,
  );
  return keepTrial(place.home, place.folder);
}

/** What the kernel shows in the trial. */
const shown = async (place: TrialPlace): Promise<Tree> =>
  JSON.parse(
    await sourceInTrial(
      place,
      `const { treeOf } = await import('@/../test/support/tree.ts'); console.log(JSON.stringify(treeOf(workspace)));`,
    ),
  );

function project(workspace: string): void {
  execFileSync('git', ['init', '-q', workspace]);
  for (const folder of ['src', 'lib/deep']) mkdirSync(path.join(workspace, folder), { recursive: true });
  const files = {
    'a.txt': 'one\ntwo\n',
    'src/b.txt': 'b\n',
    'lib/c.txt': 'c\n',
    'lib/deep/d.txt': 'd\n',
    'run.sh': 'echo\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(workspace, name), text);
  symlinkSync('a.txt', path.join(workspace, 'link'));
}

const WORK = `
  echo three >> a.txt
  rm -r lib && mkdir lib && echo new > lib/c.txt
  mkdir -p new/deep && echo n > new/deep/n.txt
  mv src/b.txt src/moved.txt
  chmod 755 run.sh
  rm link && ln -s /etc/passwd link
  mkdir empty
  touch untouched && rm untouched
`;

describe.skipIf(why !== undefined)('a trial', () => {
  test('shows the workspace as the commands have left it, and leaves it as it was', async () => {
    const place = trialOf(project);
    const before = treeOf(place.workspace);
    await inTrial(place, WORK);
    expect(treeOf(place.workspace)).toEqual(before);
    expect(await inTrial(place, 'cat a.txt lib/c.txt new/deep/n.txt src/moved.txt; ls lib')).toBe(
      'one\ntwo\nthree\nnew\nn\nb\nc.txt',
    );
  });

  test('is reported file by file', async () => {
    const place = trialOf(project);
    await inTrial(place, WORK);
    expect(await report(place)).toEqual({
      files: [
        { path: 'a.txt', sign: 'M', added: 1, removed: 0 },
        { path: 'empty', sign: 'A', added: 0, removed: 0, note: 'folder' },
        { path: 'lib/c.txt', sign: 'M', added: 1, removed: 1 },
        { path: 'lib/deep/d.txt', sign: 'D', added: 0, removed: 1 },
        { path: 'link', sign: 'M', added: 0, removed: 0, note: 'link to /etc/passwd' },
        { path: 'new/deep/n.txt', sign: 'A', added: 1, removed: 0 },
        { path: 'run.sh', sign: 'M', added: 0, removed: 0, note: 'mode 644 to 755' },
        { path: 'src/b.txt', sign: 'D', added: 0, removed: 1 },
        { path: 'src/moved.txt', sign: 'A', added: 1, removed: 0 },
      ],
      left: [],
    });
  });

  test('is kept whole: the workspace is then what the kernel has shown', async () => {
    const place = trialOf(project);
    await inTrial(place, WORK);
    const wanted = await shown(place);
    const { isRefused, left } = await keep(place);
    expect({ isRefused, left }).toEqual({ isRefused: false, left: [] });
    expect(treeOf(place.workspace)).toEqual(wanted);
    expect(readTrial(place.folder)?.state).toBe('over');
  });

  test('keeps nothing if somebody else has changed a file meanwhile, and all others if that is wished', async () => {
    const place = trialOf(project);
    await inTrial(place, WORK);
    writeFileSync(path.join(place.workspace, 'a.txt'), 'mine\n');
    writeFileSync(path.join(place.workspace, 'other.txt'), 'mine too\n');
    const before = treeOf(place.workspace);
    const reason = 'somebody else has changed it meanwhile';
    expect(await keep(place)).toEqual({ isRefused: true, kept: [], left: [{ path: 'a.txt', reason }] });
    expect(treeOf(place.workspace)).toEqual(before);
    const wanted = await shown(place);
    expect((await keep(place, true)).left).toEqual([{ path: 'a.txt', reason }]);
    expect(treeOf(place.workspace)).toEqual({ ...wanted, 'a.txt': 'file 644 mine\n' });
  });

  test('cannot change what is protected, and what no file can be is left', async () => {
    const place = trialOf((workspace) => {
      project(workspace);
      mkdirSync(path.join(workspace, '.oagent'));
    });
    const said = await inTrial(
      place,
      'for at in .git/x .git/hooks/x .oagent/x; do echo x > $at || echo no; done 2>&1; mkdir -p .claude && echo x > .claude/x; mkfifo pipe',
    );
    expect(said).toBe(
      ['.git/x', '.git/hooks/x', '.oagent/x']
        .map((at) => `/bin/bash: line 1: ${at}: Read-only file system\nno`)
        .join('\n'),
    );
    expect(await report(place)).toEqual({
      files: [],
      left: [
        { path: '.claude', reason: 'it is protected' },
        { path: 'pipe', reason: 'it is neither a file, nor a folder, nor a link' },
      ],
    });
  });

  test('does not follow a link that is put in the way of a file', async () => {
    const place = trialOf(project);
    await inTrial(place, 'echo x > src/b.txt');
    const outside = path.join(place.home, 'outside');
    mkdirSync(outside);
    execFileSync('bash', ['-c', `rm -r src && ln -s ${outside} src`], { cwd: place.workspace });
    const { isRefused } = await keep(place);
    expect(isRefused).toBe(true);
    expect((await keep(place, true)).left.map((one) => one.path)).toEqual(['src', 'src/b.txt']);
    expect(readdirSync(outside)).toEqual([]);
  });
});
