import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PromptMeter, ReadingClock } from '../../src/agent/prompt-meter.ts';
import type { ChatMessage } from '../../src/model/chat.ts';
import type { ModelTurn } from '../../src/model/stream.ts';

const answered = (promptTokens: number, promptEvalMs: number): ModelTurn => ({
  content: '',
  thinking: '',
  toolCalls: [],
  doneReason: 'stop',
  promptTokens,
  evalTokens: 1,
  loadMs: 0,
  promptEvalMs,
  evalMs: 1,
});

/** A message of exactly so many bytes as JSON. */
function message(role: ChatMessage['role'], bytes: number): ChatMessage {
  const frame = JSON.stringify({ role, content: '' }).length;
  return { role, content: 'x'.repeat(bytes - frame) };
}

test('only what stands behind the last answer is new, by the rate of the last count', () => {
  const meter = new PromptMeter();
  const first = [message('system', 300), message('user', 98)];
  // Two bytes more for the empty list of tools.
  expect(meter.begin(first, [])).toEqual({ newTokens: 100, promptTokens: 100, msPerToken: undefined });
  meter.end(answered(200, 500));
  const second = [...first, message('assistant', 200), message('tool', 120)];
  expect(meter.begin(second, [])).toEqual({ newTokens: 60, promptTokens: 360, msPerToken: 2.5 });
  meter.end(answered(360, 600));
  expect(meter.begin([...second, message('user', 100)], [])).toEqual({
    newTokens: 50,
    promptTokens: 410,
    msPerToken: 10,
  });
});

test('a cut history is known as far as it goes; another model knows nothing', () => {
  const meter = new PromptMeter();
  const all = [message('system', 400), message('user', 200), message('assistant', 100), message('user', 100)];
  meter.begin(all, []);
  meter.end(answered(401, 0));
  meter.cutTo(2);
  expect(meter.begin([...all.slice(0, 2), message('user', 80)], []).newTokens).toBe(40);
  meter.forget();
  expect(meter.begin(all, [])).toEqual({ newTokens: 401, promptTokens: 401, msPerToken: undefined });
});

test('a rate that text cannot have is not believed, wherever it comes from', () => {
  const tokensOf = (meter: PromptMeter): number => meter.estimate([message('user', 1_198)], []);
  const counted = (promptTokens: number): PromptMeter => {
    const meter = new PromptMeter();
    meter.begin([message('user', 1_198)], []);
    meter.end(answered(promptTokens, 0));
    return meter;
  };
  const changed = new PromptMeter();
  changed.forget(0);
  expect([
    ...[counted(12_000), counted(1_200), counted(800), counted(100), counted(99), counted(1)].map(tokensOf),
    ...[new PromptMeter(0.5), new PromptMeter(3), new PromptMeter(400), changed].map(tokensOf),
  ]).toEqual([1_200, 1_200, 800, 100, 100, 100, 1_200, 400, 100, 1_200]);
});

test('images and answers without a count change no rate', () => {
  const meter = new PromptMeter();
  const seen = { ...message('user', 398), images: ['x'.repeat(100_000)] };
  expect(meter.begin([seen], []).newTokens).toBe(100);
  meter.end(answered(0, 0));
  expect(meter.estimate([message('user', 398)], [])).toBe(100);
});

test('the clock counts down while the prompt is read, from the load on if there was one', () => {
  const reading = { newTokens: 100, promptTokens: 400, msPerToken: 10 };
  const warm = new ReadingClock(reading, 1_000);
  expect([
    warm.facts('waiting', 1_000),
    warm.facts('reading', 1_250),
    warm.facts('reading', 9_000),
    warm.facts('thinking', 9_000),
  ]).toEqual([
    { newTokens: 100 },
    { newTokens: 100, remainingMs: 750 },
    { newTokens: 100, remainingMs: 0 },
    {},
  ]);
  const cold = new ReadingClock(reading, 1_000);
  expect([cold.facts('loading', 2_000), cold.facts('reading', 5_000)]).toEqual([
    {},
    { newTokens: 400, remainingMs: 4_000 },
  ]);
  const unknown = new ReadingClock({ ...reading, msPerToken: undefined }, 0);
  expect(unknown.facts('reading', 10)).toEqual({ newTokens: 100 });
});

test('what the server has counted is not estimated: the answer is known, what came since is not', () => {
  const meter = new PromptMeter();
  const first = [message('user', 398)];
  meter.begin(first, []);
  meter.end(answered(1000, 0));
  expect(meter.used(first, [])).toBe(1000);
  const evalTokens = answered(1000, 0).evalTokens;
  const rate = meter.bytesPerToken;
  const more = [...first, message('assistant', 5000), message('tool', 500)];
  expect(meter.used(more, [])).toBe(1000 + evalTokens + Math.round(500 / rate));
  meter.cutTo(1);
  expect(meter.used(first, [])).toBe(meter.estimate(first, []));
});

test('an image counts as much as Ollama reckons for it, and changes no rate', () => {
  const meter = new PromptMeter(2);
  const seen = { ...message('user', 398), images: ['x'.repeat(100_000), 'y'] };
  expect(meter.estimate([seen], [])).toBe(meter.estimate([message('user', 398)], []) + 2 * 768);
  meter.begin([seen], []);
  meter.end(answered(5000, 0));
  expect(meter.bytesPerToken).toBe(2);
});

test('a first request may have been in the cache: its speed counts only if it was loaded, or is slower', () => {
  const first = [message('system', 300), message('user', 98)];
  const after = (known: number | undefined, promptEvalMs: number, loadMs: number): unknown => {
    const meter = new PromptMeter(4, known);
    meter.begin(first, []);
    meter.end({ ...answered(100, promptEvalMs), loadMs });
    const stored = meter.msPerToken;
    meter.reread();
    return [meter.begin(first, []).msPerToken, stored];
  };
  expect(after(undefined, 200, 50)).toEqual([2, undefined]);
  expect(after(10, 200, 50)).toEqual([10, undefined]);
  expect(after(10, 200, 3_000)).toEqual([2, 2]);
  expect(after(1, 200, 50)).toEqual([2, 2]);
});

test('a later request corrects the speed of earlier sessions; another model has its own', () => {
  const meter = new PromptMeter(4, 50);
  const first = [message('system', 300), message('user', 98)];
  expect(meter.begin(first, []).msPerToken).toBe(50);
  meter.end(answered(100, 1));
  const second = [...first, message('assistant', 100), message('user', 400)];
  meter.begin(second, []);
  meter.end(answered(225, 300));
  expect(meter.msPerToken).toBeCloseTo(3, 1);
  meter.forget(4, 7);
  expect([meter.begin(second, []).msPerToken, meter.msPerToken]).toEqual([7, undefined]);
});

test('a prompt that became shorter by itself has lost something', () => {
  const meter = new PromptMeter();
  const talk = [message('system', 300), message('user', 100)];
  const ask = (bytes: number, read: number) => {
    talk.push(message('assistant', 100), message('tool', bytes));
    meter.begin(talk, []);
    return meter.end(answered(read, 1));
  };
  meter.begin(talk, []);
  expect(meter.end(answered(1_000, 1))).toBeUndefined();
  // It may be that the server counts only what is new.
  expect(ask(120, 300)).toEqual({ read: 300, least: 1_010, isCertain: false });
  expect(ask(120, 1_200)).toBeUndefined();
  expect(ask(12_000, 300)).toEqual({ read: 300, least: 2_200, isCertain: true });
  // Longer than the time before, and still too short for what was added.
  expect(ask(12_000, 2_300)).toEqual({ read: 2_300, least: 3_200, isCertain: true });
  // A server that does not count says nothing.
  expect(ask(120, 0)).toBeUndefined();
});

test('behind a new message of the user it may be shorter: templates leave out older thinking', () => {
  const meter = new PromptMeter();
  const thought = { ...message('assistant', 100), thinking: 'x'.repeat(400) };
  const talk = [message('system', 300), message('user', 100), thought, message('tool', 100)];
  meter.begin(talk, []);
  meter.end(answered(1_000, 1));
  meter.begin([...talk, thought, message('user', 100)], []);
  expect(meter.end(answered(700, 1))).toBeUndefined();
});

test('a server that counts all has lost nothing, however dense the text is', () => {
  const step = fc.record({
    role: fc.constantFrom('user' as const, 'tool' as const),
    bytes: fc.integer({ min: 60, max: 20_000 }),
    perToken: fc.double({ min: 1, max: 11, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const meter = new PromptMeter();
      const talk: ChatMessage[] = [];
      let tokens = 0;
      for (const { role, bytes, perToken } of steps) {
        talk.push(message('assistant', 60), message(role, bytes));
        tokens += 20 + Math.ceil(bytes / perToken);
        meter.begin(talk, []);
        expect(meter.end(answered(tokens, 1))).toBeUndefined();
      }
    }),
  );
});
