import type { SessionUpdate } from '@agentclientprotocol/sdk';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Updates } from '../../src/acp/updates.ts';
import type { ApprovalRequest, Event, Item } from '../../src/protocol.ts';
import { callsOf, textOf } from '../support/acp-client.ts';

function sentOf(events: readonly Event[]): SessionUpdate[] {
  const sent: SessionUpdate[] = [];
  const updates = new Updates({ send: (update) => sent.push(update), cwd: '/repo' });
  for (const event of events) {
    if (event.type === 'approval_requested') updates.ask(event.request);
    updates.handle(event);
  }
  return sent;
}

const message = (id: string, text: string, status: 'completed' | 'failed' = 'completed'): Item => ({
  ...{ type: 'agent_message', id, text, status },
});

test('of a streamed answer nothing comes twice, however it was cut, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.string(), (pieces, rest) => {
      const text = pieces.join('') + rest;
      const sent = sentOf([
        { type: 'item_started', item: message('i1', '') },
        ...pieces.map((piece) => ({ type: 'item_delta', itemId: 'i1', text: piece }) as const),
        { type: 'item_completed', item: message('i1', text) },
      ]);
      expect(textOf(sent, 'agent_message_chunk')).toBe(text);
    }),
  );
});

test('an answer behind another one is a paragraph of its own; one that broke off says so', () => {
  const sent = sentOf([
    { type: 'item_completed', item: message('i1', 'One.') },
    { type: 'item_completed', item: message('i2', 'Tw', 'failed') },
  ]);
  expect(textOf(sent, 'agent_message_chunk')).toBe(
    'One.\n\nTw\n\n_This answer broke off and does not count._',
  );
});

const command = (status: 'in_progress' | 'completed' | 'declined', output = ''): Item => ({
  ...{ type: 'command_execution', id: 'i1', command: "bash -lc 'npm test'", cwd: '/repo', output, status },
  ...{ exitCode: status === 'completed' ? 0 : null, durationMs: 1 },
});
const request: ApprovalRequest = {
  ...{
    id: 'a1',
    kind: 'command',
    command: "bash -lc 'npm test'",
    cwd: '/repo',
    reason: 'it needs the network',
  },
};

test('a command that was asked about goes on as the same call', () => {
  const sent = sentOf([
    { type: 'approval_requested', request },
    { type: 'approval_resolved', id: 'a1', answer: { type: 'once' }, request },
    { type: 'item_started', item: command('in_progress') },
    { type: 'item_completed', item: command('completed', 'ok\n') },
  ]);
  expect(sent.filter(({ sessionUpdate }) => sessionUpdate === 'tool_call').length).toBe(1);
  expect(callsOf(sent)).toEqual([
    {
      ...{ toolCallId: 'ask-a1', title: 'npm test', kind: 'execute', status: 'completed', locations: [] },
      content: [{ type: 'content', content: { type: 'text', text: '```\nok\n```' } }],
      rawInput: { command: 'npm test', cwd: '/repo' },
    },
  ]);
});

test('one that was declined has failed, with what the model was told', () => {
  const sent = sentOf([
    { type: 'approval_requested', request },
    { type: 'approval_resolved', id: 'a1', answer: { type: 'no' }, request },
    { type: 'call_rejected', tool: 'shell', message: 'the user said no' },
    { type: 'turn_aborted', turnId: 't' },
  ]);
  expect(callsOf(sent)).toMatchObject([
    { toolCallId: 'ask-a1', status: 'failed', content: [{ content: { text: 'the user said no' } }] },
  ]);
});

test('a fence holds whatever a program prints', () => {
  const sent = sentOf([
    { type: 'item_completed', item: command('completed', 'a\n````\n\u001b[31mred\u001b[0m\n') },
  ]);
  expect(callsOf(sent)).toMatchObject([{ content: [{ content: { text: '`````\na\n````\nred\n`````' } }] }]);
});

test('every call that is begun is ended, also by a turn that ends', () => {
  const sent = sentOf([
    { type: 'approval_requested', request },
    { type: 'turn_aborted', turnId: 't' },
  ]);
  expect(callsOf(sent)).toMatchObject([{ toolCallId: 'ask-a1', status: 'failed' }]);
});

test('output that comes too soon behind other output is shown, also if nothing more comes', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const sent: SessionUpdate[] = [];
  const updates = new Updates({ send: (update) => sent.push(update), cwd: '/repo' });
  const outputs = (): unknown[] =>
    sent.flatMap((update) => (update.sessionUpdate === 'tool_call_update' ? [update.content] : []));
  const delta = (text: string): void => updates.handle({ type: 'item_delta', itemId: 'i1', text });
  updates.handle({ type: 'item_started', item: command('in_progress') });
  for (const text of ['one\n', 'two\n', 'three\n']) delta(text);
  expect(outputs()).toHaveLength(1);
  vi.advanceTimersByTime(1_000);
  expect(outputs()).toHaveLength(2);
  expect(JSON.stringify(outputs())).toContain('one\\ntwo\\nthree');
  delta('four\n');
  delta('five\n');
  updates.handle({ type: 'item_completed', item: command('completed', 'one\ntwo\nthree\nfour\nfive\n') });
  const count = sent.length;
  vi.advanceTimersByTime(1_000);
  expect(sent).toHaveLength(count);
});
