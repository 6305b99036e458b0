import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isOwnWord, mayLeave } from '../../../src/extensions/hooks/leaving.ts';

/** A home outside the folders for temporary files, with a project in it. */
function place() {
  const home = mkdtempSync(path.join(process.env.HOME ?? os.homedir(), '.oagent-hooks-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const cwd = path.join(home, 'proj');
  mkdirSync(path.join(cwd, 'node_modules/.bin'), { recursive: true });
  mkdirSync(path.join(home, 'bin'));
  for (const file of ['proj/check.sh', 'bin/ok.sh', 'proj/node_modules/.bin/jq']) {
    writeFileSync(path.join(home, file), '#!/bin/sh\n');
    chmodSync(path.join(home, file), 0o755);
  }
  symlinkSync(path.join(cwd, 'check.sh'), path.join(home, 'bin/link.sh'));
  const env = { HOME: home, PATH: '/usr/bin:/bin' };
  return { home, where: { cwd, env, permissions: { writableRoots: [] } } };
}

test('a hook leaves the sandbox unless its text leads to what commands can write', () => {
  const { home, where } = place();
  const may = (command: string): boolean => mayLeave(command.replaceAll('{home}', home), where);
  const allowed = [
    'cat > {home}/log.json',
    'jq -r .prompt >> ~/log',
    '~/bin/ok.sh',
    '"$HOME/bin/ok.sh" --flag',
    'bin/ok.sh',
    'notify-send "oagent is done"',
    'curl -s https://example.com/a/b',
  ];
  expect(allowed.filter((command) => !may(command))).toEqual([]);
  const kept = [
    '{home}/proj/check.sh',
    'bash {home}/proj/check.sh',
    '~/proj/check.sh',
    'proj/check.sh',
    'cd proj && npm test',
    'node --require={home}/proj/check.sh x',
    '~/bin/link.sh',
    'cd "$OAGENT_PROJECT_DIR" && npm test',
    'sh ~/pro*/check.sh'.replace('~', '{home}'),
    'cat > /tmp/log',
    `sh -c '{home}/proj/check.sh'`,
  ];
  expect(kept.filter(may)).toEqual([]);
  expect(mayLeave('true', { ...where, env: { HOME: 'relative' } })).toBe(true);
});

test('the word of a hook counts if nothing that runs in it is or obeys a file of the project', () => {
  const { home, where } = place();
  const counts = (command: string, env = where.env): boolean =>
    isOwnWord(command.replaceAll('{home}', home), { ...where, env });
  const yes = [
    `echo '{"hookSpecificOutput":{"permissionDecision":"allow"}}'`,
    `jq -e '.tool_input.command == "ls"' > /dev/null && echo '{}'`,
    '{home}/bin/ok.sh',
    'python3 ~/bin/ok.sh',
    'grep -q x && exit 2; true',
  ];
  expect(yes.filter((command) => !counts(command))).toEqual([]);
  const no = [
    'npm run approve',
    'git status',
    'make approve',
    'python3 -c "import json"',
    'python3 check.sh',
    './check.sh',
    'check.sh',
    'cat *',
    'bash -c "npm run approve"',
    'eval "$(cat)"',
    '~/bin/link.sh',
  ];
  expect(no.filter((command) => counts(command))).toEqual([]);
  expect(counts('jq .', { ...where.env, PATH: `${where.cwd}/node_modules/.bin:/usr/bin` })).toBe(false);
});
