import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { runToolCalls } from '../../src/agent/tool-calls.ts';
import { isKnownSafe } from '../../src/safety/commands.ts';
import { createExecCommandTool } from '../../src/tools/commands/exec-command.ts';
import type { Tool } from '../../src/tools/tool.ts';
import { itemEvents, makeContext } from '../tools/tool-context.ts';

/** Calls of a tool that only reads (`r…`) or of one that writes (`w…`); gives the order of beginnings and ends. */
async function orderOf(ids: readonly string[]) {
  const context = makeContext();
  onTestFinished(() => context[Symbol.dispose]());
  const order: string[] = [];
  const tool = (name: string, isReadOnly: boolean): Tool => ({
    schema: {
      type: 'function',
      function: {
        name,
        description: '',
        parameters: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
      },
    },
    isReadOnly: () => isReadOnly,
    run: async ({ id }) => {
      order.push(`+${id}`);
      await setImmediate();
      order.push(`-${id}`);
      return { ok: true, text: `did ${id}` };
    },
  });
  const calls = ids.map((id) => ({
    id,
    name: id.startsWith('r') ? 'read' : 'write',
    arguments: { id },
  }));
  const outputs = await runToolCalls(calls, [tool('read', true), tool('write', false)], () => context.ctx);
  return { order, texts: outputs.map(({ text }) => text) };
}

test('neighbours that only read run side by side; one that writes runs alone, wherever it is', async () => {
  expect(await orderOf(['r1', 'r2', 'w3', 'r4', 'r5'])).toEqual({
    order: ['+r1', '+r2', '-r1', '-r2', '+w3', '-w3', '+r4', '+r5', '-r4', '-r5'],
    texts: ['did r1', 'did r2', 'did w3', 'did r4', 'did r5'],
  });
  expect((await orderOf(['w1', 'r2', 'w3', 'w4'])).order).toEqual([
    ...['+w1', '-w1', '+r2', '-r2', '+w3', '-w3', '+w4', '-w4'],
  ]);
});

test('commands that only wait all begin before one of them has ended', async () => {
  using context = makeContext();
  const tool = createExecCommandTool({ isKnownSafe });
  const calls = ['1', '2', '3'].map((id) => ({
    id,
    name: 'exec_command',
    arguments: { cmd: `sleep 0.${id}; echo ${id}` },
  }));
  await runToolCalls(calls, [tool], () => context.ctx);
  const kinds = itemEvents(context.events).map(({ type }) => type);
  expect(kinds).toEqual([...Array(3).fill('item_started'), ...Array(3).fill('item_completed')]);
});

test('in any order, nothing runs beside a call that writes, and outputs are in the order of the calls', async () => {
  const kinds = fc.array(fc.constantFrom('r', 'w'), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(kinds, async (some) => {
      const ids = some.map((kind, at) => `${kind}${at}`);
      const { order, texts } = await orderOf(ids);
      const running = new Set<string>();
      for (const step of order) {
        if (step.startsWith('-')) running.delete(step.slice(1));
        else running.add(step.slice(1));
        const isAlone = running.size < 2 || [...running].every((id) => id.startsWith('r'));
        expect({ order, isAlone }).toEqual({ order, isAlone: true });
      }
      expect(texts).toEqual(ids.map((id) => `did ${id}`));
    }),
    { numRuns: 60 },
  );
});
