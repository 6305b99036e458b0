/** The `task` tool: work for a sub-agent, which only reads and has a window of its own. What comes back is short. */
import description from '../../prompts/tools/task.md?raw';
import type { ToolSchema } from '../model/chat.ts';
import type { Item, JsonObject } from '../protocol.ts';
import { errorMessage } from '../text/error-message.ts';
import { stringArgument } from './arguments.ts';
import type { Tool, ToolContext, ToolResult, WorkListener } from './tool.ts';
import { failure, refusal } from './tool-call-item.ts';

const schema: ToolSchema = {
  type: 'function',
  function: {
    name: 'task',
    description: description.trim(),
    parameters: {
      type: 'object',
      properties: {
        prompt: { type: 'string' },
        files: { type: 'array', items: { type: 'string' } },
      },
      required: ['prompt'],
    },
  },
};

const STOPPED = 'the sub-agent was stopped before it had a result';

/** @param isSilent it is not declared: the model learns of it where the user or a skill asks for it. */
export function createTaskTool({ isSilent }: { readonly isSilent: boolean }): Tool {
  return { schema, isSilent, isReadOnly: () => false, run };
}

async function run(args: JsonObject, ctx: ToolContext): Promise<ToolResult> {
  const prompt = stringArgument(args, 'prompt')?.trim() ?? '';
  if (prompt === '') return failure('prompt is empty: say what to find out');
  const { delegate } = ctx;
  if (delegate === undefined) return refusal('there is no sub-agent here: do it yourself');
  const base = { type: 'task', id: ctx.nextItemId(), prompt } as const;
  const steps = new Map<string, Item>();
  let tokens = 0;
  ctx.emit({ type: 'item_started', item: { ...base, steps: [], output: '', status: 'in_progress' } });
  const listener: WorkListener = {
    onStep: (step) => {
      steps.set(step.id, step);
      ctx.emit({ type: 'task_step', itemId: base.id, step, tokens });
    },
    onTokens: (total) => {
      tokens = total;
    },
  };
  const work = { prompt, files: filesOf(args) };
  const result = await delegate(work, listener).catch((error: unknown) =>
    ctx.signal.aborted ? refusal(STOPPED) : failure(`the sub-agent failed: ${errorMessage(error)}`),
  );
  const status = result.ok ? 'completed' : 'failed';
  const ended = { steps: [...steps.values()], tokens, output: result.text, status } as const;
  ctx.emit({ type: 'item_completed', item: { ...base, ...ended } });
  return result;
}

function filesOf({ files }: JsonObject): readonly string[] {
  const all = Array.isArray(files) ? files : [files];
  return all.filter((file): file is string => typeof file === 'string' && file.trim() !== '');
}
