import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createUpdatePlanTool } from '../../src/tools/update-plan.ts';
import { makeContext } from './tool-context.ts';

describe('update_plan', () => {
  test('shows the plan', async () => {
    using context = makeContext();
    const plan = [
      { step: 'Read', status: 'completed' },
      { step: 'Write', status: 'in_progress' },
    ];
    const tool = createUpdatePlanTool();
    expect(await tool.run({ plan, explanation: 'why' }, context.ctx)).toEqual({
      ok: true,
      text: 'Plan updated',
    });
    expect(await tool.run({ plan }, context.ctx)).toEqual({ ok: true, text: 'Plan updated' });
    const first = { type: 'plan', id: 'item_0', steps: plan, explanation: 'why' };
    const second = { type: 'plan', id: 'item_1', steps: plan };
    expect(context.events).toEqual([
      { type: 'item_started', item: first },
      { type: 'item_completed', item: first },
      { type: 'item_started', item: second },
      { type: 'item_completed', item: second },
    ]);
    expect(tool.isReadOnly({ plan })).toBe(false);
  });

  test('refuses an empty plan and steps that are none', async () => {
    using context = makeContext();
    const tool = createUpdatePlanTool();
    const empty = { ok: false, text: 'plan is empty: give every step with its status' };
    const wrong = {
      ok: false,
      text: 'every step needs a text and a status, which is one of pending, in_progress, completed',
    };
    expect(await tool.run({ plan: [] }, context.ctx)).toEqual(empty);
    expect(await tool.run({}, context.ctx)).toEqual(empty);
    expect(await tool.run({ plan: [{ step: 'a', status: 'done' }] }, context.ctx)).toEqual(wrong);
    expect(await tool.run({ plan: [{ step: ' ', status: 'pending' }] }, context.ctx)).toEqual(wrong);
    expect(context.events).toEqual([]);
  });

  test('answers whatever a model sends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())), async (plan) => {
        using context = makeContext();
        const { ok } = await createUpdatePlanTool().run({ plan }, context.ctx);
        expect(context.events.length).toBe(ok ? 2 : 0);
      }),
      { numRuns: 50 },
    );
  });
});
