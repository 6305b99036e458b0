import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readPrompts } from '../../src/cli/interactive/prompt-history.ts';
import type { Turn } from '../../src/demo/script.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { type Bench, bench, MAIN } from '../support/exec.ts';
import { type PtyProgram, startInPty } from '../support/pty.ts';

const answers = (_request: unknown, index: number): Turn => ({ content: `Answer ${index}.` });

/** A bench whose folder is trusted, so that nothing is asked at the start. */
async function trusted(): Promise<Bench> {
  const place = await bench(answers);
  writeFileSync(path.join(place.home, 'config.toml'), `[projects."${place.cwd}"]\ntrust_level = "trusted"\n`);
  return place;
}

const start = ({ cwd, env }: Bench, args: readonly string[], folder = cwd): PtyProgram =>
  startInPty(process.execPath, [MAIN, ...args], { cwd: folder, env });

async function leave(program: PtyProgram): Promise<string> {
  program.type('\x04');
  await program.ended;
  return program.screen.text();
}

test('a session goes on by its picker: what was said is there again, and the end says how to go on', async () => {
  const place = await trusted();
  const first = start(place, ['Fix the footer.']);
  await first.screen.until((text) => text.includes('Answer 0.'));
  const id = rolloutFiles(place.home)[0]?.id;
  const end = await leave(first);
  expect(end).toContain(`To continue this session, run oagent resume ${id}`);

  const second = start(place, ['resume']);
  await second.screen.until((text) => text.includes('Resume a session') && text.includes('Fix the footer.'));
  second.type('\r');
  await second.screen.until((text) => text.includes('Answer 0.') && text.includes(`Resumed ${id}`));
  second.type('/rename the footer\r');
  await second.screen.until((text) => text.includes('Session renamed to the footer'));
  second.type('Go on.\r');
  await second.screen.until((text) => text.includes('Answer 1.'));
  expect(await leave(second)).toContain("To continue this session, run oagent resume 'the footer'");
  expect(
    place
      .chats()[1]
      ?.messages.slice(2)
      .map(({ content }) => content),
  ).toEqual(['Fix the footer.', 'Answer 0.', 'Go on.']);
});

test('oagent resume NAME shows the conversation below the header, and takes a message', async () => {
  const place = await trusted();
  await place.run(['exec', 'Count.']);
  const program = start(place, ['resume', '--last', '--include-non-interactive', 'Go on.']);
  await program.screen.until((text) => text.includes('Answer 1.'));
  const text = program.screen.history();
  const order = ['oagent', 'Count.', 'Answer 0.', 'Resumed', 'Go on.', 'Answer 1.'];
  const places = order.map((part) => text.indexOf(part));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
  await leave(program);
});

test('a session of another folder asks where it shall go on', async () => {
  const place = await trusted();
  await place.run(['exec', 'Count.']);
  const id = rolloutFiles(place.home)[0]?.id ?? '';
  const other = path.join(path.dirname(place.cwd), 'other');
  mkdirSync(other);
  const program = start(place, ['resume', id, 'Where?'], other);
  await program.screen.until((text) => text.includes('This session ran in another folder.'));
  program.type('\r');
  await program.screen.until((text) => text.includes('Answer 1.'));
  expect(
    place
      .chats()[1]
      ?.messages.map(({ content }) => content)
      .slice(2),
  ).toEqual(['Count.', 'Answer 0.', 'Where?']);
  await leave(program);
});

test('without an earlier session the picker says so', async () => {
  const place = await trusted();
  const program = start(place, ['resume']);
  await program.screen.until((text) => text.includes('No earlier sessions in this folder.'));
  await leave(program);
});

test.each([
  ['save-all', ['Remember me.']],
  ['none', []],
])('history.persistence = "%s"', async (persistence, remembered) => {
  const place = await trusted();
  appendFileSync(path.join(place.home, 'config.toml'), `[history]\npersistence = "${persistence}"\n`);
  const program = start(place, []);
  await program.screen.until((text) => text.includes('oagent'));
  program.type('Remember me.');
  await program.screen.until((text) => text.includes('Remember me.'));
  program.type('\r');
  await program.screen.until((text) => text.includes('Answer 0.'));
  await leave(program);
  expect(await readPrompts(place.home, 10)).toEqual(remembered);
  expect(existsSync(path.join(place.home, 'history.jsonl'))).toBe(remembered.length > 0);
});

test('resume --last leaves out what exec did, as the list does; the flag and exec itself count it', async () => {
  const place = await trusted();
  const none = start(place, ['resume', '--last']);
  await none.ended;
  const first = start(place, ['Fix the footer.']);
  await first.screen.until('Answer 0.');
  await leave(first);
  expect((await place.run(['exec', '--skip-git-repo-check', 'Lint.'])).code).toBe(0);

  const last = start(place, ['resume', '--last']);
  expect(await last.screen.until('Fix the footer.')).not.toContain('Lint.');
  await leave(last);
  // What the terminal answers after the end may be echoed around it.
  expect(none.screen.text().replaceAll('\n', '')).toContain(
    'Error: no session to resume in this folder (--all looks in all folders). Those of exec count with --include-non-interactive',
  );

  expect((await place.run(['exec', 'resume', '--last', 'Again.'])).code).toBe(0);
  const any = start(place, ['resume', '--last', '--include-non-interactive']);
  expect(await any.screen.until('Again.')).toContain('Lint.');
  await leave(any);
  const list = start(place, ['resume', '--include-non-interactive']);
  expect(await list.screen.until('Resume a session')).toContain('Lint.');
});
