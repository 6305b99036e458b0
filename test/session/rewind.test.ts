/** Going back, without a session that runs: what would be done, what is refused, and what counts as a change. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkpointsFolder } from '../../src/config/checkpoints-folder.ts';
import type { Permissions } from '../../src/safety/permissions.ts';
import { hasRewind, rewindFiles } from '../../src/session/rewind.ts';
import {
  appendLine,
  type Change,
  type FileState,
  readChanges,
} from '../../src/tools/checkpoints/change-log.ts';
import { Objects } from '../../src/tools/checkpoints/objects.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A project with files that a session has changed from `old` to `new`, or made. */
async function session() {
  const base = await tempFolder();
  const [home, cwd, outside] = ['home', 'ws', 'outside'].map((name) => path.join(base, name)) as [
    string,
    string,
    string,
  ];
  const folder = checkpointsFolder(home, 's');
  for (const one of [folder, cwd, outside, path.join(cwd, '.git')]) mkdirSync(one, { recursive: true });
  const objects = new Objects(folder);
  const kept = (text: string): FileState => ({
    kind: 'file',
    sha256: objects.put(Buffer.from(text)),
    mode: 0o644,
  });
  const change = (file: string, more: Partial<Change> & { readonly before?: FileState }): void => {
    const { before = kept('old\n'), item = 2, by = 'patch' } = more;
    const id = `${item}${file}`;
    appendLine(folder, { change: { id, item, by, files: [{ path: file, before, after: kept('new\n') }] } });
    appendLine(folder, { made: id });
    writeFileSync(file, 'new\n', { mode: 0o644 });
  };
  const permissions: Permissions = {
    ...{ mode: 'read-only', approval: 'never', cwd, home, env: {}, writableRoots: [], network: false },
    ...{ excludeTmpdirEnvVar: true, excludeSlashTmp: true, isPlan: true },
  };
  const kept1 = { home, id: 's', file: path.join(home, 'none.jsonl'), cwd };
  const look = (to: string) => rewindFiles(kept1, { to, permissions, isTrial: true });
  return { cwd, outside, folder, change, look, kept: kept1 };
}

test('a look says what would be done, and does nothing; a mode that only reads forbids none of it', async () => {
  const { cwd, folder, change, look } = await session();
  const [edited, made] = [path.join(cwd, 'edited'), path.join(cwd, 'made')];
  change(edited, {});
  change(made, { before: { kind: 'absent' } });
  const before = readChanges(folder);
  expect(await look('i1')).toEqual({
    done: [
      { path: edited, kind: 'update' },
      { path: made, kind: 'delete' },
    ],
    refused: [],
    same: 0,
  });
  expect([readFileSync(edited, 'utf8'), readFileSync(made, 'utf8'), readChanges(folder)]).toEqual([
    'new\n',
    'new\n',
    before,
  ]);
});

test('what somebody else has changed is refused with what differs, and what may not be written without', async () => {
  const { cwd, outside, change, look } = await session();
  const files = [path.join(cwd, 'mine'), path.join(cwd, '.git', 'config'), path.join(outside, 'x')] as const;
  for (const file of files) change(file, {});
  writeFileSync(files[0], 'mine\n');
  const reason = 'it is outside of the writable folders, protected, or has another name (a hard link)';
  expect(await look('i1')).toEqual({
    done: [],
    refused: [
      { path: files[2], reason, diff: '' },
      { path: files[1], reason, diff: '' },
      {
        path: files[0],
        reason: 'somebody else has changed it since',
        diff: expect.stringContaining('-new\n+mine'),
      },
    ],
    same: 0,
  });
});

test('only what came after the message is taken back, and only a rewind can be undone', async () => {
  const { cwd, change, look, kept } = await session();
  const [early, late] = [path.join(cwd, 'early'), path.join(cwd, 'late')];
  change(early, { item: 2 });
  change(late, { item: 5 });
  expect((await look('i2')).done).toEqual([{ path: late, kind: 'update' }]);
  expect([hasRewind(kept), (await look('i5')).done]).toEqual([false, []]);
  await expect(look('undo')).rejects.toThrow('no rewind of files was made in this session');
  change(late, { item: 6, by: 'rewind' });
  expect([hasRewind(kept), (await look('undo')).done]).toEqual([true, [{ path: late, kind: 'update' }]]);
});
