import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { JsonObject } from '../../src/protocol.ts';
import { eventTracer, hideFromTrace, trace, traceExchange, traceInto } from '../../src/system/trace.ts';
import { startTrace } from '../../src/system/trace-file.ts';
import { systemProgram } from '../support/exec.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SOURCES = path.resolve(import.meta.dirname, '../../src/system');

afterEach(() => traceInto(undefined));

const folder = async (): Promise<string> => realpathSync(await tempFolder());

function start(file: string): string[] {
  const complaints: string[] = [];
  startTrace(file, { version: '1' }, (line) => complaints.push(line));
  return complaints;
}

function linesOf(file: string): JsonObject[] {
  const text = readFileSync(file, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const { time, ...rest } = JSON.parse(line) as JsonObject;
      expect(new Date(String(time)).toISOString()).toBe(time);
      return rest;
    });
}

/** Without the line that each trace begins with. */
const traced = (file: string): JsonObject[] => linesOf(file).slice(1);

test('without a trace nothing is collected', () => {
  const facts = (): never => {
    throw new Error('collected');
  };
  trace('decision', facts);
  hideFromTrace(facts);
  expect([traceExchange(facts), eventTracer('t')]).toEqual([undefined, undefined]);
});

test('each line is there at once, for the user alone, after what was there', async () => {
  const file = path.join(await folder(), 'trace.jsonl');
  writeFileSync(file, '{"time":"2026-01-01T00:00:00.000Z","kind":"start"}\n', { mode: 0o644 });
  expect(start(file)).toEqual([]);
  trace('decision', () => ({ decision: 'x', text: 'ä\n"', none: undefined }));
  expect(linesOf(file)).toEqual([
    { kind: 'start' },
    { kind: 'start', version: '1', pid: process.pid, node: process.version, platform: process.platform },
    { kind: 'decision', decision: 'x', text: 'ä\n"' },
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('what a command may have prepared is not written to', async () => {
  const dir = await folder();
  const at = (name: string): string => path.join(dir, name);
  writeFileSync(at('victim'), 'mine');
  symlinkSync(at('victim'), at('link'));
  linkSync(at('victim'), at('second-name'));
  mkdirSync(at('real'));
  symlinkSync(at('real'), at('folder-link'));
  const fifo = systemProgram('mkfifo') !== undefined && spawnSync('mkfifo', [at('fifo')]).status === 0;
  expect(start(at('link'))).toEqual([expect.stringMatching(/^OAGENT_TRACE: ELOOP: /)]);
  expect(start(at('second-name'))).toEqual([
    `OAGENT_TRACE: ${at('second-name')} has a second name (a hard link)`,
  ]);
  expect(start(at('folder-link/trace'))).toEqual([
    `OAGENT_TRACE: ${at('folder-link/trace')} leads through a symbolic link; name ${at('real/trace')} itself`,
  ]);
  expect(start(at('real'))).toEqual([expect.stringMatching(/^OAGENT_TRACE: EISDIR: /)]);
  expect(start(at('none/trace'))).toEqual([expect.stringMatching(/^OAGENT_TRACE: ENOENT: /)]);
  if (fifo)
    expect(start(at('fifo'))).toEqual([expect.stringMatching(/^OAGENT_TRACE: (?:ENXIO: |.* is not a file)/)]);
  trace('decision', () => {
    throw new Error('there is no trace');
  });
  expect([readFileSync(at('victim'), 'utf8'), existsSync(at('real/trace'))]).toEqual(['mine', false]);
});

test.skipIf(process.getuid?.() === 0)('a folder that cannot be written costs one line', async () => {
  const dir = await folder();
  chmodSync(dir, 0o500);
  expect(start(path.join(dir, 'trace'))).toEqual([expect.stringMatching(/^OAGENT_TRACE: EACCES: /)]);
});

test('a file that cannot grow ends the trace, not the session', async () => {
  const dir = await folder();
  const file = path.join(dir, 'trace');
  const program = `
    import { trace } from '${SOURCES}/trace.ts';
    import { startTrace } from '${SOURCES}/trace-file.ts';
    startTrace('${file}', {}, (line) => console.log(line));
    for (let i = 0; i < 2; i += 1) trace('decision', () => ({ text: 'x'.repeat(2000) }));
    console.log('still runs');
  `;
  // No file may have more than 1 KiB.
  const limited = [
    '-c',
    'ulimit -f 1; exec "$@"',
    'sh',
    process.execPath,
    '--input-type=module',
    '-e',
    program,
  ];
  const { stdout } = spawnSync('bash', limited, { encoding: 'utf8' });
  expect(stdout).toBe(`still runs\nOAGENT_TRACE: ${file} is not complete: EFBIG: file too large, write\n`);
});

test('secrets are replaced in values, in keys, and in other spellings', async () => {
  const file = path.join(await folder(), 'trace.jsonl');
  start(file);
  hideFromTrace(() => ['pass"word/1', 'pass"word/1 and more', 'short']);
  trace('decision', () => ({
    text: 'a pass"word/1 b, pass"word/1 and more, short',
    list: [{ 'pass"word/1': JSON.stringify({ x: 'pass"word/1' }) }],
    url: `see ${encodeURIComponent('pass"word/1')} at https://me:secret@host/x and git+ssh://git@host`,
    n: 1,
    none: null,
  }));
  expect(traced(file)).toEqual([
    {
      kind: 'decision',
      text: 'a ******** b, ********, short',
      list: [{ '********': '{"x":"********"}' }],
      url: 'see ******** at https://********@host/x and git+ssh://********@host',
      n: 1,
      none: null,
    },
  ]);
});

test('no secret of six characters or more is in the file, wherever it was', async () => {
  const file = path.join(await folder(), 'trace.jsonl');
  start(file);
  // Not among the words of the lines themselves.
  const secret = fc.stringMatching(/^§[!-~ \n"\\]{5,20}$/);
  fc.assert(
    fc.property(secret, fc.array(fc.string()), fc.boolean(), (hidden, around, isKey) => {
      hideFromTrace(() => [hidden]);
      const text = around.join(hidden) + hidden;
      trace('decision', () =>
        isKey ? { [text]: [text] } : { list: [{ text }], nested: JSON.stringify(text) },
      );
      const last = readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '';
      const inside = JSON.stringify(hidden).slice(1, -1);
      expect(
        last.includes(hidden) || last.includes(inside) || JSON.stringify(JSON.parse(last)).includes(inside),
      ).toBe(false);
    }),
  );
});

test('a request and its answer: the lines of a chat as one, a failure with its remedy', async () => {
  const file = path.join(await folder(), 'trace.jsonl');
  start(file);
  const request = {
    method: 'POST',
    url: 'http://host:1/base/api/chat',
    body: '{"model":"m"}',
    secrets: ['Bearer sesame-open', 'other-header'],
  };
  const good = traceExchange(() => request);
  good?.answered(200);
  good?.line({ message: { role: 'assistant', thinking: 'h' }, done: false });
  good?.line({ message: { role: 'assistant', thinking: 'm', content: 'a sesame-open' }, done: false });
  good?.line({ message: { role: 'assistant', content: 'b', tool_calls: [1] }, done: true, eval_count: 2 });
  good?.end();
  const bad = traceExchange(() => ({ ...request, body: undefined, method: 'GET' }));
  bad?.failed(Object.assign(new Error('lost other-header'), { remedy: 'retry' }));
  bad?.end();
  const [sent, answer, again, failure] = traced(file);
  const id = Number(sent?.id);
  expect([sent, answer, again, failure]).toEqual([
    {
      kind: 'request',
      id,
      method: 'POST',
      host: 'http://host:1',
      path: '/base/api/chat',
      body: { model: 'm' },
    },
    {
      kind: 'answer',
      id,
      status: 200,
      headersMs: expect.any(Number),
      ms: expect.any(Number),
      lines: 3,
      body: {
        message: { role: 'assistant', thinking: 'hm', content: 'a ********b', tool_calls: [1] },
        done: true,
        eval_count: 2,
      },
    },
    { kind: 'request', id: id + 1, method: 'GET', host: 'http://host:1', path: '/base/api/chat' },
    {
      kind: 'failure',
      id: id + 1,
      ms: expect.any(Number),
      lines: 0,
      error: 'lost ********',
      remedy: 'retry',
    },
  ]);
});

test('events of a session are turns and decisions', async () => {
  const file = path.join(await folder(), 'trace.jsonl');
  start(file);
  const hear = eventTracer('T');
  const request = { id: 'q1', kind: 'command', command: 'rm x', cwd: '/w', reason: 'it deletes' } as const;
  hear?.({ type: 'turn_started', turnId: 't1' });
  hear?.({ type: 'warning', message: 'not a decision' });
  hear?.({ type: 'approval_requested', request });
  hear?.({ type: 'approval_resolved', id: 'q1', answer: { type: 'once' } });
  hear?.({ type: 'call_rejected', tool: 'nope', message: 'unsupported call' });
  hear?.({ type: 'compacted', before: 9, after: 1 });
  hear?.({ type: 'repaired', message: 'led from now on' });
  hear?.({ type: 'model_led' });
  hear?.({ type: 'turn_aborted', turnId: 't1' });
  expect(traced(file)).toEqual([
    { kind: 'turn', thread: 'T', turn: 't1', state: 'started' },
    {
      kind: 'decision',
      thread: 'T',
      decision: 'approval',
      ...{ command: 'rm x', cwd: '/w', reason: 'it deletes' },
      asked: 'command',
      answer: { type: 'once' },
    },
    { kind: 'decision', thread: 'T', decision: 'call', tool: 'nope', refused: 'unsupported call' },
    { kind: 'decision', thread: 'T', decision: 'compaction', before: 9, after: 1 },
    { kind: 'repair', thread: 'T', note: 'led from now on' },
    { kind: 'decision', thread: 'T', decision: 'profile', profile: 'led' },
    { kind: 'turn', thread: 'T', turn: 't1', state: 'aborted' },
  ]);
});
