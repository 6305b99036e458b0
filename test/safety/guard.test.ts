import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ApprovalAnswer } from '../../src/protocol.ts';
import { type Ask, SessionGuard } from '../../src/safety/guard.ts';
import { unconfined } from '../../src/safety/sandbox/none.ts';

const base = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'oagent-guard-')));
const [cwd, home] = [path.join(base, 'ws'), path.join(base, 'home')];
mkdirSync(cwd);
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A guard that asks, with what it has asked. */
function asking(answer: ApprovalAnswer) {
  const asked: unknown[] = [];
  const ask: Ask = async (request) => {
    asked.push(request);
    return answer;
  };
  const guard = new SessionGuard({
    permissions: {
      mode: 'workspace-write',
      approval: 'on-request',
      network: false,
      cwd,
      writableRoots: [],
      excludeSlashTmp: true,
      excludeTmpdirEnvVar: true,
      env: {},
      home,
    },
    sandbox: async () => unconfined([]),
    warn: () => {},
  });
  const write = (...files: string[]) => guard.write({ files, changes: undefined, cwd }, ask);
  return { asked, write };
}

const OUTSIDE = 'writing outside of the project; rejected by user approval settings';

test('a question about a patch names what reaches further than the edit; nothing more is asked', async () => {
  const { asked, write } = asking({ type: 'once' });
  expect(await write(path.join(cwd, 'AGENTS.md'), path.join(cwd, '.vscode/tasks.json'))).toEqual({
    allowed: true,
  });
  expect(asked).toEqual([]);
  const elsewhere = path.join(base, 'other.ts');
  expect(await write(elsewhere)).toEqual({ allowed: true });
  expect(await write(elsewhere, path.join(cwd, 'a.ts'), path.join(cwd, '.envrc'))).toEqual({ allowed: true });
  expect(asked).toEqual([
    { kind: 'patch', cwd, reason: OUTSIDE },
    { kind: 'patch', cwd, reason: `${OUTSIDE}\nNote: .envrc can run programs later or steer agents.` },
  ]);
});

test('an answer for the session covers those files and no others; a no carries what to do instead', async () => {
  const [one, two] = [path.join(base, '1'), path.join(base, '2')];
  const { asked, write } = asking({ type: 'session' });
  await write(one);
  expect([await write(one), asked.length]).toEqual([{ allowed: true }, 1]);
  await write(one, two);
  expect(asked.length).toBe(2);
  const no = asking({ type: 'no', instead: 'use src' });
  expect(await no.write(one)).toEqual({
    allowed: false,
    message: 'rejected by user\nThe user says: use src',
  });
});
