/** `kill -9` in the middle of a keep: what is left is whole files, and the next start finishes it. No overlay is needed for that. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readBase } from '../../../src/tools/trial/base.ts';
import type { After, TrialChange } from '../../../src/tools/trial/changes.ts';
import { keepTrial } from '../../../src/tools/trial/keep.ts';
import type { TrialPlace } from '../../../src/tools/trial/mount.ts';
import { changeTrial, partOf, readTrial } from '../../../src/tools/trial/record.ts';
import { type Tree, treeOf } from '../../support/tree.ts';
import { nodeCommand, trialOf } from '../../support/trial.ts';

const KILLS = Number(process.env.OAGENT_TRIAL_KILLS ?? 15);
const FILES = 20;

const KEEP = `
  const { keepTrial } = await import('@/tools/trial/keep.ts');
  process.stdout.write('begin');
  await keepTrial(home, folder);
  process.stdout.write('end');
`;

function fill(workspace: string): void {
  for (const folder of ['edited', 'gone/deep', 'file-now'])
    mkdirSync(path.join(workspace, folder), { recursive: true });
  for (let at = 0; at < FILES; at += 1) {
    writeFileSync(path.join(workspace, `edited/${at}`), `old ${at}\n`);
    writeFileSync(path.join(workspace, `gone/deep/${at}`), `gone ${at}\n`);
  }
  writeFileSync(path.join(workspace, 'file-now/x'), 'x');
  writeFileSync(path.join(workspace, 'folder-now'), 'x');
}

/** What a trial has written, as the kernel would leave it. @returns what is to come of it */
function work(place: TrialPlace): Tree {
  const upper = partOf(place.folder, 'upper');
  for (const folder of ['edited', 'new/deep', 'folder-now'])
    mkdirSync(path.join(upper, folder), { recursive: true });
  for (let at = 0; at < FILES; at += 1) {
    writeFileSync(path.join(upper, `edited/${at}`), `new ${at}\n`.repeat(200));
    writeFileSync(path.join(upper, `new/deep/${at}`), `${at}\n`);
  }
  writeFileSync(path.join(upper, 'folder-now/y'), 'y');
  writeFileSync(path.join(upper, 'file-now'), 'z');
  symlinkSync('nowhere', path.join(upper, 'link'));
  const wanted = path.join(place.home, 'wanted');
  cpSync(place.workspace, wanted, { recursive: true });
  for (const name of ['gone', 'file-now', 'folder-now']) rmSync(path.join(wanted, name), { recursive: true });
  cpSync(upper, wanted, { recursive: true, verbatimSymlinks: true });
  return treeOf(wanted);
}

function plan({ workspace, folder }: TrialPlace, wanted: Tree): void {
  const base = readBase(partOf(folder, 'base'));
  const old = treeOf(workspace);
  const changed = [...new Set([...Object.keys(old), ...Object.keys(wanted)])].filter(
    (at) => old[at] !== wanted[at],
  );
  const changes: TrialChange[] = changed
    .sort()
    .map((at) => ({ path: at, before: base.get(at), after: afterOf(wanted[at]) }));
  writeFileSync(partOf(folder, 'plan.json'), JSON.stringify({ changes, left: [] }));
  changeTrial(folder, { state: 'keep' });
}

function afterOf(said: string | undefined): After {
  const [kind = 'absent', rest = ''] = said?.split(' ') ?? [];
  if (kind === 'link') return { kind, to: rest };
  return kind === 'file' || kind === 'folder' ? { kind, mode: Number.parseInt(rest, 8) } : { kind: 'absent' };
}

/** @returns for how many milliseconds it ran */
async function killedAfter(place: TrialPlace, ms: number): Promise<number> {
  const [file = '', ...args] = nodeCommand(place, KEEP);
  const child: ChildProcess = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  if (child.stdout !== null) await once(child.stdout, 'data');
  const begun = performance.now();
  await Promise.race([exited, setTimeout(ms)]);
  child.kill('SIGKILL');
  await exited;
  return performance.now() - begun;
}

test('a keep that is killed anywhere is finished by the next one', {
  timeout: 20_000 + KILLS * 4_000,
}, async () => {
  const states = new Set<string | undefined>();
  let whole = 60_000;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const place = trialOf(fill);
    const old = treeOf(place.workspace);
    const wanted = work(place);
    plan(place, wanted);
    // The first one is not killed: it says how long it takes.
    const ran = await killedAfter(place, kill === 0 ? whole : (kill * whole) / KILLS);
    if (kill === 0) whole = ran;
    const state = readTrial(place.folder)?.state;
    states.add(state);
    const cut = treeOf(place.workspace);
    const torn = Object.keys(cut).filter(
      (at) => !isStage(at) && cut[at] !== old[at] && cut[at] !== wanted[at],
    );
    // A new folder gets its mode last.
    expect(torn.filter((at) => cut[at] !== 'folder 700')).toEqual([]);
    if (state !== 'over') expect((await keepTrial(place.home, place.folder)).left).toEqual([]);
    expect(treeOf(place.workspace)).toEqual(wanted);
  }
  expect(states.size).toBeGreaterThan(1);
});

test('what somebody else has written between the kill and the next start stays', async () => {
  const place = trialOf(fill);
  const wanted = work(place);
  plan(place, wanted);
  const stage = '.oagent-0.kept';
  mkdirSync(path.join(place.workspace, stage));
  for (const [at, { path: name, after }] of planned(place).entries()) {
    if (after.kind === 'file')
      cpSync(path.join(partOf(place.folder, 'upper'), name), path.join(place.workspace, stage, `${at}`));
    if (after.kind === 'link') symlinkSync(after.to, path.join(place.workspace, stage, `${at}`));
  }
  changeTrial(place.folder, { state: 'keeping', stage });
  writeFileSync(path.join(place.workspace, 'edited/7'), 'mine\n');
  writeFileSync(path.join(place.workspace, 'gone/mine'), 'mine\n');
  const { left } = await keepTrial(place.home, place.folder);
  expect(left).toEqual([
    { path: 'gone', reason: 'somebody else has put something there' },
    { path: 'edited/7', reason: 'somebody else has changed it meanwhile' },
  ]);
  expect(treeOf(place.workspace)).toEqual({
    ...wanted,
    'edited/7': 'file 644 mine\n',
    gone: 'folder 755',
    'gone/mine': 'file 644 mine\n',
  });
});

test('what was removed between the kill and the next start is not called kept', async () => {
  const place = trialOf(fill);
  plan(place, work(place));
  changeTrial(place.folder, { state: 'keeping', stage: '.oagent-0.kept' });
  const { kept, left } = await keepTrial(place.home, place.folder);
  const lost = left.filter(({ path: at }) => at.startsWith('edited/'));
  const reason = 'what was to be put there was removed meanwhile';
  expect(lost.map((one) => one.reason)).toEqual(Array.from({ length: FILES }, () => reason));
  expect(kept.filter(({ after }) => after.kind === 'file' || after.kind === 'link')).toEqual([]);
});

function planned({ folder }: TrialPlace): readonly TrialChange[] {
  return JSON.parse(readFileSync(partOf(folder, 'plan.json'), 'utf8')).changes;
}

function isStage(at: string): boolean {
  return at.startsWith('.oagent-');
}
