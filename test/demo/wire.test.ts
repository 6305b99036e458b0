/** The scripted server's bytes against what a real server was recorded to send. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokenize } from '../../src/demo/render.ts';
import { repeatAbort, swallowedCall } from '../../src/demo/script.ts';
import { callId, goJson, timestamp } from '../../src/demo/wire.ts';
import { withOllama } from '../support/ollama-server.ts';
import { chat, lastLine, lines } from './raw-client.ts';

const TOOLS = [
  { type: 'function', function: { name: 'read', parameters: { type: 'object', properties: {} } } },
];
const CALLS = {
  content: 'Sure. ',
  chunks: ['Sure. '],
  toolCalls: [
    { name: 'read', arguments: { path: 'a' } },
    { name: 'read', arguments: { path: 'b' } },
  ],
};
const part = (message: string, model = 'base') =>
  `{"model":"${model}","created_at":"T","message":${message},"done":false}`;
const done = (message: string, prompt: number, evaluated: number, model = 'base') =>
  `{"model":"${model}","created_at":"T","message":${message},"done":true,"done_reason":"stop","total_duration":0,"load_duration":0,"prompt_eval_count":${prompt},"prompt_eval_duration":0,"eval_count":${evaluated},"eval_duration":0}`;
const text = (content: string) => `{"role":"assistant","content":"${content}"}`;

test('text on the rendered path: a chunk a token, then the done chunk with metrics', async () => {
  const { host } = await withOllama([{ content: 'Hello world.' }]);
  const answer = await chat(host, {});
  expect({ ...answer, text: lines(answer.text) }).toEqual({
    status: 200,
    type: 'application/x-ndjson',
    text: [part(text('Hello')), part(text(' world')), part(text('.')), done(text(''), 8, 4)],
  });
});

test('parallel calls on the rendered path: a chunk each, then the done chunk', async () => {
  const { host } = await withOllama([CALLS]);
  const call = (index: number, path: string) =>
    part(
      `{"role":"assistant","content":"","tool_calls":[{"id":"call_ID","function":{"index":${index},"name":"read","arguments":{"path":"${path}"}}}]}`,
    );
  const answer = lines((await chat(host, { tools: TOOLS })).text);
  const { eval_count, prompt_eval_count } = lastLine(answer.join('\n'));
  expect(answer).toEqual([
    part(text('Sure. ')),
    call(0, 'a'),
    call(1, 'b'),
    done(text(''), Number(prompt_eval_count), Number(eval_count)),
  ]);
});

test('parallel calls on the native path: all on the done chunk', async () => {
  const { host } = await withOllama([CALLS]);
  const answer = lines((await chat(host, { model: 'native', tools: TOOLS })).text);
  const { eval_count, prompt_eval_count } = lastLine(answer.join('\n'));
  const message =
    '{"role":"assistant","content":"","tool_calls":[{"id":"ID","function":{"index":0,"name":"read","arguments":{"path":"a"}}},{"id":"ID","function":{"index":1,"name":"read","arguments":{"path":"b"}}}]}';
  expect(answer).toEqual([
    part(text('Sure. '), 'native'),
    done(message, Number(prompt_eval_count), Number(eval_count), 'native'),
  ]);
});

test('a swallowed call is one empty line with tokens counted', async () => {
  const { host } = await withOllama([swallowedCall()]);
  expect(lines((await chat(host, {})).text)).toEqual([done(text(''), 8, 4)]);
});

test('thinking comes in chunks of its own, before the content', async () => {
  const { host } = await withOllama([{ thinking: 'reason', content: 'Hello' }]);
  expect(lines((await chat(host, {})).text)).toEqual([
    part('{"role":"assistant","content":"","thinking":"reason"}'),
    part(text('Hello')),
    done(text(''), 8, 5),
  ]);
});

test('think:false, or a model that cannot, leaves thinking out', async () => {
  const { host } = await withOllama(() => ({ thinking: 'reason', content: 'Hello' }));
  const off = lines((await chat(host, { think: false })).text);
  const cannot = lines((await chat(host, { model: 'native' })).text);
  expect({ off, cannot }).toEqual({
    off: [part(text('Hello')), done(text(''), 8, 2)],
    cannot: [part(text('Hello'), 'native'), done(text(''), 8, 2, 'native')],
  });
});

test('the repeat guard ends the stream after 31 equal chunks without a done chunk', async () => {
  const { host } = await withOllama(() => repeatAbort());
  expect(lines((await chat(host, {})).text)).toEqual(Array(31).fill(part(text('la'))));
  const whole = lines((await chat(host, { stream: false })).text);
  expect(whole).toEqual([part(text('la'.repeat(31)))]);
  const native = lines((await chat(host, { model: 'native' })).text);
  expect(native).toHaveLength(41);
});

test('without streaming all is in one JSON object, calls too', async () => {
  const { host } = await withOllama([{ thinking: 'hm', ...CALLS }]);
  const answer = await chat(host, { stream: false, tools: TOOLS });
  const message =
    '{"role":"assistant","content":"Sure. ","thinking":"hm","tool_calls":[{"id":"call_ID","function":{"index":0,"name":"read","arguments":{"path":"a"}}},{"id":"call_ID","function":{"index":1,"name":"read","arguments":{"path":"b"}}}]}';
  const { eval_count, prompt_eval_count } = lastLine(answer.text);
  expect({ ...answer, text: lines(answer.text) }).toEqual({
    status: 200,
    type: 'application/json; charset=utf-8',
    text: [done(message, Number(prompt_eval_count), Number(eval_count))],
  });
});

test("strings are escaped as Go's encoder escapes them", () => {
  expect(goJson({ a: '<b> && "c"\u2028é\u0001\n' })).toBe(
    '{"a":"\\u003cb\\u003e \\u0026\\u0026 \\"c\\"\\u2028é\\u0001\\n"}',
  );
});

test('any value survives the encoder', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' })), (value) => {
      expect(JSON.parse(goJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      expect(goJson(value)).not.toMatch(/[<>&]/);
    }),
  );
});

test('the tokens of a text, joined, are the text', () => {
  const odd = fc.array(fc.constantFrom('<|im_end|>', '  ', 'Wörter', '----', '\n\n\t', '🙂', '_x1'));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 100 }),
        odd.map((parts) => parts.join('')),
      ),
      (value) => {
        expect(tokenize(value).join('')).toBe(value);
      },
    ),
  );
});

test('a timestamp has at most nine digits of a second and no zero at its end', () => {
  for (let round = 0; round < 200; round += 1) {
    expect(timestamp()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z$/);
  }
});

test('ids have the form of their path and differ by place and request', () => {
  const ids = [callId('rendered', 'a', 0), callId('rendered', 'a', 1), callId('rendered', 'b', 0)];
  expect(new Set(ids).size).toBe(3);
  expect(ids.every((id) => /^call_[a-z0-9]{8}$/.test(id))).toBe(true);
  expect(callId('native', 'a', 0)).toMatch(/^[A-Za-z0-9]{32}$/);
  expect(callId('rendered', 'a', 0)).toBe(ids[0]);
});
