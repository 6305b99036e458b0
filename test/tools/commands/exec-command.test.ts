import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Item, JsonObject } from '../../../src/protocol.ts';
import type { CommandToolOptions } from '../../../src/tools/commands/command-permit.ts';
import { createExecCommandTool } from '../../../src/tools/commands/exec-command.ts';
import { createWriteStdinTool } from '../../../src/tools/commands/write-stdin.ts';
import { isAlive, itemEvents, makeContext, type TestContext, until } from '../tool-context.ts';

const env = { ...process.env, TERM: 'dumb' };

function exec(context: TestContext, args: JsonObject, options: Partial<CommandToolOptions> = {}) {
  const tool = createExecCommandTool({ isKnownSafe: () => false, env: () => env, ...options });
  return tool.run({ yield_time_ms: 250, ...args }, context.ctx).then(timeless);
}

/** An empty poll waits shorter than for users, but long enough for what is looked for. */
function write(context: TestContext, args: JsonObject, pollMs = 250) {
  const tool = createWriteStdinTool({ min: pollMs, max: 300_000 });
  return tool.run({ session_id: 1, ...args }, context.ctx).then(timeless);
}

function timeless<T extends { readonly text: string }>(result: T): T {
  return { ...result, text: result.text.replace(/Wall time: \d+\.\d seconds/, 'Wall time: T seconds') };
}

const running = (output: string, id = 1) => ({
  ok: true,
  text: `Wall time: T seconds\nProcess running with session ID ${id}\nOutput:\n${output}`,
  bounded: true,
});
const waits = (output: string) => ({ ...running(output), mayRepeat: true });
const exited = (code: number, output: string) => ({
  ok: code === 0,
  text: `Wall time: T seconds\nProcess exited with code ${code}\nOutput:\n${output}`,
  bounded: true,
});

/** Polls until the output since `first`, and that of it, is `whole`: how long that takes is not what is tested. */
async function untilOutput(context: TestContext, first: { readonly text: string }, whole: string) {
  const outputOf = ({ text }: { readonly text: string }): string => text.slice(text.indexOf('Output:\n') + 8);
  let last = first;
  let output = outputOf(first);
  while (output.length < whole.length) {
    last = await write(context, {}, 50);
    output += outputOf(last);
  }
  return { ...last, text: last.text.slice(0, -outputOf(last).length || undefined) + output };
}

/** Two named pipes in the context's folder: whoever reads one waits until something is written to it. */
const GATES = 'mkfifo gate1 gate2; ';
function openGate(context: TestContext, number = 1): void {
  writeFileSync(path.join(context.cwd, `gate${number}`), 'go\n');
}

describe('a command that ends in time', () => {
  test('says how it ended', async () => {
    using context = makeContext();
    expect(await exec(context, { cmd: 'echo out; echo err >&2; exit 3', yield_time_ms: 10_000 })).toEqual(
      exited(3, 'out\nerr\n'),
    );
    const item = {
      type: 'command_execution',
      id: 'item_0',
      command: "/bin/bash -c 'echo out; echo err >&2; exit 3'",
      cwd: context.cwd,
      durationMs: 0,
    };
    expect(itemEvents(context.events)).toEqual([
      { type: 'item_started', item: { ...item, output: '', exitCode: null, status: 'in_progress' } },
      { type: 'item_completed', item: { ...item, output: 'out\nerr\n', exitCode: 3, status: 'failed' } },
    ]);
    expect(context.ctx.sessions.running).toEqual([]);
  });

  test('has a closed stdin, its workdir and its limit of output', async () => {
    using context = makeContext();
    mkdirSync(path.join(context.cwd, 'sub'));
    const result = await exec(context, {
      cmd: 'cat; basename $PWD; seq 100',
      workdir: 'sub',
      max_output_tokens: 5,
      yield_time_ms: 10_000,
    });
    expect(result.text).toMatch(
      /^Wall time: T seconds\nProcess exited with code 0\nTotal output lines: 101\n/,
    );
    expect(result.text).toMatch(
      /Output:\nsub\n1\n2\n3\n…\d+ chars truncated…\[full output: .*\]98\n99\n100\n$/,
    );
  });

  test('may be too long for the system, which is told', async () => {
    using context = makeContext();
    expect(await exec(context, { cmd: `: ${'x'.repeat(200_000)}` })).toEqual({
      ok: false,
      text: 'exec_command failed: command is too long (200002 bytes): write long text to a file with another tool first',
      refused: true,
    });
    expect(itemEvents(context.events).map(({ type }) => type)).toEqual(['item_started', 'item_completed']);
  });

  test('may be empty, which is refused', async () => {
    using context = makeContext();
    expect(await exec(context, { cmd: ' ' })).toEqual({
      ok: false,
      text: 'command is empty: give the shell command to run',
    });
  });
});

describe('a command that goes on', () => {
  test('gets an id, and each poll gives only what is new', async () => {
    using context = makeContext();
    const cmd = `${GATES}echo one; read x <gate1; echo two; read x <gate2; echo three; exit 5`;
    expect(await exec(context, { cmd, yield_time_ms: 800 })).toEqual(running('one\n'));
    expect(itemEvents(context.events)[1]).toEqual({
      type: 'item_completed',
      item: expect.objectContaining({ output: 'one\n', exitCode: null, status: 'completed', sessionId: 1 }),
    });
    expect(await write(context, {}, 50)).toEqual(waits(''));
    openGate(context);
    expect(await untilOutput(context, await write(context, {}, 50), 'two\n')).toEqual(waits('two\n'));
    context.events.length = 0;
    const last = write(context, { chars: '' }, 60_000);
    openGate(context, 2);
    expect(await last).toEqual(exited(5, 'three\n'));
    await until(() => context.events.filter(({ type }) => type === 'item_completed').length === 2);
    const isCommand = ({ item }: { readonly item: Item }) => item.type === 'command_execution';
    const events = itemEvents(context.events);
    expect(events.filter(isCommand)).toEqual([
      { type: 'item_started', item: expect.objectContaining({ exitCode: null, sessionId: 1 }) },
      {
        type: 'item_completed',
        item: expect.objectContaining({
          output: 'one\ntwo\nthree\n',
          exitCode: 5,
          status: 'failed',
          sessionId: 1,
        }),
      },
    ]);
    expect(events.filter((event) => !isCommand(event))).toEqual([
      {
        type: 'item_started',
        item: {
          type: 'tool_call',
          id: expect.any(String),
          tool: 'write_stdin',
          arguments: { session_id: 1, chars: '' },
          output: '',
          status: 'in_progress',
        },
      },
      {
        type: 'item_completed',
        item: expect.objectContaining({ tool: 'write_stdin', status: 'failed' }),
      },
    ]);
    expect(await write(context, {})).toEqual({
      ok: false,
      text: 'write_stdin failed: Unknown process id 1; no session is running: start one with exec_command',
    });
  });

  test('an unknown id is answered with those that run', async () => {
    using context = makeContext();
    const long = `sleep 60; ${'x'.repeat(60)}`;
    await Promise.all([exec(context, { cmd: long }), exec(context, { cmd: 'sleep 61' })]);
    const { text } = await write(context, { session_id: 48_213 });
    const known = context.ctx.sessions.running.map(({ sessionId, command }) => [sessionId, command]);
    const [first, second] = known.map(([id, command]) =>
      command === long ? `${id} (${long.slice(0, 40)}…)` : `${id} (sleep 61)`,
    );
    expect(text).toBe(`write_stdin failed: Unknown process id 48213; running: ${first}, ${second}`);
    expect(context.events.filter(({ type }) => type === 'item_started')).toHaveLength(2);
  });

  test('without a terminal takes no text, but Ctrl-C in every spelling', async () => {
    using context = makeContext();
    for (const [index, chars] of ['\x03', '\\u0003', '^C', '\\x03'].entries()) {
      const session_id = index + 1;
      expect(await exec(context, { cmd: 'sleep 60' })).toEqual(running('', session_id));
      expect(await write(context, { session_id, chars: 'hello\n' })).toEqual({
        ok: false,
        text: 'write_stdin failed: stdin is closed for this session; rerun exec_command with tty=true to keep stdin open. "\\u0003" stops the command',
      });
      expect(await write(context, { session_id, chars, yield_time_ms: 30_000 })).toEqual(exited(130, ''));
    }
  });

  test('whose character comes in two parts is not misread', async () => {
    using context = makeContext();
    const cmd = `${GATES}printf 'a\\303'; read x <gate1; printf '\\244b'; read x <gate2`;
    await untilOutput(context, await exec(context, { cmd }), 'a');
    openGate(context);
    expect(await untilOutput(context, await write(context, {}, 50), 'äb')).toEqual(waits('äb'));
  });

  test('has a file for each long piece', async () => {
    using context = makeContext({ outputLimit: 20 });
    const cmd = `${GATES}seq 100; read x <gate1; seq 200 300; read x <gate2`;
    const first = await exec(context, { cmd, yield_time_ms: 700 });
    openGate(context);
    const second = await write(context, {}, 700);
    const file = (text: string): string => /\[full output: (.*)\]/.exec(text)?.[1] ?? '';
    const numbers = (from: number, to: number): string =>
      Array.from({ length: to - from + 1 }, (_, i) => `${from + i}\n`).join('');
    const other = context.spillFile.replace('.spill', '-2.spill');
    onTestFinished(() => writeFileSync(other, ''));
    expect([file(first.text), file(second.text)]).toEqual([context.spillFile, other]);
    expect(readFileSync(context.spillFile, 'utf8')).toBe(numbers(1, 100));
    expect(readFileSync(other, 'utf8')).toBe(numbers(200, 300));
  });

  test('that floods while nobody asks is stopped at the limit, and says so', async () => {
    using context = makeContext({ outputLimit: 100 });
    const cmd = `${GATES}read x <gate1; yes`;
    await exec(context, { cmd }, { maxSpillBytes: 200_000 });
    openGate(context);
    const result = await write(context, {}, 60_000);
    expect(result.ok).toBe(false);
    expect(result.text).toMatch(
      /^Wall time: T seconds\nProcess exited with code 143\nTotal output lines: \d+\n/,
    );
    expect(result.text).toMatch(
      /\n\[output exceeded 200000 bytes: the command was stopped\]\n\[The full output's file holds the first 200000 of \d+ bytes\.\]$/,
    );
  });
});

describe('an interrupt', () => {
  test('while the call waits ends the command', async () => {
    using context = makeContext();
    const pending = exec(context, {
      cmd: `trap '' TERM; echo $$ > pid; sleep 60; true`,
      yield_time_ms: 30_000,
    });
    const file = path.join(context.cwd, 'pid');
    let pid = 0;
    await until(() => {
      try {
        pid = Number(readFileSync(file, 'utf8'));
      } catch {
        pid = 0;
      }
      return pid > 0;
    });
    context.controller.abort();
    const text = 'Wall time: T seconds\naborted by user';
    expect(await pending).toEqual({ ok: false, text, refused: true });
    expect(isAlive(pid)).toBe(false);
    expect(context.ctx.sessions.running).toEqual([]);
  });

  test('of a poll leaves the command alone', async () => {
    using context = makeContext();
    await exec(context, { cmd: `${GATES}read x <gate1; echo end` });
    const pending = write(context, {}, 60_000);
    context.controller.abort();
    expect(await pending).toEqual({ ok: false, text: 'Wall time: T seconds\naborted by user' });
    expect(context.ctx.sessions.running.map(({ sessionId }) => sessionId)).toEqual([1]);
    openGate(context);
    const later = { ...context, ctx: { ...context.ctx, signal: new AbortController().signal } };
    expect(await write(later, {}, 60_000)).toEqual(exited(0, 'end\n'));
  });
});

describe('what is left in the background', () => {
  test('by a command that has ended lives until the sessions are closed', async () => {
    using context = makeContext();
    await exec(context, { cmd: 'sleep 60 >/dev/null 2>&1 & echo $! > pid', yield_time_ms: 10_000 });
    const pid = Number(readFileSync(path.join(context.cwd, 'pid'), 'utf8'));
    expect(isAlive(pid)).toBe(true);
    await context.ctx.sessions.close();
    expect(isAlive(pid)).toBe(false);
  });

  test('serves a second command', async () => {
    using context = makeContext();
    const server = `node -e 'require("http").createServer((q, r) => r.end("served")).listen("sock", () => console.log("up"))'`;
    const first = await untilOutput(context, await exec(context, { cmd: server }), 'up\n');
    expect(first.text).toBe(running('up\n').text);
    const client = `node -e 'require("http").get({socketPath: "sock"}, (r) => r.pipe(process.stdout))'`;
    expect(await exec(context, { cmd: client, yield_time_ms: 30_000 })).toEqual(exited(0, 'served'));
    await context.ctx.sessions.endAll();
    expect(await write(context, {}, 60_000)).toEqual(exited(143, ''));
  });
});
