/** What a user sees of a server that is not there, or fails, or does not do what it was asked. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect, createServer as createGate, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { httpFault, type Turn } from '../../src/demo/script.ts';
import type { JsonObject } from '../../src/protocol.ts';
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
    stderr: expect.stringMatching(
      /^Error: the server at http:\/\/127\.0\.0\.1:\d+ does not know this request; is OLLAMA_HOST .*\?\n$/,
    ),
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
  expect(lines[0]).toEqual(reconnecting(1, 'Ollama is busy or starting (503): busy'));
});

test('a server that takes the first question and never answers is given up', async () => {
  const { run } = await bench([], { faultFor: () => ({ kind: 'stall' }) });
  const { code, stderr } = await run(['exec', ...SHORT, '-'], { stdin: 'Hi' });
  expect({ code, stderr }).toEqual({ code: 1, stderr: `Error: ${SILENT}\n` });
});

const NEXT_STEP =
  "The server's log says more (journalctl -u ollama, or ~/.ollama/logs/server.log). Try again, restart Ollama, or use another model.";

test('a server that fails every time is asked three times', async () => {
  const reason =
    "Ollama's runner of base:latest ended in mid-answer (an error was encountered while running the model)";
  const { code, lines, chats } = await turnOf(() =>
    httpFault(500, 'an error was encountered while running the model'),
  );
  expect({ code, lines, asked: chats.length }).toEqual({
    code: 1,
    lines: [
      reconnecting(1, reason),
      reconnecting(2, reason),
      ...failure(`${reason} (tried 3 times)\n${NEXT_STEP}`),
    ],
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
    /^\/api\/chat sent a page of a proxy instead of JSON \(a page instead of an answer\)$/,
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

test('a runner that crashes while it loads the model is not asked to load it again', async () => {
  const { code, lines, chats } = await turnOf(() =>
    httpFault(500, 'llama-server process has terminated: signal: illegal instruction'),
  );
  const message =
    "Ollama's runner crashed while loading base:latest (llama-server process has terminated: signal: illegal instruction). " +
    "Look at the server's log; update Ollama, get the model again, or use another one";
  expect({ code, lines, asked: chats.length }).toEqual({ code: 1, lines: failure(message), asked: 1 });
});

test('a server that is busy is waited for, with the same bytes, and given up when the time is over', async () => {
  const busy = httpFault(503, 'server busy');
  const waiting = (attempt: number, max = 2) => ({
    type: 'error',
    message: `Reconnecting... ${attempt}/${max} (Ollama is busy or starting (503): server busy)`,
  });
  const { code, lines, chats } = await turnOf([busy, busy, { content: 'Here.' }]);
  expect({ code, lines: lines.slice(0, 3) }).toEqual({
    code: 0,
    lines: [
      waiting(1),
      waiting(2),
      { type: 'item.completed', item: { id: 'item_0', type: 'agent_message', text: 'Here.' } },
    ],
  });
  expect(new Set(chats.map((body) => JSON.stringify(body))).size).toBe(1);
  const short = await turnOf(() => busy, ['-c', 'ollama.reconnect_ms=300']);
  expect(short.lines.at(-2)).toEqual({
    type: 'error',
    message: 'Ollama is busy or starting (503): server busy (waited 0 s)',
  });
});

test('a window that does not fit into memory is halved, in this session and for the next', async () => {
  const more = 'model requires more system memory (18.2 GiB) than is available (7.8 GiB)';
  const script = (body: { readonly options?: { readonly num_ctx?: number } }): Turn =>
    (body.options?.num_ctx ?? 0) > 8192 ? httpFault(500, more) : { content: 'Fits.' };
  const { json, chats } = await bench(script);
  const first = await json(['-'], { stdin: 'Hi' });
  expect(first.code).toBe(0);
  const said = first.lines.flatMap(({ type, item }) =>
    type === 'item.completed' && (item as JsonObject).type === 'error' ? [(item as JsonObject).message] : [],
  );
  const step = (from: string, to: string) =>
    `the model does not fit into memory with this window (${more}): ${from} tokens. It is ${to} from now on`;
  expect(said).toEqual([step('32,768', '16,384'), step('16,384', '8,192')]);
  await json(['-'], { stdin: 'Again' });
  expect(chats().map(({ options }) => options.num_ctx)).toEqual([32_768, 16_384, 8192, 8192]);
});

test('a model that does not fit with the smallest window is given up, with the cure', async () => {
  const { code, lines } = await turnOf(
    () => httpFault(500, 'cudaMalloc failed: out of memory'),
    [...['-c', 'model_context_window=8192']],
  );
  expect(code).toBe(1);
  expect(lines.at(-2)).toEqual({
    type: 'error',
    message:
      'the model does not fit into memory with this window (cudaMalloc failed: out of memory), and 8,192 tokens are little already. ' +
      'Set a smaller window (`model_context_window`), start the server with OLLAMA_KV_CACHE_TYPE=q8_0, or use a smaller model',
  });
});

test('OLLAMA_API_KEY and ollama.headers are sent, and never shown', async () => {
  const seen: unknown[] = [];
  const server = createServer(({ headers }, response) => {
    seen.push([headers.authorization, headers['x-team']]);
    response.writeHead(401).end('who?');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { run, env } = await bench([]);
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const key = { ...env, OLLAMA_API_KEY: 'sk-very-secret', OLLAMA_HOST: `http://me:pass/word@${host}` };
  const flags = ['-c', 'ollama.headers={ "X-Team" = "hush-hush" }'];
  const asked = await run(['exec', ...flags, '-'], { env: key, stdin: 'Hi' });
  expect({ code: asked.code, stderr: asked.stderr, seen: seen[0] }).toEqual({
    code: 1,
    stderr: `Error: http://${host} refuses the key that it got (401): check OLLAMA_API_KEY and \`ollama.headers\`\n`,
    seen: ['Bearer sk-very-secret', 'hush-hush'],
  });
  for (const command of [['config', 'show'], ['doctor']]) {
    const { stdout, stderr } = await run([...command, ...flags], { env: key });
    expect(stdout + stderr).not.toMatch(/sk-very|hush|pass.+word/);
  }
});

test('a proxy of the environment is used, gone around with NO_PROXY, and named when it fails', async () => {
  const { env, run } = await bench([{ content: 'Hi.' }, { content: 'Hi.' }]);
  const origin = new URL(env.OLLAMA_HOST ?? '');
  const asked: (string | undefined)[] = [];
  const proxy = createServer((from, to) => {
    const { method, headers, url = '' } = from;
    asked.push(new URL(url).host);
    const { pathname } = new URL(url);
    const onward = request({ host: origin.hostname, port: origin.port, path: pathname, method, headers });
    onward.on('response', (answer) => answer.pipe(to.writeHead(answer.statusCode ?? 0, answer.headers)));
    from.pipe(onward);
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void proxy.close());
  const { port } = proxy.address() as AddressInfo;
  const exec = (more: NodeJS.ProcessEnv) =>
    run(['exec', '-'], { env: { ...env, OLLAMA_HOST: 'http://gpu.invalid:1', ...more }, stdin: 'Hi' });
  const through = await exec({ HTTP_PROXY: `http://me:hush-hush@127.0.0.1:${port}` });
  expect([through.code, through.stdout, new Set(asked)]).toEqual([0, 'Hi.\n', new Set(['gpu.invalid:1'])]);
  const direct = await exec({ HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: '.invalid' });
  expect(direct.stderr).toMatch(/^Error: cannot find the host of http:\/\/gpu\.invalid:1 /);
  const local = await exec({ OLLAMA_HOST: env.OLLAMA_HOST, HTTP_PROXY: 'http://127.0.0.1:1' });
  expect([local.code, local.stdout]).toEqual([0, 'Hi.\n']);
  const down = await exec({ HTTP_PROXY: 'http://me:hush-hush@127.0.0.1:1' });
  expect([down.code, down.stderr]).toEqual([
    1,
    'Error: the proxy http://127.0.0.1:1 of HTTP_PROXY does not answer (ECONNREFUSED): check it, or put gpu.invalid into NO_PROXY\n',
  ]);
});

test('what a server repeats of the credentials is not shown and not traced', async () => {
  const server = createServer(({ headers }, response) => {
    response.writeHead(400).end(JSON.stringify({ error: `who is ${headers.authorization}, pass/w%rd?` }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { run, env, home } = await bench([]);
  const OAGENT_TRACE = `${home}/trace.jsonl`;
  const hosts = { OLLAMA_HOST: `http://me:pass/w%rd@127.0.0.1:${port}`, OAGENT_TRACE };
  const { stderr } = await run(['exec', '-'], { env: { ...env, ...hosts }, stdin: 'Hi' });
  expect(stderr).toBe('Error: Ollama refused the request (400): who is ********, ********?\n');
  expect(readFileSync(OAGENT_TRACE, 'utf8')).not.toMatch(/pass\W+w|bWU6/);
});

test('a model that repeats itself in an answer that has ended at once is asked again', async () => {
  const { json, server, env } = await bench([{ content: 'Now it works.' }]);
  const line = JSON.stringify({ model: 'base', message: { role: 'assistant', content: 'y'.repeat(20_000) } });
  const end = JSON.stringify({ model: 'base', message: {}, done: true, done_reason: 'stop' });
  let isFirst = true;
  // The whole answer comes in one piece, so that it is over when the repetition is found.
  const front = createServer((from, to) => {
    if (from.url === '/api/chat' && isFirst) {
      isFirst = false;
      from.resume().on('end', () => to.end(`${line}\n${end}\n`));
      return;
    }
    const { method, url, headers } = from;
    from.pipe(request(`${server.host}${url}`, { method, headers }, (answer) => answer.pipe(to)));
  });
  await once(front.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void front.close());
  const OLLAMA_HOST = `127.0.0.1:${(front.address() as AddressInfo).port}`;
  const { code, stderr, lines } = await json(['-'], { env: { ...env, OLLAMA_HOST }, stdin: 'Hi' });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(lines.map(({ type }) => type)).toContain('turn.completed');
});

test('work that can no longer end is a failure', async () => {
  const { run } = await bench([]);
  const preload = 'import http from "node:http"; http.request = () => ({ on() { return this; }, end() {} });';
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(preload)}`;
  const { code, stderr } = await run(['exec', '-', '-c', 'ollama.idle_timeout_ms=1000'], {
    env: { NODE_OPTIONS },
    stdin: 'Hi',
  });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'Error: oagent has stopped in the middle of its work.\nThis is a bug in oagent.\n',
  });
});

test('a server that names its time is waited for before it has ever answered', async () => {
  let left = 1;
  const server = createServer((_, response) => {
    if (left-- > 0) response.writeHead(429, { 'retry-after': '0' }).end();
    else response.writeHead(401).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { run, env } = await bench([]);
  const { port } = server.address() as AddressInfo;
  const { stderr } = await run(['exec', '-'], {
    env: { ...env, OLLAMA_HOST: `127.0.0.1:${port}` },
    stdin: 'Hi',
  });
  expect(stderr).toMatch(/^Reconnecting\.\.\. 1\/2 \(.*429.*\)\nError: .* wants a key/);
});

test('a server that goes in mid-answer and comes back gets the same bytes again', async () => {
  const { start, env, chats } = await bench([
    { content: 'Half of it', fault: { kind: 'stall', after: 1 } },
    { content: 'Whole.' },
  ]);
  const origin = Number(new URL(env.OLLAMA_HOST ?? '').port);
  const sockets = new Set<Socket>();
  const gate = createGate((from) => {
    const to = connect(origin, '127.0.0.1');
    for (const socket of [from, to]) sockets.add(socket.on('error', () => undefined));
    from.pipe(to).pipe(from);
  });
  await once(gate.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void gate.close());
  const { port } = gate.address() as AddressInfo;
  const running = start(['exec', 'Hi'], {
    env: { ...env, OLLAMA_HOST: `127.0.0.1:${port}` },
  });
  await vi.waitUntil(() => chats().length === 1, { timeout: 20_000 });
  const closed = once(gate, 'close');
  gate.close();
  for (const socket of sockets) socket.destroy();
  await closed;
  await running.printed('(ECONNREFUSED)');
  gate.listen(port, '127.0.0.1');
  const { code, stdout } = await running.ended;
  const [first, second] = chats();
  expect({ code, stdout, second }).toEqual({ code: 0, stdout: 'Whole.\n', second: first });
});
