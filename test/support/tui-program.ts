/**
 * The built program's interactive session in a real terminal, for tests of the whole.
 *
 * Owns: what keys are as bytes, and what a terminal is left with. Invariants: nothing here waits for time to pass.
 * Does not: build, or hold a script.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { QUIET_MS } from '../../src/tui/overlay/key-guard.ts';
import { type Bench, MAIN } from './exec.ts';
import { type PtyOptions, type PtyProgram, startInPty } from './pty.ts';

export const KEYS = {
  enter: '\r',
  escape: '\x1b',
  tab: '\t',
  up: '\x1b[A',
  down: '\x1b[B',
  ctrlC: '\x03',
  ctrlD: '\x04',
  ctrlG: '\x07',
  ctrlL: '\x0c',
  ctrlR: '\x12',
  ctrlT: '\x14',
  ctrlU: '\x15',
  ctrlZ: '\x1a',
} as const;

/** Whoever names the mode is not asked whether the folder is trusted. */
export const WRITING = ['-s', 'workspace-write'] as const;

/** For `expect.poll`: a busy machine may take its time. */
export const SOON = { timeout: 30_000 } as const;

/** What the composer shows while it is empty. */
export const EMPTY = 'Ask oagent to do anything';

export type TuiOptions = Partial<PtyOptions> & { readonly args?: readonly string[] };

/** Starts it. The server may not have answered yet. */
export function startTui({ cwd, env }: Pick<Bench, 'cwd' | 'env'>, options: TuiOptions = {}): PtyProgram {
  const { args = WRITING, ...more } = options;
  return startInPty(process.execPath, [MAIN, ...args], { cwd, ...more, env: { ...env, ...more.env } });
}

/** Starts it and waits until it knows its model. */
export async function readyTui(made: Bench, options: TuiOptions = {}): Promise<PtyProgram> {
  const tui = startTui(made, options);
  await tui.screen.until((text) => text.includes(EMPTY) && /% of \d/.test(text));
  return tui;
}

/** Types a line and, once it is in the composer, Enter: faster would be a paste. */
export async function send(
  { screen, type }: PtyProgram,
  text: string,
  key: string = KEYS.enter,
): Promise<void> {
  type(text);
  await screen.until(`› ${text}`);
  type(key);
}

/** Types an answer's keys one after the other, each when the one before has been seen. */
export async function choose({ screen, type }: PtyProgram, option: string): Promise<void> {
  for (;;) {
    const selected =
      screen
        .text()
        .match(/^› .*$/gm)
        ?.at(-1)
        ?.slice(2) ?? '';
    if (selected.replace(/^\d\. /, '').startsWith(option)) break;
    type(KEYS.down);
    await screen.until((text) => !text.includes(`› ${selected}`));
  }
  type(KEYS.enter);
}

/** The dialog takes keys only when it has been seen for a moment. */
export const untilSeen = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 400));

/** One that follows another takes its answer only when nobody has typed for a while. */
export const untilQuiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, QUIET_MS + 200));

/** The modes that these bytes leave a terminal in, as far as a program can have changed them. */
export function modesAfter(raw: string): { [name: string]: boolean | number } {
  const last = (on: string, off: string): boolean => raw.lastIndexOf(on) > raw.lastIndexOf(off);
  const count = (sequence: string): number => raw.split(sequence).length - 1;
  return {
    isCursorHidden: last('\x1b[?25l', '\x1b[?25h'),
    hasPasteMarks: last('\x1b[?2004h', '\x1b[?2004l'),
    hasFocusReports: last('\x1b[?1004h', '\x1b[?1004l'),
    isAlternate: last('\x1b[?1049h', '\x1b[?1049l'),
    isFrameOpen: last('\x1b[?2026h', '\x1b[?2026l'),
    keyboardLevels: count('\x1b[>5u') - count('\x1b[<u'),
    titles: count('\x1b[22;0t') - count('\x1b[23;0t'),
  };
}

export const UNTOUCHED: ReturnType<typeof modesAfter> = {
  isCursorHidden: false,
  hasPasteMarks: false,
  hasFocusReports: false,
  isAlternate: false,
  isFrameOpen: false,
  keyboardLevels: 0,
  titles: 0,
};

/** A shell with job control in a terminal; `oagent` is the built program. */
export async function startShell(
  { cwd, env }: Bench,
  options: Partial<PtyOptions> = {},
): Promise<PtyProgram> {
  const file = path.join(path.dirname(cwd), 'bashrc');
  writeFileSync(file, `PS1='shell$ '\nHISTFILE=\noagent() { '${process.execPath}' '${MAIN}' "$@"; }\n`);
  const shell = startInPty('/bin/bash', ['--noprofile', '--rcfile', file, '-i'], {
    cwd,
    ...options,
    env: { ...env, ...options.env },
  });
  await shell.screen.until('shell$');
  return shell;
}

/** The local modes of a shell's terminal that a program in raw mode would have turned off, as `stty` says. */
export async function sttyOf(shell: PtyProgram): Promise<string[]> {
  shell.type(
    "stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(icanon|echo|isig|icrnl|opost|iexten)' | xargs echo stty:\r",
  );
  const text = await shell.screen.until(/^stty: .*$/m);
  return (/^stty: (.*)$/m.exec(text)?.[1] ?? '').split(' ').toSorted();
}

export const COOKED = ['echo', 'icanon', 'icrnl', 'iexten', 'isig', 'opost'];

/** Bytes that no program of ours may ever send on the primary screen: they erase the scrollback or push it full. */
export function expectNoWipe(raw: string): void {
  const primary = raw.replace(/\x1b\[\?1049h[\s\S]*?\x1b\[\?1049l/g, '');
  expect(primary.includes('\x1b[3J') || primary.includes('\x1b[2J') || primary.includes('\x1bc')).toBe(false);
}

export function readText(folder: string, name: string): string {
  return readFileSync(path.join(folder, name), 'utf8');
}

/** The processes that this one has started. */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}
