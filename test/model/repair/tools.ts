/** The schemas of oagent's own tools, as the repair tests see them, and shorthands for turns and calls. */
import { readContent } from '../../../src/model/answer/reader.ts';
import type { ToolCall, ToolSchema } from '../../../src/model/chat.ts';
import { type RawToolCall, type RepairedTurn, repairTurn } from '../../../src/model/repair.ts';
import type { JsonObject } from '../../../src/protocol.ts';

type Parameters = ToolSchema['function']['parameters'];

function tool(name: string, properties: Parameters['properties'], required: readonly string[]): ToolSchema {
  return {
    type: 'function',
    function: { name, description: name, parameters: { type: 'object', properties, required } },
  };
}

const text = { type: 'string' } as const;
const integer = { type: 'integer' } as const;

export const shell = tool('shell', { command: text, workdir: text, timeout_ms: integer }, ['command']);
export const execCommand = tool(
  'exec_command',
  { cmd: text, workdir: text, tty: { type: 'boolean' }, yield_time_ms: integer, max_output_tokens: integer },
  ['cmd'],
);
export const writeStdin = tool('write_stdin', { session_id: integer, chars: text, yield_time_ms: integer }, [
  'session_id',
]);
export const applyPatch = tool('apply_patch', { input: text }, ['input']);
export const ripgrep = tool(
  'ripgrep',
  { pattern: text, path: text, glob: text, case_insensitive: { type: 'boolean' }, context: integer },
  ['pattern'],
);
export const readFile = tool('read_file', { path: text, offset: integer, limit: integer }, ['path']);
export const updatePlan = tool(
  'update_plan',
  {
    plan: {
      type: 'array',
      items: {
        type: 'object',
        properties: { step: text, status: { type: 'string', enum: ['pending', 'in_progress', 'completed'] } },
        required: ['step', 'status'],
      },
    },
    explanation: text,
  },
  ['plan'],
);
export const askUser = tool(
  'ask_user',
  {
    questions: {
      type: 'array',
      items: {
        type: 'object',
        properties: { question: text, options: { type: 'array', items: text } },
        required: ['question'],
      },
    },
  },
  ['questions'],
);
export const tools: readonly ToolSchema[] = [shell, applyPatch, ripgrep, readFile, updatePlan];

/** Reads and repairs a turn with ids `made_1`, `made_2`, … */
export function repair(turn: {
  readonly content?: string;
  readonly thinking?: string;
  readonly toolCalls?: readonly RawToolCall[];
  readonly doneReason?: string;
}): Omit<RepairedTurn, 'endsInCall'> {
  let made = 0;
  const { text, thinking, ...facts } = readContent(turn.content ?? '');
  const whole = {
    toolCalls: [],
    ...turn,
    ...facts,
    content: text,
    thinking: thinking + (turn.thinking ?? ''),
  };
  const { content, calls, notes } = repairTurn(whole, tools, () => `made_${++made}`);
  return { content, calls, notes };
}

/** The calls that a text holds, as `[name, arguments]`, and what stays of the text. */
export function leaked(content: string): { content: string; calls: [string, JsonObject][] } {
  const { content: rest, calls } = repair({ content });
  return { content: rest, calls: calls.map((call) => [call.name, call.arguments]) };
}

export function madeCall(number: number, name: string, args: JsonObject): ToolCall {
  return { id: `made_${number}`, name, arguments: args };
}
