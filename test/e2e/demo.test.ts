/** `oagent demo`: works, tells its story, and leaves nothing behind. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bench, MAIN } from '../support/exec.ts';
import { startInPty } from '../support/pty.ts';

test('the demo repairs its repository and cleans up', async () => {
  const { run, env, home, asked } = await bench([]);
  const { code, stdout, stderr } = await run(['demo']);
  expect(code).toBe(0);
  const sections = stdout
    .split('\n')
    .filter((line) =>
      /^(This is a demonstration|Fixed in|Changes in|[-+]{3} |To work with a real model)/.test(line),
    );
  expect(sections).toEqual([
    'This is a demonstration: the model is scripted, everything else is real. A scripted server replaces Ollama,',
    expect.stringMatching(/^Fixed in `src\/discount\.js:14`: .* All 9 tests pass\.$/),
    'Changes in the repository:',
    '--- a/src/discount.js',
    '+++ b/src/discount.js',
    'To work with a real model: install Ollama (https://ollama.com), then',
  ]);
  expect(stdout).toContain(
    '-    if (quantity > tier.from) percent = tier.percent;\n+    if (quantity >= tier.from) percent = tier.percent;\n',
  );
  const shown = stderr
    .split('\n')
    .filter((line) =>
      /^(user|thinking|oagent|plan|ripgrep|read_file|apply patch|The edit|Failed to find|patch: |exec| succeeded|tokens used|\d file)/.test(
        line,
      ),
    );
  expect(shown.map((line) => line.replace(/ \{.*| in \d+ms:/, ''))).toEqual([
    ...['oagent v', 'user'].map((start) => expect.stringMatching(new RegExp(`^${start}`))),
    ...['thinking', 'oagent', 'plan', 'ripgrep'],
    'read_file',
    ...[
      'oagent',
      'plan',
      'The edit was not made:',
      expect.stringMatching(/^Failed to find expected lines in /),
    ],
    ...['thinking', 'oagent', 'apply patch', 'patch: completed'],
    ...['plan', 'exec', ' succeeded', 'plan', 'oagent', 'tokens used'],
    '1 file changed (+1 -1); `node --test --test-reporter=spec` passed (9 tests)',
  ]);
  expect({ home: readdirSync(home), tmp: readdirSync(env.TMPDIR ?? ''), asked: asked() }).toEqual({
    home: [],
    tmp: [],
    asked: [],
  });
});

test('it minds no configuration of the user, and no server', async () => {
  const { run, env } = await bench([]);
  const { code } = await run(['demo'], {
    env: { ...env, OAGENT_HOME: '/dev/null/none', OLLAMA_HOST: 'nonsense:1:2:3', NO_COLOR: '1' },
    cwd: '/',
  });
  expect(code).toBe(0);
});

test('in a terminal as the interactive session', async () => {
  const { env, home } = await bench([]);
  const { screen, type, ended } = startInPty(process.execPath, [MAIN, 'demo'], { cwd: home, env, rows: 60 });
  await screen.until(/All 9 tests pass\.[\s\S]*Ask oagent/);
  type('\x04');
  expect(await ended).toEqual({ code: 0, signal: 0 });
  await screen.until('oagent -m qwen3-coder');
  expect(screen.history().match(/All 9 tests pass\./g)).toHaveLength(1);
});
