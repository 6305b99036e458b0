import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { feed, run, runInTerminal } from '../../src/system/run.ts';
import { repository, temporaryFolder } from '../repo-index/repository.ts';
import { runSource } from '../support/run-source.ts';
import { isAlive, until } from '../tools/tool-context.ts';

const sh = (script: string, options: Partial<Parameters<typeof run>[2]> = {}) =>
  run('sh', ['-c', script], { cwd: '/', ...options });
const text = async (output: Promise<Buffer>): Promise<string> => (await output).toString();

/** The number in a file that a script has written. */
async function pidIn(file: string): Promise<number> {
  await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
  return Number(readFileSync(file, 'utf8'));
}

describe('run', () => {
  test('gives what the program prints, which has no stdin', async () => {
    expect(await text(sh('cat; echo out; echo err >&2'))).toBe('out\n');
    expect(await text(sh('exit 3', { goodCodes: [0, 3] }))).toBe('');
    expect(await text(sh('pwd; echo $X', { cwd: '/tmp', env: { ...process.env, X: 'y' } }))).toMatch(
      /tmp\ny\n$/,
    );
  });

  test('fails with the exit code and what was said of it', async () => {
    await expect(sh('echo no >&2; echo more >&2; exit 3')).rejects.toMatchObject({
      message: 'sh failed (3): no',
      stderr: 'no\nmore\n',
    });
    await expect(sh('kill -9 $$')).rejects.toThrow('sh failed (null): ');
    await expect(run('no-such-program', [], { cwd: '/' })).rejects.toThrow(
      'no-such-program is not installed',
    );
    await expect(run('./sh', [], { cwd: '/bin' })).rejects.toThrow('./sh is a relative path');
    await expect(run('/no/such', [], { cwd: '/' })).rejects.toThrow('ENOENT');
  });

  test('stops a program that takes too long, and one that prints too much: of that what it printed counts', async () => {
    const file = path.join(temporaryFolder(), 'pid');
    await expect(sh(`echo begin; (echo $$ > ${file}; sleep 60) & wait`, { timeoutMs: 500 })).rejects.toThrow(
      'sh has not ended in 0.5 s',
    );
    expect(isAlive(await pidIn(file))).toBe(false);
    const much = await sh('while :; do echo 0123456789; done', { outputLimit: 1_000_000 });
    expect([much.length <= 1_000_000, much.toString('utf8', 0, 11)]).toEqual([true, '0123456789\n']);
  });

  test('ends a program that says more of errors than is kept', async () => {
    await expect(sh('yes error | head -c 1000000 >&2; exit 1')).rejects.toThrow('sh failed (1): error');
  });

  test('leaves nothing behind when it is not wanted any more', async () => {
    const file = path.join(temporaryFolder(), 'pid');
    const controller = new AbortController();
    const running = sh(`trap "" TERM; (sleep 60 & echo $! > ${file}; wait) & wait`, {
      signal: controller.signal,
    });
    const pid = await pidIn(file);
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    expect(isAlive(pid)).toBe(false);
    await expect(sh('true', { signal: controller.signal })).rejects.toThrow('enough');
  });

  test('takes no program from the folder, and neither does the program', async () => {
    const cwd = repository();
    mkdirSync(path.join(cwd, 'node_modules/.bin'), { recursive: true });
    for (const name of ['git', 'cat']) {
      const file = path.join(cwd, 'node_modules/.bin', name);
      writeFileSync(file, '#!/bin/sh\necho theirs\n');
      chmodSync(file, 0o755);
    }
    vi.stubEnv('PATH', `${path.join(cwd, 'node_modules/.bin')}::.:${process.env.PATH}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await text(run('git', ['--version'], { cwd }))).toMatch(/^git version/);
    expect(await text(sh('echo ours | cat', { cwd }))).toBe('ours\n');
  });
});

describe('feed', () => {
  const options = { cwd: '/', env: process.env, timeoutMs: 20_000 };

  test('gives a text to a program that may leave others behind', async () => {
    const file = path.join(temporaryFolder(), 'out');
    const long = 'häß'.repeat(100_000);
    expect(await feed('sh', ['-c', `cat > ${file}; sleep 30 &`], long, options)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(long);
    expect(await feed('true', [], long, options)).toBe(true);
    expect(await feed('false', [], 'x', options)).toBe(false);
    expect(await feed('sleep', ['60'], long, { ...options, timeoutMs: 50 })).toBe(false);
    await expect(feed('no-such-program', [], 'x', options)).rejects.toThrow('is not installed');
  });
});

/** Runs `runInTerminal` in a process of its own, whose streams are what the program gets. */
function inTerminal(script: string, options: object): ReturnType<typeof runSource> {
  return runSource(`
    import { runInTerminal } from ${JSON.stringify(path.resolve('src/system/run.ts'))};
    const options = { cwd: '/', env: process.env, ...${JSON.stringify(options)} };
    // From then on the program is ended with this one.
    const look = setInterval(() => {
      if (process.listenerCount('SIGTERM') === 0) return;
      clearInterval(look);
      if (options.isTold) console.log('guarded');
    }, 5).unref();
    const extraFds = (options.extraFds ?? []).map((text) => Buffer.from(text));
    process.exitCode = await runInTerminal('/bin/sh', ['-c', ${JSON.stringify(script)}], { ...options, extraFds });`);
}

describe('runInTerminal', () => {
  test('gives the program our streams, or an input, and bytes on further descriptors', async () => {
    const script = 'cat; cat <&3; cat <&4; exit 7';
    const typed = inTerminal(script, { extraFds: [' three', ' four'] });
    typed.stdin.end('typed');
    expect(await typed).toMatchObject({ exitCode: 7, stdout: 'typed three four' });
    const piped = inTerminal(script, { input: 'piped', extraFds: ['', '!'] });
    expect(await piped).toMatchObject({ exitCode: 7, stdout: 'piped!' });
  });

  test('tells a signal by the code, and passes on those that are meant for the program', async () => {
    expect(await inTerminal('kill -KILL $$', {})).toMatchObject({ exitCode: 137, stdout: '' });
    const script = 'trap "echo heard; exit 3" TERM; echo ready; while :; do sleep 0.01; done';
    const child = inTerminal(script, { passedOn: ['SIGTERM'] });
    child.stdout.once('data', () => child.kill('SIGTERM'));
    expect(await child).toMatchObject({ exitCode: 3, stdout: 'ready\nheard\n' });
  });

  test('a program that cannot be started is an error', async () => {
    await expect(runInTerminal('/no/such', [], { cwd: '/', env: {} })).rejects.toThrow('ENOENT');
  });

  test('it ends with oagent', async () => {
    const child = inTerminal('echo $$; exec sleep 60', { isTold: true });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    await until(() => /^\d+$/m.test(output) && output.includes('guarded'));
    const pid = Number(/^\d+$/m.exec(output)?.[0]);
    expect(isAlive(pid)).toBe(true);
    child.kill('SIGTERM');
    await until(() => !isAlive(pid));
  });
});

test('a program that only prints does not load execa', async () => {
  const { stdout, stderr } = await runSource(`
    import { run } from ${JSON.stringify(path.resolve('src/system/run.ts'))};
    import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) => { if (name === 'execa') throw new Error('loaded'); return next(name, context); } });
    process.stdout.write(await run('git', ['--version'], { cwd: '/' }));`);
  expect([stdout, stderr]).toEqual([expect.stringMatching(/^git version/), '']);
});
