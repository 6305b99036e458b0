/** kill -9 in the middle of a patch of twelve files: it is applied as a whole or not at all, and nothing is left beside it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
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
import { withPatchLock } from '../../src/tools/apply-patch/journal.ts';
import { finishPatches } from '../../src/tools/apply-patch/recover.ts';

const CHILD = path.join(import.meta.dirname, 'patching-child.ts');
/** Texts for the model are read as they are. */
const RAW_IMPORTS = path.join(import.meta.dirname, '../support/raw-imports.mjs');
const KILLS = 40;

function place(): { readonly root: string; readonly home: string } {
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-killed-')));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const [root, home] = [path.join(base, 'root'), path.join(base, 'home')];
  mkdirSync(path.join(root, 'd'), { recursive: true });
  for (const name of ['f0', 'f1', 'f2', 'f3', 'f4', 'd/f5', 'd/f6', 'd/f7', 'moved-0']) {
    writeFileSync(path.join(root, name), 'patch 0\n');
  }
  return { root, home };
}

/** All files by name, with their texts. */
function treeOf(root: string): unknown {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => [path.relative(root, file), readFileSync(file, 'utf8')])
    .sort();
}

function after(patch: number): unknown {
  const names = ['f0', 'f1', 'f2', 'f3', 'f4', 'd/f5', 'd/f6', 'd/f7', `moved-${patch}`];
  if (patch > 0) names.push(`new-${patch}`, `made-${patch}/deep/x`);
  return names.map((name) => [name, `patch ${patch}\n`]).sort();
}

/** @returns the last patch that was reported. */
async function killed(root: string, home: string, from: number): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--import', RAW_IMPORTS, '--no-warnings', CHILD, root, home, String(from)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  let reported = from;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    if (reported === from) setTimeout(() => child.kill('SIGKILL'), Math.random() * 80);
    reported = Number(line);
  });
  await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  expect(child.signalCode).toBe('SIGKILL');
  return reported;
}

test(`${KILLS} kills`, async () => {
  const { root, home } = place();
  let last = 0;
  let halves = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const reported = await killed(root, home, last);
    const found = JSON.stringify(treeOf(root));
    halves += [reported, reported + 1].some((patch) => found === JSON.stringify(after(patch))) ? 0 : 1;
    await withPatchLock(home, () => finishPatches({ home, cwd: root }));
    const text = readFileSync(path.join(root, 'f0'), 'utf8');
    last = Number(text.slice('patch '.length));
    expect([reported, reported + 1]).toContain(last);
    expect([treeOf(root), existsSync(path.join(root, `made-${last + 1}`))]).toEqual([after(last), false]);
    // What it says of the call that was not answered.
    for (const name of readdirSync(path.join(home, 'patches')).filter((file) => file.endsWith('.json'))) {
      const { call, outcome } = JSON.parse(readFileSync(path.join(home, 'patches', name), 'utf8'));
      const state = call === `call ${last}` ? 'applied' : 'nothing';
      expect({ call, outcome }).toEqual({ call: `call ${reported + 1}`, outcome: { state, changed: [] } });
      rmSync(path.join(home, 'patches', name));
    }
  }
  // Some of them were killed in the middle.
  expect(halves).toBeGreaterThan(0);
}, 600_000);
