import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sentences } from '../../../src/memory/extract/words.ts';
import { contradict } from '../../../src/memory/merge/handbook.ts';
import { addEntry, allEntries, currentEntries, deleteEntry } from '../../../src/memory/store/entries.ts';
import {
  ForgottenTexts,
  forgottenTexts,
  isForgottenThread,
  noteForgottenText,
  noteForgottenThread,
  unforgetText,
  wordsOf,
} from '../../../src/memory/store/forgotten.ts';
import { allRecords, cleanRecords, putRecord, recordOf } from '../../../src/memory/store/records.ts';
import { anyText } from '../../support/any-text.ts';
import { entry, memoryHome, NOON, record } from '../../support/memory.ts';

describe('a line that is forgotten', () => {
  const forgotten = new ForgottenTexts([wordsOf('The staging database listens on port 5432.')]);

  test.each([
    'The staging database listens on port 5432.',
    '- the **staging** database listens on PORT `5432`',
    'the staging database always listens on port 5432',
    'fact: The staging database is listening on the port 5432',
    'On staging, databases listen on port 5432',
  ])('is known again: %s', (line) => expect(forgotten.has(line)).toBe(true));

  test.each([
    'The staging database listens on port 5433.',
    'The staging database never listens on port 5432.',
    'The staging database does not listen on port 5432.',
    'The database listens.',
    '',
    '---',
  ])('is not this one: %s', (line) => expect(forgotten.has(line)).toBe(false));

  test.each([
    ['User prefers tabs over spaces', 'preference: The user prefers tabs to spaces.', true],
    ['Never commit to main', "Don't commit to main", true],
    ['Never commit to main', 'Commit to main', false],
    ['Plan the trip to Rome', 'Do not plan the trip to Rome', false],
    ['It doesn’t build on Windows', 'It does not build on Windows', true],
    ['Use it', 'Use it.', true],
    ['Use it', 'Use them', false],
    ['Build 123456 is broken', 'Build 123457 is broken', false],
    ['タブを使う', 'タブを使う。', true],
    ['The tests need LEDGER_ZONE set to Berlin.', 'LEDGER_ZONE=Berlin is needed by the tests', true],
    [
      'The tests need the variable LEDGER_ZONE set to Berlin.',
      'The variable LEDGER_ZONE has to be Berlin',
      true,
    ],
    ['Use tabs for indentation in Go files.', 'preference: indent Go files with tabs', true],
    ['Use tabs for indentation in Go files.', 'Use spaces for indentation in Go files.', false],
    ['The tests need the variable LEDGER_ZONE set.', 'The tests need the variable CART set.', false],
    ['Run npm test', 'To release, write the changes, run npm test, then make ship', false],
  ])('%j, and then %j', (what, line, expected) => {
    expect(new ForgottenTexts([wordsOf(what)]).has(line)).toBe(expected);
  });

  test('is taken out of records, those that are there and those that come', async () => {
    const { store } = await memoryHome();
    putRecord(
      store,
      record('a', { raw: 'preference: Use tabs.\n- Run npm test.', summary: 'Use tabs!\nDone.' }),
    );
    noteForgottenText(store, 'use tabs', NOON);
    cleanRecords(store);
    putRecord(store, record('b', { raw: '- Use TABS\n- Stay.' }));
    expect(allRecords(store).map(({ thread, raw, summary }) => ({ thread, raw, summary }))).toEqual([
      { thread: 'b', raw: '- Stay.', summary: 'The cart of b was fixed.' },
      { thread: 'a', raw: '- Run npm test.', summary: 'Done.' },
    ]);
  });

  test('is taken out of a paragraph and of a title, and the rest of them stays', async () => {
    const { store } = await memoryHome();
    const text = 'The database listens on port 5432.';
    const said = {
      slug: 'database-listens-on-port-5432',
      summary: `Nice work. ${text} It is fast.`,
      raw: '- Stay',
    };
    putRecord(store, record('a', said));
    noteForgottenText(store, text, NOON);
    cleanRecords(store);
    putRecord(store, record('b', said));
    const kept = { slug: '', summary: 'Nice work. It is fast.', raw: '- Stay' };
    expect(allRecords(store).map(({ slug, summary, raw }) => ({ slug, summary, raw }))).toEqual([kept, kept]);
  });

  test('does not come back as an entry, until the user wants it again', async () => {
    const { store } = await memoryHome();
    noteForgottenText(store, 'Use tabs.', NOON);
    expect(addEntry(store, entry('use tabs'))).toBeUndefined();
    unforgetText(store, 'USE TABS');
    expect(addEntry(store, entry('use tabs'))).toBe(1);
    expect(forgottenTexts(store).has('use tabs')).toBe(false);
  });

  test.each([
    ['Deploy by hand!', 'Deploy by hand! —'],
    ['One two three four. Five', 'one two three four! five?'],
  ])('%s: nothing is left of %s', (forgotten, line) => {
    expect(new ForgottenTexts([wordsOf(forgotten)]).without(`Stay.\n${line}\nToo.`)).toBe('Stay.\nToo.');
  });

  test('of any text: it is itself, and what is taken out leaves the other lines', () => {
    fc.assert(
      fc.property(anyText(60), fc.array(anyText(60), { maxLength: 5 }), (line, others) => {
        const texts = new ForgottenTexts(wordsOf(line) === '' ? [] : [wordsOf(line)]);
        expect(texts.has(line)).toBe(wordsOf(line) !== '');
        const itself = line.replaceAll('\n', ' ');
        const other = others
          .flatMap((one) => one.split('\n'))
          .filter((one) => ![one, ...sentences(one)].some((part) => texts.has(part)));
        const kept = wordsOf(line) === '' ? [...other, itself] : other;
        expect(texts.without([...other, itself].join('\n'))).toBe(kept.join('\n'));
      }),
    );
  });
});

test('the record of a forgotten session is not kept', async () => {
  const { store } = await memoryHome();
  noteForgottenThread(store, 'a', NOON);
  expect([putRecord(store, record('a')), recordOf(store, 'a'), isForgottenThread(store, 'a')]).toEqual([
    false,
    undefined,
    true,
  ]);
});

test('a deleted entry takes those with it that it has replaced', async () => {
  const { store } = await memoryHome();
  const [oldest, older, newest, other] = ['port 1', 'port 2', 'port 3', 'elsewhere'].map((text) =>
    Number(addEntry(store, entry(text))),
  ) as [number, number, number, number];
  contradict(store, oldest, older);
  contradict(store, older, newest);
  expect(currentEntries(store).map(({ id }) => id)).toEqual([newest, other]);
  expect(deleteEntry(store, newest).map(({ text }) => text)).toEqual(['port 3', 'port 2', 'port 1']);
  expect(allEntries(store).map(({ id }) => id)).toEqual([other]);
});
