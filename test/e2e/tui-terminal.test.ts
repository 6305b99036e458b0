/** The interactive session gives its terminal back as it was, however it ends, and leaves nothing running. */
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Script } from '../../src/demo/script.ts';
import {
  type Bench,
  BYPASS,
  bench,
  inTerminal,
  MAIN,
  processesWith,
  sleepers,
  VERSION,
} from '../support/exec.ts';
import { type PtyProgram, startInPty } from '../support/pty.ts';
import {
  COOKED,
  childrenOf,
  EMPTY,
  expectNoWipe,
  KEYS,
  modesAfter,
  readyTui,
  SOON,
  send,
  startShell,
  startTui,
  sttyOf,
  UNTOUCHED,
  WRITING,
} from '../support/tui-program.ts';

const HEADER = [
  `∴ oagent ${VERSION}`,
  '  model      base · 32,768 tokens',
  '  directory  ~/repo',
  '  sandbox    workspace-write · on-request',
].join('\n');
/** What is printed last. */
const GOES_ON = /\n\nTo continue this session, run oagent resume [0-9a-f-]{36}$/;
const never = new Promise<never>(() => undefined);
/** Says a word and no more. */
const halfAnAnswer: Script = [{ chunks: ['Hello ', 'there.'], waitFor: never, waitAfter: 1 }];

/** Leaves one command in the background and waits for another one. */
function busyScript(marker: string): Script {
  const command = `sleep ${marker}`;
  return [
    { toolCalls: [{ name: 'exec_command', arguments: { cmd: command, yield_time_ms: 250 } }] },
    { toolCalls: [{ name: 'shell', arguments: { command } }] },
  ];
}

const newMarker = (): string => `8${process.pid}.${Math.trunc(performance.now())}`;

async function busyTui(marker: string, args: readonly string[]): Promise<{ made: Bench; tui: PtyProgram }> {
  const made = await bench(busyScript(marker));
  const tui = await readyTui(made, { args });
  await send(tui, 'hi');
  await expect.poll(() => sleepers(marker), SOON).toBe(2);
  return { made, tui };
}

const leaving: { [name: string]: (tui: PtyProgram) => Promise<void> | void } = {
  '/quit': (tui) => send(tui, '/quit'),
  'Ctrl+D': (tui) => tui.type(KEYS.ctrlD),
  'Ctrl+C twice': async (tui) => {
    tui.type('a draft');
    await tui.screen.until('› a draft');
    tui.type(KEYS.ctrlC);
    await tui.screen.until(EMPTY);
    tui.type(KEYS.ctrlC);
  },
};

test.for(Object.keys(leaving))('%s leaves the terminal as it was, with exit code 0', async (name) => {
  const tui = await readyTui(await bench([]));
  await leaving[name]?.(tui);
  expect({ ...(await tui.ended), ...modesAfter(tui.screen.raw) }).toEqual({
    code: 0,
    signal: 0,
    ...UNTOUCHED,
  });
  expect(tui.screen.history()).toBe(HEADER);
});

test.for([
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
] as const)('%s in the middle of an answer keeps what came', async (signal) => {
  const tui = await readyTui(await bench(halfAnAnswer));
  await send(tui, 'hi');
  await tui.screen.until('• Hello');
  tui.kill(signal);
  expect({ ...(await tui.ended), ...modesAfter(tui.screen.raw) }).toEqual({
    code: 1,
    signal: 0,
    ...UNTOUCHED,
  });
  expect(tui.screen.history()).toMatch(GOES_ON);
  expect(tui.screen.history().replace(GOES_ON, '')).toBe(`${HEADER}\n\n› hi\n\n• Hello`);
  expectNoWipe(tui.screen.raw);
});

test.for([
  ['a signal', 'SIGTERM', WRITING],
  ['a signal, without a sandbox', 'SIGTERM', [BYPASS]],
  ['SIGKILL', 'SIGKILL', WRITING],
] as const)('%s ends all commands', async ([, signal, args]) => {
  const marker = newMarker();
  const { made, tui } = await busyTui(marker, args);
  tui.kill(signal);
  await tui.ended;
  await expect.poll(() => processesWith(marker) + processesWith(made.cwd), SOON).toBe(0);
});

test('a second Ctrl+C behind the first does not wait for what takes its time to end', async () => {
  const marker = newMarker();
  const command = `trap '' TERM; while :; do sleep ${marker}; done`;
  const made = await bench([{ toolCalls: [{ name: 'shell', arguments: { command } }] }]);
  const tui = await readyTui(made, { args: [BYPASS] });
  await send(tui, 'hi');
  await expect.poll(() => sleepers(marker), SOON).toBe(1);
  tui.kill('SIGINT');
  await tui.screen.until((text) => !text.includes(EMPTY));
  tui.kill('SIGINT');
  expect((await tui.ended).code).toBe(1);
  await expect.poll(() => processesWith(marker), SOON).toBe(0);
});

test('a terminal that is closed ends the session and its commands', async () => {
  const marker = newMarker();
  const made = await bench(busyScript(marker));
  const shell = await startShell(made);
  shell.type(`oagent ${WRITING.join(' ')}\r`);
  await shell.screen.until(/ base · ~/);
  await send(shell, 'hi');
  await expect.poll(() => sleepers(marker), SOON).toBe(2);
  // The shell of the window dies, and with it its terminal.
  shell.kill('SIGKILL');
  await expect.poll(() => processesWith(marker) + processesWith(made.cwd), SOON).toBe(0);
});

/** An option of Node that lets a signal throw where nobody catches. */
const CRASH = "data:text/javascript,process.on('SIGUSR2',()=>{throw%20new%20Error('boom')})";

test.for([
  'the composer',
  'the transcript',
])('an exception over %s restores, and says one thing', async (place) => {
  const made = await bench(halfAnAnswer);
  const tui = await readyTui(made, { env: { NODE_OPTIONS: `--import=${CRASH}` } });
  await send(tui, 'hi');
  await tui.screen.until('• Hello');
  if (place === 'the transcript') {
    tui.type(KEYS.ctrlT);
    await tui.screen.until(() => tui.screen.isAlternate());
  }
  tui.kill('SIGUSR2');
  expect({ ...(await tui.ended), ...modesAfter(tui.screen.raw) }).toEqual({
    code: 1,
    signal: 0,
    ...UNTOUCHED,
  });
  const text = tui.screen.history();
  expect(text.startsWith(`${HEADER}\n\n› hi\n\n• Hello`)).toBe(true);
  expect(text.endsWith('\nError: boom\nThis is a bug in oagent.')).toBe(true);
});

test('under a shell: raw mode off after the end, Ctrl+Z stops, fg goes on', async () => {
  const shell = await startShell(await bench([]));
  shell.type(`oagent ${WRITING.join(' ')}\r`);
  await shell.screen.until(/ base · ~/);
  shell.type('draft');
  await shell.screen.until('› draft');
  shell.type(KEYS.ctrlZ);
  await shell.screen.until(/Stopped[\s\S]*\nshell\$$/);
  // The shell has turned on its own paste marks again.
  expect(modesAfter(shell.screen.raw)).toEqual({ ...UNTOUCHED, hasPasteMarks: true });
  expect(await sttyOf(shell)).toEqual(COOKED);
  shell.type('clear; fg\r');
  await shell.screen.until('› draft');
  shell.type(' more');
  await shell.screen.until('› draft more');
  expect(modesAfter(shell.screen.raw)).toMatchObject({ hasFocusReports: true, titles: 1 });
  shell.type(KEYS.ctrlC);
  await shell.screen.until(EMPTY);
  shell.type(KEYS.ctrlD);
  await shell.screen.until(/\nshell\$$/);
  expect(modesAfter(shell.screen.raw)).toEqual({ ...UNTOUCHED, hasPasteMarks: true });
  shell.type('clear\r');
  await shell.screen.until(/^shell\$$/);
  expect(await sttyOf(shell)).toEqual(COOKED);
});

test('SIGTSTP over the transcript gives the shell its screen back', async () => {
  const shell = await startShell(await bench(halfAnAnswer));
  shell.type(`oagent ${WRITING.join(' ')} hi\r`);
  await shell.screen.until('• Hello');
  shell.type(KEYS.ctrlT);
  await shell.screen.until(() => shell.screen.isAlternate());
  // As another window would: `kill -TSTP %1`.
  process.kill(childrenOf(shell.pid)[0] ?? 0, 'SIGTSTP');
  await shell.screen.until(/Stopped[\s\S]*\nshell\$$/);
  expect(modesAfter(shell.screen.raw)).toEqual({ ...UNTOUCHED, hasPasteMarks: true });
  shell.type('clear; fg\r');
  await shell.screen.until(EMPTY);
});

test.for([
  'the composer',
  'the transcript',
  'the editor',
])('kitty’s keyboard is popped, ended over %s', async (place) => {
  const made = await bench([]);
  const marker = newMarker();
  const tui = startTui(made, { env: { EDITOR: `sleep ${marker} #` } });
  // What a terminal with that protocol answers to the query. It waits in the terminal for who asks.
  tui.type('\x1b[?0u');
  await tui.screen.until(EMPTY);
  await expect.poll(() => modesAfter(tui.screen.raw).keyboardLevels, SOON).toBe(1);
  if (place === 'the transcript') {
    tui.type('\x1b[116;5u');
    await tui.screen.until(() => tui.screen.isAlternate());
  } else if (place === 'the editor') {
    tui.type('\x1b[103;5u');
    await expect.poll(() => sleepers(marker), SOON).toBe(1);
    // What was written before the editor began may be read here after it has.
    await expect.poll(() => modesAfter(tui.screen.raw), SOON).toEqual(UNTOUCHED);
  }
  tui.kill('SIGTERM');
  expect({ ...(await tui.ended), ...modesAfter(tui.screen.raw) }).toEqual({
    code: 1,
    signal: 0,
    ...UNTOUCHED,
  });
});

test('Ctrl+Z where no shell could go on with it does not stop', async () => {
  const tui = await readyTui(await bench([]));
  tui.type(KEYS.ctrlZ);
  await tui.screen.until((text) => !text.includes(EMPTY));
  await tui.screen.until(EMPTY);
  tui.type('still here');
  await tui.screen.until('› still here');
});

test('the editor has the terminal to itself: all keys, Ctrl+C too', async () => {
  const made = await bench([]);
  const script = path.join(made.home, 'editor.sh');
  writeFileSync(
    script,
    'trap "echo caught" INT\necho "editing $(cat "$1")"\nwhile ! read -r line; do :; done\nprintf %s "$line" > "$1"\n',
  );
  const tui = await readyTui(made, { env: { EDITOR: `sh ${script}` } });
  tui.type('draft');
  await tui.screen.until('› draft');
  // The second one came too late to open another one.
  tui.type(KEYS.ctrlG + KEYS.ctrlG);
  await tui.screen.until('editing draft');
  expect(modesAfter(tui.screen.raw)).toEqual(UNTOUCHED);
  tui.type(KEYS.ctrlC);
  await tui.screen.until('caught');
  for (const character of 'all of this') tui.type(character);
  tui.type(KEYS.enter);
  await tui.screen.until('› all of this');
  tui.type('!');
  await tui.screen.until('› all of this!');
});

test('an editor that fails leaves the draft, and SIGTERM ends an editor that is open', async () => {
  const made = await bench([]);
  const marker = newMarker();
  const tui = await readyTui(made, {
    env: { EDITOR: `[ -e '${made.home}/ok' ] && exec sleep ${marker} || false` },
  });
  tui.type('draft');
  await tui.screen.until('› draft');
  tui.type(KEYS.ctrlG);
  await tui.screen.until(/unchanged[\s\S]*› draft/);
  writeFileSync(path.join(made.home, 'ok'), '');
  tui.type(KEYS.ctrlG);
  await expect.poll(() => sleepers(marker), SOON).toBe(1);
  tui.kill('SIGTERM');
  expect((await tui.ended).code).toBe(1);
  expect(modesAfter(tui.screen.raw)).toEqual(UNTOUCHED);
  await expect.poll(() => processesWith(marker), SOON).toBe(0);
});

test('without a terminal it says what to use instead', async () => {
  const made = await bench([]);
  const problem = 'Error: the interactive session needs a terminal. Without one: oagent exec "what to do"\n';
  const { code, stdout, stderr } = await made.run([]);
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: problem });
  const piped = await inTerminal(made, [], '| cat; exit $PIPESTATUS');
  expect({ code: piped.code, stdout: piped.stdout }).toEqual({
    code: 2,
    stdout: problem.replace('\n', '\r\n'),
  });
  const unfed = await inTerminal(made, [], '</dev/null');
  expect({ code: unfed.code, stdout: unfed.stdout }).toEqual({
    code: 2,
    stdout: problem.replace('\n', '\r\n'),
  });
});

test('NO_COLOR: no colour, from the header to the diff', async () => {
  const patch = '*** Begin Patch\n*** Add File: a.ts\n+const a = 1;\n*** End Patch';
  const made = await bench([
    { toolCalls: [{ name: 'apply_patch', arguments: { input: patch } }] },
    { content: '# Done\n\n`a.ts` **is** there:\n\n```ts\nconst a = 1;\n```' },
  ]);
  const tui = await readyTui(made, { env: { NO_COLOR: '1' } });
  await send(tui, 'hi');
  await tui.screen.until(/is there[\s\S]*›/);
  tui.type(KEYS.ctrlD);
  await tui.ended;
  const colours = tui.screen.raw
    .match(/\x1b\[[\d;]*m/g)
    ?.filter((sgr) => /\b(3[0-8]|4[0-8]|9\d|10\d)\b/.test(sgr));
  expect(colours ?? []).toEqual([]);
});

test('an idle session writes nothing', async () => {
  const tui = await readyTui(await bench([{ content: 'Done.' }]));
  await send(tui, 'hi');
  await tui.screen.until(/Done\.[\s\S]*\? help/);
  await tui.screen.settled();
  const before = await quiet(tui, 500);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(tui.screen.raw.slice(before)).toBe('');
});

/** The number of bytes once none has come for so long. */
async function quiet(tui: PtyProgram, ms: number): Promise<number> {
  for (;;) {
    const before = tui.screen.raw.length;
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (tui.screen.raw.length === before) return before;
  }
}

test.runIf(process.platform === 'linux')(
  'a terminal without a size: 500 frames leave no file open',
  async () => {
    const { cwd, env } = await bench([]);
    const tui = startInPty(
      '/bin/sh',
      ['-c', `stty rows 0 cols 0; exec '${process.execPath}' '${MAIN}' "$@"`, 'sh', ...WRITING],
      { cwd, env },
    );
    await tui.screen.until((text) => text.includes(EMPTY) && / base · ~/.test(text));
    const before = terminalsOpenIn(tui.pid);
    for (let frame = 0; frame < 500; frame += 1) {
      const letter = String.fromCharCode(97 + (frame % 26));
      tui.type(letter);
      await tui.screen.until(`› ${letter}`);
      tui.type(KEYS.ctrlU);
      await tui.screen.until(EMPTY);
    }
    expect(terminalsOpenIn(tui.pid)).toBe(before);
  },
);

/** How often this process has its terminal open. */
function terminalsOpenIn(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  const target = (name: string): string => {
    try {
      return readlinkSync(path.join(folder, name));
    } catch {
      // Closed since the folder was read.
      return '';
    }
  };
  return readdirSync(folder).filter((name) => /^\/dev\/(?:tty|pts)/.test(target(name))).length;
}

test.each([
  ['notification_condition = "always"', ['oagent: Done.']],
  ['notification_condition = "always"\nnotifications = ["agent-turn-complete"]', ['oagent: Done.']],
  ['notification_condition = "always"\nnotifications = ["approval-requested"]', []],
  ['notification_condition = "always"\nnotifications = false', []],
  ['', []],
])('[tui] %s: a user who looks is called at the end of a turn: %j', async (toml, calls) => {
  const made = await bench([{ content: 'Done.' }]);
  writeFileSync(path.join(made.home, 'config.toml'), `[tui]\nnotification_method = "osc9"\n${toml}\n`);
  const tui = await readyTui(made);
  await send(tui, 'do it');
  await tui.screen.until(/Done\.[\s\S]*\? help/);
  tui.type(KEYS.ctrlD);
  await tui.ended;
  const found = [...tui.screen.raw.matchAll(/\x1b\]9;([^\x07]*)\x07/g)].map(([, text]) => text);
  expect(found).toEqual(calls);
});
