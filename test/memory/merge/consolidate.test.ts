import { expect, test } from 'vitest';
import { select } from '../../../src/memory/merge/selection.ts';
import { setting } from '../../../src/memory/store/settings.ts';
import { MergeModel, mergeAnswer } from './merge-model.ts';
import { DAY, Merging } from './merge-store.ts';

const A = 'The port of the server is 8080';
const B = 'The port of the server is 9090';
const C = 'The database of the app is Postgres';

test('records are merged one a step, oldest first, and not again', async () => {
  const merging = new Merging();
  merging.put('t2', `- ${B}\n- ${C}`, 1);
  merging.put('t1', `- ${A}`, 3);
  expect(await merging.step()).toEqual({
    state: 'more',
    progress: { phase: 'consolidate', done: 1, total: 2, title: 't1' },
  });
  expect(merging.lines()).toEqual([`${A} [/work/app] t1`]);
  expect(await merging.step()).toEqual({
    state: 'more',
    progress: { phase: 'consolidate', done: 2, total: 2, title: 't2' },
  });
  const merged = [`${A} [/work/app] t1 -> ${B}`, `${B} [/work/app] t2`, `${C} [/work/app] t2`];
  expect(merging.lines()).toEqual(merged);
  expect(await merging.step()).toEqual({ state: 'idle' });
  expect(merging.model.asked.length).toBe(2);
  expect(await merging.step()).toEqual({ state: 'idle' });
  expect(merging.model.asked.length).toBe(2);
  expect(merging.lines()).toEqual(merged);
});

test('an older record that comes later does not replace what is newer, and stays replaced', async () => {
  const merging = new Merging();
  merging.put('new', `- ${B}`, 1);
  await merging.merge();
  merging.put('old', `- ${A}`, 5);
  await merging.merge();
  expect(merging.lines()).toEqual([`${B} [/work/app] new`, `${A} [/work/app] old -> ${B}`]);
  // A third one, even older, says the same: it is known as replaced.
  merging.put('older', `- ${A}`, 9);
  await merging.merge();
  expect(merging.lines()).toEqual([`${B} [/work/app] new`, `${A} [/work/app] older+old -> ${B}`]);
});

test('a newer session brings back what was replaced', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}`, 9);
  merging.put('t2', `- ${B}`, 5);
  await merging.merge();
  merging.put('t3', `- ${A}`, 1);
  await merging.merge();
  expect(merging.lines()).toEqual([`${A} [/work/app] t1+t3`, `${B} [/work/app] t2 -> ${A}`]);
});

test('whatever the order in which records come, the same lines apply', async () => {
  const given = [
    ['t1', A, 9],
    ['t2', B, 5],
    ['t3', C, 4],
    ['t4', A, 2],
  ] as const;
  const results = [];
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [1, 3, 0, 2],
    [2, 0, 3, 1],
  ]) {
    const merging = new Merging();
    for (const at of order) {
      const [thread, text, age] = given[at] ?? given[0];
      merging.put(thread, `- ${text}`, age);
      await merging.merge();
    }
    results.push(
      merging
        .lines()
        .filter((line) => !line.includes('->'))
        .toSorted(),
    );
  }
  const expected = [`${C} [/work/app] t3`, `${A} [/work/app] t1+t4`].toSorted();
  expect(results).toEqual([expected, expected, expected, expected]);
});

test('of several contradictions the newest that is left applies, whichever goes', async () => {
  const PORTS = [8_080, 9_090, 7_070, 8_080].map((port) => `The port of the server is ${port}`);
  const all = ['t0', 't1', 't2', 't3'];
  for (const gone of all) {
    const merging = new Merging();
    for (const at of [1, 3, 0, 2]) {
      merging.put(all[at] ?? '', `- ${PORTS[at]}`, 9 - at);
      await merging.merge();
    }
    merging.store.sql('DELETE FROM records WHERE thread = ?').run(gone);
    await merging.merge();
    const current = merging.lines().filter((line) => !line.includes('->'));
    const newest =
      gone === 't3'
        ? `${PORTS[2]} [/work/app] t2`
        : `${PORTS[3]} [/work/app] ${gone === 't0' ? '' : 't0+'}t3`;
    expect(current).toEqual([newest]);
  }
});

test('a record that has changed is merged again without a trace of what it said before', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}\n- ${C}`, 5);
  merging.put('t2', `- ${C}`, 4);
  await merging.merge();
  merging.put('t1', `- ${B}`, 1);
  await merging.merge();
  expect(merging.lines()).toEqual([`${C} [/work/app] t2`, `${B} [/work/app] t1`]);
});

test('a record that is gone takes with it what no other session says; what it had replaced applies again', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}`, 9);
  merging.put('t2', `- ${B}\n- ${C}`, 5);
  merging.put('t3', `- ${C}`, 4);
  await merging.merge();
  merging.store.exec(`DELETE FROM records WHERE thread = 't2'`);
  await merging.merge();
  expect(merging.lines()).toEqual([`${A} [/work/app] t1`, `${C} [/work/app] t3`]);
});

test('records go that were not used for 30 days, to the millisecond', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}`, 29);
  merging.put('t2', `- ${C}`, 100, { used: 1, last_used: merging.now - 29 * DAY });
  await merging.merge();
  expect(merging.lines().toSorted()).toEqual([`${C} [/work/app] t2`, `${A} [/work/app] t1`].toSorted());
  merging.now += DAY;
  await merging.merge();
  expect(merging.lines().length).toBe(2);
  merging.now += 1;
  await merging.merge();
  expect(merging.lines()).toEqual([]);
});

test('at most 256 records, the most used and newest first', () => {
  const merging = new Merging();
  for (let at = 0; at < 260; at += 1) {
    merging.put(`t${String(at).padStart(3, '0')}`, `- ${C}`, 1 + at / 1000, { used: at === 259 ? 1 : 0 });
  }
  const { records, pending } = select(merging.store, merging.now, 8_192);
  expect(records.map(({ thread }) => thread).slice(0, 2)).toEqual(['t259', 't000']);
  expect(records.at(-1)?.thread).toBe('t254');
  expect([records.length, pending.length, pending[0]?.thread]).toEqual([256, 256, 't259']);
});

test('no session that the user wants forgotten or not remembered', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}`);
  merging.put('t2', `- ${C}`);
  merging.store.exec(
    `INSERT INTO threads (id, rollout, cwd, source, updated, is_remembered) VALUES ('t2', '/r', '/work/app', 'cli', 1, 0)`,
  );
  merging.forget('t1', 'thread');
  expect(await merging.merge()).toEqual({ state: 'idle' });
  expect(merging.lines()).toEqual([]);
});

test('a line that was forgotten goes, and does not come back in nearly the same words', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}\n- ${C}`);
  await merging.merge();
  merging.forget('the database of the app is postgres', 'text');
  await merging.merge();
  expect(merging.lines()).toEqual([`${A} [/work/app] t1`]);
  merging.put('t2', `- The database of the app: it is *Postgres*.\n- The language of the app is TypeScript`);
  await merging.merge();
  expect(merging.lines()).toEqual([
    `${A} [/work/app] t1`,
    'The language of the app is TypeScript [/work/app] t2',
  ]);
});

const TABS = 'Indentation is tabs';
const TABS_EVERYWHERE = 'Indentation is tabs in all my projects';
const SPACES_EVERYWHERE = 'Indentation is spaces in all my projects';

test('what the user wants is for its project, until they speak of all projects', async () => {
  const merging = new Merging();
  merging.put('t1', `preference: ${TABS}`, 9);
  merging.put('t2', `preference: ${TABS_EVERYWHERE}`, 8, { cwd: '/work/lib' });
  merging.put('t3', 'Indentation is spaces in all projects', 7, { cwd: '/work/third' });
  await merging.merge();
  expect(merging.lines()).toEqual([
    `${TABS} [/work/app] t1`,
    `${TABS_EVERYWHERE} [] t2`,
    // The model's own words are not enough.
    'Indentation is spaces in all projects [/work/third] t3',
  ]);
});

test('the same wish in two projects is for all of them, if the model says so', async () => {
  for (const everywhere of [true, false]) {
    const merging = new Merging();
    merging.put('t1', `preference: ${TABS}`, 9);
    await merging.merge();
    merging.put('t2', `preference: ${TABS}`, 8, { cwd: '/work/lib' });
    merging.model = new MergeModel(() => ({
      A: { act: 'same 1', everywhere, kind: 'preference', weight: 2 },
    }));
    await merging.merge();
    const apart = [`${TABS} [/work/app] t1`, `${TABS} [/work/lib] t2`];
    expect(merging.lines()).toEqual(everywhere ? [`${TABS} [] t1+t2`] : apart);
  }
});

test('an exception in one project replaces nothing for the others; a new wish for all does', async () => {
  const merging = new Merging();
  merging.put('t1', `preference: ${TABS_EVERYWHERE}`, 9);
  merging.put('t2', 'preference: Indentation is two spaces', 8);
  await merging.merge();
  expect(merging.lines()).toEqual([`${TABS_EVERYWHERE} [] t1`, 'Indentation is two spaces [/work/app] t2']);
  merging.put('t3', `preference: ${SPACES_EVERYWHERE}`, 7);
  merging.model = new MergeModel(() => ({
    A: { act: 'replaces 1', everywhere: true, kind: 'preference', topic: 'other', weight: 3 },
  }));
  await merging.merge();
  expect(merging.lines()).toEqual([
    `${TABS_EVERYWHERE} [] t1 -> ${SPACES_EVERYWHERE}`,
    'Indentation is two spaces [/work/app] t2',
    `${SPACES_EVERYWHERE} [] t3`,
  ]);
});

test('an untrusted folder neither replaces nor confirms what a trusted one has taught, nor speaks for all', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}\n- ${C}`, 9);
  merging.put('t2', `- ${B}\n- ${C}\npreference: ${TABS_EVERYWHERE}`, 8, { is_trusted: 0 });
  await merging.merge();
  expect(merging.lines()).toEqual([
    `${A} [/work/app] t1`,
    `${C} [/work/app] t1`,
    `${B} [/work/app] t2`,
    `${C} [/work/app] t2`,
    `${TABS_EVERYWHERE} [/work/app] t2`,
  ]);
  expect(merging.entries().map((entry) => entry.is_trusted)).toEqual([1, 1, 0, 0, 0]);
});

test('what the user said to hold is kept, even if the model would drop it', async () => {
  const merging = new Merging();
  merging.put('t1', `preference: Never commit without a test\npreference: no, the second file\n- ${A}`);
  const drop = { act: 'drop', everywhere: false, kind: 'fact', topic: 'other', weight: 1 };
  merging.model = new MergeModel(() => ({ A: drop, B: drop, C: drop }));
  await merging.merge();
  expect(merging.lines()).toEqual(['Never commit without a test [/work/app] t1']);
  expect(merging.entries()[0]?.kind).toBe('preference');
});

test('what the user has forgotten while the model is asked does not come', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}\n- ${C}`);
  merging.model = new MergeModel(({ text }) => {
    merging.forget('the port of the server is 8080', 'text');
    return mergeAnswer(text);
  });
  await merging.merge();
  expect(merging.lines()).toEqual([`${C} [/work/app] t1`]);
});

test('a session that is forgotten while the model is asked leaves no line, not even for a step', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}`);
  merging.model = new MergeModel(({ text }) => {
    merging.forget('t1', 'thread');
    return mergeAnswer(text);
  });
  expect(await merging.step()).toMatchObject({ state: 'more' });
  expect(merging.lines()).toEqual([]);
  expect(await merging.step()).toEqual({ state: 'idle' });
});

test('nothing is claimed while nothing has changed', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}`);
  await merging.merge();
  merging.store.exec(`UPDATE jobs SET input_mark = 'untouched'`);
  expect(await merging.step()).toEqual({ state: 'idle' });
  expect(merging.job().input_mark).toBe('untouched');
});

test('a record that comes while the last one is merged is not forgotten about', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}`);
  await merging.merge();
  merging.put('t2', `- ${C}`, 2);
  expect(await merging.merge()).toEqual({ state: 'idle' });
  expect(merging.lines()).toEqual([`${A} [/work/app] t1`, `${C} [/work/app] t2`]);
});

test('a record that changes while the model is asked is asked about again', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}`, 5);
  let isFirst = true;
  merging.model = new MergeModel(({ text }) => {
    if (isFirst) merging.put('t1', `- ${B}`, 1);
    isFirst = false;
    return mergeAnswer(text);
  });
  await merging.merge();
  expect(merging.lines()).toEqual([`${B} [/work/app] t1`]);
  expect(merging.model.asked.length).toBe(2);
});

test('400 entries are kept: what was replaced goes first, then what is least used, then the oldest', async () => {
  const merging = new Merging();
  merging.put('used', '', 20, { used: 3, raw: '- The colour of the used part is red' });
  merging.put('old', '- The colour of the old part is red', 19);
  merging.put('t1', `- ${A}`, 18);
  merging.put('t2', `- ${B}`, 1);
  await merging.merge();
  const add = merging.store.sql(
    `INSERT INTO entries (topic, kind, text, project, is_trusted, weight, threads, dated) VALUES ('x', 'fact', ?, '', 1, 2, '[]', ?)`,
  );
  for (let at = 0; at < 398; at += 1) add.run(`migrated ${at}`, merging.now);
  await merging.merge();
  expect(merging.entries().length).toBe(400);
  expect(merging.lines().slice(0, 3)).toEqual([
    'The colour of the used part is red [/work/app] used',
    `${B} [/work/app] t2`,
    'migrated 0 [] ',
  ]);
  expect(await merging.step()).toEqual({ state: 'idle' });
});

test('another window makes another summary, and asks nothing', async () => {
  const merging = new Merging();
  merging.put('t1', `- ${A}`);
  await merging.merge();
  expect(setting(merging.store, 'smallest_window')).toBe('8192');
  merging.window = 4_096;
  await merging.merge();
  expect([setting(merging.store, 'smallest_window'), merging.model.asked.length]).toEqual(['4096', 1]);
});
