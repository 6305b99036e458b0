/** Commands on a terminal: by the native package, by `script`, and in the sandbox. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/protocol.ts';
import type { CommandPermit } from '../../src/safety/guard.ts';
import { createSandbox } from '../../src/safety/sandbox/probe.ts';
import { startCommand } from '../../src/tools/commands/command-process.ts';
import { createExecCommandTool } from '../../src/tools/commands/exec-command.ts';
import { RunningCommand } from '../../src/tools/commands/running-command.ts';
import { createWriteStdinTool } from '../../src/tools/commands/write-stdin.ts';
import { sandboxedTest } from '../support/sandbox.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { isAlive, makeContext, type TestContext, until } from './tool-context.ts';

const env = { ...process.env, TERM: 'dumb' };
const spawn = { command: 'true', workdir: '/', env, tty: true } as const;

function exec(context: TestContext, args: JsonObject) {
  const tool = createExecCommandTool({ isKnownSafe: () => false, env: () => env });
  return tool.run({ yield_time_ms: 250, tty: true, ...args }, context.ctx).then(({ text }) => body(text));
}

function write(context: TestContext, chars: string, yield_time_ms = 250) {
  const call = { session_id: 1, chars, yield_time_ms };
  return createWriteStdinTool({ min: 50, max: 30_000 })
    .run(call, context.ctx)
    .then(({ text }) => body(text));
}

/** The result without its first line. */
function body(text: string): string {
  return text.replace(/^Wall time: \d+\.\d seconds\n/, '');
}

const alive = 'Process running with session ID 1\nOutput:\n';

/** Polls until the program has said `answer` after `first`: how long that takes is not what is tested. */
async function untilSaid(context: TestContext, first: string, answer: string): Promise<string> {
  let all = first;
  while (!all.includes(answer)) all += (await write(context, '', 50)).replace(alive, '');
  return all;
}

async function answered(context: TestContext, chars: string, answer: string): Promise<string> {
  return untilSaid(context, await write(context, chars), answer);
}

describe('a terminal', () => {
  test('has a size, and its lines end as a model expects them', async () => {
    using context = makeContext();
    const text = await exec(context, { cmd: 'stty size; tty >/dev/null && echo yes', yield_time_ms: 10_000 });
    expect(text).toBe('Process exited with code 0\nOutput:\n24 80\nyes\n');
  });

  test('takes lines for a program that asks', async () => {
    using context = makeContext();
    const cmd = 'stty -echo; echo name?; while read -r name; do echo "hi $name"; done; echo bye';
    expect(await untilSaid(context, await exec(context, { cmd }), '?\n')).toBe(`${alive}name?\n`);
    expect(await answered(context, 'Ann\n', 'hi Ann')).toBe(`${alive}hi Ann\n`);
    expect(await answered(context, 'Bob\n', 'hi Bob')).toBe(`${alive}hi Bob\n`);
    expect(await write(context, '\\u0004', 30_000)).toBe('Process exited with code 0\nOutput:\nbye\n');
  });

  test('a line that was not ended is told apart from one that was', async () => {
    using context = makeContext();
    await untilSaid(context, await exec(context, { cmd: 'echo on; read x; echo "got $x"' }), 'on');
    expect(await write(context, 'abc')).toBe(
      `${alive}abc\n[chars did not end in a newline: the line has not been entered yet]`,
    );
    expect(await write(context, '\n', 30_000)).toBe('Process exited with code 0\nOutput:\n\ngot abc\n');
  });

  test('Ctrl-C ends what runs in it, not the shell that asks for more', async () => {
    using context = makeContext();
    const cmd = "trap 'echo caught' INT; echo on; sleep 60; echo after; read x";
    await untilSaid(context, await exec(context, { cmd }), 'on');
    const text = await answered(context, '\x03', 'after');
    expect(text).toBe(`${alive}^Ccaught\nafter\n`);
  });

  test('a REPL keeps its state, and Ctrl-C stops its work', async () => {
    using context = makeContext();
    await untilSaid(context, await exec(context, { cmd: 'PS1="> " bash --norc --noprofile -i' }), '> ');
    await answered(context, 'x=41\n', '> ');
    expect(await answered(context, 'echo $((x + 1))\n', '\n42\n')).toContain('\n42\n');
    expect(await answered(context, 'sleep 60\n', 'sleep 60')).toContain('sleep 60');
    expect(await answered(context, '\x03', '> ')).toContain('^C');
    expect(await write(context, 'exit 7\n', 30_000)).toMatch(/^Process exited with code 7\n/);
  });

  test('bytes that are no text do no harm', async () => {
    using context = makeContext();
    const text = await exec(context, { cmd: `printf '\\377\\000\\033[2Jx\\303'`, yield_time_ms: 10_000 });
    expect(text).toBe('Process exited with code 0\nOutput:\n\ufffd\n\nx\ufffd');
  });

  test('a signal that ends the program is told as shells tell it', async () => {
    using context = makeContext();
    const text = await exec(context, { cmd: 'kill -9 $$', yield_time_ms: 10_000 });
    expect(text).toBe('Process exited with code 137\nOutput:\n');
  });

  test('a flood arrives whole', async () => {
    using context = makeContext();
    const text = await exec(context, { cmd: 'seq 1 200000', yield_time_ms: 30_000 });
    expect(text).toMatch(/^Process exited with code 0\nTotal output lines: 200000\nOutput:\n1\n2\n/);
    expect(text).toMatch(/\n199999\n200000\n$/);
  });

  test('what a shell with job control has started ends with the session', async () => {
    using context = makeContext();
    const cmd = `bash --norc -ic 'set -m; trap "" HUP; sleep 60 & echo "pid $!"; wait'`;
    const text = await untilSaid(context, await exec(context, { cmd }), 'pid');
    const pid = Number(/pid (\d+)/.exec(text)?.[1]);
    expect(isAlive(pid)).toBe(true);
    await context.ctx.sessions.close();
    expect(isAlive(pid)).toBe(false);
  });
});

describe('without the native package', () => {
  const loadPty = async () => undefined;

  test('`script` gives a terminal', async () => {
    const command = { ...spawn, command: 'stty size; read -r x; echo "got $x"; exit 4' };
    const started = await startCommand(command, { allowed: true }, { privatePath: () => '', loadPty });
    let output = '';
    const running = new RunningCommand(started, { limitBytes: 10_000, spillPath: () => '' }, (chunk) => {
      output += chunk;
    });
    await until(() => output.includes('24 80'));
    running.process.input?.write('äh\n');
    expect((await running.ended).exitCode).toBe(4);
    expect((await running.take()).modelText).toBe('24 80\r\näh\r\ngot äh\r\n');
  });

  test('nor `script`, the model is told', async () => {
    const options = { privatePath: () => '', loadPty, script: '/no/such/script' };
    await expect(startCommand(spawn, { allowed: true }, options)).rejects.toThrow(
      'tty=true needs the package @lydell/node-pty or the program `script`, and neither works here: use tty=false',
    );
  });
});

describe('in the sandbox', () => {
  async function sandboxed(context: TestContext, home: string): Promise<TestContext> {
    const box = await createSandbox({
      mode: 'workspace-write',
      approval: 'never',
      cwd: context.cwd,
      home,
      env: process.env,
      writableRoots: [],
      excludeSlashTmp: true,
      excludeTmpdirEnvVar: true,
      network: false,
    });
    const permit: CommandPermit = {
      allowed: true,
      prepare: (argv, cwd, variables, options = {}) => box.prepare({ argv, cwd, env: variables, ...options }),
    };
    const ctx = {
      ...context.ctx,
      spillPath: () => path.join(home, '1.txt'),
      guard: { command: async () => permit, write: async () => ({ allowed: true }) as const },
    };
    return { ...context, ctx };
  }

  sandboxedTest('a terminal works, the filter holds, and its file does not stay', async () => {
    using context = makeContext();
    const home = await tempFolder();
    const inside = await sandboxed(context, home);
    const cmd = `stty -echo; stty size; touch ${home}/evil 2>&1; echo ok > here && cat here; grep Seccomp: /proc/self/status; read x; sleep 60`;
    const first = await untilSaid(inside, await exec(inside, { cmd }), 'Seccomp');
    expect(first).toBe(
      `${alive}24 80\ntouch: cannot touch '${home}/evil': Read-only file system\nok\nSeccomp:\t2\n`,
    );
    const filters = (): string[] => readdirSync(home).filter((name) => name.endsWith('.filter'));
    expect(filters()).toEqual(['1.txt.filter']);
    await write(inside, 'go\n');
    expect(await write(inside, '\x03', 30_000)).toMatch(/^Process exited with code 130\n/);
    expect(filters()).toEqual([]);
  });

  sandboxedTest('a terminal works, and what has a name that is no text is protected', async () => {
    using context = makeContext();
    const home = await tempFolder();
    const inside = await sandboxed(context, home);
    execFileSync('/bin/bash', ['-c', "mkdir -p $'\\xff/.git' && echo one > $'\\xff/.git/config'"], {
      cwd: context.cwd,
    });
    const cmd =
      'stty -echo; stty size; for d in */; do echo evil > "$d/.git/config" || cat "$d/.git/config"; done 2>/dev/null; sleep 60';
    expect(await untilSaid(inside, await exec(inside, { cmd }), 'one')).toBe(`${alive}24 80\none\n`);
    expect(await write(inside, '\x03', 30_000)).toMatch(/^Process exited with code 130\n/);
    expect(readdirSync(home).filter((name) => name.includes('.filter'))).toEqual([]);
  });

  sandboxedTest('Ctrl-C ends a command without a terminal', async () => {
    using context = makeContext();
    const inside = await sandboxed(context, await tempFolder());
    const cmd = 'trap "" INT; echo on; sleep 60';
    await untilSaid(inside, await exec(inside, { cmd, tty: false }), 'on');
    expect(await write(inside, '\x03', 30_000)).toMatch(/^Process exited with code 130\n/);
  });

  sandboxedTest('`script` works as well', async () => {
    using context = makeContext();
    const home = await tempFolder();
    const inside = await sandboxed(context, home);
    const permit = await inside.ctx.guard.command({ command: '', cwd: '/' }, inside.ctx.ask);
    if (!permit.allowed) throw new Error('refused');
    const options = { privatePath: () => path.join(home, 'x'), loadPty: async () => undefined };
    const command = { ...spawn, workdir: context.cwd, command: 'read -r x; echo "got $x"' };
    const started = await startCommand(command, permit, options);
    const running = new RunningCommand(started, { limitBytes: 9_999, spillPath: () => '' }, () => undefined);
    running.process.input?.write('it\n');
    expect((await running.ended).exitCode).toBe(0);
    expect((await running.take()).modelText).toMatch(/got it\r\n$/);
  });
});
