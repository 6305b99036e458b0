/** The user's `notify` program, run by the real program. */
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { httpFault, type Script } from '../../src/demo/script.ts';
import { type Bench, bench } from '../support/exec.ts';

interface Notified extends Bench {
  /** The words that the program was given, once it has been run. */
  readonly words: () => string[];
  readonly file: string;
}

async function notified(script: Script): Promise<Notified> {
  const made = await bench(script);
  const file = path.join(made.cwd, 'notice');
  const program = path.join(made.home, 'tell me');
  // Moved into place, so that a half-written file is never read.
  await writeFile(
    program,
    `#!/bin/sh\nprintf '%s\\0' "$PWD" "$@" > '${file}.part'\nmv '${file}.part' '${file}'\n`,
    { mode: 0o755 },
  );
  await writeFile(
    path.join(made.home, 'config.toml'),
    `notify = [${JSON.stringify(program)}, "first word"]\n`,
  );
  return {
    ...made,
    file,
    words: () => (existsSync(file) ? readFileSync(file, 'utf8').split('\0').slice(0, -1) : []),
  };
}

test('it is run with one JSON argument after a completed turn', async () => {
  const { json, words, cwd } = await notified([{ content: 'Done.' }]);
  const { code, lines } = await json(['Do it']);
  expect(code).toBe(0);
  await expect.poll(words).toHaveLength(3);
  const [folder, first, payload = ''] = words();
  expect([folder, first]).toEqual([cwd, 'first word']);
  expect(Object.entries(JSON.parse(payload))).toEqual([
    ['type', 'agent-turn-complete'],
    ['thread-id', lines[0]?.thread_id],
    ['turn-id', expect.stringMatching(/^[0-9a-f-]{36}$/)],
    ['cwd', cwd],
    ['client', 'oagent'],
    ['input-messages', ['Do it']],
    ['last-assistant-message', 'Done.'],
  ]);
});

test('it is not run after a failed turn, nor after an interrupted one', async () => {
  const failed = await notified([httpFault(400, 'no')]);
  expect((await failed.run(['exec', 'Do it'])).code).toBe(1);
  const stalled = await notified([{ fault: { kind: 'stall' } }]);
  const running = stalled.start(['exec', 'Do it']);
  await stalled.server.waitForRequest(1);
  running.child.kill('SIGINT');
  expect((await running.ended).code).toBe(1);
  expect([existsSync(failed.file), existsSync(stalled.file)]).toEqual([false, false]);
});

test('one that cannot be started is a warning, and the turn is done all the same', async () => {
  const { run } = await bench(() => ({ content: 'Done.' }));
  const args = ['-c', 'notify=["/no/such/program"]', 'Do it'];
  const { code, stdout, stderr } = await run(['exec', ...args]);
  const warning = 'warning: notify: cannot run /no/such/program: spawn /no/such/program ENOENT\n';
  expect({ code, stdout, end: stderr.slice(-warning.length) }).toEqual({
    code: 0,
    stdout: 'Done.\n',
    end: warning,
  });
  const json = await run(['exec', '--json', ...args]);
  expect(json.stdout.trimEnd().split('\n').at(-1)).toContain('"turn.completed"');
  expect(json.stderr.slice(-warning.length)).toBe(warning);
});

test('one that takes its time is not waited for', async () => {
  const { run, env } = await bench([{ content: 'Done.' }]);
  const before = performance.now();
  const { code } = await run(['exec', '-c', 'notify=["sleep", "30"]', 'Do it'], { env });
  expect(code).toBe(0);
  expect(performance.now() - before).toBeLessThan(25_000);
});
