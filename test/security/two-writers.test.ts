/** Two oagents that patch one file: no edit that was reported is lost. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const CHILD = path.join(import.meta.dirname, 'counting-child.ts');
/** Texts for the model are read as they are. */
const RAW_IMPORTS = path.join(import.meta.dirname, '../support/raw-imports.mjs');
const run = promisify(execFile);

test('two processes add 50 lines each', async () => {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-writers-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(path.join(root, 'file'), 'end\n');
  const child = (name: string) =>
    run(process.execPath, [
      '--import',
      RAW_IMPORTS,
      '--no-warnings',
      CHILD,
      root,
      path.join(root, 'home'),
      name,
    ]);
  await Promise.all(['a', 'b'].map(child));
  const lines = readFileSync(path.join(root, 'file'), 'utf8').trimEnd().split('\n');
  const expected = ['a', 'b'].flatMap((name) => Array.from({ length: 50 }, (_, i) => `${name}-${i}`));
  expect(lines.toSorted()).toEqual([...expected, 'end'].toSorted());
}, 120_000);
