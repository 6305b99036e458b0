import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryFolder } from '../../../src/memory/folder.ts';
import { memoryFiles } from '../../../src/memory/render/memory-files.ts';
import { writeMemoryFiles } from '../../../src/memory/render/write-files.ts';
import { openMemoryStore } from '../../../src/memory/store/open-store.ts';
import { deleteRecord, putRecord } from '../../../src/memory/store/records.ts';
import { putSkill } from '../../../src/memory/store/skills.ts';
import { anyText } from '../../support/any-text.ts';
import { memoryHome, NOON, record } from '../../support/memory.ts';
import { runSource } from '../../support/run-source.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const MERGED = { handbook: '# Handbook\n', summary: 'Be brief.\n' };

/** Every file below the folder, with its bytes. */
function contents(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((one) => path.join(one.parentPath, one.name));
  return Object.fromEntries(files.map((file) => [path.relative(root, file), readFileSync(file, 'utf8')]));
}

test('the files follow from the database, each for its owner alone', async () => {
  const { store, folder } = await memoryHome();
  putRecord(store, record('a', { cwd: '/work/a\nb: c', branch: null, is_trusted: 0 }));
  putRecord(store, record('b', { summary: '# Title\n---\nText  ', source_updated: NOON + 1 }));
  putRecord(store, record('nothing', { summary: '', raw: '' }));
  putSkill(store, { path: 'release/SKILL.md', text: 'Tag it.\n', threads: ['a'], dated: NOON });
  const write = () => writeMemoryFiles(store, folder, () => memoryFiles(store, MERGED));
  expect(write().written).toHaveLength(6);
  expect(contents(folder.root)).toEqual({
    'MEMORY.md': '# Handbook\n',
    'memory_summary.md': 'Be brief.\n',
    'skills/release/SKILL.md': 'Tag it.\n',
    'raw_memories.md': `# What each session has taught

Made from memories.sqlite: what is changed here is overwritten.

## Session b

updated: 2026-11-01T12:00:00.001Z
rollout: /sessions/b.jsonl
cwd: /work/shop
branch: main
trusted: yes
summary: rollout_summaries/b.md

- The tests of b are run with npm test.

## Session a

updated: 2026-11-01T12:00:00.000Z
rollout: /sessions/a.jsonl
cwd: /work/a b: c
trusted: no
summary: rollout_summaries/a.md

- The tests of a are run with npm test.
`,
    'rollout_summaries/a.md': `---
thread: a
updated: 2026-11-01T12:00:00.000Z
rollout: /sessions/a.jsonl
cwd: /work/a b: c
trusted: no
---

# fix-the-cart

The cart of a was fixed.
`,
    'rollout_summaries/b.md': `---
thread: b
updated: 2026-11-01T12:00:00.001Z
rollout: /sessions/b.jsonl
cwd: /work/shop
branch: main
trusted: yes
---

# fix-the-cart

### Title
    ---
Text
`,
  });
  const modes = readdirSync(folder.root, { recursive: true, encoding: 'utf8' }).map(
    (name) => statSync(path.join(folder.root, name)).mode & 0o777,
  );
  expect([...new Set(modes)].sort()).toEqual([0o600, 0o700]);
  expect(write()).toEqual({ written: [], removed: [], unchanged: 6 });
});

test('what no longer belongs is deleted, and the notes and what is not ours stay', async () => {
  const { store, folder } = await memoryHome();
  putRecord(store, record('a'));
  putSkill(store, { path: 'release/SKILL.md', text: 'Tag it.\n', threads: ['a'], dated: NOON });
  const write = () => writeMemoryFiles(store, folder, () => memoryFiles(store, MERGED));
  write();
  mkdirSync(folder.notes);
  writeFileSync(path.join(folder.notes, 'mine.md'), 'mine\n');
  writeFileSync(path.join(folder.root, 'todo.txt'), 'theirs\n');
  writeFileSync(path.join(folder.root, '.0123456789abcdef.tmp'), 'half');
  writeFileSync(path.join(folder.rollouts, '.0123456789abcdef.tmp'), 'half');
  deleteRecord(store, 'a');
  store.exec('DELETE FROM skills');
  const result = writeMemoryFiles(store, folder, () =>
    memoryFiles(store, { handbook: undefined, summary: '' }),
  );
  expect([...result.removed].sort()).toEqual([
    'MEMORY.md',
    'memory_summary.md',
    'raw_memories.md',
    'rollout_summaries/a.md',
    'skills/release/SKILL.md',
  ]);
  expect(contents(folder.root)).toEqual({ 'notes/mine.md': 'mine\n', 'todo.txt': 'theirs\n' });
  expect(readdirSync(folder.root).sort()).toEqual(['notes', 'todo.txt']);
});

test('with nothing remembered no folder is made', async () => {
  const { store, folder, home } = await memoryHome();
  const files = () => memoryFiles(store, { handbook: undefined, summary: undefined });
  expect(writeMemoryFiles(store, folder, files)).toEqual({ written: [], removed: [], unchanged: 0 });
  expect(readdirSync(home).filter((name) => name === 'memories')).toEqual([]);
});

test('no link is followed: one in the place of a file is replaced, one in the place of a folder refused', async () => {
  const { store, folder } = await memoryHome();
  const elsewhere = await tempFolder();
  const victim = path.join(elsewhere, 'victim.md');
  writeFileSync(victim, 'untouched\n');
  chmodSync(victim, 0o644);
  mkdirSync(folder.root);
  symlinkSync(victim, folder.handbook);
  putRecord(store, record('a'));
  const write = () => writeMemoryFiles(store, folder, () => memoryFiles(store, MERGED));
  write();
  expect([lstatSync(folder.handbook).isFile(), readFileSync(victim, 'utf8')]).toEqual([true, 'untouched\n']);

  const other = await memoryHome();
  mkdirSync(other.folder.root);
  symlinkSync(elsewhere, other.folder.rollouts);
  putRecord(other.store, record('a'));
  expect(() => writeMemoryFiles(other.store, other.folder, () => memoryFiles(other.store, MERGED))).toThrow(
    other.folder.rollouts,
  );
  expect(readdirSync(elsewhere)).toEqual(['victim.md']);
});

test('a run that is killed anywhere is completed by the next', async () => {
  const { store, folder, home } = await memoryHome();
  for (let at = 0; at < 60; at += 1) putRecord(store, record(`t${at}`));
  store.close();
  const source = path.resolve('src');
  const program = `
    import { memoryFolder } from '${source}/memory/folder.ts';
    import { memoryFiles } from '${source}/memory/render/memory-files.ts';
    import { writeMemoryFiles } from '${source}/memory/render/write-files.ts';
    import { openMemoryStore } from '${source}/memory/store/open-store.ts';
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    let left = Number(process.argv[2]);
    const rename = fs.renameSync;
    fs.renameSync = (...names) => {
      if (left === 0) process.kill(process.pid, 'SIGKILL');
      left -= 1;
      rename(...names);
    };
    syncBuiltinESMExports();
    const store = openMemoryStore(process.argv[1]);
    writeMemoryFiles(store, memoryFolder(process.argv[1]), () => memoryFiles(store, { handbook: 'h\\n', summary: 's\\n' }));`;
  for (const renames of ['0', '2', '30']) {
    const { signal } = await runSource(program, [home, renames]);
    expect(signal).toBe('SIGKILL');
  }
  const again = openMemoryStore(home);
  const files = () => memoryFiles(again, { handbook: 'h\n', summary: 's\n' });
  writeMemoryFiles(again, folder, files);
  expect(contents(folder.root)).toEqual(Object.fromEntries(files()));
  again.close();
});

test('what a record says cannot begin a header or a section of another', async () => {
  const { store } = await memoryHome();
  fc.assert(
    fc.property(
      anyText(80),
      fc.constantFrom('', '# ', '## Session x\n', '---\nthread: x\n---\n', '\n## ', 'a\n===\n'),
      (text, start) => {
        putRecord(
          store,
          record('a', { raw: `r${start}${text}`, summary: `s\n${start}${text}`, cwd: start + text }),
        );
        const files = memoryFiles(store, MERGED);
        const raw = files.get('raw_memories.md') ?? '';
        expect(raw.match(/^ {0,3}#{1,2}\s.*/gm)).toEqual(['# What each session has taught', '## Session a']);
        const summary = files.get('rollout_summaries/a.md') ?? '';
        expect(summary.match(/^ {0,3}(?:-{3,}|={3,})$/gm)).toEqual(['---', '---']);
        expect(summary.match(/^thread: .*/gm)?.[0]).toBe('thread: a');
      },
    ),
  );
});

test('the folder of a home without memories is found again behind a link to the home', async () => {
  const { store, folder, home } = await memoryHome();
  const link = path.join(await tempFolder(), 'link');
  symlinkSync(home, link);
  putRecord(store, record('a'));
  writeMemoryFiles(store, memoryFolder(link), () => memoryFiles(store, MERGED));
  expect(Object.keys(contents(folder.root)).sort()).toEqual([
    'MEMORY.md',
    'memory_summary.md',
    'raw_memories.md',
    'rollout_summaries/a.md',
  ]);
});
