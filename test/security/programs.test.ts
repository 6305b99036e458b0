/** Programs that a command of the model could have put in the way of oagent, or of a rule of the user. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { notify } from '../../src/cli/exec/notify.ts';
import { openEditor } from '../../src/cli/interactive/workspace-services.ts';
import type { ApprovalAnswer } from '../../src/protocol.ts';
import type { Permissions } from '../../src/safety/permissions.ts';
import { createPolicy } from '../../src/safety/policy.ts';
import { unconfined } from '../../src/safety/sandbox/none.ts';
import { createSandbox } from '../../src/safety/sandbox/probe.ts';
import type { Sandbox } from '../../src/safety/sandbox/sandbox.ts';
import { SessionGuard } from '../../src/safety/session-guard.ts';
import { planSession, withPermissions } from '../../src/session/plan.ts';
import { distrust } from '../../src/system/find-program.ts';
import { startGroup } from '../../src/system/process-group.ts';
import { run } from '../../src/system/run.ts';
import { temporaryFolder } from '../repo-index/repository.ts';
import { programFolder } from '../support/program-folder.ts';
import { sandboxedTest } from '../support/sandbox.ts';

function program(file: string, script: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

describe('what oagent starts for itself', () => {
  test.each([
    ['node_modules/.bin of this project', (cwd: string) => path.join(cwd, 'node_modules/.bin')],
    ['.venv/bin of this project', (cwd: string) => path.join(cwd, '.venv/bin')],
    ['an empty entry', () => ''],
    ['a relative entry', () => 'node_modules/.bin'],
    ['node_modules/.bin of another project', () => path.join(programFolder(), 'node_modules/.bin')],
    ['a folder for temporary files', () => temporaryFolder()],
  ])('does not come from %s', async (_, folderOf) => {
    const cwd = temporaryFolder();
    const folder = folderOf(cwd);
    const marker = path.join(temporaryFolder(), 'marker');
    program(path.resolve(cwd, folder, 'printf'), `touch ${marker}`);
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    // Itself, and what it starts.
    expect((await run('printf', ['ours'], { cwd })).toString()).toBe('ours');
    expect((await run('env', ['printf', 'ours'], { cwd })).toString()).toBe('ours');
    expect(existsSync(marker)).toBe(false);
  });

  test('does not come from a virtual environment, nor from a folder that all may write to', async () => {
    const folder = programFolder();
    const marker = path.join(temporaryFolder(), 'marker');
    program(path.join(folder, 'venv/bin/printf'), `touch ${marker}`);
    writeFileSync(path.join(folder, 'venv/pyvenv.cfg'), '');
    program(path.join(folder, 'open/printf'), `touch ${marker}`);
    chmodSync(path.join(folder, 'open'), 0o777);
    vi.stubEnv('PATH', `${folder}/venv/bin:${folder}/open:${process.env.PATH}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect((await run('printf', ['ours'], { cwd: '/' })).toString()).toBe('ours');
    expect(existsSync(marker)).toBe(false);
  });

  test('an absolute path into the workspace is refused, also through a link', async () => {
    const cwd = temporaryFolder();
    const marker = path.join(temporaryFolder(), 'marker');
    const file = program(path.join(cwd, 'hook.sh'), `touch ${marker}`);
    const link = path.join(programFolder(), 'hook');
    symlinkSync(file, link);
    const why = 'is in a folder that commands can write to: keep it elsewhere';
    await expect(run(file, [], { cwd })).rejects.toThrow(`${file} ${why}`);
    await expect(run(link, [], { cwd })).rejects.toThrow(`${link} ${why}`);
    const notice = { threadId: '', turnId: '', cwd, inputMessages: [], lastAssistantMessage: null };
    expect(await notify([file], notice)).toBe(`notify: cannot run ${file}: ${file} ${why}`);
    await expect(
      openEditor('x', { cwd, home: cwd }, { ...process.env, VISUAL: `${file} --wait` }),
    ).rejects.toThrow(`${file} ${why}`);
    const added = mkdtempSync(path.join(os.homedir(), '.oagent-test-'));
    onTestFinished(() => rmSync(added, { recursive: true }));
    const tool = program(path.join(added, 'tool'), `touch ${marker}`);
    distrust([added]);
    await expect(run(tool, [], { cwd })).rejects.toThrow(why);
    expect(existsSync(marker)).toBe(false);
  });

  test('gets no variable that names code, and of a list of folders only what nobody else writes', async () => {
    const cwd = temporaryFolder();
    const meddling = {
      ...{ GIT_DIR: '/x', LD_PRELOAD: '', NODE_OPTIONS: '-r /x', BASH_ENV: '/x', ENV: '/x', PERL5OPT: '-Mx' },
      ...{
        LD_AUDIT: '',
        PYTHONSTARTUP: '/x',
        RUBYOPT: '-rx',
        RIPGREP_CONFIG_PATH: '/x',
        GIT_SSH_COMMAND: 'x',
      },
    };
    const env = {
      ...{ PATH: process.env.PATH, LANG: 'C', MINE: 'stays', ...meddling },
      PYTHONPATH: `${cwd}/lib:/usr/lib:relative`,
    };
    const said = (await run('env', [], { cwd, env })).toString().trim().split('\n');
    const names = said.map((line) => line.split('=')[0]);
    expect(names.filter((name) => name !== undefined && Object.hasOwn(meddling, name))).toEqual([]);
    expect(said).toEqual(
      expect.arrayContaining(['MINE=stays', 'LANG=C', `PYTHONPATH=${realpathSync('/usr/lib')}`]),
    );
  });
});

const BOX: Sandbox = {
  kind: 'bubblewrap',
  notes: [],
  prepare: async () => {
    throw new Error('not started');
  },
};

const DOUBT = (name: string) =>
  `The rule that lets this run outside the sandbox does not apply: commands can change ${name}.`;

describe('a rule that allows', () => {
  function guarding(approval: 'on-request' | 'never', answer: ApprovalAnswer = { type: 'once' }, env = {}) {
    const base = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'oagent-rule-')));
    onTestFinished(() => rmSync(base, { recursive: true, force: true }));
    const [cwd, home] = [path.join(base, 'ws'), path.join(base, 'home')];
    mkdirSync(home);
    const names = ['./script', 'script', 'printf', 'env', 'bash', 'make', '../ws/script', `${cwd}/script`];
    const rules = names.map((name) => `[[rule]]\nprefix = [${JSON.stringify(name)}]\ndecision = "allow"\n`);
    writeFileSync(path.join(home, 'rules.toml'), rules.join('\n'));
    const script = program(path.join(cwd, 'script'), 'true');
    const asked: { reason: string; prefix?: readonly string[] }[] = [];
    const permissions = {
      ...({ mode: 'workspace-write', approval, network: false, cwd, home, writableRoots: [] } as const),
      env: { PATH: process.env.PATH, ...env },
    };
    const guard = new SessionGuard({ permissions, sandbox: async () => BOX, warn: () => {} });
    const command = async (line: string) => {
      const permit = await guard.command({ command: line, cwd }, async (request) => {
        asked.push({ reason: request.reason ?? '', prefix: request.prefix });
        return answer;
      });
      if (!permit.allowed) return permit.message;
      return permit.prepare === undefined ? 'outside' : 'inside';
    };
    return { cwd, script, asked, command };
  }

  test.each([
    './script',
    '../ws/script',
    'env ./script',
    'bash script',
    'bash ./script',
    'env -i X=1 ./script',
  ])('does not let %s leave the sandbox unasked', async (line) => {
    const { asked, command } = guarding('on-request');
    expect(await command(line)).toBe('outside');
    expect(asked).toEqual([{ reason: DOUBT(line.split(' ').at(-1) ?? ''), prefix: undefined }]);
    expect(await guarding('on-request', { type: 'no' }).command(line)).toBe('exec command rejected by user');
    // Nobody can be asked: as if there were no rule.
    expect(await guarding('never').command(line)).toBe('inside');
  });

  test('does not let a program leave that PATH finds in the workspace', async () => {
    const bin = path.join(temporaryFolder(), 'bin');
    const { asked, command } = guarding(
      'on-request',
      { type: 'once' },
      { PATH: `${bin}:${process.env.PATH}` },
    );
    expect([await command('printf x'), asked]).toEqual(['outside', []]);
    program(path.join(bin, 'printf'), 'true');
    expect([await command('printf x'), asked]).toEqual(['outside', [{ reason: DOUBT('printf') }]]);
  });

  test('holds for a program of the system', async () => {
    const { asked, command } = guarding('never');
    expect([await command('printf x'), await command('make all'), asked]).toEqual(['outside', 'outside', []]);
  });

  test('an answer for the session counts as long as the file is the same', async () => {
    const { script, asked, command } = guarding('on-request', { type: 'session' });
    await command('./script');
    expect([await command('./script'), asked.length]).toEqual(['outside', 1]);
    program(script, 'echo other');
    expect([await command('./script'), asked.length]).toEqual(['outside', 2]);
  });
});

describe('oagent in a folder that may be written', () => {
  const cwd = path.resolve('.');
  const OWN = ['src', 'node_modules', 'package.json'];

  function permissions(): Permissions {
    const home = temporaryFolder();
    const env = { PATH: process.env.PATH, TMPDIR: temporaryFolder() };
    const fixed = {
      mode: 'workspace-write',
      approval: 'on-request',
      network: false,
      writableRoots: [],
    } as const;
    return { ...fixed, cwd, home, env };
  }

  sandboxedTest('is read-only for commands, and cannot be moved away', async () => {
    const box = await createSandbox(permissions());
    const marker = '.oagent-test-marker';
    const tries = [
      ...['src', 'src/cli', 'node_modules', 'node_modules/.bin'].map((name) => `touch ${name}/${marker}`),
      ...[
        'echo >> package.json',
        'mv src src2',
        'mv node_modules n2',
        `touch ${marker} && rm ${marker} && echo fine`,
      ],
    ];
    const script = tries.join('; ');
    const { file, args, env, extraFds, finish } = await box.prepare({
      ...{ argv: ['/bin/sh', '-c', script], cwd, env: { PATH: process.env.PATH } },
    });
    const group = await startGroup(file, args, { cwd, env, extraFds });
    group.stderr.resume();
    expect((await text(group.stdout)).trim()).toBe('fine');
    await finish();
    expect(OWN.flatMap((name) => (existsSync(path.join(name, marker)) ? [name] : []))).toEqual([]);
  });

  test('is refused to a patch, with the reason; the rest of the project is not', () => {
    const { checkWrite } = createPolicy(permissions());
    expect(checkWrite([path.join(cwd, 'docs/new.md')])).toEqual({ allowed: true });
    for (const name of [
      'src/main.ts',
      'src/new/file.ts',
      'package.json',
      'node_modules/execa/index.js',
      'node_modules',
    ])
      expect(checkWrite([path.join(cwd, name)])).toEqual({
        allowed: false,
        message:
          `${path.join(cwd, name)} is part of the oagent that is running, which may not be changed. ` +
          'Its user can run a copy that is installed elsewhere.',
      });
  });

  test('without a sandbox nothing but reading is possible, and the user hears why', async () => {
    const warnings: string[] = [];
    const box = async () => unconfined([]);
    const guard = new SessionGuard({
      permissions: permissions(),
      sandbox: box,
      warn: (message) => void warnings.push(message),
    });
    const ask = async () => ({ type: 'once' }) as const;
    const refused = {
      allowed: false,
      message: `Refused: oagent itself runs from ${cwd}/src, and no sandbox keeps this command from changing it.`,
    };
    expect(await guard.command({ command: 'touch x', cwd }, ask)).toEqual(refused);
    expect(await guard.command({ command: 'make', cwd }, ask)).toEqual(refused);
    expect(await guard.command({ command: 'ls', cwd: '/usr/share' }, ask)).toEqual({ allowed: true });
    expect(warnings).toEqual([
      expect.stringMatching(/^oagent itself runs from .*Fix: install oagent elsewhere/),
    ]);
  });

  test('a session in the middle of it is read-only; one around it is told what cannot be changed', () => {
    vi.stubEnv('OAGENT_HOME', temporaryFolder());
    onTestFinished(() => void vi.unstubAllEnvs());
    const inside = planSession({ cd: path.resolve('src/cli'), sandbox: 'workspace-write' });
    expect([inside.permissions.mode, inside.loaded.warnings]).toEqual([
      'read-only',
      [
        expect.stringContaining(
          `refusing to make ${path.resolve('src/cli')} writable: oagent itself runs from it.`,
        ),
      ],
    ]);
    expect(() => withPermissions(inside, { mode: 'workspace-write', approval: 'never' })).toThrow(
      'oagent itself runs from it',
    );
    const around = planSession({ cd: cwd, sandbox: 'workspace-write' });
    expect([around.permissions.mode, around.loaded.warnings]).toEqual([
      'workspace-write',
      [
        expect.stringMatching(
          /^oagent itself runs from here, so these are read-only: .*npm install -g "\$\(npm pack\)"$/,
        ),
      ],
    ]);
  });
});
