import { expect, test } from 'vitest';
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

test('at most 256 records, the most used and newest first', async () => {
  const merging = new Merging();
  for (let at = 0; at < 260; at += 1) {
    merging.put(`t${String(at).padStart(3, '0')}`, `- ${C}`, 1 + at / 1000, { used: at === 259 ? 1 : 0 });
  }
  await merging.merge();
  const merged = merging.store.sql('SELECT thread FROM merged ORDER BY thread').all();
  expect(merged.map(({ thread }) => thread).slice(-3)).toEqual(['t253', 't254', 't259']);
  expect(merged.length).toBe(256);
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
