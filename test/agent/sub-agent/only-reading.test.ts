import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { onlyReading, type Permissions } from '../../../src/safety/permissions.ts';
import { createSandbox } from '../../../src/safety/sandbox/probe.ts';
import { SessionGuard } from '../../../src/safety/session-guard.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const RULES = `
[[rule]]
prefix = ["touch"]
decision = "allow"

[[rule]]
prefix = ["seq"]
decision = "forbidden"
`;

async function guardOf(change: (permissions: Permissions) => Permissions) {
  const [cwd, home] = [await tempFolder(), await tempFolder()];
  writeFileSync(path.join(home, 'rules.toml'), RULES);
  const permissions = change({
    mode: 'workspace-write',
    approval: 'on-request',
    cwd,
    home,
    env: process.env,
    writableRoots: [],
    network: true,
  });
  const guard = new SessionGuard({ permissions, sandbox: () => createSandbox(permissions), warn: () => {} });
  const ask = async (): Promise<never> => {
    throw new Error('asked');
  };
  return { cwd, guard, permit: (command: string) => guard.command({ command, cwd }, ask) };
}

test('a rule that allows a command lets it out of the sandbox of a session, and not of what only reads', async () => {
  const session = await guardOf((permissions) => permissions);
  expect(await session.permit('touch x')).toEqual({ allowed: true, writes: [session.cwd] });
  const reading = await guardOf(onlyReading);
  const permit = await reading.permit('touch x');
  expect(permit).toMatchObject({ allowed: true, prepare: expect.any(Function) });
});

test('a rule that forbids holds for both, nothing is asked, nothing is written', async () => {
  const { cwd, guard, permit } = await guardOf(onlyReading);
  expect(await permit('seq 3')).toMatchObject({
    allowed: false,
    message: expect.stringContaining('rejected'),
  });
  expect(await permit('rm -rf src')).toMatchObject({ allowed: false });
  const ask = async (): Promise<never> => {
    throw new Error('asked');
  };
  const escalated = { command: 'ls', cwd, escalation: { justification: 'please' } };
  expect(await guard.command(escalated, ask)).toMatchObject({ allowed: false });
  expect(await guard.write({ files: [path.join(cwd, 'a')], changes: [], cwd }, ask)).toMatchObject({
    allowed: false,
  });
  expect(existsSync(path.join(cwd, 'a'))).toBe(false);
});
