import path from 'node:path';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/protocol.ts';
import { type CodeSearchOptions, createSearchCodeTool } from '../../src/tools/search-code.ts';
import { itemEvents, makeContext } from './tool-context.ts';

const FOUND = 'src/a.ts:1-2 a\none\ntwo';

test('the excerpts are the result, and shown as a tool call', async () => {
  using context = makeContext();
  const calls: [string, CodeSearchOptions][] = [];
  const tool = createSearchCodeTool(async (query, options) => {
    calls.push([query, options]);
    return FOUND;
  });
  const args = { query: ' how is a made ', path: 'src', limit: 3 };
  expect(await tool.run(args, context.ctx)).toEqual({ ok: true, text: FOUND, bounded: true });
  const { signal } = context.ctx;
  expect(calls).toEqual([
    ['how is a made', { limit: 3, path: path.join(context.cwd, 'src'), maxBytes: 10_000, signal }],
  ]);
  const item = { type: 'tool_call', id: 'item_0', tool: 'search_code', arguments: args };
  expect(itemEvents(context.events)).toEqual([
    { type: 'item_started', item: { ...item, output: '', status: 'in_progress' } },
    { type: 'item_completed', item: { ...item, output: FOUND, status: 'completed' } },
  ]);
  expect(tool.isReadOnly(args)).toBe(true);
});

test.each<[JsonObject, string]>([
  [{ query: ' ' }, 'failed: query is empty: give words or names to look for'],
  [{ query: 'a', path: 'x\0y' }, 'failed: path contains a NUL byte'],
  [{ query: 'a' }, 'ok: Nothing found. Try other words, or ripgrep.'],
])('%j is answered', async (args, answer) => {
  using context = makeContext();
  const { ok, text } = await createSearchCodeTool(async () => '').run(args, context.ctx);
  expect(`${ok ? 'ok' : 'failed'}: ${text}`).toBe(answer);
});

test('an interrupt is no empty answer', async () => {
  using context = makeContext();
  const tool = createSearchCodeTool(async () => {
    context.controller.abort();
    return '';
  });
  expect(await tool.run({ query: 'a' }, context.ctx)).toEqual({ ok: false, text: 'aborted by user' });
});

test('memories are a kind of their own, declared only where there are some', async () => {
  using context = makeContext();
  const kinds: unknown[] = [];
  const search = async (_query: string, { isMemory }: CodeSearchOptions): Promise<string> => {
    kinds.push(isMemory);
    return FOUND;
  };
  const [without, tool] = [createSearchCodeTool(search), createSearchCodeTool(search, true)];
  const { query, path: place, limit, ...more } = tool.schema.function.parameters.properties;
  expect(without.schema.function.parameters.properties).toEqual({ query, path: place, limit });
  expect(more).toEqual({ kind: { type: 'string', enum: ['code', 'memory'] } });
  for (const kind of [undefined, 'code', 'memory']) await tool.run({ query: 'a', kind }, context.ctx);
  expect(kinds).toEqual([undefined, undefined, true]);
});
