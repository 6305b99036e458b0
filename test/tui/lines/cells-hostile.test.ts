/** Whatever a model, a command or a file says: lines stay lines, and live ones fit. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApprovalAnswer, ApprovalRequest, Item } from '../../../src/protocol.ts';
import { commandLines, liveCommandLines } from '../../../src/tui/lines/command.ts';
import { headerLines } from '../../../src/tui/lines/header.ts';
import { userLines } from '../../../src/tui/lines/message.ts';
import {
  approvalLines,
  errorLines,
  rejectedLines,
  retrievalLines,
  retryLines,
  warningLines,
} from '../../../src/tui/lines/notice.ts';
import { planLines } from '../../../src/tui/lines/plan.ts';
import { liveReasoningLines, reasoningLines } from '../../../src/tui/lines/reasoning.ts';
import { liveToolLines, toolLines } from '../../../src/tui/lines/tool.ts';
import { inColor, problems } from './support.ts';

const text = fc
  .array(
    fc.constantFrom(
      '\x1b[2J',
      '\x1b]0;t\x07',
      '\x1b]8;;http://x\x07',
      '\x9b',
      '\x1b',
      '\u202e',
      '\u200b',
      '\r',
      '\n',
      '\n\n',
      '\t',
      '\b',
      '\0',
      '\ud83d',
      '漢字',
      '👩🏽',
      'e\u0301',
      '1️⃣',
      'x',
      ' ',
      'a-word',
      "'",
      '"',
      "bash -c 'ls'",
      'http://example.org/a/long/path',
      '\x1b[31m',
      '\x1b[8m',
    ),
    { maxLength: 14 },
  )
  .map((pieces) => pieces.join(''));
const status = fc.constantFrom('in_progress', 'completed', 'failed', 'declined') as fc.Arbitrary<'completed'>;
const width = fc.integer({ min: 16, max: 70 });

function command(script: string, output: string, state: 'completed') {
  const item = { type: 'command_execution', id: 'c', cwd: '/', exitCode: null, durationMs: 2_000 } as const;
  return { ...item, command: script, output, status: state };
}

function call(tool: string, value: string, output: string): Extract<Item, { type: 'tool_call' }> {
  return {
    type: 'tool_call',
    id: 't',
    tool,
    arguments: { [value]: value, chars: value },
    output,
    status: 'completed',
  };
}

test('lines of the history hold nothing but text and styles', () => {
  fc.assert(
    fc.property(text, text, status, width, (a, b, state, columns) => {
      const ctx = { ...inColor(columns), cwd: `/${a}` };
      expect(
        problems([...commandLines(command(a, b, state), ctx), ...toolLines(call(a, b, a), ctx)]),
      ).toEqual([]);
      expect(
        problems([
          ...toolLines(call('write_stdin', a, b), ctx),
          ...errorLines(a, ctx),
          ...warningLines(b, ctx),
        ]),
      ).toEqual([]);
    }),
  );
});

test('live lines fit the room that they get', () => {
  fc.assert(
    fc.property(text, text, width, fc.integer({ min: 0, max: 6 }), (a, b, columns, rows) => {
      const ctx = inColor(columns);
      const live = { text: b, elapsedMs: 65_000 };
      for (const lines of [
        liveCommandLines(command(a, '', 'completed'), live, ctx, rows),
        liveToolLines(call(a, b, a), live, ctx, rows),
        liveReasoningLines(a + b, ctx, rows),
      ]) {
        expect(problems(lines, columns - 1)).toEqual([]);
        expect(lines.length).toBeLessThanOrEqual(rows);
      }
    }),
  );
});

test('prose fits the width', () => {
  const answers: ApprovalAnswer[] = [{ type: 'once' }, { type: 'prefix' }, { type: 'stop' }];
  fc.assert(
    fc.property(text, text, width, (a, b, columns) => {
      const ctx = { ...inColor(columns), cwd: `/${b}` };
      const request: ApprovalRequest = {
        id: 'a',
        kind: 'command',
        command: a,
        cwd: '/',
        reason: '',
        prefix: [a, b],
      };
      const cells = [
        userLines({ text: a }, ctx),
        reasoningLines({ text: a, durationMs: 5_000 }, ctx),
        planLines(
          {
            steps: [
              { step: a, status: 'in_progress' },
              { step: b, status: 'completed' },
            ],
            explanation: b,
          },
          ctx,
        ),
        retrievalLines({ places: [{ path: a, start: 1, end: 2 }] }, ctx),
        retrievalLines({ places: [{ path: a, start: 1, end: 2 }], isByWords: true }, ctx),
        headerLines({ version: a, model: b, isLed: true, window: 4_096, sandbox: a, approval: b }, ctx),
      ];
      expect(problems(cells.flat(), columns - 1)).toEqual([]);
      // A URL stays whole in what oagent says, so that it can be opened.
      const withUrls = [
        ...answers.flatMap((answer) => approvalLines(request, answer, ctx)),
        ...approvalLines(request, { type: 'no', instead: b }, ctx),
        ...retryLines({ attempt: 1, max: 2, reason: a }, ctx),
        ...rejectedLines({ tool: a, message: b }, ctx),
      ];
      expect(problems(withUrls)).toEqual([]);
      expect(
        problems(
          withUrls.filter((line) => !line.includes('http')),
          columns - 1,
        ),
      ).toEqual([]);
    }),
  );
});
