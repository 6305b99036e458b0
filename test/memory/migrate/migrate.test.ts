import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Memories } from '../../../src/memory/manage/memories.ts';
import { readOldFolder } from '../../../src/memory/migrate/old-folder.ts';
import { oldLines } from '../../../src/memory/migrate/old-lines.ts';
import { oldRawMemories, oldRolloutSummary } from '../../../src/memory/migrate/old-records.ts';
import { renderHandbook } from '../../../src/memory/render/handbook.ts';
import { oneLine } from '../../../src/memory/render/text.ts';
import { addEntry, allEntries } from '../../../src/memory/store/entries.ts';
import { allRecords, putRecord } from '../../../src/memory/store/records.ts';
import type { EntryRow } from '../../../src/memory/store/schema.ts';
import { putSkill } from '../../../src/memory/store/skills.ts';
import { anyText } from '../../support/any-text.ts';
import { entry, memoryHome, NOON, record } from '../../support/memory.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const [A, B] = ['0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeee0a', '0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeee0b'] as const;

const HANDBOOK = `# Task Group: the shop
scope: what is done in the shop
applies_to: cwd=/work/shop; reuse_rule=safe

## Task 1: mend the cart, success
### rollout_summary_files
- rollout_summaries/2026-10-01T10-00-00-abcd-cart.md (cwd=/work/shop)
### keywords
- cart, npm test

## User preferences
- when code is formatted, the user said "two spaces" -> two spaces
- never commit without asking

## Failures and how to do differently
- npm ci fails on Node 18
  -> use Node 22

# Task Group: the rest

## Reusable knowledge
- the password is hunter2-Xy99
`;

/** As Codex leaves it. */
async function codexFolder(): Promise<string> {
  const folder = await tempFolder();
  mkdirSync(path.join(folder, 'rollout_summaries'));
  mkdirSync(path.join(folder, 'skills/release'), { recursive: true });
  writeFileSync(path.join(folder, 'MEMORY.md'), HANDBOOK);
  writeFileSync(
    path.join(folder, 'memory_summary.md'),
    "## User preferences\n- Never commit without asking.\n- answer in German\n## What's in Memory\n- see the shop for all\n",
  );
  writeFileSync(
    path.join(folder, 'raw_memories.md'),
    `# Raw Memories\n\n## Thread \`${A}\`\nupdated_at: 2026-10-01T10:00:00Z\ncwd: /work/shop\nrollout_path: /r/a.jsonl\n\n- the cart rounds up\n`,
  );
  writeFileSync(
    path.join(folder, 'rollout_summaries/2026-10-01T10-00-00-abcd-cart.md'),
    `thread_id: ${A}\nupdated_at: 2026-10-01T10:00:00+00:00\ncwd: /work/shop\ngit_branch: main\n\n# Mend the cart\n\nThe cart was mended.\n`,
  );
  writeFileSync(path.join(folder, 'rollout_summaries/odd.md'), 'No session at all.\n');
  writeFileSync(path.join(folder, 'skills/release/SKILL.md'), 'Tag it.\n');
  return folder;
}

const own = (home: string): Memories =>
  new Memories(
    home,
    () => undefined,
    () => new Date(NOON),
  );

/** Every file below the folder, with its bytes. */
function contents(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name));
  return Object.fromEntries(files.map((file) => [path.relative(root, file), readFileSync(file, 'utf8')]));
}

test('a folder of Codex’s is taken over, once, and stays as it is', async () => {
  const { store, home, folder } = await memoryHome();
  const old = await codexFolder();
  const before = contents(old);
  expect(own(home).migrate(old)).toEqual({
    migrated: { lines: 5, sessions: 1, skills: 1, skipped: 1 },
    problems: ['rollout_summaries/odd.md: it does not say its session'],
  });
  const lines = allEntries(store).map(({ text, kind, project, weight, topic }) => [
    text,
    kind,
    project,
    weight,
    topic,
  ]);
  expect(lines).toEqual([
    [
      'when code is formatted, the user said "two spaces" -> two spaces',
      'preference',
      '/work/shop',
      2,
      'User preferences',
    ],
    ['never commit without asking', 'preference', '/work/shop', 3, 'User preferences'],
    [
      'npm ci fails on Node 18 -> use Node 22',
      'failure',
      '/work/shop',
      2,
      'Failures and how to do differently',
    ],
    ['the password is ********', 'fact', '', 2, 'Reusable knowledge'],
    ['answer in German', 'preference', '', 3, 'User preferences'],
  ]);
  expect(allRecords(store)).toEqual([
    {
      thread: A,
      source_updated: Date.UTC(2026, 9, 1, 10),
      cwd: '/work/shop',
      branch: null,
      rollout: '/r/a.jsonl',
      is_trusted: 1,
      slug: 'Mend the cart',
      summary: 'The cart was mended.',
      raw: '- the cart rounds up',
      model: 'migrated',
      generated: NOON,
      used: 0,
      last_used: null,
    },
  ]);
  expect(Object.keys(contents(folder.root)).sort()).toEqual([
    'MEMORY.md',
    'memory_summary.md',
    'raw_memories.md',
    `rollout_summaries/${A}.md`,
    'skills/release/SKILL.md',
  ]);
  // Merged already: the handbook was made of it.
  expect(store.sql('SELECT thread FROM merged').all()).toEqual([{ thread: A }]);
  own(home).forget(own(home).meant('never commit'));
  const after = [allEntries(store), allRecords(store)];
  expect(own(home).migrate(old).migrated).toEqual({ lines: 0, sessions: 0, skills: 0, skipped: 8 });
  expect([allEntries(store), allRecords(store)]).toEqual(after);
  expect(contents(old)).toEqual(before);
});

test('what oagent itself has written comes back with its provenance', async () => {
  const { store, home, folder } = await memoryHome();
  putRecord(store, record(A, { is_trusted: 0 }));
  putRecord(store, record(B, { source_updated: NOON + 5, branch: null, slug: 'a b' }));
  const day = Date.UTC(2026, 10, 1);
  addEntry(
    store,
    entry('Use "two" spaces (not tabs)', { kind: 'preference', project: '', dated: day, threads: [A, B] }),
  );
  addEntry(store, entry('Never trust this', { is_trusted: 0, dated: day, threads: [A] }));
  addEntry(
    store,
    entry('Odd folders are hard', { is_trusted: 0, dated: day, project: '/a (b), c', topic: 'Odd' }),
  );
  putSkill(store, { path: 'release/SKILL.md', text: 'Tag it.\n', threads: [A], dated: NOON });
  own(home).rebuild();
  const aside = path.join(await tempFolder(), 'aside');
  cpSync(folder.root, aside, { recursive: true });
  const other = await memoryHome();
  expect(own(other.home).migrate(aside).migrated).toEqual({ lines: 3, sessions: 2, skills: 1, skipped: 1 });
  const told = ({ text, kind, project, is_trusted, dated, topic }: EntryRow) => ({
    text,
    kind,
    project,
    is_trusted,
    dated,
    topic,
  });
  const lines = allEntries(other.store).map(told);
  expect(lines.filter(({ topic }) => topic === 'Tests')).toEqual([
    {
      text: "Use 'two' spaces (not tabs)",
      kind: 'preference',
      project: '',
      is_trusted: 1,
      dated: day,
      topic: 'Tests',
    },
    {
      text: 'Never trust this',
      kind: 'fact',
      project: '/work/shop',
      is_trusted: 0,
      dated: day,
      topic: 'Tests',
    },
  ]);
  expect(lines.map(({ is_trusted }) => is_trusted)).toEqual([0, 1, 0]);
  const kept = allRecords(other.store).map((one) => ({ ...one, model: 'small', generated: NOON }));
  expect(kept).toEqual(allRecords(store));
});

test('bad input is an error that says what is wrong', async () => {
  const { home, folder } = await memoryHome();
  const empty = await tempFolder();
  writeFileSync(path.join(empty, 'file'), '');
  own(home).add('a note');
  expect(() => own(home).migrate(path.join(empty, 'gone'))).toThrow(`${empty}/gone is not a folder`);
  expect(() => own(home).migrate(path.join(empty, 'file'))).toThrow(`${empty}/file is not a folder`);
  expect(() => own(home).migrate(empty)).toThrow(
    `${empty} has none of MEMORY.md, memory_summary.md, raw_memories.md, rollout_summaries/*.md, skills/`,
  );
  expect(() => own(home).migrate(folder.root)).toThrow(`${folder.root} is oagent's own folder of memories`);
});

test('links are not followed, and what cannot be read is named', async () => {
  const secret = path.join(await tempFolder(), 'secret');
  writeFileSync(secret, '- a secret of somebody\n');
  const old = await tempFolder();
  mkdirSync(path.join(old, 'skills'));
  symlinkSync(secret, path.join(old, 'MEMORY.md'));
  symlinkSync(secret, path.join(old, 'skills/a.md'));
  symlinkSync(path.dirname(secret), path.join(old, 'rollout_summaries'));
  mkdirSync(path.join(old, 'memory_summary.md'));
  writeFileSync(path.join(old, 'raw_memories.md'), 'x'.repeat(2 ** 20 + 1));
  writeFileSync(path.join(old, 'skills/b.md'), Buffer.from([0xff, 0xfe, 0, 0, 1]));
  const read = readOldFolder(old, '/nowhere');
  expect([read.handbook, read.summary, read.raw, read.rollouts, read.skills]).toEqual([[], [], [], [], []]);
  expect(read.problems.map((problem) => problem.replace(/ELOOP.*/, 'ELOOP'))).toEqual([
    'MEMORY.md: ELOOP',
    'memory_summary.md: it is not a regular file',
    'raw_memories.md: it is larger than 1 MiB',
    'skills/b.md: it is UTF-32LE',
  ]);
});

test('any text gives lines and records within their limits, in a time that grows with its length', () => {
  const pieces = fc.constantFrom(
    ...[
      '# A',
      '## User preferences',
      '- ',
      '" (fact, 2026-01-01, /x',
      ')',
      '```',
      'applies_to: cwd=/x',
      '/',
      '\n',
      '\r',
      ' ',
    ],
    ...['## Thread ', A, 'cwd: ', '---\n', 'trusted: no\n', ', untrusted folder', 'two words'],
  );
  const text = fc.array(fc.oneof(pieces, anyText(8)), { maxLength: 40 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (markdown) => {
      for (const line of oldLines(markdown)) {
        expect(line.text).toBe(oneLine(line.text));
        expect(line.text.length).toBeLessThanOrEqual(401);
        expect(line.topic.length).toBeGreaterThan(0);
        expect(line.project === '' || path.isAbsolute(line.project)).toBe(true);
      }
      for (const one of [...oldRawMemories(markdown), oldRolloutSummary(`${A}.md`, markdown) ?? []].flat())
        expect(one.thread).toMatch(/^[0-9a-f-]{36}$/);
    }),
  );
  expect(oldLines('" (fact, 2026-01-01, /'.repeat(60_000))).toEqual([]);
  expect(oldLines('- two words\n'.repeat(5_000))).toHaveLength(2_000);
});

test('whatever an entry says, an untrusted one stays untrusted', () => {
  const sly = fc.array(
    fc.constantFrom('"', ' (', ')', 'fact, ', '2026-01-01, ', '/x', ', untrusted folder', 'a b'),
    {
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(sly, sly, (said, folder) => {
      const row: EntryRow = {
        ...entry(`a b ${said.join('')}`),
        id: 1,
        replaced_by: null,
        threads: '[]',
        is_trusted: 0,
      };
      const lines = oldLines(renderHandbook([{ ...row, project: `/${folder.join('')}` }]));
      expect(lines.map(({ isTrusted }) => isTrusted)).toEqual([false]);
    }),
  );
});
