/**
 * Where the system cannot open something just now, nothing is taken for gone: each attempt does all of it, or fails and can be repeated.
 * However many descriptors are free, from none to enough.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { readBase } from '../../../src/tools/trial/base.ts';
import { isUntouched } from '../../../src/tools/trial/inside.ts';
import type { TrialPlace } from '../../../src/tools/trial/mount.ts';
import { changeTrial, partOf, readTrial } from '../../../src/tools/trial/record.ts';
import { treeOf } from '../../support/tree.ts';
import { nodeCommand, trialOf } from '../../support/trial.ts';

/** `withFree(n, work)`: does it while only so many descriptors are free. */
const LIMITED = `
  const fs = await import('node:fs');
  const withFree = async (free, work) => {
    const all = [];
    try {
      for (;;) all.push(fs.openSync('/dev/null', 'r'));
    } catch {}
    for (const one of all.splice(0, free)) fs.closeSync(one);
    try {
      return await work();
    } catch (error) {
      if (error.code !== 'EMFILE') throw error;
      return undefined;
    } finally {
      for (const one of all) fs.closeSync(one);
    }
  };
`;

async function withFewDescriptors(place: TrialPlace, source: string): Promise<unknown> {
  const { stdout } = await execa('bash', [
    '-c',
    'ulimit -n 100; exec "$@"',
    'bash',
    ...nodeCommand(place, `${LIMITED}${source}`),
  ]);
  return JSON.parse(stdout);
}

function fill(folder: string, text: string): void {
  mkdirSync(path.join(folder, 'one/two/three'), { recursive: true });
  for (const at of ['a', 'one/b', 'one/two/c', 'one/two/three/d'])
    writeFileSync(path.join(folder, at), `${text} ${at}\n`);
}

describe.skipIf(process.platform === 'win32')('with few descriptors', () => {
  test('what a trial has changed is found whole, or not at all', async () => {
    const place = trialOf((workspace) => fill(workspace, 'old'));
    const [upper, lower] = [partOf(place.folder, 'upper'), path.join(place.home, 'lower')];
    fill(upper, 'new');
    fill(lower, 'old');
    const found = await withFewDescriptors(
      place,
      `
        const { findChanges } = await import('@/tools/trial/changes.ts');
        const { readBase, takeBase } = await import('@/tools/trial/base.ts');
        const { HeldFolder } = await import('@/system/held-folder.ts');
        const [upper, lower] = ${JSON.stringify([upper, lower])};
        const folders = { upper: HeldFolder.open(upper), merged: HeldFolder.open(upper), lower: HeldFolder.open(lower) };
        const base = readBase(folder + '/base');
        const found = [];
        for (let free = 0; free < 30; free += 1) {
          found.push(await withFree(free, () => findChanges(folders, base).changes.map((change) => change.path)));
          found.push(await withFree(free, () => [...takeBase(workspace).keys()]));
        }
        console.log(JSON.stringify([...new Set(found.map((one) => one?.sort().join(' ') ?? 'failed'))]));
      `,
    );
    expect(found).toEqual([
      'failed',
      'a one one/b one/two one/two/c one/two/three one/two/three/d',
      'a one/b one/two/c one/two/three/d',
    ]);
  });

  test('it is kept whole', async () => {
    const place = trialOf((workspace) => fill(workspace, 'old'));
    fill(partOf(place.folder, 'upper'), 'new');
    const base = readBase(partOf(place.folder, 'base'));
    const files = ['a', 'one/b', 'one/two/c', 'one/two/three/d'];
    const changes = files.map((at) => ({
      path: at,
      before: base.get(at),
      after: { kind: 'file', mode: 0o644 },
    }));
    writeFileSync(partOf(place.folder, 'plan.json'), JSON.stringify({ changes, left: [] }));
    changeTrial(place.folder, { state: 'keep' });
    const outcome = await withFewDescriptors(
      place,
      `
        const { keepTrial } = await import('@/tools/trial/keep.ts');
        const { readTrial, changeTrial } = await import('@/tools/trial/record.ts');
        let outcome;
        for (let free = 0; outcome === undefined && free < 40; free += 1) {
          // One that could not even begin is open again.
          if (readTrial(folder).state === 'open') changeTrial(folder, { state: 'keep' });
          outcome = await withFree(free, () => keepTrial(home, folder));
          if (outcome?.isRefused) outcome = undefined;
        }
        console.log(JSON.stringify({ left: outcome.left, kept: outcome.kept.length }));
      `,
    );
    expect(outcome).toEqual({ left: [], kept: 4 });
    expect(treeOf(place.workspace)).toEqual(treeOf(partOf(place.folder, 'upper')));
    expect(readTrial(place.folder)?.state).toBe('over');
  });

  test('it is never taken for none, or for an untouched one', async () => {
    const place = trialOf(() => undefined);
    writeFileSync(path.join(partOf(place.folder, 'upper'), 'a'), 'new\n');
    const found = await withFewDescriptors(
      place,
      `
        const { readTrial } = await import('@/tools/trial/record.ts');
        const { isUntouched } = await import('@/tools/trial/inside.ts');
        const record = await withFree(0, () => readTrial(folder) ?? 'none');
        console.log(JSON.stringify([record ?? 'failed', await withFree(0, () => isUntouched(folder))]));
      `,
    );
    expect(found).toEqual(['failed', false]);
    expect(isUntouched(place.folder)).toBe(false);
  });
});
