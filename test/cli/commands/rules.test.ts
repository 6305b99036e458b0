import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ExplainOptions, explainDecision } from '../../../src/cli/commands/rules.ts';

let root: string;
let options: ExplainOptions;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'oagent-explain-'));
  const cwd = path.join(root, 'work');
  mkdirSync(cwd);
  options = { home: root, cwd, policy: 'on-request', mode: 'workspace-write', sandboxKind: 'bubblewrap' };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const explain = (command: string, more: Partial<ExplainOptions> = {}) =>
  explainDecision(command, { ...options, ...more }).replaceAll(root, '~');

test('every command of a script with its class and rule, then the decision', () => {
  writeFileSync(
    path.join(root, 'rules.toml'),
    '[[rule]]\nprefix = ["git", "push"]\ndecision = "prompt"\nreason = "It talks to the network."\n',
  );
  expect(explain("cat 'a b' *.md && git push; rm -f it\"'\"s")).toBe(
    `cat 'a b' *.md && git push; rm -f it"'"s
  cat 'a b' *.md
    class: known to only read
    rule: none
  git push
    class: not known to only read
    rule: prompt (git push), ~/rules.toml:1: It talks to the network.
  rm -f 'it'"'"'s'
    class: dangerous
    rule: none
class: dangerous
rules: prompt (git push)
policy: on-request, sandbox: workspace-write (bubblewrap)
decision: asks first, then runs in the sandbox. It talks to the network.
`,
  );
});

test('a script that is not plain, with control characters in it', () => {
  expect(explain('ls > a\u001b[2J')).toBe(
    `ls > a\ufffd[2J
class: not a plain command: what it does cannot be known
rules: none applies
policy: on-request, sandbox: workspace-write (bubblewrap)
decision: runs in the sandbox, without asking
`,
  );
});

test('what is forbidden, dangerous or unconfined under never is refused', () => {
  writeFileSync(path.join(root, 'rules.toml'), '[[rule]]\nprefix = ["curl"]\ndecision = "forbidden"\n');
  const last = (command: string, more: Partial<ExplainOptions> = {}) =>
    explain(command, { policy: 'never', ...more })
      .split('\n')
      .at(-2);
  expect([last('curl a > b'), last('rm -rf a'), last('make', { sandboxKind: 'none' })]).toEqual([
    'decision: refused. `curl a > b` rejected: policy forbids commands starting with `curl`',
    'decision: refused. rm -f style commands are not permitted. Use a safer approach',
    'decision: refused. command rejected: no sandbox works on this machine and the approval policy is Never. Only plain read-only commands (ls, cat, git status; no redirects or variables) can run. Use your other tools for files instead.',
  ]);
});

test('git is not known to only read where the repository names programs', () => {
  mkdirSync(path.join(options.cwd, '.git'));
  writeFileSync(path.join(options.cwd, '.git', 'HEAD'), 'ref: refs/heads/main\n');
  const configure = (text: string) => writeFileSync(path.join(options.cwd, '.git', 'config'), text);
  configure('[core]\n\tbare = false\n');
  const policy = 'untrusted';
  expect(explain('git status', { policy })).toContain('decision: runs in the sandbox, without asking');
  configure('[core]\n\tfsmonitor = ./x\n');
  expect(explain('git status', { policy }).split('\n').slice(-5)).toEqual([
    'class: known to only read, but git may run programs of this repository',
    'rules: none applies',
    'policy: untrusted, sandbox: workspace-write (bubblewrap)',
    'decision: asks first, then runs in the sandbox. It may do more than read, and this session asks before such commands.',
    '',
  ]);
});

test('broken rules are an error that names the place', () => {
  writeFileSync(path.join(root, 'rules.toml'), '[[rule]]\nprefix = 1\n');
  expect(() => explain('ls')).toThrow(`${root}/rules.toml:2:1: prefix must be a list of words`);
});

test('a rule is named at the command in which it is found', () => {
  writeFileSync(
    path.join(root, 'rules.toml'),
    '[[rule]]\nprefix = ["git", "push"]\ndecision = "forbidden"\n',
  );
  expect(explain('ls && git -C . push')).toContain('rule: forbidden (git push), ~/rules.toml:1\n');
});

test('a rule for git says when it does not hold', () => {
  writeFileSync(path.join(root, 'rules.toml'), '[[rule]]\nprefix = ["git"]\ndecision = "allow"\n');
  const permissions = {
    mode: 'workspace-write',
    approval: 'on-request',
    network: false,
    cwd: options.cwd,
  } as const;
  const more = { permissions: { ...permissions, writableRoots: [], env: {}, home: root } };
  expect(explain('git commit -m a', more)).toContain('rules: allow (git)\n');
  expect(explain('git -c core.pager=x log', more)).toContain(
    'rules: none applies: git could run more than the rule means, or in a repository that commands can change\n',
  );
});
