/** Commands that run on between calls, through the agent: events, operations, and other names for the same tools. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Script, Turn } from '../../src/demo/script.ts';
import type { Event, JsonObject } from '../../src/protocol.ts';
import { openItems, type TestAgent, testAgent } from '../support/agent.ts';
import { withOllama } from '../support/ollama-server.ts';
import { sandboxedTest } from '../support/sandbox.ts';
import { isAlive, until } from '../tools/tool-context.ts';

const call = (name: string, args: JsonObject): Turn => ({ toolCalls: [{ name, arguments: args }] });
/** Yields at once, with its process id in the file `pid`. */
const sleeper = call('exec_command', { cmd: 'echo $$ > pid; exec sleep 60', yield_time_ms: 1 });
const done: Turn = { content: 'Done.' };

async function open(script: Script, options: Parameters<typeof testAgent>[1] = {}): Promise<TestAgent> {
  return testAgent(await withOllama(script), options);
}

function outputs(session: TestAgent): string[] {
  return session.agent.history.items.flatMap((item) =>
    item.type === 'tool' ? [item.content.replace(/\d+\.\d seconds/, 'T seconds')] : [],
  );
}

function background(events: readonly Event[]): number[][] {
  return events.flatMap((event) =>
    event.type === 'background_changed' ? [event.running.map(({ sessionId }) => sessionId)] : [],
  );
}

async function pidOf(session: TestAgent): Promise<number> {
  const read = (): number => {
    try {
      return Number(readFileSync(path.join(session.cwd, 'pid'), 'utf8'));
    } catch {
      return 0;
    }
  };
  await until(() => read() > 0);
  return read();
}

test('a command outlives its turn until the front end ends it, and the model learns how', async () => {
  const session = await open([
    sleeper,
    done,
    call('write_stdin', { session_id: 1, yield_time_ms: 60_000 }),
    done,
  ]);
  expect((await session.turn('Go.')).type).toBe('turn_completed');
  const pid = await pidOf(session);
  expect(isAlive(pid)).toBe(true);
  const stopped = session.waitFor(({ type }) => type === 'background_changed');
  session.agent.submit({ type: 'stop_background' });
  expect(await stopped).toEqual({ type: 'background_changed', running: [] });
  expect(isAlive(pid)).toBe(false);
  await session.turn('And?');
  expect(outputs(session)).toEqual([
    'Wall time: T seconds\nProcess running with session ID 1\nOutput:\n',
    'Wall time: T seconds\nProcess exited with code 143\nOutput:\n',
  ]);
  expect(background(session.events)).toEqual([[1], []]);
  expect(openItems(session.events)).toEqual([]);
});

test('an end that nobody waits for is shown whole, and the model is told of it once', async () => {
  const session = await open([
    call('exec_command', {
      cmd: 'mkfifo gate; echo early; read x <gate; echo late; exit 7',
      yield_time_ms: 800,
    }),
    done,
    done,
    call('write_stdin', { session_id: 1 }),
    done,
  ]);
  await session.turn('Go.');
  const ended = session.waitFor(
    (event) => event.type === 'item_completed' && event.item.type === 'command_execution',
  );
  writeFileSync(path.join(session.cwd, 'gate'), 'x\n');
  expect(await ended).toEqual({
    type: 'item_completed',
    callId: expect.any(String),
    item: {
      type: 'command_execution',
      id: expect.any(String),
      command: expect.stringContaining('mkfifo gate'),
      cwd: session.cwd,
      output: 'early\nlate\n',
      exitCode: 7,
      durationMs: expect.any(Number),
      status: 'failed',
      sessionId: 1,
    },
  });
  await session.turn('And?');
  const told = '[Session 1 has ended with exit code 7. write_stdin returns the rest of its output.]';
  const texts = () => session.agent.history.items.map((item) => ('content' in item ? item.content : ''));
  expect(texts().filter((text) => text.includes('Session 1'))).toEqual([told]);
  expect(texts().indexOf(told)).toBeLessThan(texts().indexOf('And?'));
  await session.turn('Show me.');
  expect(outputs(session).at(-1)).toBe('Wall time: T seconds\nProcess exited with code 7\nOutput:\nlate\n');
  expect(texts().filter((text) => text.includes('Session 1'))).toEqual([told]);
  expect(openItems(session.events)).toEqual([]);
});

test('an end that comes between two requests of a turn is told before the next of them', async () => {
  const session = await open([
    call('exec_command', {
      cmd: 'mkfifo gate alive; exec 9<>alive; read x <gate; echo late',
      yield_time_ms: 800,
    }),
    call('exec_command', { cmd: 'echo x > gate; cat alive' }),
    call('exec_command', { cmd: 'true' }),
    done,
  ]);
  const shown = session.waitFor(
    (event) =>
      event.type === 'item_completed' &&
      event.item.type === 'command_execution' &&
      event.item.output === 'late\n',
  );
  const end = session.turn('Go.');
  expect(await shown).toMatchObject({ item: { exitCode: 0, status: 'completed' } });
  expect(await end).toMatchObject({
    type: 'turn_completed',
    evidence: {
      commands: expect.arrayContaining([
        expect.objectContaining({ exitCode: 0, command: expect.stringContaining('read x <gate') }),
      ]),
    },
  });
});

test('the end of the session is the end of its commands', async () => {
  const left = 'trap "" HUP; sleep 60 >/dev/null 2>&1 & echo $! > pid';
  const session = await open([call('shell', { command: left }), sleeper, done]);
  await session.turn('Go.');
  const pid = await pidOf(session);
  session.agent.submit({ type: 'shutdown' });
  await session.agent.settled();
  expect(isAlive(pid)).toBe(false);
  expect(background(session.events)).toEqual([[1], []]);
});

test('an interrupt while the model waits for a command leaves it running', async () => {
  const session = await open([sleeper, call('write_stdin', { session_id: 1 })]);
  const end = session.turn('Go.');
  await session.waitFor((event) => event.type === 'item_started' && event.item.type === 'tool_call');
  session.agent.submit({ type: 'interrupt' });
  expect((await end).type).toBe('turn_aborted');
  expect(outputs(session)[1]).toBe('Wall time: T seconds\naborted by user');
  expect(isAlive(await pidOf(session))).toBe(true);
  expect(background(session.events)).toEqual([[1]]);
  expect(openItems(session.events)).toEqual([]);
});

test('waiting for the same command again and again is no loop', async () => {
  const type = call('write_stdin', { session_id: 1, chars: '\0' });
  const session = await open([
    call('exec_command', { cmd: 'stty -echo; sleep 60', tty: true, yield_time_ms: 1 }),
    ...[type, type, type, type, type],
    done,
  ]);
  expect((await session.turn('Go.')).type).toBe('turn_completed');
  expect(outputs(session).filter((text) => text.includes('[') || text.includes('repeat'))).toEqual([]);
});

test('what the model calls the tools, and their arguments, is understood', async () => {
  const session = await open([
    {
      toolCalls: [
        { name: 'shell', arguments: { cmd: 'echo one' } },
        { name: 'exec_command', arguments: { command: ['bash', '-lc', 'echo two'] } },
        { name: 'bash', arguments: { command: 'echo three' } },
      ],
    },
    done,
  ]);
  await session.turn('Go.');
  expect(outputs(session)).toEqual([
    'Exit code: 0\nWall time: T seconds\nOutput:\none\n',
    'Wall time: T seconds\nProcess exited with code 0\nOutput:\ntwo\n',
    'Wall time: T seconds\nProcess exited with code 0\nOutput:\nthree\n',
  ]);
});

test('a patch in exec_command is a patch', async () => {
  const cmd = "apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: a.txt\n+hi\n*** End Patch\nEOF";
  const session = await open([call('exec_command', { cmd }), done]);
  await session.turn('Go.');
  expect(readFileSync(path.join(session.cwd, 'a.txt'), 'utf8')).toBe('hi\n');
  expect(session.completed().map(({ type }) => type)).toContain('file_change');
});

sandboxedTest('what the sandbox stopped is run again outside if the user says so', async () => {
  const session = await open([call('exec_command', { cmd: 'touch x && echo made' }), done], {
    approval: 'on-failure',
    mode: 'read-only',
  });
  session.agent.subscribe((event) => {
    if (event.type !== 'approval_requested') return;
    session.agent.submit({ type: 'approval', id: event.request.id, answer: { type: 'once' } });
  });
  await session.turn('Go.');
  expect(outputs(session)).toEqual(['Wall time: T seconds\nProcess exited with code 0\nOutput:\nmade\n']);
});

sandboxedTest('a command that yields in the sandbox is not asked about', async () => {
  const cmd = 'echo "Permission denied"; sleep 60';
  const session = await open([call('exec_command', { cmd, yield_time_ms: 700 }), done], {
    approval: 'on-failure',
    mode: 'read-only',
  });
  await session.turn('Go.');
  expect(outputs(session)).toEqual([
    'Wall time: T seconds\nProcess running with session ID 1\nOutput:\nPermission denied\n',
  ]);
  expect(session.events.filter(({ type }) => type === 'approval_requested')).toEqual([]);
});

sandboxedTest('a server in the background answers the next command, and dies with the session', async () => {
  const server =
    "require('http').createServer((_, reply) => reply.end('pong')).listen(8123, () => console.log('listening'))";
  const ask =
    "const get = () => require('http').get('http://127.0.0.1:8123', (reply) => reply.pipe(process.stdout)).on('error', get); get()";
  const session = await open(
    [
      call('exec_command', { cmd: `echo $$ > pid; exec node -e "${server}"`, yield_time_ms: 250 }),
      call('exec_command', { cmd: `node -e "${ask}"` }),
      done,
    ],
    { mode: 'workspace-write' },
  );
  expect((await session.turn('Go.')).type).toBe('turn_completed');
  expect(outputs(session)[1]).toBe('Wall time: T seconds\nProcess exited with code 0\nOutput:\npong');
  session.agent.submit({ type: 'shutdown' });
  await session.agent.settled();
  expect(session.events.findLast(({ type }) => type === 'background_changed')).toEqual({
    type: 'background_changed',
    running: [],
  });
});
