/** `exec` for a person: the final message on stdout, everything else on stderr. */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { digestOf } from '../../src/demo/models.ts';
import type { Script, Turn } from '../../src/demo/script.ts';
import { ModelMeasures } from '../../src/model/measures.ts';
import { type Bench, BYPASS, bench, hasScript, inTerminal, VERSION } from '../support/exec.ts';
import { NATIVE } from '../support/ollama-server.ts';
import { hasSandbox, sandboxedTest } from '../support/sandbox.ts';

const PATCH = `*** Begin Patch
*** Update File: a.txt
@@
-old
+new
*** End Patch`;

const WORK: readonly Turn[] = [
  {
    thinking: 'First the plan.',
    content: 'I begin.',
    evalCount: 10,
    toolCalls: [
      {
        name: 'update_plan',
        arguments: {
          explanation: 'Short.',
          plan: [
            { step: 'Look', status: 'completed' },
            { step: 'Change', status: 'in_progress' },
            { step: 'Test', status: 'pending' },
          ],
        },
      },
      { name: 'ripgrep', arguments: { pattern: 'old' } },
      { name: 'apply_patch', arguments: { input: PATCH } },
      { name: 'shell', arguments: { command: 'echo out; exit 4' } },
      { name: 'shell', arguments: { command: 'touch c.txt' } },
      { name: 'read_file', arguments: { path: 'b.txt' } },
    ],
  },
  { content: 'Changed a.txt.\nAll is well.', evalCount: 10 },
];

/** What differs from run to run, as a name. */
function steady(text: string, { cwd, server }: Bench): string {
  return text
    .replaceAll(cwd, 'CWD')
    .replaceAll(server.host, 'HOST')
    .replace(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/g, 'UUID')
    .replace(/\d+ms/g, 'Nms');
}

async function workBench(): Promise<Bench> {
  const made = await bench(WORK);
  await writeFile(path.join(made.cwd, 'a.txt'), 'old\n');
  return made;
}

const thousands = (count: number): string => count.toLocaleString('en-US');

test('stdout has only the final message; stderr has the header and a section for everything', async () => {
  const made = await workBench();
  const { code, stdout, stderr } = await made.run(['exec', BYPASS, 'Change it']);
  const read = made.server.log.reduce((sum, { promptTokens }) => sum + (promptTokens ?? 0), 0);
  expect({ code, stdout, stderr: steady(stderr, made) }).toEqual({
    code: 0,
    stdout: 'Changed a.txt.\nAll is well.\n',
    stderr: `Reading additional input from stdin...
oagent v${VERSION}
--------
workdir: CWD
model: base:latest
provider: ollama (HOST)
window: 32,768 tokens (default)
approval: never
sandbox: danger-full-access
reasoning effort: medium
session id: UUID
--------
user
Change it
thinking
First the plan.
oagent
I begin.
plan
Short.
  ✔ Look
  ▸ Change
  □ Test
ripgrep {"pattern":"old"} 1 line
apply patch
patch: completed
update CWD/a.txt
--- a.txt
+++ a.txt
@@ -1,1 +1,1 @@
-old
+new
exec
/bin/bash -c 'echo out; exit 4' in CWD
 exited 4 in Nms:
out
exec
/bin/bash -c 'touch c.txt' in CWD
 succeeded in Nms:
read_file {"path":"b.txt"} path not found: b.txt. Did you mean a.txt or c.txt?
oagent
Changed a.txt.
All is well.
tokens used
${thousands(read + 20)}
1 file changed (+1 -1); 2 commands run
`,
  });
});

test('a model that does not think has no effort; the sandbox and where the window comes from are told', async () => {
  const made = await bench([{ content: 'Hi.' }], { models: [{ ...NATIVE, modelfileNumCtx: 8192 }] });
  const { stderr } = await made.run(['exec', '-s', 'workspace-write', '--add-dir', made.home, 'Hi']);
  expect(steady(stderr, made).split('\n').slice(1, 10)).toEqual([
    `oagent v${VERSION}`,
    '--------',
    'workdir: CWD',
    'model: native:latest',
    'provider: ollama (HOST)',
    'window: 8,192 tokens (modelfile)',
    'approval: never',
    `sandbox: workspace-write [workdir, /tmp, $TMPDIR, ${made.home}]`,
    'session id: UUID',
  ]);
});

/** A model that is led: it changes calc.py, then it is done. */
const LED: Script = ({ format, messages }) => {
  const isDone = messages.some(({ content }) => content.startsWith('Changed calc.py'));
  if (format !== undefined) return { json: isDone ? { act: 'answer' } : { act: 'change', file: 'calc.py' } };
  const isWriting = messages.at(-1)?.role === 'assistant';
  return { content: isWriting ? '```py\na + b\n```' : 'The sum is right.' };
};
const AS_LED = ['-c', 'models."native:latest".profile="led"'];

test('a model that is led is called so, and of what it does not say to the user it is told what it is for', async () => {
  const made = await bench(LED, { models: [NATIVE] });
  await writeFile(path.join(made.cwd, 'calc.py'), 'a - b\n');
  await writeFile(path.join(made.cwd, 'other.py'), 'c\n');
  const { code, stdout, stderr } = await made.run(['exec', BYPASS, ...AS_LED, 'Fix the sum']);
  const lines = steady(stderr, made).split('\n');
  expect({
    code,
    stdout,
    header: lines.slice(3, 7),
    turn: lines.slice(12, -4),
    end: lines.slice(-2),
  }).toEqual({
    code: 0,
    stdout: 'The sum is right.\n',
    header: ['workdir: CWD', 'model: native:latest', 'profile: led (configured)', 'provider: ollama (HOST)'],
    turn: [
      ...['user', 'Fix the sum', 'retrieved calc.py:1-1, other.py:1-1'],
      ...['choosing the next step…', 'writing calc.py…'],
      ...['apply patch', 'patch: completed', 'update CWD/calc.py'],
      ...['--- calc.py', '+++ calc.py', '@@ -1,1 +1,1 @@', '-a - b', '+a + b'],
      ...['oagent', 'The sum is right.'],
    ],
    end: ['1 file changed (+1 -1); no test was run', ''],
  });
});

test('a profile that was measured is told where it is led, one that was configured always', async () => {
  const made = await bench(() => ({ content: 'Hi.', json: { act: 'answer' } }), { models: [NATIVE] });
  const profileOf = async (...flags: string[]): Promise<string | undefined> => {
    const { stderr } = await made.run(['exec', ...flags, 'Say hi']);
    return stderr.split('\n').find((line) => line.startsWith('profile: '));
  };
  const seen = [await profileOf(), await profileOf('-c', 'models."native:latest".profile="native"')];
  const measures = new ModelMeasures(made.home);
  for (const kind of ['native', 'leaked'] as const) {
    measures.keepCalls(made.server.host, 'native:latest', digestOf(NATIVE), {
      native: 0,
      leaked: 0,
      none: 0,
      [kind]: 5,
    });
    seen.push(await profileOf());
  }
  expect(seen).toEqual([undefined, 'profile: native (configured)', undefined, 'profile: led (measured)']);
});

sandboxedTest('of commands that run side by side each has its own heading above its end', async () => {
  const made = await bench([
    { toolCalls: ['cat fifo', 'cat a.txt'].map((command) => ({ name: 'shell', arguments: { command } })) },
    { content: 'Done.' },
  ]);
  await writeFile(path.join(made.cwd, 'a.txt'), 'fast\n');
  spawnSync('mkfifo', [path.join(made.cwd, 'fifo')]);
  const running = made.start(['exec', 'Read']);
  await running.printed('fast\n');
  await writeFile(path.join(made.cwd, 'fifo'), 'slow\n');
  const { stderr } = await running.ended;
  const [slow, fast] = ["/bin/bash -c 'cat fifo' in CWD", "/bin/bash -c 'cat a.txt' in CWD"];
  expect(steady(stderr, made).split('\n').slice(14, -6)).toEqual([
    ...['exec', slow],
    ...['exec', fast, ' succeeded in Nms:', 'fast'],
    ...['exec', slow, ' succeeded in Nms:', 'slow'],
  ]);
});

test('a refused call, a repair, a retry and a failure have their lines', async () => {
  const { run } = await bench([
    { toolCalls: [{ name: 'apply_patch', arguments: { input: PATCH } }] },
    { content: '{"name": "read_file", "arguments": {"path": "x"}}' },
    { content: 'Half an', fault: { kind: 'destroy', after: 1 } },
    { fault: { kind: 'status', status: 400, body: { error: 'enough' } } },
  ]);
  const { code, stdout, stderr } = await run(['exec', 'Go']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const lines = stderr.split('\n');
  expect(lines).toContain('The edit was not made:');
  expect(lines.filter((line) => /^repaired: /.test(line))).toHaveLength(1);
  expect(lines).toContain('Reconnecting... 1/2 (the connection to Ollama was lost (ECONNRESET))');
  expect(lines.slice(-3)).toEqual([
    'ERROR: Ollama refused the request (400): enough',
    'nothing changed; no test was run',
    '',
  ]);
});

test.for([
  [['--color', 'always'], {}, true],
  [['--color', 'never'], {}, false],
  [['--color', 'auto'], {}, false],
  [[], {}, false],
  [['--color', 'always'], { NO_COLOR: '1' }, true],
  [[], { FORCE_COLOR: '1' }, false],
] as const)('colours in a pipe: %o %o', async ([flags, env, colored]) => {
  const made = await workBench();
  const { stdout, stderr } = await made.run(['exec', BYPASS, ...flags, 'Change it'], { env });
  expect({ stdout, colored: stderr.includes('\u001b[') }).toEqual({
    stdout: 'Changed a.txt.\nAll is well.\n',
    colored,
  });
});

test('a colour that is none is wrong usage', async () => {
  const { run, asked } = await bench([]);
  const { code, stderr } = await run(['exec', '--color', 'pink', 'Hi']);
  expect({ code, asked: asked() }).toEqual({ code: 2, asked: [] });
  expect(stderr).toContain(
    "error: option '--color <when>' argument 'pink' is invalid. Allowed choices are always, never, auto.",
  );
});

test('nothing foreign can steer the terminal', async () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31mred\r\b\u202eright';
  const safe = 'red\n<U+202E>right';
  const made = await bench([
    {
      thinking: `T${evil}`,
      content: `C${evil}`,
      toolCalls: [
        { name: 'shell', arguments: { command: `printf 'O\\033[2J\\033]0;x\\007\\r\\n'; : ${evil}` } },
        { name: 'read_file', arguments: { path: `F${evil}` } },
        {
          name: 'apply_patch',
          arguments: { input: `*** Begin Patch\n*** Add File: P\u001b[2J\n+L${evil}\n*** End Patch` },
        },
        { name: `N${evil}`, arguments: {} },
        { name: 'update_plan', arguments: { plan: [{ step: `S${evil}`, status: 'pending' }] } },
      ],
    },
    { fault: { kind: 'status', status: 400, body: { error: `E${evil}` } } },
  ]);
  const { stderr } = await made.run(['exec', BYPASS, `U${evil}`]);
  expect(stderr.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/g)).toBeNull();
  for (const letter of 'TCUS') expect(stderr).toContain(`${letter}${safe}`);
  // A server's message is brought on one line.
  expect(stderr).toContain('Ered <U+202E>right');
});

test('an error before the session is sanitised too', async () => {
  const { run } = await bench([]);
  const { code, stderr } = await run(['exec', '-C', '/no/\u001b[31mred', 'Hi']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'Error: --cd /no/red: no such folder\n' });
});

test('the final message is given to a pipe as the model wrote it', async () => {
  const { run } = await bench([{ content: 'a\u001b[31mb\tc' }]);
  expect((await run(['exec', 'Hi'])).stdout).toBe('a\u001b[31mb\tc\n');
});

test.skipIf(!hasScript || !hasSandbox)(
  'in a terminal everything is shown once, in colour, as it comes',
  async () => {
    const made = await bench([
      {
        thinking: 'First.\nThen',
        content: 'I begin.\nNow.',
        toolCalls: [{ name: 'shell', arguments: { command: 'pwd' } }],
      },
      { content: '{"name": "read_file",\n"arguments": {"path": "b"}}' },
      { content: 'All is\u001b[2J well.\n' },
    ]);
    const { code, stdout } = await inTerminal(made, ['exec', 'Go']);
    const shown = steady(stdout, made).replaceAll('\r', '').split('\n').slice(11, -4);
    const [dim, cyan, magenta, green] = ['\u001b[2m', '\u001b[36m', '\u001b[35m', '\u001b[32m'];
    const end = '\u001b[0m';
    expect({ code, shown }).toEqual({
      code: 0,
      shown: [
        ...[`${cyan}user${end}`, 'Go'],
        ...[`${dim}thinking${end}`, `${dim}First.${end}`, `${dim}Then${end}`],
        ...[`${cyan}oagent${end}`, 'I begin.', 'Now.'],
        ...[
          `${magenta}exec${end}`,
          `\u001b[1m/bin/bash -c pwd${end} in CWD`,
          `${green} succeeded in Nms:${end}`,
          'CWD',
        ],
        expect.stringMatching(/repaired: /),
        expect.stringMatching(/read_file/),
        ...[`${cyan}oagent${end}`, 'All is well.'],
      ],
    });
  },
);

test.skipIf(!hasScript)('NO_COLOR is heeded in a terminal, --color never too', async () => {
  const made = await bench(() => ({ content: 'Plain.' }));
  const runs = [
    await inTerminal({ ...made, env: { ...made.env, NO_COLOR: '1' } }, ['exec', 'Hi']),
    await inTerminal(made, ['exec', '--color', 'never', 'Hi']),
  ];
  expect(runs.map(({ code, stdout }) => [code, stdout.includes('\u001b')])).toEqual([
    [0, false],
    [0, false],
  ]);
});

test.skipIf(!hasScript)('a final message that goes to the terminal alone is sanitised', async () => {
  const made = await bench([{ content: 'a\u001b[2Jb' }]);
  const { stdout } = await inTerminal(made, ['exec', 'Hi'], '2>err.txt');
  expect(stdout).toBe('ab\r\n');
  expect(await readFile(path.join(made.cwd, 'err.txt'), 'utf8')).toContain('oagent\nab\n');
});
