/** kill -9 in the middle of patches and rewinds: what was kept leads back to every state that the files have had, and forth again. `OAGENT_REWIND_KILLS=200` kills more often. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { checkpointsFolder } from '../../src/config/checkpoints-folder.ts';
import { withPatchLock } from '../../src/tools/apply-patch/journal.ts';
import { finishPatches } from '../../src/tools/apply-patch/recover.ts';
import type { Change } from '../../src/tools/checkpoints/change-log.ts';
import { Objects } from '../../src/tools/checkpoints/objects.ts';
import { changesOf, lastRewind, prepareRewind, restore } from '../../src/tools/checkpoints/restore.ts';
import { seeded } from './seeded.ts';

const CHILD = path.join(import.meta.dirname, 'rewinding-child.ts');
/** Texts for the model are read as they are. */
const RAW_IMPORTS = path.join(import.meta.dirname, '../support/raw-imports.mjs');
const KILLS = Number(process.env.OAGENT_REWIND_KILLS ?? 25);
const SEED = 20_261_128;

function treeOf(root: string): unknown {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => [path.relative(root, file), readFileSync(file, 'utf8')])
    .sort();
}

function after(patch: number): unknown {
  const names = ['f0', 'f1', 'd/f2', `moved-${patch}`, ...(patch > 0 ? [`made-${patch}/x`] : [])];
  return names.map((name) => [name, `patch ${patch}\n`]).sort();
}

/** Which patch was the last before these changes. */
function numberBefore(
  changes: readonly Change[],
  { home, session }: { readonly home: string; readonly session: string },
  last: number,
): number {
  const first = changes.flatMap(({ files }) => files).find((file) => path.basename(file.path) === 'f0');
  if (first?.before.kind !== 'file') return last;
  const bytes = new Objects(checkpointsFolder(home, session)).get(first.before.sha256);
  return Number(String(bytes).slice('patch '.length));
}

async function killed(root: string, home: string, delay: number, steps: number): Promise<void> {
  const args = ['--import', RAW_IMPORTS, '--no-warnings', CHILD, root, home];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  let seen = 0;
  lines.on('line', () => {
    seen += 1;
    if (seen === steps) setTimeout(() => child.kill('SIGKILL'), delay);
  });
  await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  expect(child.signalCode).toBe('SIGKILL');
}

test(`${KILLS} kills`, async () => {
  const random = seeded(SEED);
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-rewinds-')));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const [root, home] = [path.join(base, 'root'), path.join(base, 'home')];
  mkdirSync(path.join(root, 'd'), { recursive: true });
  for (const name of ['f0', 'f1', 'd/f2', 'moved-0']) writeFileSync(path.join(root, name), 'patch 0\n');
  const owner = { home, session: 'session', cwd: root };
  let unsure = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    await killed(root, home, random() * 12, 1 + Math.floor(random() * 6));
    await withPatchLock(home, () => finishPatches(owner));
    const last = Number(readFileSync(path.join(root, 'f0'), 'utf8').slice('patch '.length));
    expect(treeOf(root)).toEqual(after(last));
    const changes = changesOf(owner);
    unsure += changes.at(-1)?.isSure === false ? 1 : 0;
    const from = Math.floor(random() * changes.length);
    const wanted = numberBefore(changes.slice(from), owner, last);
    const prepared = prepareRewind(owner, changes.slice(from), () => true);
    expect(prepared.plan.refused).toEqual([]);
    await restore(owner, prepared, changes.at(-1)?.item ?? 0);
    expect(treeOf(root)).toEqual(after(wanted));
    if (prepared.plan.steps.length > 0) {
      const back = prepareRewind(owner, lastRewind(changesOf(owner)) ?? [], () => true);
      await restore(owner, back, changes.at(-1)?.item ?? 0);
    }
    expect(treeOf(root)).toEqual(after(last));
  }
  // Some of them were killed in the middle.
  expect(unsure).toBeGreaterThan(0);
}, 1_800_000);
