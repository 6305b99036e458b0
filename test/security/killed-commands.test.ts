/**
 * kill -9 in the middle of commands: what they had changed by then is put back, and back again; only what has changed since oagent was
 * last seen alive, milliseconds before, is left alone. `OAGENT_REWIND_KILLS=200` kills more often.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import { finishCutOff } from '../../src/tools/checkpoints/commands/cut-off.ts';
import { changesOf, lastRewind, prepareRewind, restore } from '../../src/tools/checkpoints/restore.ts';
import { sandboxedTest } from '../support/sandbox.ts';
import { readTree } from '../tools/apply-patch/support.ts';
import { seeded } from './seeded.ts';

const CHILD = path.join(import.meta.dirname, 'commanding-child.ts');
/** Texts for the model are read as they are. */
const RAW_IMPORTS = path.join(import.meta.dirname, '../support/raw-imports.mjs');
const KILLS = Number(process.env.OAGENT_REWIND_KILLS ?? 6);
const NAMES = ['f0', 'f1', 'd/f2', 'd/f3'];

const after = (run: number): { readonly [name: string]: string } =>
  Object.fromEntries([...NAMES, `made-${run}`].map((name) => [name, `run ${run}\n`]));

function write(root: string, run: number): void {
  for (const name of Object.keys(readTree(root))) rmSync(path.join(root, name), { recursive: true });
  mkdirSync(path.join(root, 'd'), { recursive: true });
  for (const [name, text] of Object.entries(after(run))) writeFileSync(path.join(root, name), text);
}

/** @param ms after so many commands have ended */
async function killed(root: string, home: string, { ms, runs }: { ms: number; runs: number }): Promise<void> {
  const args = ['--import', RAW_IMPORTS, '--no-warnings', CHILD, root, home];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  let seen = 0;
  lines.on('line', () => {
    seen += 1;
    if (seen === runs) setTimeout(() => child.kill('SIGKILL'), ms);
  });
  // The pipe is closed when the command has ended too.
  await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  expect(child.signalCode).toBe('SIGKILL');
}

sandboxedTest(
  `${KILLS} kills`,
  async () => {
    const random = seeded(20_261_129);
    const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-cut-off-')));
    onTestFinished(() => rmSync(base, { recursive: true, force: true }));
    const [root, home] = [path.join(base, 'root'), path.join(base, 'home')];
    for (const folder of [path.join(root, 'd'), home]) mkdirSync(folder, { recursive: true });
    write(root, 0);
    const owner = { home, session: 'session', cwd: root };
    const count = { cutOff: 0, putBack: 0, late: 0 };
    for (let kill = 0; kill < KILLS; kill++) {
      await killed(root, home, { ms: random() * 600, runs: 1 + Math.floor(random() * 2) });
      await finishCutOff(owner);
      const tree = readTree(root);
      const change = changesOf(owner).at(-1);
      const run = change?.item ?? 0;
      const isCutOff = !isDeepStrictEqual(tree, after(run));
      const prepared = prepareRewind(owner, change === undefined ? [] : [change], () => true);
      const { steps, refused } = prepared.plan;
      await restore(owner, prepared, run);
      const left = refused.map((file) => path.relative(root, file.path));
      const expected = Object.entries(after(run - 1)).filter(([name]) => !left.includes(name));
      const found = Object.entries(readTree(root)).filter(([name]) => !left.includes(name));
      expect(found.sort()).toEqual(expected.sort());
      expect(refused.filter(({ kind }) => kind !== 'late')).toEqual([]);
      count.cutOff += isCutOff ? 1 : 0;
      count.putBack += steps.length;
      count.late += refused.length;
      // Where nothing was put back, the last rewind is an earlier one.
      const back = steps.length === 0 ? [] : (lastRewind(changesOf(owner)) ?? []);
      await restore(
        owner,
        prepareRewind(owner, back, () => true),
        run,
      );
      expect(readTree(root)).toEqual(tree);
      write(root, run);
    }
    console.log(`${KILLS} kills: ${JSON.stringify(count)}`);
    expect(count.cutOff).toBeGreaterThan(0);
    expect(count.putBack).toBeGreaterThan(count.late);
  },
  1_800_000,
);
