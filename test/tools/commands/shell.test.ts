import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { JsonObject } from '../../../src/protocol.ts';
import type { CommandToolOptions } from '../../../src/tools/commands/command-permit.ts';
import { createShellTool } from '../../../src/tools/commands/shell.ts';
import { isAlive, itemEvents, makeContext, type TestContext, until } from '../tool-context.ts';

const env = { ...process.env, SHELL: '/bin/bash' };

function run(context: TestContext, args: JsonObject, options: Partial<CommandToolOptions> = {}) {
  return createShellTool({ isKnownSafe: () => false, env: () => env, ...options }).run(args, context.ctx);
}

/** The result's text with a fixed time. */
function timeless(text: string): string {
  return text.replace(/Wall time: \d+\.\d seconds/, 'Wall time: T seconds');
}

/** Starts `command`, which writes process ids to `pids`, and hands them over as soon as they are there. */
async function pidsFrom(context: TestContext, count: number): Promise<number[]> {
  const file = path.join(context.cwd, 'pids');
  const read = (): number[] =>
    existsSync(file) ? readFileSync(file, 'utf8').trim().split(/\s+/).map(Number) : [];
  await until(() => read().length === count);
  return read();
}

describe('a command', () => {
  test('runs, and its result and item say how it ended', async () => {
    using context = makeContext();
    const result = await run(context, { command: "echo 'hi there'; echo err >&2" });
    expect({ ...result, text: timeless(result.text) }).toEqual({
      ok: true,
      text: 'Exit code: 0\nWall time: T seconds\nOutput:\nhi there\nerr\n',
      bounded: true,
    });
    const item = {
      type: 'command_execution',
      id: 'item_0',
      command: "/bin/bash -c 'echo '\\''hi there'\\''; echo err >&2'",
      cwd: context.cwd,
      durationMs: 0,
    };
    expect(itemEvents(context.events)).toEqual([
      { type: 'item_started', item: { ...item, output: '', exitCode: null, status: 'in_progress' } },
      {
        type: 'item_completed',
        item: { ...item, output: 'hi there\nerr\n', exitCode: 0, status: 'completed' },
      },
    ]);
    const streamed = context.events.flatMap((event) => (event.type === 'item_delta' ? [event.text] : []));
    expect(streamed.join('')).toBe('hi there\nerr\n');
  });

  test('that fails is a failed item with its exit code', async () => {
    using context = makeContext();
    const result = await run(context, { command: 'false' });
    expect({ ...result, text: timeless(result.text) }).toEqual({
      ok: false,
      text: 'Exit code: 1\nWall time: T seconds\nOutput:\n',
      bounded: true,
    });
    expect(itemEvents(context.events)[1]).toMatchObject({
      type: 'item_completed',
      item: { command: '/bin/bash -c false', exitCode: 1, status: 'failed', output: '' },
    });
  });

  test('that the shell cannot parse says why', async () => {
    using context = makeContext();
    const { text } = await run(context, { command: 'if then (' });
    expect(timeless(text)).toMatch(
      /^Exit code: 2\nWall time: T seconds\nOutput:\n.*syntax error near unexpected token/,
    );
  });

  test('may be a heredoc, a comment or several lines', async () => {
    using context = makeContext();
    const { text } = await run(context, { command: "# a comment\ncat <<'E' && echo end\n$HOME\nE\n" });
    expect(timeless(text)).toBe('Exit code: 0\nWall time: T seconds\nOutput:\n$HOME\nend\n');
  });

  test('that a signal ends has 128 and its number', async () => {
    using context = makeContext();
    const { text } = await run(context, { command: 'kill -9 $$' });
    expect(timeless(text)).toBe('Exit code: 137\nWall time: T seconds\nOutput:\n');
  });

  test('has its outputs merged in the order in which they were written', async () => {
    using context = makeContext();
    const { text } = await run(context, {
      command: 'for i in 1 2 3 4 5 6 7 8 9; do echo out$i; echo err$i >&2; done',
    });
    const merged = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `out${i}\nerr${i}\n`).join('');
    expect(timeless(text)).toBe(`Exit code: 0\nWall time: T seconds\nOutput:\n${merged}`);
  });

  test('runs in its workdir, with a closed stdin and the environment that it is given', async () => {
    using context = makeContext();
    mkdirSync(path.join(context.cwd, 'sub'));
    const { text } = await run(
      context,
      {
        command: 'pwd; cat; env | grep -E "^(NO_COLOR|TERM|PAGER|OWN|FORCE_COLOR)=" | sort',
        workdir: 'sub',
      },
      { env: () => ({ PATH: process.env.PATH, OWN: 'kept', TERM: 'xterm', FORCE_COLOR: '1' }) },
    );
    expect(text.split('\n').slice(3, -1)).toEqual([
      path.join(context.cwd, 'sub'),
      'FORCE_COLOR=1',
      'OWN=kept',
      'TERM=xterm',
    ]);
  });

  test('gets no secret of ours where nobody says which environment', async () => {
    using context = makeContext();
    vi.stubEnv('OAGENT_TEST_TOKEN', 'abc');
    onTestFinished(() => void vi.unstubAllEnvs());
    const tool = createShellTool({ isKnownSafe: () => false });
    const { text } = await tool.run({ command: 'echo "[$OAGENT_TEST_TOKEN] $PAGER"' }, context.ctx);
    expect(timeless(text)).toBe('Exit code: 0\nWall time: T seconds\nOutput:\n[] cat\n');
  });

  test('has no terminal to ask on', async () => {
    using context = makeContext();
    const { ok } = await run(context, { command: 'exec 2>/dev/null; : < /dev/tty' });
    expect(ok).toBe(false);
  });

  test('may print what is not UTF-8', async () => {
    using context = makeContext();
    const { text } = await run(context, { command: "printf 'a\\377b\\303\\244'" });
    expect(timeless(text)).toBe('Exit code: 0\nWall time: T seconds\nOutput:\na\ufffdbä');
  });

  test('with a long output is cut, with its number of lines, and is saved whole', async () => {
    using context = makeContext({ outputLimit: 20 });
    const { text } = await run(context, { command: 'seq 1 1000' });
    const whole = Array.from({ length: 1000 }, (_, i) => `${i + 1}\n`).join('');
    expect(timeless(text)).toBe(
      `Exit code: 0\nWall time: T seconds\nTotal output lines: 1000\nOutput:\n` +
        `1\n2\n3\n4\n5\n…3873 chars truncated…[full output: ${context.spillFile}]\n999\n1000\n`,
    );
    expect(readFileSync(context.spillFile, 'utf8')).toBe(whole);
    expect(itemEvents(context.events)[1]).toMatchObject({ item: { output: whole } });
  });

  test('that prints a lot streams at most 20 bounded deltas a second', async () => {
    using context = makeContext();
    const start = performance.now();
    await run(context, { command: 'yes 漢字 | head -c 56000000' });
    const elapsed = performance.now() - start;
    const deltas = context.events.flatMap((event) => (event.type === 'item_delta' ? [event.text] : []));
    expect(deltas.length).toBeGreaterThan(0);
    expect(deltas.length).toBeLessThanOrEqual(elapsed / 50 + 2);
    expect(Math.max(...deltas.map((delta) => Buffer.byteLength(delta)))).toBeLessThanOrEqual(16_384);
    expect(deltas.filter((delta) => delta.includes('\ufffd'))).toEqual([]);
  });

  test('can leave a process behind, which goes on and may print', async () => {
    using context = makeContext();
    const command =
      'echo up; (trap "" PIPE; sleep 2.3; echo late && echo $BASHPID > survived; sleep 20) & echo $! > pids';
    const running = run(context, { command });
    const [pid = 0] = await pidsFrom(context, 1);
    const { text } = await running;
    expect(timeless(text)).toBe(
      'Exit code: 0\nWall time: T seconds\nOutput:\nup\n[A background process is still running; its further output is not captured.]',
    );
    await until(() => existsSync(path.join(context.cwd, 'survived')));
    process.kill(pid, 'SIGKILL');
  });
});

describe('a command that must end', () => {
  test('is out of time: its whole group is gone, and the model learns why', async () => {
    using context = makeContext();
    const running = run(context, {
      command: 'echo first; sleep 30 & echo $$ $! > pids; wait',
      timeout_ms: 200,
    });
    const pids = await pidsFrom(context, 2);
    const result = await running;
    expect({ ...result, text: timeless(result.text) }).toEqual({
      ok: false,
      text: 'Exit code: 124\nWall time: T seconds\nOutput:\ncommand timed out after 200 milliseconds\nfirst\n',
      bounded: true,
    });
    expect(pids.filter(isAlive)).toEqual([]);
    expect(itemEvents(context.events)[1]).toMatchObject({
      type: 'item_completed',
      item: { output: 'command timed out after 200 milliseconds\nfirst\n', exitCode: 124, status: 'failed' },
    });
  });

  test('has printed more than files may hold: it is stopped, and says so', async () => {
    using context = makeContext({ outputLimit: 100 });
    const { ok, text } = await run(context, { command: 'yes' }, { maxSpillBytes: 300_000 });
    expect(ok).toBe(false);
    expect(timeless(text)).toMatch(
      /^Exit code: 143\nWall time: T seconds\nTotal output lines: \d+\nOutput:\ny\ny\n[\s\S]*y\n\[output exceeded 300000 bytes: the command was stopped\]\n\[The full output's file holds the first 300000 of \d+ bytes\.\]$/,
    );
    expect(readFileSync(context.spillFile).length).toBe(300_000);
  });

  test('is interrupted: also what ignores TERM is gone at once', async () => {
    using context = makeContext();
    const command =
      'trap "" TERM; (trap "" TERM; while :; do sleep 30; done) & echo $$ $! > pids; while :; do sleep 30; done';
    const running = run(context, { command });
    const pids = await pidsFrom(context, 2);
    const start = performance.now();
    context.controller.abort();
    const result = await running;
    // The grace after a limit is 2 s.
    expect(performance.now() - start).toBeLessThan(2_000);
    expect({ ...result, text: timeless(result.text) }).toEqual({
      ok: false,
      text: 'Wall time: T seconds\naborted by user',
      refused: true,
    });
    expect(pids.filter(isAlive)).toEqual([]);
    expect(itemEvents(context.events)[1]).toMatchObject({
      type: 'item_completed',
      item: { output: '', exitCode: null, status: 'failed' },
    });
  });

  test('is interrupted while only a background process holds its output open', async () => {
    using context = makeContext();
    const running = run(context, { command: 'sleep 30 & echo $$ $! > pids' });
    const [shell = 0, child = 0] = await pidsFrom(context, 2);
    await until(() => !isAlive(shell));
    context.controller.abort();
    expect(timeless((await running).text)).toBe('Wall time: T seconds\naborted by user');
    expect(isAlive(child)).toBe(false);
  });

  test('is not started after an interrupt', async () => {
    using context = makeContext();
    context.controller.abort();
    expect(await run(context, { command: 'touch made' })).toEqual({
      ok: false,
      text: 'Wall time: 0.0 seconds\naborted by user',
      refused: true,
    });
    expect(context.events).toEqual([]);
    expect(existsSync(path.join(context.cwd, 'made'))).toBe(false);
  });
});

describe('a command that may not run', () => {
  test.each([
    ['an empty one', { command: ' \n' }, 'command is empty: give the shell command to run'],
    ['a missing one', {}, 'command is empty: give the shell command to run'],
    ['NUL', { command: 'echo a\0b' }, 'command contains a NUL byte, which a shell command cannot hold'],
    [
      'more than 1 MB',
      { command: `: ${'x'.repeat(2 ** 20)}` },
      'command is too long (1048578 bytes): write long text to a file with another tool first',
    ],
    [
      'more than the system takes',
      { command: `: ${'x'.repeat(200_000)}` },
      'command is too long (200002 bytes): write long text to a file with another tool first',
    ],
    [
      'a missing workdir',
      { command: 'ls', workdir: 'scr' },
      'workdir: path not found: scr. Did you mean src?',
    ],
  ])('%s', async (_name, args, text) => {
    using context = makeContext();
    mkdirSync(path.join(context.cwd, 'src'));
    const { ok, text: answer } = await run(context, args);
    expect({ ok, answer }).toEqual({ ok: false, answer: text });
    const types = itemEvents(context.events).map(({ type }) => type);
    expect([[], ['item_started', 'item_completed']]).toContainEqual(types);
  });

  test('a workdir that is a file', async () => {
    using context = makeContext();
    const file = path.join(context.cwd, 'file');
    writeFileSync(file, '');
    expect(await run(context, { command: 'ls', workdir: 'file' })).toEqual({
      ok: false,
      text: `workdir is not a directory: ${file}`,
    });
  });

  test('one that the guard refuses leaves no item', async () => {
    const asked: unknown[] = [];
    using context = makeContext({
      guard: {
        command: async (request) => {
          asked.push(request);
          return { allowed: false, message: 'not in this sandbox' };
        },
        write: async () => ({ allowed: true }),
      },
    });
    expect(await run(context, { command: 'touch x', workdir: '/' })).toEqual({
      ok: false,
      text: 'not in this sandbox',
      refused: true,
    });
    expect({ asked, events: context.events }).toEqual({
      asked: [{ command: 'touch x', cwd: '/' }],
      events: [],
    });
  });
});

describe('what is injected', () => {
  test('a known safe command is read-only', async () => {
    const tool = createShellTool({ isKnownSafe: (command) => command === 'ls', env: () => env });
    expect([tool.isReadOnly({ command: 'ls' }), tool.isReadOnly({ command: 'rm x' })]).toEqual([true, false]);
  });
});
