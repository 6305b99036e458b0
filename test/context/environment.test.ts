import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { get_encoding } from 'tiktoken';
import { describe, expect, test } from 'vitest';
import {
  commandShell,
  type Environment,
  environmentContext,
  environmentDiff,
} from '../../src/context/environment.ts';

const environment: Environment = {
  shell: 'bash',
  date: '2026-02-03',
  timezone: 'Europe/Berlin',
  sandbox: { mode: 'workspace-write', networkAccess: false, writableRoots: ['/home/me/src/project'] },
  cwd: '/home/me/src/project',
};

describe('environmentContext', () => {
  test('says what is so, the folder last', () => {
    expect(environmentContext(environment)).toBe(
      `<environment_context>
  <shell>bash</shell>
  <current_date>2026-02-03</current_date>
  <timezone>Europe/Berlin</timezone>
  <sandbox>workspace-write, network off</sandbox>
  <cwd>/home/me/src/project</cwd>
</environment_context>`,
    );
  });

  test('takes less than 70 tokens', () => {
    const encoding = get_encoding('o200k_base');
    expect(encoding.encode(environmentContext(environment)).length).toBeLessThan(70);
    encoding.free();
  });

  test('is the same up to the folder in every folder', () => {
    const there: Environment = {
      ...environment,
      cwd: '/elsewhere',
      sandbox: { ...environment.sandbox, writableRoots: ['/elsewhere'] },
    };
    expect(environmentContext(there)).toBe(
      environmentContext(environment).replace('/home/me/src/project', '/elsewhere'),
    );
  });

  test('names other writable folders where they count', () => {
    const line = (sandbox: Environment['sandbox']): string | undefined =>
      /<sandbox>(.*)<\/sandbox>/.exec(environmentContext({ ...environment, sandbox }))?.[1];
    const writableRoots = [environment.cwd, '/data', '/cache'];
    expect(line({ mode: 'workspace-write', networkAccess: true, writableRoots })).toBe(
      'workspace-write, network on, also writable: /data, /cache',
    );
    expect(line({ mode: 'read-only', networkAccess: false, writableRoots })).toBe('read-only, network off');
    expect(line({ mode: 'danger-full-access', networkAccess: true, writableRoots: [] })).toBe(
      'danger-full-access, network on',
    );
  });
});

describe('environmentDiff', () => {
  test('is nothing when nothing changed', () => {
    expect(environmentDiff(environment, structuredClone(environment))).toBeUndefined();
  });

  test('is what changed', () => {
    const next: Environment = {
      ...environment,
      date: '2026-02-04',
      sandbox: { mode: 'danger-full-access', networkAccess: true, writableRoots: [] },
    };
    expect(environmentDiff(environment, next)).toBe(
      `<environment_context>
  <current_date>2026-02-04</current_date>
  <sandbox>danger-full-access, network on</sandbox>
</environment_context>`,
    );
  });
});

describe('readEnvironment', () => {
  test('reads shell, local date and time zone', () => {
    const script = `
      import { readEnvironment } from ${JSON.stringify(path.resolve('src/context/environment.ts'))};
      const permissions = JSON.parse(process.argv[1]);
      console.log(JSON.stringify(readEnvironment(permissions, new Date('2026-12-31T23:30:00Z'))));`;
    const { sandbox } = environment;
    const { mode, writableRoots } = sandbox;
    const permissions = { cwd: '/w', mode, network: false, writableRoots };
    const read = (TZ: string): unknown =>
      JSON.parse(
        execFileSync(
          process.execPath,
          ['--no-warnings', '--input-type=module', '-e', script, JSON.stringify(permissions)],
          { env: { ...process.env, TZ, SHELL: '/usr/bin/fish' }, encoding: 'utf8' },
        ),
      );
    expect(read('Europe/Berlin')).toEqual({
      shell: 'bash',
      date: '2027-01-01',
      timezone: 'Europe/Berlin',
      sandbox,
      cwd: '/w',
    });
    expect(read('America/New_York')).toEqual({
      shell: 'bash',
      date: '2026-12-31',
      timezone: 'America/New_York',
      sandbox,
      cwd: '/w',
    });
  });

  test('commands run in bash, whatever the user types in', () => {
    expect(commandShell()).toBe('/bin/bash');
  });
});
