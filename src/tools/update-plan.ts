/**
 * The `update_plan` tool: the model writes down its steps, the user sees them. Every call carries the whole plan; none is kept.
 */
import description from '../../prompts/tools/update_plan.md?raw';
import type { ToolSchema } from '../model/chat.ts';
import type { PlanStep } from '../protocol.ts';
import { stringArgument } from './arguments.ts';
import type { Tool } from './tool.ts';
import { failure } from './tool-call-item.ts';

const STATUSES = ['pending', 'in_progress', 'completed'] as const;

const schema: ToolSchema = {
  type: 'function',
  function: {
    name: 'update_plan',
    description: description.trim(),
    parameters: {
      type: 'object',
      properties: {
        plan: {
          type: 'array',
          items: {
            type: 'object',
            properties: { step: { type: 'string' }, status: { type: 'string', enum: STATUSES } },
            required: ['step', 'status'],
          },
        },
        explanation: { type: 'string' },
      },
      required: ['plan'],
    },
  },
};

export function createUpdatePlanTool(): Tool {
  return {
    schema,
    isReadOnly: () => false,
    run: async (args, ctx) => {
      const steps = Array.isArray(args.plan) ? args.plan.map(toStep) : [];
      if (steps.length === 0) return failure('plan is empty: give every step with its status');
      const valid = steps.filter((step) => step !== undefined);
      if (valid.length < steps.length) {
        return failure(`every step needs a text and a status, which is one of ${STATUSES.join(', ')}`);
      }
      const explanation = stringArgument(args, 'explanation');
      const item = {
        type: 'plan',
        id: ctx.nextItemId(),
        steps: valid,
        explanation,
      } as const;
      ctx.emit({ type: 'item_started', item });
      ctx.emit({ type: 'item_completed', item });
      return { ok: true, text: 'Plan updated' };
    },
  };
}

function toStep(value: unknown): PlanStep | undefined {
  if (typeof value !== 'object' || value === null || !('step' in value) || !('status' in value))
    return undefined;
  const { step } = value;
  const status = STATUSES.find((known) => known === value.status);
  return typeof step === 'string' && step.trim() !== '' && status !== undefined
    ? { step, status }
    : undefined;
}
