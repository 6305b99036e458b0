/** Whatever commands do to whatever tree: what the kernel shows, what we say was changed, and what a keep makes are one. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keepTrial } from '../../../src/tools/trial/keep.ts';
import { partOf } from '../../../src/tools/trial/record.ts';
import { type Tree, treeOf } from '../../support/tree.ts';
import { noTrials, sourceInTrial, trialOf } from '../../support/trial.ts';

const RUNS = Number(process.env.OAGENT_TRIAL_TREES ?? 12);
const why = await noTrials();
if (why !== undefined) console.warn(`NOT TESTED: ${why}`);

const name = fc.constantFrom('a', 'b', 'c d', "e'f", 'ü');
const at = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => quoted(names.join('/')));
const act = fc.oneof(
  fc
    .tuple(at, fc.string({ maxLength: 6 }))
    .map(([to, text]) => `mkdir -p $(dirname ${to}); printf %s ${quoted(text)} > ${to}`),
  fc.tuple(at, fc.string({ maxLength: 6 })).map(([to, text]) => `printf %s ${quoted(text)} >> ${to}`),
  at.map((it) => `rm -rf ${it}`),
  at.map((it) => `rm -rf ${it}; mkdir -p ${it}`),
  at.map((it) => `mkdir -p ${it}`),
  fc.tuple(at, at).map(([from, to]) => `mv -T ${from} ${to}`),
  fc.tuple(at, at).map(([from, to]) => `cp -r ${from} ${to}`),
  fc.tuple(at, at).map(([from, to]) => `ln -sfn ${from} ${to}`),
  fc.tuple(at, at).map(([from, to]) => `ln ${from} ${to}`),
  fc
    .tuple(at, fc.constantFrom('600', '755', '500', '4755', '1777'))
    .map(([it, mode]) => `chmod ${mode} ${it}`),
  at.map((it) => `touch ${it}`),
);
const acts = fc.array(act, { maxLength: 14 });

function quoted(text: string): string {
  return `'${text.replaceAll('\0', '').replaceAll("'", `'\\''`)}'`;
}

test.skipIf(why !== undefined)(
  'a keep makes what the kernel has shown, by the changes that were found',
  { timeout: 20_000 + RUNS * 4_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(acts, acts, async (before, during) => {
        const place = trialOf((workspace) => script(workspace, before));
        const old = treeOf(place.workspace);
        const wanted: Tree = JSON.parse(
          await sourceInTrial(
            place,
            `const { execFileSync } = await import('node:child_process');
             execFileSync('bash', ['-c', ${JSON.stringify(during.map((one) => `{ ${one}; } 2>/dev/null || true`).join('\n'))}], { cwd: workspace });
             const { treeOf } = await import('@/../test/support/tree.ts');
             const { decideToKeep } = await import('@/tools/trial/inside.ts');
             decideToKeep(folder, false);
             console.log(JSON.stringify(treeOf(workspace)));`,
          ),
        );
        expect(treeOf(place.workspace)).toEqual(old);
        expect(changedPaths(place.folder)).toEqual(differences(old, wanted));
        expect(await keepTrial(place.home, place.folder)).toMatchObject({ isRefused: false, left: [] });
        expect(treeOf(place.workspace)).toEqual(wanted);
      }),
      { numRuns: RUNS },
    );
  },
);

function script(workspace: string, all: readonly string[]): void {
  const text = all.map((one) => `{ ${one}; } 2>/dev/null || true`).join('\n');
  execFileSync('bash', ['-c', text], { cwd: workspace });
}

function changedPaths(folder: string): string[] {
  const { changes } = JSON.parse(readFileSync(partOf(folder, 'plan.json'), 'utf8'));
  return changes.map((change: { path: string }) => change.path).sort();
}

function differences(old: Tree, now: Tree): string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((at) => old[at] !== now[at]).sort();
}
