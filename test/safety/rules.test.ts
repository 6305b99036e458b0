import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { classify } from '../../src/safety/dangerous.ts';
import { mayBeSaved } from '../../src/safety/prefixes.ts';
import { appendRule, decideByRules, loadRules } from '../../src/safety/rules.ts';
import { RulesError } from '../../src/safety/rules-source.ts';
import { runSource } from '../support/run-source.ts';

let home: string;
let file: string;

beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'oagent-rules-'));
  file = path.join(home, 'rules.toml');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const RULES = `# mine
[[rule]]
prefix = ["git", ["push", "fetch"]]
decision = "prompt"
reason = "network"
match = ["git push origin", 'git "fetch"']
not_match = ["git status"]

[[ rule ]] # second
prefix = ["cargo"]
decision = "allow"
[["rule"]]
decision = "forbidden"
prefix = ["cargo", "publish"]
`;

function load(text: string) {
  writeFileSync(file, text);
  return loadRules(home);
}

/** The error's text with the folder cut out. */
function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RulesError) return error.message.replaceAll(home, '');
    throw error;
  }
  throw new Error('no error');
}

describe('loading', () => {
  test('no file is no rules', () => {
    expect(loadRules(home)).toEqual({ file, rules: [] });
  });

  test('rules come with their line', () => {
    expect(load(RULES)).toEqual({
      file,
      rules: [
        { prefix: [['git'], ['push', 'fetch']], decision: 'prompt', reason: 'network', line: 2 },
        { prefix: [['cargo']], decision: 'allow', line: 9 },
        { prefix: [['cargo'], ['publish']], decision: 'forbidden', line: 12 },
      ],
    });
  });

  test('a header inside of a string is none', () => {
    const text = `[[rule]]\nprefix = ["a"]\ndecision = "allow"\nreason = """\n[[rule]]\n"""\n[[rule]]\nprefix = ["b"]\ndecision = "allow"\n`;
    expect(load(text).rules.map(({ line }) => line)).toEqual([1, 7]);
  });

  test('rules in a list are all at the first mention', () => {
    const text =
      '\nrule = [{ prefix = ["a"], decision = "allow" }, { prefix = ["b"], decision = "allow" }]\n';
    expect(load(text).rules.map(({ line }) => line)).toEqual([2, 2]);
  });

  test('an error shows the place', () => {
    const text =
      '[[rule]]\nprefix = ["a"]\ndecision = "allow"\n\n[[rule]]\nprefix = ["b"]\ndecision = "yes"\n';
    expect(failure(() => load(text))).toBe(
      'Error loading rules.toml:\n/rules.toml:7:1: decision must be "allow", "prompt" or "forbidden"\n  |\n7 | decision = "yes"\n  | ^',
    );
  });

  const rule = (lines: string) => `[[rule]]\nprefix = ["git", "push"]\ndecision = "allow"\n${lines}\n`;
  test.each([
    ['[[rule]', '/rules.toml:1:'],
    ['a = 1', '/rules.toml:1:1: unknown key "a": rules are [[rule]] tables'],
    ['\n[[rules]]\nprefix = ["a"]', '/rules.toml:2:3: unknown key "rules": rules are [[rule]] tables'],
    ['[rule]\nprefix = ["a"]', '/rules.toml:1:2: write rules as [[rule]], with double brackets'],
    ['rule = [1]', '/rules.toml:1:1: a rule must be a table'],
    [
      rule('reasons = "a"'),
      '/rules.toml:4:1: unknown key "reasons"; a rule has prefix, decision, exact, reason, match, not_match',
    ],
    [rule('exact = 1'), '/rules.toml:4:1: exact must be true or false'],
    [
      rule('exact = true').replace('allow', 'prompt'),
      '/rules.toml:4:1: only a rule that allows can be exact',
    ],
    [rule('reason = 1'), '/rules.toml:4:1: reason must be a string'],
    [rule('match = "git push"'), '/rules.toml:4:1: match must be a list of commands'],
    [rule('match = [1]'), '/rules.toml:4:1: match must be a list of commands'],
    [
      rule('match = ["git push", "git pull"]'),
      '/rules.toml:4:1: match example "git pull" does not match the rule',
    ],
    [
      rule('not_match = ["git push -f"]'),
      '/rules.toml:4:1: not_match example "git push -f" matches the rule',
    ],
    [
      rule('match = ["git push > a"]'),
      '/rules.toml:4:1: match example "git push > a" is not a plain command',
    ],
    ['[[rule]]\ndecision = "allow"', '/rules.toml:1:3: prefix must be a list of words'],
    ['[[rule]]\nprefix = []\ndecision = "allow"', '/rules.toml:2:1: prefix must be a list of words'],
    ['[[rule]]\nprefix = [""]\ndecision = "allow"', '/rules.toml:2:1: prefix must be a list of words'],
    ['[[rule]]\nprefix = ["a", []]\ndecision = "allow"', '/rules.toml:2:1: prefix must be a list of words'],
    ['[[rule]]\nprefix = ["a"]', '/rules.toml:1:3: decision must be'],
  ])('%j is refused', (text, message) => {
    expect(failure(() => load(text))).toContain(message);
  });

  test('what is no readable UTF-8 file is refused', () => {
    writeFileSync(file, Buffer.from([0x23, 0x0a, 0x23, 0xff, 0x0a]));
    expect(failure(() => loadRules(home))).toBe(
      'Error loading rules.toml:\n/rules.toml:2:1: the line is not valid UTF-8',
    );
    rmSync(file);
    mkdirSync(file);
    expect(failure(() => loadRules(home))).toBe('Cannot read /rules.toml: it is not a regular file');
  });

  const fragment = fc.oneof(
    fc.constantFrom(
      '[[rule]]\n',
      'prefix',
      'decision',
      'match',
      ' = ',
      '["a"]',
      '"allow"',
      '"""',
      "'",
      '[',
      ']',
      '{',
      '\n',
    ),
    fc.constantFrom(
      '[[rule]]\nprefix = ["a"]\ndecision = "allow"\n',
      '__proto__',
      '\r\n',
      '#',
      '\0',
      '\u2028',
    ),
    fc.string({ unit: 'binary' }),
  );
  test('any text gives rules, or an error with file and line', () => {
    fc.assert(
      fc.property(fc.array(fragment), (fragments) => {
        try {
          load(fragments.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(RulesError);
          expect(String(error)).toMatch(/rules\.toml:\d+:\d+: ./);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('deciding', () => {
  const decide = (command: string) => {
    const { segments, reach } = classify(command);
    return decideByRules(segments, load(RULES), reach);
  };
  const prompt = (word: string) => ({
    decision: 'prompt',
    prefix: ['git', word],
    reason: 'network',
    line: 2,
  });
  const allow = { decision: 'allow', prefix: ['cargo'], line: 9 };
  const forbidden = { decision: 'forbidden', prefix: ['cargo', 'publish'], line: 12 };

  test('an exact rule allows its words and no more', () => {
    const rules = load('[[rule]]\nprefix = ["cargo", "build"]\nexact = true\ndecision = "allow"\n');
    const of = (command: string) => decideByRules(classify(command).segments, rules)?.decision;
    expect(['cargo build', 'cargo build --release', 'cargo'].map(of)).toEqual([
      'allow',
      undefined,
      undefined,
    ]);
  });

  test.each<[string, unknown]>([
    ['git status', undefined],
    ['git', undefined],
    ['git push', prompt('push')],
    ["git 'fetch' a", prompt('fetch')],
    ['/usr/bin/git push', prompt('push')],
    ['cargo build --release', allow],
    ['cargo build && cargo test', allow],
    ["bash -lc 'cargo build'", allow],
    ['cargo publish', forbidden],
    ['cargo build && ls', undefined],
    ['ls | cargo build', undefined],
    ['cargo build && git push', prompt('push')],
    ['git push; cargo publish', forbidden],
    // Nothing is allowed that was not read with certainty.
    ['/tmp/cargo build', undefined],
    ['cargo build > log', undefined],
    ['cargo build &', undefined],
    ['X=1 cargo build', undefined],
    ['nohup cargo build', undefined],
    ['cargo* build', undefined],
    // Forbidden and prompted are found anywhere.
    ['cargo publish > log', forbidden],
    ['(git push) &', prompt('push')],
    ['sudo cargo publish', forbidden],
    ["sh -c 'cargo publish; ls > a'", forbidden],
    ['', undefined],
  ])('%j', (command, expected) => {
    expect(decide(command)).toEqual(expected);
  });

  test('a glob is not the word that a rule allows', () => {
    const rules = load('[[rule]]\nprefix = ["touch", "*"]\ndecision = "allow"\n');
    const of = (command: string) => decideByRules(classify(command).segments, rules)?.decision;
    expect(['touch *', "touch '*'", "touch '*' a"].map(of)).toEqual([undefined, 'allow', 'allow']);
  });
});

describe('appending', () => {
  test('creates the folder and the file for the user alone', () => {
    const folder = path.join(home, 'new');
    appendRule(folder, { prefix: ['cargo', 'build'], isExact: true });
    const created = path.join(folder, 'rules.toml');
    expect(readFileSync(created, 'utf8')).toBe(
      '[[rule]]\nprefix = ["cargo", "build"]\ndecision = "allow"\nexact = true\n',
    );
    expect(loadRules(folder).rules.map(({ isExact }) => isExact)).toEqual([true]);
    expect([statSync(created).mode & 0o777, statSync(folder).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(readdirSync(folder)).toEqual(['rules.toml']);
  });

  test('keeps what is there, its mode and a link, and saves nothing twice', () => {
    const target = path.join(home, 'dotfile');
    writeFileSync(target, '# mine');
    chmodSync(target, 0o640);
    symlinkSync(target, file);
    appendRule(home, { prefix: ['git', 'push'], isExact: false });
    appendRule(home, { prefix: ['git', 'push'], isExact: false });
    expect(readFileSync(target, 'utf8')).toBe(
      '# mine\n\n[[rule]]\nprefix = ["git", "push"]\ndecision = "allow"\n',
    );
    expect([readlinkSync(file), statSync(target).mode & 0o777]).toEqual([target, 0o640]);
  });

  test('two processes that append at the same moment lose nothing', async () => {
    const program = `
      import { appendRule } from ${JSON.stringify(path.resolve('src/safety/rules.ts'))};
      process.stdout.write('ready');
      process.stdin.once('data', (name) => {
        for (let i = 0; i < 40; i++) appendRule(${JSON.stringify(home)}, { prefix: ['git', 'add', name + i], isExact: false });
        process.exit();
      });`;
    const writers = ['a', 'b'].map((name) => {
      const child = runSource(program);
      return { name, child, ready: once(child.stdout, 'data') };
    });
    await Promise.all(writers.map(({ ready }) => ready));
    for (const { name, child } of writers) child.stdin.write(name);
    const ended = await Promise.all(writers.map(({ child }) => child));
    expect(ended.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const saved = loadRules(home).rules.map(({ prefix }) => String(prefix));
    const all = ['a', 'b'].flatMap((name) => Array.from({ length: 40 }, (_, i) => `git,add,${name}${i}`));
    expect(saved.sort()).toEqual(all.sort());
  });

  test('a banned prefix is not saved', () => {
    expect(failure(() => appendRule(home, { prefix: ['python3', '-c'], isExact: true }))).toBe(
      'A rule for `python3 -c` would allow almost anything; it was not saved.',
    );
    expect(existsSync(file)).toBe(false);
  });

  test.each([
    '[[rule]',
    'rule = [{ prefix = ["a"], decision = "allow" }]\n',
  ])('a file that cannot take it stays as it was: %j', (text) => {
    writeFileSync(file, text);
    expect(failure(() => appendRule(home, { prefix: ['git', 'push'], isExact: false }))).toContain(
      '/rules.toml:',
    );
    expect([readFileSync(file, 'utf8'), readdirSync(home)]).toEqual([text, ['rules.toml']]);
  });

  test('a folder that cannot be made is an error of the rules', () => {
    const blocked = path.join(home, 'file');
    writeFileSync(blocked, '');
    expect(
      failure(() => appendRule(path.join(blocked, 'a'), { prefix: ['git', 'push'], isExact: false })),
    ).toMatch(/^Cannot (read|write) \//);
  });

  const word = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.constantFrom(
      '"',
      '\\',
      "'''",
      ']',
      '[[rule]]',
      '#',
      '\u007f',
      'é',
      '\ufeff',
      '\ud83d\ude00',
      '\u0085',
    ),
  );
  test('whatever is appended loads again, behind whatever was there', () => {
    fc.assert(
      fc.property(fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { maxLength: 4 }), (prefixes) => {
        writeFileSync(file, '# start');
        const saved: string[] = [];
        for (const words of prefixes) {
          const offer = { prefix: ['git', 'add', ...words], isExact: false };
          if (!mayBeSaved(offer)) continue;
          const { prefix } = offer;
          appendRule(home, offer);
          const id = JSON.stringify(prefix.map((part) => [part]));
          if (!saved.includes(id)) saved.push(id);
        }
        expect(
          loadRules(home).rules.map(({ prefix, decision }) => [JSON.stringify(prefix), decision]),
        ).toEqual(saved.map((id) => [id, 'allow']));
      }),
      { numRuns: 150 },
    );
  });
});
