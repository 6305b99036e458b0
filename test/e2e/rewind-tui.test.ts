/** Esc Esc and /rewind in a terminal. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Turn } from '../../src/demo/script.ts';
import { type Bench, bench, MAIN } from '../support/exec.ts';
import { type PtyProgram, startInPty } from '../support/pty.ts';
import { patchOf } from '../tools/apply-patch/support.ts';

const changed = (from: string, to: string): Turn => ({
  toolCalls: [
    {
      name: 'apply_patch',
      arguments: { input: patchOf('*** Update File: a', '@@', `-${from}`, `+${to}`) },
    },
  ],
});

async function worked(): Promise<{ readonly place: Bench; readonly program: PtyProgram }> {
  const answers = [
    changed('one', 'two'),
    { content: 'It is two.' },
    changed('two', 'three'),
    { content: 'It is three.' },
  ];
  const place = await bench([...answers, { content: 'The end.' }]);
  writeFileSync(path.join(place.home, 'config.toml'), `[projects."${place.cwd}"]\ntrust_level = "trusted"\n`);
  writeFileSync(path.join(place.cwd, 'a'), 'one\n');
  const program = startInPty(process.execPath, [MAIN, '-s', 'workspace-write', 'Make it two.'], {
    cwd: place.cwd,
    env: place.env,
  });
  await program.screen.until((text) => text.includes('It is two.'));
  program.type('Make it three.\r');
  await program.screen.until((text) => text.includes('It is three.'));
  return { place, program };
}

const textOf = ({ cwd }: Bench): string => readFileSync(path.join(cwd, 'a'), 'utf8');

const lastMessages = (place: Bench): readonly unknown[] =>
  place
    .chats()
    .at(-1)
    ?.messages.filter(({ role }) => role === 'user')
    .map(({ content }) => content) ?? [];

test('/rewind lists the messages with their changes, puts back files, and takes that back', async () => {
  const { place, program } = await worked();
  program.type('/rewind\r');
  await program.screen.until((text) => text.includes('Back to before which message?'));
  const list = program.screen.text();
  expect(list).toMatch(/Make it three\. +1 file \+1 -1\n.*Make it two\. +1 file \+1 -1/);
  program.type('\x1b[B\r');
  await program.screen.until((text) => text.includes('Put back what?'));
  expect(program.screen.text()).toMatch(/1\. Files and talk +1 file \+1 -1/);
  program.type('2');
  await program.screen.until((text) => text.includes('Put back 1 file:'));
  expect(textOf(place)).toBe('one\n');

  program.type('/rewind\r');
  await program.screen.until((text) => text.includes('Take back the last rewind of files'));
  program.type('\r');
  await program.screen.until((text) => text.split('Put back 1 file:').length === 3);
  expect(textOf(place)).toBe('three\n');
  program.type('Go on.\r');
  await program.screen.until((text) => text.includes('The end.'));
  const note =
    'The user has put these files back to what they were earlier: a. Read them again before you change them.';
  expect(lastMessages(place).slice(-3)).toEqual([note, note, 'Go on.']);
  program.type('\x04');
  await program.ended;

  const resumed = startInPty(process.execPath, [MAIN, 'resume', '--last'], {
    cwd: place.cwd,
    env: place.env,
  });
  await resumed.screen.until((text) => text.includes('The end.'));
  expect(resumed.screen.text().split('Put back 1 file:').length).toBe(3);
  resumed.type('\x04');
  await resumed.ended;
});

test('Esc Esc: the message is chosen in the transcript, then what is put back', async () => {
  const { place, program } = await worked();
  program.type('\x1b');
  await program.screen.until((text) => text.toLowerCase().includes('esc'));
  program.type('\x1b');
  await program.screen.until((text) => text.includes('Transcript'));
  program.type('\r');
  await program.screen.until((text) => text.includes('Put back what?'));
  program.type('1');
  await program.screen.until((text) => text.includes('Put back 1 file:') && text.includes('Rolled back.'));
  expect(textOf(place)).toBe('two\n');
  program.type('\x15Go on.\r');
  await program.screen.until((text) => text.includes('The end.'));
  expect(lastMessages(place).slice(-2)).toEqual(['Make it two.', 'Go on.']);
  program.type('\x04');
  await program.ended;
});
