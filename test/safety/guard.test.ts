import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ApprovalAnswer } from '../../src/protocol.ts';
import type { Ask } from '../../src/safety/guard.ts';
import { unconfined } from '../../src/safety/sandbox/none.ts';
import { SessionGuard } from '../../src/safety/session-guard.ts';

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

/** What the model asks to run outside the sandbox: the prefix that is offered, or that nothing is asked. */
function escalating(env: NodeJS.ProcessEnv = {}) {
  const own = mkdtempSync(path.join(base, 'home-'));
  const guard = new SessionGuard({
    permissions: {
      mode: 'workspace-write',
      approval: 'on-request',
      network: false,
      cwd,
      writableRoots: [],
      env,
      home: own,
    },
    sandbox: async () => ({ ...unconfined([]), kind: 'bubblewrap' }),
    warn: () => {},
  });
  return async (command: string, prefixRule?: string[]) => {
    let offered: readonly string[] | string | undefined = 'not asked';
    const ask: Ask = async ({ prefix }) => {
      offered = prefix;
      return prefix === undefined ? { type: 'once' } : { type: 'prefix' };
    };
    await guard.command({ command, cwd, escalation: { justification: '', prefixRule } }, ask);
    return offered;
  };
}

test.each([
  ['cargo build && echo ok', ['cargo', 'build']],
  ['cd sub && cargo build | tail -5', ['cargo', 'build']],
  ['go test ./... | grep -E "a|b" | head -n 20', ['go', 'test', './...']],
  ['sleep 1; cargo test', ['cargo', 'test']],
  ['git commit -m "One\n\nTwo"', ['git', 'commit']],
  ["git commit -F - <<'EOF'\nOne\n$(two)\nEOF\n", ['git', 'commit']],
  ['cargo check\ncargo check', ['cargo', 'check']],
])('%j offers %j, and is not asked about again', async (command, prefix) => {
  const asked = escalating();
  expect(await asked(command)).toEqual(prefix);
  expect(await asked(command)).toBe('not asked');
});

test('what was allowed with a harmless command beside it is allowed with any other such', async () => {
  const asked = escalating();
  await asked('cargo build && echo ok');
  expect(await asked('cargo build | wc -l')).toBe('not asked');
  expect(await asked('git fetch && cargo build')).toEqual(['git', 'fetch']);
  expect(await asked('git fetch && cargo build')).toBe('not asked');
});

test.each([
  'cargo build --release',
  'cargo build && cat /home/me/.oagent/auth.json',
  'cargo build && head -5 auth.json',
  'cargo build; grep -r key',
  'cargo build; grep -f auth.json x',
  'cargo build | wc --files0-from=x',
  'cargo build && echo *',
  'cargo build && echo $(id)',
  'cargo build && echo a > b',
  'cargo build && git status',
  'cargo build && touch a',
  'cargo build &',
  "cargo build <<'EOF'\nx\nEOF\ntouch a",
  'cargo build <<EOF\n$(touch a)\nEOF',
  'cargo build "\\\n"; touch a',
])('is still asked about: %j', async (command) => {
  const asked = escalating();
  await asked('cargo build && echo ok');
  expect(await asked(command)).not.toBe('not asked');
});

test('a program of the project is no harmless command', async () => {
  const bin = path.join(cwd, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(path.join(bin, 'tail'), '#!/bin/sh\n', { mode: 0o755 });
  const asked = escalating({ PATH: `${bin}:/usr/bin:/bin` });
  expect(await asked('cargo build | head -5')).toEqual(['cargo', 'build']);
  expect(await asked('cargo build | tail -5')).toBeUndefined();
});
