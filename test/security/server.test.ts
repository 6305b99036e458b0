/** A server that is broken, or that somebody else has put in the place of the user's. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isTooDeep } from '../../src/model/nesting.ts';
import { repairTurn } from '../../src/model/repair.ts';
import { createTools } from '../../src/tools/registry.ts';
import { type Bench, BYPASS, bench, type RunResult } from '../support/exec.ts';

const DEEP = 100_000;
const SHOW = {
  capabilities: ['completion', 'tools'],
  model_info: { 'general.architecture': 'llama', 'llama.context_length': 32_768 },
  modelfile: 'RENDERER x\nPARSER x\n',
};
const TAGS = { models: [{ name: 'm:latest', model: 'm:latest', digest: 'x', capabilities: ['tools'] }] };

type Answer = (request: IncomingMessage, response: ServerResponse, index: number) => void;

/** An Ollama with these answers in place of its own, by path. */
async function hostile(answers: {
  readonly [path: string]: Answer;
}): Promise<Bench & { readonly paths: string[] }> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const index = paths.filter((one) => one === path).length;
    paths.push(path);
    response.on('error', () => undefined);
    request.resume().on('end', () => {
      const own = answers[path];
      if (own !== undefined) return own(request, response, index);
      if (path === '/api/chat') return chat(response, [{ content: 'Done.' }]);
      const body =
        path === '/api/show' ? SHOW : path === '/api/tags' ? TAGS : { models: [], version: '0.32.6' };
      response.end(JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const made = await bench([]);
  const OLLAMA_HOST = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const run: Bench['run'] = (args, more = {}) =>
    made.run(args, { ...more, env: { ...more.env, OLLAMA_HOST } });
  return { ...made, run, paths };
}

function chat(response: ServerResponse, messages: readonly object[]): void {
  for (const message of messages) response.write(`${JSON.stringify({ message, done: false })}\n`);
  response.end(
    `${JSON.stringify({ message: {}, done: true, done_reason: 'stop', prompt_eval_count: 9, eval_count: 9 })}\n`,
  );
}

/** Writes for as long as somebody reads. */
function forever(response: ServerResponse, piece: string | (() => string), first = ''): void {
  response.write(first);
  const more = (): void => {
    while (!response.destroyed) {
      if (!response.write(typeof piece === 'string' ? piece : piece())) {
        response.once('drain', more);
        return;
      }
    }
  };
  more();
}

const once0 =
  (own: (response: ServerResponse) => void): Answer =>
  (_, response, index) =>
    index === 0 ? own(response) : chat(response, [{ content: 'Done.' }]);

const ended = ({ code, signal }: RunResult) => ({ code, signal });

describe('what never ends is cut off', () => {
  const BLOCK = 'x'.repeat(2 ** 18);
  test.each<[string, string, Answer, RegExp]>([
    ['a line', '/api/chat', (_, res) => forever(res, BLOCK), /\/api\/chat sent a line of more than 16 MiB/],
    [
      '/api/show',
      '/api/show',
      (_, res) => forever(res, BLOCK, '{"license":"'),
      /\/api\/show sent an answer of more than 32 MiB/,
    ],
    [
      '/api/tags',
      '/api/tags',
      (_, res) => forever(res, BLOCK, '{"models":["'),
      /\/api\/tags sent an answer of more than 32 MiB/,
    ],
    [
      'an error',
      '/api/chat',
      (_, res) => {
        res.writeHead(400);
        forever(res, BLOCK);
      },
      /x{20}/,
    ],
    [
      'headers',
      '/api/chat',
      (_, res) => res.writeHead(200, { 'x-a': 'y'.repeat(100_000) }).end(),
      /Ollama|header/i,
    ],
  ])('%s', async (_name, path, answer, message) => {
    const { run } = await hostile({ [path]: answer });
    const result = await run(['exec', 'Hi']);
    expect(ended(result)).toEqual({ code: 1, signal: null });
    expect(result.stderr).toMatch(message);
    expect(result.stderr.length).toBeLessThan(10_000);
  });

  test('thinking that does not repeat itself', async () => {
    let number = 0;
    const piece = (): string => {
      number += 1;
      return `${JSON.stringify({ message: { thinking: ` ${(number * 7919).toString(36)}` }, done: false })}\n`;
    };
    const { run, paths } = await hostile({ '/api/chat': once0((response) => forever(response, piece)) });
    const result = await run(['exec', '-c', 'model_context_window=4096', 'Hi']);
    expect(result.signal).toBe(null);
    expect(paths.filter((one) => one === '/api/chat').length).toBeLessThan(10);
  });
});

test('a redirect is not followed, whatever it promises', async () => {
  const { run, paths } = await hostile({
    '/api/chat': (_, response) => response.writeHead(307, { location: '/elsewhere' }).end(),
  });
  const result = await run(['exec', 'Hi']);
  expect([result.code, paths.includes('/elsewhere')]).toEqual([1, false]);
});

describe('calls', () => {
  const deep = (open: string, close: string): string => open.repeat(DEEP) + close.repeat(DEEP);
  const call = (name: string, args: string): string =>
    `{"message":{"tool_calls":[{"function":{"name":${JSON.stringify(name)},"arguments":${args}}}]},"done":false}\n`;

  test.each([
    ['an object', call('exec_command', `${'{"cmd":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`)],
    ['an array', call('exec_command', `{"cmd":${deep('[', ']')}}`)],
    ['a text', call('exec_command', JSON.stringify(`{"cmd":${deep('[', ']')}}`))],
    ['of a tool that does not exist', call('none', `{"x":${deep('[', ']')}}`)],
  ])('nested 100,000 deep in %s: an error of the tool, and the work goes on', async (_name, line) => {
    const made = await hostile({
      '/api/chat': once0((response) => {
        response.write(line);
        chat(response, []);
      }),
    });
    const result = await made.run(['exec', BYPASS, '--json', 'Hi']);
    expect([ended(result), result.stdout.includes('"Done."')]).toEqual([{ code: 0, signal: null }, true]);
  });

  test('thousands in one answer, and gigantic names and ids', async () => {
    const many = Array.from({ length: 5_000 }, (_, at) => ({
      function: { name: 'exec_command', arguments: { cmd: `echo n${at}` } },
    }));
    const huge = { id: 'i'.repeat(2 ** 20), function: { name: 'n'.repeat(2 ** 22), arguments: {} } };
    const sent: string[] = [];
    const made = await hostile({
      '/api/chat': (request, response, index) => {
        sent.push(request.headers['content-length'] ?? '');
        chat(response, index === 0 ? [{ tool_calls: [huge, ...many] }] : [{ content: 'Done.' }]);
      },
    });
    const result = await made.run(['exec', BYPASS, '--json', 'Hi']);
    expect(ended(result)).toEqual({ code: 0, signal: null });
    const runs = result.stdout.split('\n').filter((line) => /item\.completed.*command_execution/.test(line));
    expect(runs.length).toBe(127);
    expect(Number(sent[1])).toBeLessThan(200_000);
  });

  test('in a text, nested however', () => {
    const tools = createTools({ unifiedExec: true, canEscalate: false, env: () => ({}) }).map(
      ({ schema }) => schema,
    );
    const turn = (content: string) =>
      repairTurn({ content, thinking: content, toolCalls: [] }, tools, () => 'id');
    for (const content of [
      deep('[', ']'),
      deep('{', '}'),
      '{"name":'.repeat(DEEP),
      `<tool_call>{"name":"exec_command","arguments":{"cmd":${deep('[', ']')}}}</tool_call>`,
      '<tool_call>'.repeat(DEEP),
    ]) {
      expect(turn(content).calls).toEqual([]);
    }
  });
});

test('any value of few levels is not too deep, and any text is judged', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => !isTooDeep(JSON.parse(JSON.stringify(value)))),
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof isTooDeep(text) === 'boolean'));
});
