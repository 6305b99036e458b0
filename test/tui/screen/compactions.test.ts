import { expect, test } from 'vitest';
import { statusReport } from '../../../src/tui/lines/status-report.ts';
import { SessionState } from '../../../src/tui/screen/session-state.ts';
import { context } from '../lines/support.ts';

const usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 };

function contextLine(state: SessionState): string | undefined {
  return line(state, 'Context');
}

function line(state: SessionState, name: string): string | undefined {
  const lines = statusReport(
    {
      version: '1',
      model: state.model,
      isLed: state.isLed,
      thinking: state.thinking,
      isIncognito: state.isIncognito,
      host: 'h',
      server: 'ready',
      hosts: [],
      cwd: '/w',
      sandbox: 's',
      approval: 'never',
      threadId: state.threadId,
      window: state.window,
      compactions: state.compactions,
      total: state.total,
      background: 0,
      index: [],
      tokensPerSecond: undefined,
    },
    context(120),
  );
  return lines.find((one) => one.includes(name))?.trim();
}

test('/status counts the compactions of a conversation, and starts again with another one', () => {
  const state = new SessionState({ mode: 'read-only', approval: 'never' });
  const configured = (threadId: string) =>
    state.handle({ type: 'session_configured', threadId, model: 'm', host: 'h', numCtx: 8000, cwd: '/w' }, 0);
  const counted = (inputTokens: number) =>
    state.handle(
      { type: 'token_count', total: usage, last: { ...usage, inputTokens }, numCtx: 8000, estimated: false },
      0,
    );
  const said: unknown[] = [contextLine(state)];
  configured('a');
  counted(6000);
  said.push(contextLine(state));
  for (const after of [2000, 1000]) {
    state.handle({ type: 'compacted', before: 6000, after }, 0);
    counted(after);
    said.push(contextLine(state));
  }
  configured('a');
  said.push(contextLine(state));
  configured('b');
  said.push(contextLine(state));
  expect(said).toEqual([
    'Context      not known yet',
    'Context      6k of 8k tokens used, 25% left (counted by the server)',
    'Context      2k of 8k tokens used, 75% left (counted by the server), compacted once',
    'Context      1k of 8k tokens used, 87% left (counted by the server), compacted 2 times',
    'Context      1k of 8k tokens used, 87% left (counted by the server), compacted 2 times',
    'Context      0 of 8k tokens used, 100% left (counted by the server)',
  ]);
});

test('/status says how a model thinks, if it does', () => {
  const state = new SessionState({ mode: 'read-only', approval: 'never' });
  const configured = {
    type: 'session_configured',
    threadId: 'a',
    model: 'm',
    host: 'h',
    numCtx: 8000,
    cwd: '/w',
  } as const;
  const said = [
    undefined,
    { effort: 'on', most: 4_096 },
    { effort: 'low', most: 900 },
    { effort: 'off', most: 512 },
  ];
  const lines = said.map((thinking) => {
    state.handle(thinking === undefined ? configured : { ...configured, thinking }, 0);
    return line(state, 'Thinking');
  });
  expect(lines).toEqual([
    undefined,
    'Thinking     on, stopped after 4,096 tokens',
    'Thinking     low, stopped after 900 tokens',
    'Thinking     off',
  ]);
});
