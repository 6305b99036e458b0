import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Turn } from '../../src/demo/script.ts';
import { type Bench, BYPASS, bench } from '../support/exec.ts';
import { NATIVE } from '../support/ollama-server.ts';
import { sandboxedTest } from '../support/sandbox.ts';

const BIOME = path.resolve(import.meta.dirname, '../../node_modules/@biomejs/biome/bin/biome');
/** The files of a patch, one a line. */
const FILES = `node -p 'JSON.parse(require("fs").readFileSync(0)).tool_input.files.join("\\n")'`;

const patched = (...lines: string[]): Turn => ({
  toolCalls: [
    {
      name: 'apply_patch',
      arguments: { input: ['*** Begin Patch', ...lines, '*** End Patch'].join('\n') },
    },
  ],
});
const done: Turn = { content: 'Done.' };

function configure({ home }: Bench, ...lines: string[]): void {
  writeFileSync(path.join(home, 'config.toml'), `${lines.join('\n')}\n`);
}

/** The messages of the last request. */
const lastMessages = (made: Bench) => made.chats().at(-1)?.messages ?? [];

const hooksJson = (event: string, command: string, matcher?: string): string =>
  JSON.stringify({ hooks: { [event]: [{ matcher, hooks: [{ type: 'command', command }] }] } });

sandboxedTest(
  'a formatter and a linter after each patch: the model sees their findings in the same step, and the next patch fits',
  async () => {
    const made = await bench([
      patched('*** Add File: a.js', '+export function  f( x ){ debugger; return x }'),
      patched('*** Update File: a.js', '@@ export function f(x) {', '-\tdebugger;', ' \treturn x;'),
      done,
    ]);
    configure(
      made,
      'sandbox_mode = "workspace-write"',
      '[[hooks.PostToolUse]]',
      'matcher = "apply_patch"',
      'hooks = [',
      `  { type = "command", command = '''${FILES} | xargs ${BIOME} format --write''' },`,
      `  { type = "command", command = '''${FILES} | xargs ${BIOME} lint >&2 || exit 2''' },`,
      ']',
    );
    const { code, stderr } = await made.run(['exec', 'write a.js']);
    expect([code, stderr.match(/^Hook .*$/gm)]).toEqual([
      0,
      ['Hook PostToolUse told the model: ', 'Hook PostToolUse says: it has changed a.js'].map((start) =>
        expect.stringContaining(start),
      ),
    ]);
    expect(readFileSync(path.join(made.cwd, 'a.js'), 'utf8')).toBe(
      'export function f(x) {\n\treturn x;\n}\n',
    );
    const [first = '', second = ''] = lastMessages(made).flatMap(({ role, content }) =>
      role === 'tool' ? [content] : [],
    );
    expect(first).toContain("The user's hook then changed the file:\na.js:\n@@ -1,1 +1,4 @@\n");
    expect(first).toContain('\n+\tdebugger;\n');
    expect(first).toMatch(/The user's PostToolUse hook says:\n[\s\S]*lint\/suspicious\/noDebugger/);
    expect(second).not.toContain('hook');
    expect(made.chats()).toHaveLength(3);
  },
);

test('hooks of a project run when the folder is trusted and exactly they are allowed', async () => {
  const made = await bench(() => done);
  mkdirSync(path.join(made.cwd, '.oagent'));
  const file = path.join(made.cwd, '.oagent', 'hooks.json');
  writeFileSync(file, hooksJson('UserPromptSubmit', 'echo from the project'));
  const run = async (...args: string[]) => {
    const { code, stderr } = await made.run(args);
    const hooks = stderr.split('\n').filter((line) => /hook/i.test(line));
    return [code, hooks, lastMessages(made).some(({ content }) => content.includes('from the project'))];
  };
  expect(await run('exec', 'hi')).toEqual([
    0,
    [expect.stringContaining('because the folder is not trusted')],
    false,
  ]);
  configure(made, `[projects."${made.cwd}"]`, 'trust_level = "trusted"');
  const notAllowed =
    'warning: oagent is not running hooks of this project, because you have not allowed them (.oagent/hooks.json). Look at them and allow them with `oagent hooks trust`';
  expect(await run('exec', 'hi')).toEqual([0, [notAllowed], false]);
  expect((await made.run(['hooks', 'trust'])).stdout).toBe(
    'allowed: .oagent/hooks.json\n  UserPromptSubmit: echo from the project\n',
  );
  expect(await run('exec', 'hi')).toEqual([
    0,
    ['Hook UserPromptSubmit told the model: from the project'],
    true,
  ]);
  writeFileSync(file, hooksJson('UserPromptSubmit', 'echo from the project, changed'));
  expect(await run('exec', 'hi')).toEqual([0, [notAllowed], false]);
  await made.run(['hooks', 'trust', '--refuse']);
  expect(await run('exec', 'hi')).toEqual([0, [], false]);
});

test("Claude Code's settings: their hooks, and nothing about what else is in them", async () => {
  const made = await bench(() => done);
  const settings = (more: object) =>
    writeFileSync(
      path.join(made.cwd, '.claude', 'settings.json'),
      JSON.stringify({ permissions: { allow: ['Bash(ls:*)'] }, ...more }),
    );
  mkdirSync(path.join(made.cwd, '.claude'));
  settings({});
  const said = async () =>
    (await made.run(['exec', 'hi'])).stderr.split('\n').filter((line) => /hook|settings/i.test(line));
  expect(await said()).toEqual([]);
  configure(made, `[projects."${made.cwd}"]`, 'trust_level = "trusted"');
  expect(await said()).toEqual([]);
  const hook = (command: string) => [{ hooks: [{ type: 'command', command }] }];
  settings({ hooks: { SubagentStop: hook('true'), UserPromptSubmit: hook('echo from Claude') } });
  expect((await made.run(['hooks', 'trust'])).stdout).toBe(
    'allowed: .claude/settings.json\n  UserPromptSubmit: echo from Claude\n',
  );
  expect(await said()).toEqual(['Hook UserPromptSubmit told the model: from Claude']);
});

test('a message that a hook refuses is an error of exec, for people and for programs', async () => {
  const made = await bench(() => done);
  configure(
    made,
    '[[hooks.UserPromptSubmit]]',
    `hooks = [{ type = "command", command = "echo no secrets >&2; exit 2" }]`,
  );
  const { code, stdout, stderr } = await made.run(['exec', 'my secret']);
  expect([code, stdout, stderr.split('\n').filter((line) => line.includes('secrets'))]).toEqual([
    1,
    '',
    ['ERROR: a hook does not let this message be sent: no secrets'],
  ]);
  const { lines } = await made.json(['my secret']);
  expect(lines.at(-1)).toMatchObject({
    type: 'turn.failed',
    error: { message: 'a hook does not let this message be sent: no secrets' },
  });
  expect(made.chats()).toEqual([]);
});

test('a broken hook is told of once, and the turn goes on', async () => {
  const made = await bench([
    { toolCalls: [{ name: 'exec_command', arguments: { cmd: 'echo 1' } }] },
    { toolCalls: [{ name: 'exec_command', arguments: { cmd: 'echo 2' } }] },
    done,
  ]);
  configure(made, '[[hooks.PreToolUse]]', `hooks = [{ type = "command", command = "no-such-hook" }]`);
  const { code, lines } = await made.json(['go']);
  const told = lines.filter(({ item }) => (item as { type?: string } | undefined)?.type === 'error');
  expect([code, told]).toEqual([
    0,
    [
      expect.objectContaining({
        item: {
          id: expect.any(String),
          type: 'error',
          message: expect.stringMatching(
            /^Hook PreToolUse \(no-such-hook\) failed, and counts for nothing: it ended with 127/,
          ),
        },
      }),
    ],
  ]);
});

test('hooks list and hooks test show what there is and what comes of it, without a model', async () => {
  const made = await bench([]);
  configure(
    made,
    '[[hooks.PreToolUse]]',
    'matcher = "Bash"',
    `hooks = [{ type = "command", command = "echo never >&2; exit 2", sandbox = false }]`,
  );
  writeFileSync(path.join(made.home, 'hooks.json'), hooksJson('PostToolUse', 'exit 3', 'Edit|Write'));
  const list = await made.run(['hooks']);
  expect(list).toMatchObject({ code: 0, stderr: '' });
  expect(list.stdout).toBe(
    [
      `${made.home}/config.toml (yours)`,
      '  PreToolUse (Bash): echo never >&2; exit 2  [outside the sandbox]',
      `${made.home}/hooks.json (yours)`,
      '  PostToolUse (Edit|Write): exit 3',
      '',
    ].join('\n'),
  );
  const pre = await made.run(['hooks', 'test', 'PreToolUse']);
  expect([pre.code, pre.stdout.replace(/\d+ ms/, 'N ms')]).toEqual([
    0,
    '$ echo never >&2; exit 2\n  ended well in N ms\n  blocks: never\n',
  ]);
  const post = await made.run(['hooks', 'test', 'PostToolUse', '--tool', 'apply_patch']);
  expect(post.stdout.replace(/\d+ ms/, 'N ms')).toBe('$ exit 3\n  failed in N ms: it ended with 3\n');
  expect(await made.run(['hooks', 'test', 'PostToolUse'])).toMatchObject({
    code: 0,
    stderr:
      'No hook is meant for PostToolUse of Bash (--tool: Bash, apply_patch, mcp__server__tool, or any name).\n',
  });
  expect(await made.run(['hooks', 'test', 'Later'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('there is no moment Later'),
  });
  expect(made.asked()).toEqual([]);
});

test('what is wrong with hooks is said with its place', async () => {
  const made = await bench(() => done);
  configure(made, '[[hooks.PreToolUse]]', 'matcher = "("', 'hooks = []');
  const { code, stderr } = await made.run(['exec', 'hi']);
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(
      /config\.toml:1:9: hooks\.PreToolUse\[0\]\.matcher: expected a regular expression, got/,
    ),
  ]);
  configure(made, '');
  for (const [text, problem] of [
    ['{', 'it is not JSON'],
    ['[]', 'hooks is not an object of events'],
    [hooksJson('Nonsense', 'true'), 'there is no moment Nonsense'],
    [hooksJson('Stop', 'true', '('), 'Stop, 1: its matcher "(" is not a regular expression'],
    [
      '{"hooks":{"Stop":[{"hooks":[{"type":"prompt"}]}]}}',
      'there are only hooks of type "command", not "prompt"',
    ],
  ] as const) {
    writeFileSync(path.join(made.home, 'hooks.json'), text);
    const ran = await made.run(['exec', 'hi']);
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining(problem)]);
  }
});

test('a model that is led gets what hooks say of its changes, and is sent back to work by Stop', async () => {
  let texts = 0;
  const made = await bench(
    ({ messages }) =>
      messages.at(-1)?.role === 'assistant'
        ? {
            content: `\`\`\`javascript\nmodule.exports = (a, b) => ${texts++ === 0 ? 'a + b' : 'b + a'};\n\`\`\``,
          }
        : { content: 'The sign was wrong.', json: { act: 'change', file: 'add.js' } },
    { models: [{ ...NATIVE, name: 'base' }] },
  );
  writeFileSync(path.join(made.cwd, 'add.js'), 'module.exports = (a, b) => a - b;\n');
  writeFileSync(path.join(made.cwd, 'test.js'), "if (require('./add')(2, 3) !== 5) throw new Error('no');\n");
  configure(
    made,
    'models."base".profile = "led"',
    '[[hooks.PostToolUse]]',
    'matcher = "Edit"',
    'hooks = [{ type = "command", command = "echo semicolons please >&2; exit 2" }]',
    '[[hooks.Stop]]',
    `hooks = [{ type = "command", command = "test -e $HOME/again || { touch $HOME/again; echo run it again >&2; exit 2; }" }]`,
  );
  const { code, stdout, stderr } = await made.run([
    'exec',
    BYPASS,
    'Fix the bug in add.js. `node test.js` must pass.',
  ]);
  expect([code, stdout], stderr).toEqual([0, 'The sign was wrong.\n']);
  expect(readFileSync(path.join(made.cwd, 'add.js'), 'utf8')).toBe('module.exports = (a, b) => b + a;\n');
  const said = lastMessages(made).flatMap(({ role, content }) => (role === 'user' ? [content] : []));
  expect(said.find((text) => text.includes('semicolons'))).toMatch(
    /passes: the task is done\.\nThe user's PostToolUse hook says:\nsemicolons please/,
  );
  expect(said.join('\n')).toContain("Not done yet. The user's hook says: run it again");
});
