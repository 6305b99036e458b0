/** What is left of a patch whose process was killed, in every state that a kill, a user or a command can leave. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ownHolder } from '../../../src/system/process-lock.ts';
import { applyPlan } from '../../../src/tools/apply-patch/apply.ts';
import {
  forget,
  type JournalRecord,
  PatchJournal,
  readRecords,
  withPatchLock,
  writeRecord,
} from '../../../src/tools/apply-patch/journal.ts';
import { recordOf } from '../../../src/tools/apply-patch/journal-entries.ts';
import { parsePatch } from '../../../src/tools/apply-patch/parse.ts';
import { planPatch } from '../../../src/tools/apply-patch/plan.ts';
import { finishPatches, outcomesOf } from '../../../src/tools/apply-patch/recover.ts';
import type { Draft } from '../../../src/tools/apply-patch/stage.ts';
import { patchOf, readTree } from './support.ts';

const DEAD = { pid: 2 ** 22 + 1, started: '1', host: hostname(), token: 'dead' };

interface Left {
  readonly root: string;
  readonly home: string;
  readonly file: string;
  readonly temporary: (name: string) => string;
  readonly outcome: () => JournalRecord['outcome'];
}

/** The journal of a dead process whose patch changes a and b, removes c and adds n/new; nothing is written yet. */
async function left(
  options: { readonly inPlace?: string; readonly holder?: JournalRecord['holder'] } = {},
): Promise<Left> {
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-left-')));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const [root, home] = [path.join(base, 'root'), path.join(base, 'home')];
  for (const folder of [path.join(root, 'd'), path.join(home, 'patches')])
    mkdirSync(folder, { recursive: true });
  for (const name of ['d/a', 'b', 'c']) writeFileSync(path.join(root, name), 'old\n');
  const patch = patchOf(
    ...['d/a', 'b'].flatMap((name) => [`*** Update File: ${name}`, '@@', '-old', '+new']),
    ...['*** Delete File: c', '*** Add File: n/new', '+new'],
  );
  const { files } = await planPatch(parsePatch(patch), root);
  const drafts: Draft[] = files.flatMap(({ write }, at) =>
    write === undefined ? [] : [{ ...write, temporary: `.oagent-000${at}.tmp` }],
  );
  const inPlace = drafts.filter(({ spelled }) => spelled === options.inPlace);
  const file = path.join(home, 'patches', 'one.json');
  const { holder = DEAD } = options;
  writeRecord(
    file,
    { holder, cwd: root, session: 's', call: 'c', ...recordOf(files, drafts, inPlace) },
    false,
  );
  return {
    root,
    home,
    file,
    temporary: (name) => {
      const found = drafts.find(({ spelled }) => spelled === name);
      return path.join(root, path.dirname(name), found?.temporary ?? '');
    },
    outcome: () => JSON.parse(readFileSync(file, 'utf8')).outcome,
  };
}

const finish = ({ home, root }: Left, cwd = root): Promise<void> =>
  withPatchLock(home, () => finishPatches({ home, cwd }));

const NEW = { 'd/a': 'new\n', b: 'new\n', 'n/new': 'new\n' };
const OLD = { 'd/a': 'old\n', b: 'old\n', c: 'old\n' };

test('killed before anything was in its place: not applied, and nothing is left', async () => {
  const place = await left();
  mkdirSync(path.join(place.root, 'n'));
  writeFileSync(place.temporary('d/a'), 'new\n');
  writeFileSync(place.temporary('b'), 'ne');
  await finish(place);
  expect([readTree(place.root), place.outcome()]).toEqual([OLD, { state: 'nothing', changed: [] }]);
});

test('killed in the middle: applied as a whole, with or without the temporary files', async () => {
  for (const hasTemporary of [true, false]) {
    const place = await left();
    writeFileSync(path.join(place.root, 'd/a'), 'new\n');
    if (hasTemporary) writeFileSync(place.temporary('b'), 'new\n');
    await finish(place);
    expect([readTree(place.root), place.outcome()]).toEqual([NEW, { state: 'applied', changed: [] }]);
  }
});

test('killed while it was being finished: the next one finishes it', async () => {
  const place = await left();
  writeFileSync(path.join(place.root, 'd/a'), 'new\n');
  writeFileSync(place.temporary('b').replace(/tmp$/, 'again.tmp'), 'ne');
  await finish(place);
  expect([readTree(place.root), place.outcome()]).toEqual([NEW, { state: 'applied', changed: [] }]);
});

test('what somebody has changed since is left alone, and named', async () => {
  const place = await left();
  writeFileSync(path.join(place.root, 'd/a'), 'new\n');
  writeFileSync(path.join(place.root, 'b'), 'mine\n');
  writeFileSync(path.join(place.root, 'c'), 'mine\n');
  await finish(place);
  expect(readTree(place.root)).toEqual({ ...NEW, b: 'mine\n', c: 'mine\n' });
  expect(place.outcome()).toEqual({
    state: 'applied',
    changed: ['b', 'c'].map((name) => path.join(place.root, name)),
  });
});

test('what a command has put in the place of a temporary file is not taken for it', async () => {
  const place = await left();
  writeFileSync(path.join(place.root, 'd/a'), 'new\n');
  writeFileSync(path.join(place.home, 'secret'), 'secret\n');
  symlinkSync(path.join(place.home, 'secret'), place.temporary('b'));
  writeFileSync(place.temporary('d/a'), 'evil\n');
  await finish(place);
  expect([readTree(place.root), place.outcome()]).toEqual([NEW, { state: 'applied', changed: [] }]);
  expect(readFileSync(path.join(place.home, 'secret'), 'utf8')).toBe('secret\n');
});

test('a file that was being written in place gets all of the new text, whatever part it had', async () => {
  for (const torn of ['neld\n', 'old\n', 'new\n', 'nld\n']) {
    const place = await left({ inPlace: 'b' });
    writeFileSync(path.join(place.root, 'b'), torn);
    if (torn === 'old\n' || torn.length !== 4) writeFileSync(path.join(place.root, 'd/a'), 'new\n');
    await finish(place);
    const isOurs = torn.length === 4;
    expect([torn, readTree(place.root)]).toEqual([torn, isOurs ? NEW : { ...NEW, b: torn }]);
  }
});

test('a folder that is a link now is not followed; the patch is finished when it is back', async () => {
  const place = await left();
  const at = (name: string): string => path.join(place.root, name);
  const [folder, away, outside] = [at('d'), at('away'), at('../outside')];
  writeFileSync(path.join(place.root, 'b'), 'new\n');
  mkdirSync(outside);
  writeFileSync(path.join(outside, 'a'), 'old\n');
  renameSync(folder, away);
  symlinkSync(outside, folder);
  await finish(place);
  expect(place.outcome()).toBe(undefined);
  expect(readdirSync(outside).map((name) => readFileSync(path.join(outside, name), 'utf8'))).toEqual([
    'old\n',
  ]);
  rmSync(folder);
  renameSync(away, folder);
  await finish(place);
  expect([readTree(place.root), place.outcome()]).toEqual([NEW, { state: 'applied', changed: [] }]);
});

test('it is finished by a session in the same workspace, or by its own one', async () => {
  const place = await left();
  writeFileSync(path.join(place.root, 'd/a'), 'new\n');
  await finish(place, place.home);
  expect(place.outcome()).toBe(undefined);
  const { home } = place;
  await withPatchLock(home, () => finishPatches({ home, cwd: home, session: 's' }));
  expect([readTree(place.root), place.outcome()]).toEqual([NEW, { state: 'applied', changed: [] }]);
  expect([outcomesOf(home, ['s'], new Set(['c'])), outcomesOf(home, ['t', 's'], new Set(['c']))]).toEqual(
    Array(2).fill(new Map([['c', { state: 'applied', changed: [] }]])),
  );
  expect(outcomesOf(home, ['t', 's'], new Set())).toEqual(new Map());
  expect(existsSync(place.file)).toBe(true);
  expect(outcomesOf(home, ['s'], new Set())).toEqual(new Map());
  expect(existsSync(place.file)).toBe(false);
});

test('a process that lives finishes its own patch', async () => {
  const place = await left({ holder: ownHolder() });
  writeFileSync(path.join(place.root, 'd/a'), 'new\n');
  await finish(place);
  expect([readTree(place.root), place.outcome()]).toEqual([{ ...OLD, 'd/a': 'new\n' }, undefined]);
});

test('what is no journal, or too old to be asked for, does no harm', async () => {
  const place = await left();
  await finish(place);
  const folder = path.join(place.home, 'patches');
  for (const [name, text] of [
    ['x.json', '{'],
    ['y.json', '{"holder":{}}'],
    ['z.json.new', '{'],
  ] as const)
    writeFileSync(path.join(folder, name), text);
  for (const [name, text] of [
    ['lock.draft', JSON.stringify(DEAD)],
    ['lock.claim', JSON.stringify(DEAD)],
    ['lock.living', JSON.stringify(ownHolder())],
    ['lock.begun', ''],
  ] as const)
    writeFileSync(path.join(folder, name), text);
  const month = Date.now() / 1000 - 31 * 24 * 3600;
  utimesSync(place.file, month, month);
  await finish(place);
  expect([existsSync(place.file), readdirSync(folder).sort()]).toEqual([
    false,
    ['lock.begun', 'lock.living', 'x.json', 'y.json'],
  ]);
});

test('where nothing can be noted down a patch is applied all the same', async () => {
  const { root } = await left();
  const journal = new PatchJournal({ home: '/dev/null/home', cwd: root });
  const patch = patchOf('*** Update File: b', '@@', '-old', '+new', '*** Delete File: c');
  await applyPlan(await planPatch(parsePatch(patch), root), journal);
  journal.close();
  expect(readTree(root)).toEqual({ 'd/a': 'old\n', b: 'new\n' });
});

test('a patch waits for another one that is being written, and notes itself before it begins', async () => {
  const { root, home, file } = await left();
  forget(file);
  const journal = new PatchJournal({ home, cwd: root, session: 's', call: 'c' });
  const plan = await planPatch(parsePatch(patchOf('*** Update File: b', '@@', '-old', '+new')), root);
  let applied: Promise<void> | undefined;
  await withPatchLock(home, async () => {
    applied = applyPlan(plan, journal);
    await new Promise(setImmediate);
    expect([readTree(root), readRecords(home)]).toEqual([OLD, []]);
  });
  await applied;
  expect(
    readRecords(home).map(({ record: { outcome, session, call } }) => ({ outcome, session, call })),
  ).toEqual([{ outcome: { state: 'applied', changed: [] }, session: 's', call: 'c' }]);
  journal.close();
  expect(readRecords(home)).toEqual([]);
});
