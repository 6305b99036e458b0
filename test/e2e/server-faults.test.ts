/** What a user sees of a server that is not there, or fails, or does not do what it was asked. */
import { expect, test } from 'vitest';
import { httpFault, type Turn } from '../../src/demo/script.ts';
import { NOTHING_SEEN } from '../support/evidence.ts';
import { bench } from '../support/exec.ts';

const reconnecting = (attempt: number, reason: string) => ({
  type: 'error',
  message: `Reconnecting... ${attempt}/2 (${reason})`,
});
const askingAgain = (attempt: number, reason: string) => ({
  type: 'error',
  message: `Asking again... ${attempt}/2 (${reason})`,
});
const failure = (message: string) => [
  { type: 'error', message },
  { type: 'turn.failed', error: { message }, evidence: NOTHING_SEEN },
];

/** The lines behind thread.started and turn.started. */
async function turnOf(
  script: Parameters<typeof bench>[0],
  args: readonly string[] = [],
  options: Parameters<typeof bench>[1] = {},
) {
  const made = await bench(script, options);
  const { code, lines, stderr } = await made.json([...args, '-'], { stdin: 'Hi' });
  expect(lines.slice(0, 2).map(({ type }) => type)).toEqual(['thread.started', 'turn.started']);
  return { code, stderr, lines: lines.slice(2), chats: made.chats() };
}

const SHORT = ['-c', 'ollama.idle_timeout_ms=1000'];
const SILENT =
  'Ollama has sent nothing for 1 s. Check its log, or raise `ollama.idle_timeout_ms` if it needs longer';

test('a server that is down is told at once, with the cure', async () => {
  const { run, json, env } = await bench([]);
  const down = { env: { ...env, OLLAMA_HOST: '127.0.0.1:1' }, stdin: 'Hi' };
  const message =
    'no Ollama server at http://127.0.0.1:1 (ECONNREFUSED): start it with `ollama serve`, or set OLLAMA_HOST';
  const before = performance.now();
  await run(['--version']);
  const version = performance.now();
  const { code, stdout, stderr } = await run(['exec', '-'], down);
  // No pause between tries.
  expect(performance.now() - version).toBeLessThan(5 * (version - before));
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: `Error: ${message}\n` });
  const { lines, ...rest } = await json(['-'], down);
  expect([lines, rest.code, rest.stderr]).toEqual([[{ type: 'error', message }], 1, `Error: ${message}\n`]);
});

test('an address that is none, and a host that nobody knows', async () => {
  const { run } = await bench([]);
  const ask = async (host: string): Promise<string> =>
    (await run(['exec', '-'], { env: { OLLAMA_HOST: host }, stdin: 'Hi' })).stderr;
  expect(await ask('ftp://box')).toMatch(
    /^Error: ftp:\/\/box.* is not a valid server address; check OLLAMA_HOST\n$/,
  );
  expect(await ask('no-such-host.invalid')).toMatch(
    /^Error: cannot find the host of .*no-such-host\.invalid.*: check OLLAMA_HOST\n$/,
  );
});

test('something else than Ollama on that port is told', async () => {
  const { run } = await bench([], {
    faultFor: () => ({ kind: 'status', status: 404, body: '<html>nginx</html>' }),
  });
  const { code, stderr } = await run(['exec', '-'], { stdin: 'Hi' });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'Error: Ollama refused the request (404): <html>nginx</html>\n',
  });
});

test('a server that fails before there is a session is asked again', async () => {
  let left = 1;
  const { json } = await bench([{ content: 'Hi.' }], {
    faultFor: ({ path }) =>
      path === '/api/show' && left-- > 0
        ? { kind: 'status', status: 503, body: { error: 'busy' } }
        : undefined,
  });
  const { code, lines } = await json(['Hi']);
  expect({ code, types: lines.map(({ type }) => type) }).toEqual({
    code: 0,
    types: ['error', 'thread.started', 'turn.started', 'item.completed', 'turn.completed'],
  });
  expect(lines[0]).toEqual(reconnecting(1, 'Ollama answered 503: busy'));
});

test('a server that takes the first question and never answers is given up', async () => {
  const { run } = await bench([], { faultFor: () => ({ kind: 'stall' }) });
  const { code, stderr } = await run(['exec', ...SHORT, '-'], { stdin: 'Hi' });
  expect({ code, stderr }).toEqual({ code: 1, stderr: `Error: ${SILENT}\n` });
});

test('a server that fails every time is asked three times', async () => {
  const reason = 'Ollama answered 500: llama runner process has terminated';
  const { code, lines, chats } = await turnOf(() => httpFault(500, 'llama runner process has terminated'));
  expect({ code, lines, asked: chats.length }).toEqual({
    code: 1,
    lines: [reconnecting(1, reason), reconnecting(2, reason), ...failure(`${reason} (tried 3 times)`)],
    asked: 3,
  });
});

test('a model that vanished meanwhile is not asked for again', async () => {
  const { code, lines, chats } = await turnOf(() => httpFault(404, "model 'base' not found"), ['-m', 'base']);
  const message = "model 'base' is not installed. Get it with `ollama pull base`";
  expect({ code, lines, asked: chats.length }).toEqual({ code: 1, lines: failure(message), asked: 1 });
});

test('a server that never begins to answer is given up: it would read the whole prompt again', async () => {
  const { code, lines, chats } = await turnOf([{ fault: { kind: 'stall' } }], SHORT);
  expect({ code, lines, asked: chats.length }).toEqual({ code: 1, lines: failure(SILENT), asked: 1 });
});

test('a server that stops in the middle is asked again', async () => {
  const { code, lines, chats } = await turnOf(
    [{ content: 'Half', fault: { kind: 'stall', after: 1 } }, { content: 'Whole.' }],
    SHORT,
  );
  expect({ code, lines: lines.slice(0, 2), asked: chats.length }).toEqual({
    code: 0,
    lines: [
      reconnecting(1, SILENT),
      { type: 'item.completed', item: { id: 'item_0', type: 'agent_message', text: 'Whole.' } },
    ],
    asked: 2,
  });
});

test('a model that says nothing is told so, and given up at the third time', async () => {
  const { code, lines, chats } = await turnOf(() => ({ content: '', evalCount: 3 }));
  const reason = 'the model gave an empty answer';
  expect({ code, lines }).toEqual({
    code: 1,
    lines: [askingAgain(1, reason), askingAgain(2, reason), ...failure(`${reason} (tried 3 times)`)],
  });
  expect(chats.map(({ messages }) => messages.length)).toEqual([3, 4, 5]);
  expect(chats[2]?.messages.slice(0, 4)).toEqual(chats[1]?.messages);
});

test('a model that only thinks is asked for its answer', async () => {
  const { code, lines } = await turnOf([{ thinking: 'Hm.' }, { content: 'So.' }]);
  expect([code, lines[0]]).toEqual([0, askingAgain(1, 'the model only thought and did not answer')]);
});

const FAULTS: readonly (readonly [name: string, turn: Turn, reason: RegExp])[] = [
  [
    'garbage',
    { content: 'x', fault: { kind: 'garbage', line: '<html>' } },
    /^\/api\/chat sent something that is not JSON: "<html>"$/,
  ],
  [
    'a cut connection',
    { content: 'x y z', fault: { kind: 'destroy', after: 2 } },
    /^the connection to Ollama was lost \(ECONNRESET\)$/,
  ],
  ['a stream without an end', { content: 'x', fault: { kind: 'no_done' } }, /./],
  [
    'an error in the stream',
    { content: 'x', fault: { kind: 'error_line', error: 'boom' } },
    /^the model stopped with an error: boom$/,
  ],
];

test.for(FAULTS)('%s is one more try', async ([, turn, reason]) => {
  const { code, lines, chats } = await turnOf([turn, { content: 'Whole.' }]);
  expect({ code, asked: chats.length }).toEqual({ code: 0, asked: 2 });
  const told = /^Reconnecting\.\.\. 1\/2 \((.*)\)$/.exec(String(lines[0]?.message))?.[1];
  expect(told).toMatch(reason);
  expect(lines[1]).toEqual({
    type: 'item.completed',
    item: { id: 'item_0', type: 'agent_message', text: 'Whole.' },
  });
  // The same request, byte for byte: what broke off is not part of the conversation.
  expect(chats[1]).toEqual(chats[0]);
});

test('a window that is too small for any work is refused before the model is asked', async () => {
  const { code, lines, chats } = await turnOf([{ content: 'never' }], ['-c', 'model_context_window=512']);
  const message =
    'a window of 512 tokens is too small to work in: at least 4,096 are needed. ' +
    'Set `model_context_window` to 8192 or more; if that is all that base:latest can do, choose another model';
  expect({ code, lines, asked: chats.length }).toEqual({ code: 1, lines: failure(message), asked: 0 });
});

test('a window that the server did not give is warned of', async () => {
  const { lines } = await turnOf([{ content: 'Hi.' }], [], {
    faultFor: ({ path }) =>
      path === '/api/ps'
        ? { kind: 'status', status: 200, body: { models: [{ name: 'base:latest', context_length: 4096 }] } }
        : undefined,
  });
  const message = 'Ollama loaded base:latest with a window of 4096 tokens instead of 32768';
  expect(lines.slice(0, 2)).toEqual([
    { type: 'item.completed', item: { id: 'item_0', type: 'agent_message', text: 'Hi.' } },
    { type: 'item.completed', item: { id: 'item_1', type: 'error', message } },
  ]);
});

test('a server without /api/ps is no reason to fail', async () => {
  const { code } = await turnOf([{ content: 'Hi.' }], [], {
    faultFor: ({ path }) => (path === '/api/ps' ? { kind: 'destroy' } : undefined),
  });
  expect(code).toBe(0);
});
