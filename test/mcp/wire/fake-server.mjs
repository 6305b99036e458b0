/**
 * A server on stdio that is as bad as its argument says. What it is asked comes to the handler `on[method]`; all others answer as a good one.
 * Besides the real ones, which are never bad.
 */
import { spawn } from 'node:child_process';
import { closeSync, writeFileSync } from 'node:fs';

const [, , mode = 'good', ...rest] = process.argv;
const print = (text) => process.stdout.write(text);
const send = (message) => print(`${JSON.stringify(message)}\n`);
const reply = (id, result) => send({ jsonrpc: '2.0', id, result });
const notify = (method, params) => send({ jsonrpc: '2.0', method, params });
const refuse = (id, code, message, data) => send({ jsonrpc: '2.0', id, error: { code, message, data } });
const say = (text) => ({ content: [{ type: 'text', text }] });
const tool = (name) => ({ name, inputSchema: { type: 'object' } });
const nested = (levels) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const ready = (id, version = '2025-11-25') =>
  reply(id, {
    protocolVersion: version,
    capabilities: { tools: {} },
    serverInfo: { name: mode, version: '1' },
  });

/** What was sent here, for the call of `seen`. */
const seen = [];

const good = {
  initialize: ({ id }) => ready(id),
  ping: ({ id }) => reply(id, {}),
  'tools/list': ({ id }) => reply(id, { tools: [tool('seen'), tool('echo'), tool('bad')] }),
  'tools/call': (message) => {
    const { name } = message.params;
    if (name === 'seen') reply(message.id, say(JSON.stringify(seen)));
    else if (name === 'echo') reply(message.id, say(JSON.stringify(message.params.arguments)));
    else on.bad(message);
  },
};

const modes = {
  good: {},
  silent: { initialize: () => {} },
  'noisy-silent': {
    initialize: () => {
      print('Welcome!\n');
      process.stderr.write('warning: slow disk');
    },
  },
  stubborn: {
    begin: () => {
      process.on('SIGTERM', () => {});
      setInterval(() => {}, 1_000);
      process.stderr.write(`${process.pid}\n`);
    },
    initialize: () => {},
  },
  supports: {
    initialize: ({ id, params }) => {
      if (params.protocolVersion === rest[0]) ready(id, rest[0]);
      else
        refuse(id, -32602, 'Unsupported protocol version', {
          supported: rest,
          requested: params.protocolVersion,
        });
    },
  },
  'knows-nothing': { initialize: ({ id }) => refuse(id, -32601, 'Method not found') },
  deaf: {
    bad: ({ id }) => {
      process.stdin.pause();
      setInterval(() => {}, 1_000);
      reply(id, say('deaf now'));
    },
  },
  'dies-at-start': {
    begin: () => {
      process.stderr.write('reading the key\nError: API_KEY is missing\n    at start (server.js:1:1)\n');
      process.exit(3);
    },
  },
  noisy: { begin: () => print('Server is listening!\n\n\u001b[1mhello\n{"not":"a message"}\n[1,2]\n') },
  'only-noise': { begin: () => print('la la\n'.repeat(5_000)) },
  version: { initialize: ({ id }) => ready(id, rest[0]) },
  'no-version': { initialize: ({ id }) => reply(id, { capabilities: {} }) },
  huge: { bad: ({ id }) => reply(id, say('x'.repeat(50 * 2 ** 20))) },
  'huge-id-first': {
    bad: ({ id }) =>
      print(`{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify(say('x'.repeat(20 * 2 ** 20)))}}\n`),
  },
  endless: {
    bad: () => {
      const more = () => process.stdout.write('x'.repeat(2 ** 20), more);
      more();
    },
  },
  dies: {
    bad: () => {
      process.stderr.write('panic: out of cheese error\n');
      process.exit(1);
    },
  },
  'dies-silently': { bad: () => process.kill(process.pid, 'SIGKILL') },
  'closes-stdout': { bad: () => closeSync(1) },
  late: {
    bad: ({ id }) => {
      on['notifications/cancelled'] = () => {
        reply(id, say('late'));
        reply(id, say('later'));
      };
    },
  },
  twice: {
    bad: ({ id }) => {
      reply(id, say('first'));
      reply(id, say('second'));
    },
  },
  'wrong-id': { bad: ({ id }) => reply(id + 1_000, say('who?')) },
  'text-id': { bad: ({ id }) => reply(String(id), say('as text')) },
  'no-id': { bad: () => send({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'Parse error' } }) },
  batch: {
    bad: ({ id }) =>
      send([
        { jsonrpc: '2.0', method: 'notifications/message', params: {} },
        { jsonrpc: '2.0', id, result: say('batched') },
      ]),
  },
  flood: {
    bad: ({ id }) => {
      for (let round = 0; round < 20_000; round += 1) {
        notify('notifications/tools/list_changed');
        notify('notifications/message', { level: 'info', data: 'x'.repeat(100) });
      }
      reply(id, say('after the flood'));
    },
  },
  'invalid-utf8': {
    bad: ({ id }) => {
      const [before, after] = JSON.stringify({ jsonrpc: '2.0', id, result: say('a|b') }).split('|');
      process.stdout.write(
        Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0xc3]), Buffer.from(`${after}\n`)]),
      );
    },
  },
  separators: { bad: ({ id }) => reply(id, say('one\u2028two\u2029three')) },
  deep: { bad: ({ id }) => print(`{"jsonrpc":"2.0","id":${id},"result":${nested(100_000)}}\n`) },
  refuses: {
    bad: ({ id }) => send({ jsonrpc: '2.0', id, error: { code: -32602, message: 'no such tool\u001b[31m' } }),
  },
  'no-result': { bad: ({ id }) => reply(id, null) },
  pages: {
    'tools/list': ({ id, params }) => {
      const page = Number(params?.cursor ?? 0);
      const [pages = 3, size = 2] = rest.map(Number);
      const tools = Array.from({ length: size }, (_, index) => tool(`t${page * size + index}`));
      reply(id, { tools, ...(page + 1 < pages && { nextCursor: String(page + 1) }) });
    },
  },
  'same-cursor': { 'tools/list': ({ id }) => reply(id, { tools: [tool('only')], nextCursor: 'again' }) },
  'odd-tools': {
    'tools/list': ({ id }) =>
      reply(id, {
        tools: [
          tool('b'),
          null,
          3,
          {},
          { name: 7 },
          tool('two\nlines'),
          tool('\u001b[31mred'),
          tool('turned\u202e'),
          tool('b'),
          { name: 'a', inputSchema: 'x', description: 5 },
        ],
      }),
  },
  slow: {
    bad: ({ id, params }) => {
      const { progressToken } = params._meta;
      let step = 0;
      const timer = setInterval(() => {
        step += 1;
        notify('notifications/progress', {
          progressToken,
          progress: step,
          total: 8,
          ...(step % 2 && { message: `step ${step}` }),
        });
        if (step < 8) return;
        clearInterval(timer);
        reply(id, say('done'));
      }, 100);
    },
  },
  env: { bad: ({ id }) => reply(id, say(JSON.stringify({ ...process.env, cwd: process.cwd() }))) },
  writes: {
    bad: ({ id }) => {
      const results = rest.map((folder) => {
        try {
          writeFileSync(`${folder}/written`, 'x');
          return 'written';
        } catch (error) {
          return error.code;
        }
      });
      reply(id, say(JSON.stringify(results)));
    },
  },
  asks: {
    bad: ({ id }) => {
      const asked = ['ping', 'roots/list', 'elicitation/create', 'sampling/createMessage'];
      const answers = [];
      on.answer = ({ result, error }) => {
        answers.push(result ?? error);
        if (answers.length === asked.length) reply(id, say(JSON.stringify(answers)));
      };
      for (const method of asked) send({ jsonrpc: '2.0', id: method, method });
    },
  },
  children: {
    begin: () => {
      const sleep = ['-c', 'trap "" TERM HUP; sleep 1000'];
      const children = [
        spawn('/bin/sh', sleep),
        spawn('/bin/sh', sleep, { detached: rest[0] !== 'attached' }),
      ];
      const pids = [process.pid, ...children.map(({ pid }) => pid)];
      on['tools/list'] = ({ id }) => reply(id, { tools: pids.map((pid) => tool(String(pid))) });
      process.on('SIGTERM', () => {});
      setInterval(() => {}, 1_000);
    },
  },
};

const on = { ...good, ...modes[mode] };
on.begin?.();
let text = '';
process.stdin.on('data', (chunk) => {
  const lines = (text + chunk).split('\n');
  text = lines.pop();
  for (const line of lines) {
    const message = JSON.parse(line);
    seen.push(message);
    if (message.method === undefined) on.answer?.(message);
    else if (on[message.method]) on[message.method](message);
    else if ('id' in message)
      send({ jsonrpc: '2.0', id: message.id, error: { code: -32601, message: 'Method not found' } });
  }
});
