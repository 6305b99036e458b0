/** What was seen of a turn: from events alone, through the agent, and what becomes of an answer that it denies. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SessionEvidence } from '../../../src/agent/evidence/evidence.ts';
import type { Script, Turn } from '../../../src/demo/script.ts';
import type { Event, FileChange, Item, JsonObject } from '../../../src/protocol.ts';
import { evidenceLine } from '../../../src/text/evidence-line.ts';
import { type TestAgent, testAgent } from '../../support/agent.ts';
import { NOTHING_SEEN as NOTHING } from '../../support/evidence.ts';
import { chatBodies } from '../../support/exec.ts';
import { withOllama } from '../../support/ollama-server.ts';
import { sandboxedTest } from '../../support/sandbox.ts';

const STARTED: Event = { type: 'turn_started', turnId: 't' };

const tell = (seen: SessionEvidence, ...items: Item[]): void => {
  for (const item of items) seen.hear({ type: 'item_completed', item });
};

function command(line: string, exitCode: number | null, more: object = {}): Item {
  const status = exitCode === 0 ? 'completed' : 'failed';
  const item = { id: 'i', cwd: '/w', output: '', exitCode, durationMs: 1, status, command: line } as const;
  return { type: 'command_execution', ...item, ...more };
}

function patch(status: 'completed' | 'failed', ...changes: FileChange[]): Item {
  return { type: 'file_change', id: 'i', changes, output: '', status };
}

function poll(session: number, output: string): Item {
  const item = { id: 'i', tool: 'write_stdin', output, status: 'completed' } as const;
  return { type: 'tool_call', ...item, arguments: { session_id: session } };
}

test('files with their sums, commands with their runs, the last state of each check; a turn of its own each', () => {
  const seen = new SessionEvidence();
  seen.hear(STARTED);
  tell(
    seen,
    patch('completed', { path: '/w/a', kind: 'update', diff: '--- a\n+++ a\n@@ -1 +1,2 @@\n-x\n+y\n+z\n' }),
    patch('failed', { path: '/w/b', kind: 'add', diff: '+b' }),
    command("/bin/bash -c 'pytest -q'", 1),
    command("/bin/bash -c 'npm run lint'", 0),
    command('/bin/bash -c ls', 2),
    command("/bin/bash -c 'npm test | tail'", 0),
    patch('completed', { path: '/w/a', kind: 'update', movePath: '/w/c', diff: '@@ -1 +1 @@\n-y\n+w\n' }),
    command("/bin/bash -c 'pytest -q'", 0),
    command("/bin/bash -c 'cargo test'", null),
    command('rm -rf /', null, { status: 'declined' }),
    command('make test', 1, { source: 'user' }),
  );
  const commands = [
    { command: 'npm run lint', exitCode: 0, runs: 1 },
    { command: 'ls', exitCode: 2, runs: 1 },
    { command: 'npm test | tail', exitCode: 0, runs: 1 },
    { command: 'pytest -q', exitCode: 0, runs: 2 },
    { command: 'cargo test', exitCode: null, runs: 1 },
  ];
  const files = [{ path: '/w/c', kind: 'update', added: 3, removed: 2 }];
  expect(seen.turn).toEqual({
    files,
    commands,
    checks: [
      { command: 'npm run lint', passed: true },
      { command: 'pytest -q', passed: true },
    ],
  });
  seen.hear(STARTED);
  expect(seen.turn).toEqual(NOTHING);
  expect(seen.session).toMatchObject({
    files,
    commands: [...commands, { command: 'make test', exitCode: 1, runs: 1 }],
  });
});

test('a check that ran in the background counts when its end is told, in whatever turn', () => {
  const seen = new SessionEvidence();
  seen.hear(STARTED);
  tell(seen, command("/bin/bash -c 'npm test'", null, { sessionId: 7, status: 'completed' }));
  tell(seen, poll(7, 'Wall time: 5.0 seconds\nProcess running with session ID 7\nOutput:\n'));
  tell(seen, poll(8, 'Wall time: 5.0 seconds\nProcess exited with code 0\nOutput:\n'));
  const pending = { command: 'npm test', exitCode: null, runs: 1 };
  expect(seen.turn).toEqual({ ...NOTHING, commands: [pending] });
  seen.hear(STARTED);
  tell(
    seen,
    poll(7, 'Wall time: 5.0 seconds\nProcess exited with code 1\nOutput:\nProcess exited with code 0'),
  );
  const ended = { command: 'npm test', exitCode: 1, runs: 1 };
  const failed = { command: 'npm test', passed: false };
  expect([seen.turn, seen.session]).toEqual(
    Array(2).fill({ files: [], commands: [ended], checks: [failed] }),
  );
});

test('an end that is shown by itself counts once, whether it was waited for or not', () => {
  const seen = new SessionEvidence();
  seen.hear(STARTED);
  tell(seen, command("/bin/bash -c 'npm test'", null, { sessionId: 7, status: 'completed' }));
  tell(seen, command("/bin/bash -c 'npm test'", 1, { sessionId: 7, status: 'failed' }));
  tell(seen, poll(7, 'Wall time: 5.0 seconds\nProcess exited with code 1\nOutput:\n'));
  const commands = [{ command: 'npm test', exitCode: 1, runs: 1 }];
  expect(seen.turn).toEqual({ files: [], commands, checks: [{ command: 'npm test', passed: false }] });
});

test('what verifies a turn is a check, whatever it is called', () => {
  const seen = new SessionEvidence();
  seen.hear(STARTED);
  tell(seen, command('/bin/bash -c ./mine', 0));
  seen.verified(' ./mine\n', true);
  seen.verified('rm -rf x', false);
  expect(seen.turn).toEqual({
    files: [],
    commands: [{ command: './mine', exitCode: 0, runs: 1 }],
    checks: [
      { command: './mine', passed: true },
      { command: 'rm -rf x', passed: false },
    ],
  });
});

test('a server may have changed anything, unless it says that its tool only reads', () => {
  const seen = new SessionEvidence();
  const call = (more: object): Item => ({
    ...{ type: 'mcp_tool_call', id: 'i', server: 'files', tool: 'write_file', arguments: {}, output: '' },
    ...{ status: 'completed', ...more },
  });
  seen.hear(STARTED);
  tell(seen, call({ isReadOnly: true }));
  expect([seen.turn, seen.session]).toEqual([NOTHING, NOTHING]);
  tell(seen, call({}), call({ status: 'failed' }));
  expect(seen.turn).toEqual({ ...NOTHING, mcpCalls: 2 });
  seen.hear(STARTED);
  expect([seen.turn, seen.session]).toEqual([NOTHING, { ...NOTHING, mcpCalls: 2 }]);
});

test('in one line', () => {
  const file = { path: '/w/a', kind: 'update', added: 2, removed: 1 } as const;
  const ran = { command: 'ls', exitCode: 0, runs: 2 };
  const check = (name: string, passed: boolean) => ({ command: name, passed });
  expect(
    [
      NOTHING,
      { ...NOTHING, commands: [ran] },
      { ...NOTHING, files: [file] },
      { ...NOTHING, files: [{ ...file, kind: 'delete' } as const] },
      { files: [file, { ...file, kind: 'add' } as const], commands: [ran, { ...ran, runs: 1 }], checks: [] },
      { files: [file], commands: [ran], checks: [check('pytest -q', true)] },
      { ...NOTHING, commands: [ran], checks: [check('pytest\n  -q', false)] },
      { ...NOTHING, commands: [{ ...ran, command: 'a' }], checks: [check('a', true)] },
      { ...NOTHING, checks: ['a', 'b', 'c', 'd', 'e'].map((name) => check(name, name !== 'e')) },
      { ...NOTHING, checks: [check('x'.repeat(100), true)] },
      { ...NOTHING, mcpCalls: 1 },
      { ...NOTHING, commands: [ran], mcpCalls: 2 },
      { ...NOTHING, files: [file], mcpCalls: 2 },
    ].map(evidenceLine),
  ).toEqual([
    'nothing changed; no test was run',
    'no edit outside of commands; 2 commands run',
    '1 file changed (+2 -1); no test was run',
    '1 file deleted (+2 -1); no test was run',
    '2 files changed (+4 -2); 3 commands run',
    '1 file changed (+2 -1); `pytest -q` passed',
    'no edit outside of commands; `pytest -q` failed',
    'no edit outside of commands; `a` passed',
    'nothing changed; `e` failed, `a` passed, `b` passed and 2 more checks',
    `nothing changed; \`${'x'.repeat(59)}…\` passed`,
    '1 MCP call; no test was run',
    '2 MCP calls; 2 commands run',
    '1 file changed (+2 -1), 2 MCP calls; no test was run',
  ]);
});

test('any events give evidence that fits together, and one line', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  const item = fc.oneof(
    fc.tuple(text, fc.option(fc.integer({ min: 0, max: 255 }))).map(([line, code]) => command(line, code)),
    fc.tuple(fc.nat({ max: 3 }), text).map(([id, line]) => command(line, null, { sessionId: id })),
    fc.tuple(fc.nat({ max: 3 }), text).map(([id, output]) => poll(id, output)),
    text.map((name) => patch('completed', { path: name, kind: 'update', diff: name })),
    fc.constant(command('pytest', 1)),
  );
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const seen = new SessionEvidence();
      seen.hear(STARTED);
      tell(seen, ...items);
      const { commands, checks } = seen.turn;
      expect(commands.reduce((total, { runs }) => total + runs, 0)).toBe(
        items.filter(({ type }) => type === 'command_execution').length,
      );
      const codes = new Map(commands.map((ran) => [ran.command, ran.exitCode]));
      for (const check of checks) expect(codes.get(check.command) === 0).toBe(check.passed);
      expect(evidenceLine(seen.turn)).not.toContain('\n');
    }),
  );
});

// --- through the agent

const call = (name: string, args: JsonObject): Turn => ({ toolCalls: [{ name, arguments: args }] });
const shell = (line: string): Turn => call('shell', { command: line });
const edit = call('apply_patch', {
  input: '*** Begin Patch\n*** Update File: calc.py\n@@\n-a - b\n+a + b\n*** End Patch',
});

async function open(script: Script, options: Parameters<typeof testAgent>[1] = {}) {
  const server = await withOllama(script);
  const session = await testAgent(server, options);
  writeFileSync(path.join(session.cwd, 'calc.py'), 'a - b\n');
  return { ...session, server };
}

const notesOf = ({ agent }: TestAgent): string[] =>
  agent.history.items.flatMap((item) => (item.type === 'user' && item.kind === 'note' ? [item.content] : []));

test('a turn ends with what was seen, a failed one too', async () => {
  const session = await open([edit, shell('true && node --test nothing.js'), { content: 'Done.' }]);
  const files = [{ path: path.join(session.cwd, 'calc.py'), kind: 'update', added: 1, removed: 1 }];
  expect(await session.turn('Fix it.')).toEqual({
    type: 'turn_completed',
    turnId: expect.any(String),
    usage: expect.any(Object),
    lastMessage: 'Done.',
    evidence: {
      files,
      commands: [{ command: 'true && node --test nothing.js', exitCode: 1, runs: 1 }],
      checks: [{ command: 'true && node --test nothing.js', passed: false }],
    },
  });
  const failing = await open([edit, { fault: { kind: 'status', status: 400, body: { error: 'no' } } }]);
  expect(await failing.turn('Fix it.')).toMatchObject({
    type: 'turn_failed',
    evidence: { ...NOTHING, files: [{ kind: 'update', added: 1, removed: 1 }] },
  });
});

test('an answer that claims a change where there was none is asked once, and the turn goes on', async () => {
  const session = await open([
    { content: 'I have fixed the sign in `calc.py`.' },
    edit,
    { content: 'I have fixed the sign in `calc.py`. All tests pass.' },
  ]);
  expect(await session.turn('Fix it.')).toMatchObject({
    lastMessage: 'I have fixed the sign in `calc.py`. All tests pass.',
    evidence: { files: [{ added: 1, removed: 1 }] },
  });
  expect(notesOf(session)).toEqual(['[Not so: nothing changed. Do it now, or correct your answer.]']);
  expect(session.events.filter(({ type }) => type === 'retry')).toEqual([
    {
      type: 'retry',
      ...{ attempt: 1, max: 1, isModelFault: true },
      reason: 'the answer claims something that did not happen (nothing changed)',
    },
  ]);
  // What was sent before stays as it was.
  const [first, second] = chatBodies(session.server.log);
  expect(second?.messages.slice(0, first?.messages.length)).toEqual(first?.messages);
});

test('an answer that claims a test that failed is told which', async () => {
  const session = await open([
    shell('node --test nothing.js'),
    { content: 'All tests pass.' },
    { content: 'The test fails.' },
  ]);
  expect(await session.turn('Test it.')).toMatchObject({ lastMessage: 'The test fails.' });
  expect(notesOf(session)).toEqual([
    '[Not so: `node --test nothing.js` failed. Do it now, or correct your answer.]',
  ]);
});

test('honest answers, and what an earlier turn has done, are not asked about', async () => {
  const session = await open([
    edit,
    shell("printf 'process.exit(0)' > a.test.js; node --test a.test.js"),
    { content: 'I have fixed `calc.py`. All tests pass.' },
    { content: 'I have fixed `calc.py`. All tests pass.' },
    { content: 'All tests pass.' },
    { content: 'No test was run.' },
  ]);
  await session.turn('Fix it.');
  await session.turn('What did you do?');
  expect(notesOf(session)).toEqual([]);
  const other = await open([{ content: 'All tests pass.' }, { content: 'No test was run.' }]);
  expect(await other.turn('Test it.')).toMatchObject({ lastMessage: 'No test was run.', evidence: NOTHING });
});

test('a turn is verified by a command that runs as the model’s do', async () => {
  const script: Script = () => ({ content: 'Done.' });
  const session = await open(script);
  const end = async (verify: string): Promise<Event> => {
    const ended = session.waitFor(({ type }) => type === 'turn_completed');
    session.agent.submit({ type: 'user_turn', text: 'Go.', verify });
    return ended;
  };
  expect(await end('grep -q "a - b" calc.py')).toMatchObject({
    lastMessage: 'Done.',
    isVerified: true,
    evidence: {
      files: [],
      commands: [{ command: 'grep -q "a - b" calc.py', exitCode: 0, runs: 1 }],
      checks: [{ command: 'grep -q "a - b" calc.py', passed: true }],
    },
  });
  const requests = chatBodies(session.server.log).length;
  expect(await end('echo bad; exit 4')).toMatchObject({
    isVerified: false,
    evidence: { checks: [{ command: 'echo bad; exit 4', passed: false }] },
  });
  expect(session.completed().at(-1)).toMatchObject({
    type: 'command_execution',
    output: 'bad\n',
    exitCode: 4,
    status: 'failed',
  });
  // The model has no part in it.
  expect(chatBodies(session.server.log).length).toBe(requests + 1);
  expect(JSON.stringify(session.agent.history.items)).not.toContain('exit 4');
});

test('an interrupt ends what verifies a turn, and the turn', async () => {
  const session = await open([{ content: 'Done.' }]);
  const began = session.waitFor(
    (event) => event.type === 'item_started' && event.item.type === 'command_execution',
  );
  const ended = session.waitFor(({ type }) => type === 'turn_aborted');
  session.agent.submit({ type: 'user_turn', text: 'Go.', verify: 'sleep 60' });
  await began;
  session.agent.submit({ type: 'interrupt' });
  expect((await ended).type).toBe('turn_aborted');
});

sandboxedTest('what verifies a turn is sandboxed, and refused where the model would be', async () => {
  const session = await open(() => ({ content: 'Done.' }), { mode: 'read-only' });
  const end = async (verify: string): Promise<Event> => {
    const ended = session.waitFor(({ type }) => type === 'turn_completed');
    session.agent.submit({ type: 'user_turn', text: 'Go.', verify });
    return ended;
  };
  expect(await end('cat calc.py')).toMatchObject({ isVerified: true });
  expect(await end('echo x > calc.py')).toMatchObject({ isVerified: false });
  expect(await end('rm -rf calc.py')).toMatchObject({
    isVerified: false,
    evidence: { files: [], commands: [], checks: [{ command: 'rm -rf calc.py', passed: false }] },
  });
  expect(session.events.filter(({ type }) => type === 'call_rejected')).toHaveLength(1);
});
