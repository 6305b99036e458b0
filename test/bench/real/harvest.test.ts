/** Recordings as they are kept become test data that can be replayed; what is left out is told. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readOffers, readRecordedAnswers } from '../../support/recorded-answers.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { keepRecordings, type RecordingLabels } from './recordings.ts';

const MODEL = 'm:1b';
const labels: RecordingLabels = { agent: 'oagent', model: MODEL, task: 'create', run: 1 };
const tools = [
  {
    type: 'function',
    function: {
      name: 'shell',
      description: '',
      parameters: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
    },
  },
];

const line = (content: string) =>
  `${JSON.stringify({ model: MODEL, created_at: '2026-11-27T04:00:00Z', message: { role: 'assistant', content }, done: false })}\n`;
const DONE = `{"model":"${MODEL}","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}\n`;

function exchange(raw: string, more: object = {}) {
  const body = JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }], tools });
  return { path: '/api/chat', body, status: 200, raw: Buffer.from(raw), isCut: false, ...more };
}

function harvest(...args: string[]): string {
  return execFileSync(process.execPath, [path.join(import.meta.dirname, 'harvest.ts'), ...args], {
    encoding: 'utf8',
  });
}

test('answers become data with what must be read from them', async () => {
  const folder = await tempFolder();
  const [from, into] = [path.join(folder, 'from'), path.join(folder, 'into')];
  const call = '{"name":"shell","arguments":{"command":"ls ';
  const [before = '', after = ''] = [homedir().slice(0, 2), homedir().slice(2)];
  keepRecordings(from, labels, [
    exchange(line(call) + line(before) + line(`${after}/x"}}`) + DONE),
    exchange(line('Hel') + line('lo') + DONE),
    exchange(line('Hel') + line('lo') + DONE),
    exchange(line('cut'), { isCut: true }),
    exchange('{"error":"no"}', { status: 500 }),
    exchange('data: {}', { path: '/v1/chat/completions' }),
    exchange(line('a').repeat(9) + DONE),
  ]);
  keepRecordings(from, { ...labels, agent: 'pi' }, [exchange(line('Hi') + DONE)]);
  const told = harvest(from, '--into', into, '--longest', '8');
  expect(told.split('\n')).toEqual([
    'left out: 1 there already',
    'left out: 1 with status 500',
    'left out: 1 from /v1/chat/completions',
    'left out: 1 longer than 8 lines',
    'left out: 1 of pi',
    'm:1b: 3 answers',
    '',
  ]);
  const [file, ...others] = readRecordedAnswers(into);
  expect(others).toEqual([]);
  const bodies = Object.fromEntries((file?.answers ?? []).map(({ id, lines }) => [id, lines]));
  const done = { line: DONE.trim() };
  const pairs = Object.entries(bodies).map(([id, lines]) => [lines, file?.expected[id]]);
  expect(pairs).toHaveLength(3);
  expect(pairs).toEqual(
    expect.arrayContaining([
      [
        [`${call}/home/user/x"}}`, done],
        {
          doneReason: 'stop',
          content: '',
          calls: [{ id: 'call_1', name: 'shell', arguments: { command: 'ls /home/user/x' } }],
          notes: ['recovered 1 tool call(s) from the text of the answer'],
          endsInCall: false,
        },
      ],
      [
        ['Hel', 'lo', done],
        { doneReason: 'stop', content: 'Hello', calls: [], notes: [], endsInCall: false },
      ],
      [['cut'], { error: expect.stringContaining('the stream ended without its last chunk') }],
    ]),
  );
  expect(Object.values(readOffers(into))).toEqual([{ tools }]);

  const contents = () => readdirSync(into).map((name) => readFileSync(path.join(into, name), 'utf8'));
  const first = contents();
  expect(harvest('--into', into)).toBe('m:1b: 3 answers\n');
  expect(contents()).toEqual(first);
});
