/**
 * The `ask_user` tool: the model's own questions, one after the other, in the dialog of the approvals. A question without options, as small
 * models write it, is answered in words. Where nobody is there to answer, it is not offered, and a call says so.
 */
import noAnswer from '../../prompts/commands/no-answer.md?raw';
import nobody from '../../prompts/commands/nobody-to-ask.md?raw';
import description from '../../prompts/tools/ask_user.md?raw';
import type { ToolSchema } from '../model/chat.ts';
import type { JsonObject } from '../protocol.ts';
import type { Answered } from '../safety/guard.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';
import { asToolCall, failure, refusal } from './tool-call-item.ts';

const MOST_QUESTIONS = 3;
const MOST_OPTIONS = 3;
const LEAST_OPTIONS = 2;

const schema: ToolSchema = {
  type: 'function',
  function: {
    name: 'ask_user',
    description: description.trim(),
    parameters: {
      type: 'object',
      properties: {
        questions: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              question: { type: 'string' },
              options: { type: 'array', items: { type: 'string' } },
            },
            required: ['question'],
          },
        },
      },
      required: ['questions'],
    },
  },
};

interface Question {
  readonly question: string;
  readonly options: readonly string[];
}

/** @param isAttended somebody can answer. */
export function createAskUserTool(isAttended: boolean): Tool {
  return {
    schema,
    isSilent: !isAttended,
    isReadOnly: () => false,
    run: async (args, ctx) => {
      if (!isAttended) return failure(nobody.trim());
      const questions = readQuestions(args);
      if (typeof questions === 'string') return failure(questions);
      return asToolCall('ask_user', args, ctx, () => askAll(questions, ctx));
    },
  };
}

async function askAll(questions: readonly Question[], ctx: ToolContext): Promise<ToolResult> {
  const lines: string[] = [];
  for (const { question, options } of questions) {
    const answer = await ctx.ask({ kind: 'question', cwd: ctx.cwd, reason: '', question, options });
    if (answer.type === 'stop') return refusal([...lines, 'interrupted by the user'].join('\n'));
    lines.push(question, `→ ${textOf(answer)}`);
  }
  return { ok: true, text: lines.join('\n') };
}

function textOf(answer: Answered): string {
  if (answer.type === 'option') return answer.option;
  return (answer.type === 'no' ? answer.instead : undefined) ?? noAnswer.trim();
}

/** @returns the questions, or what is wrong with them. */
function readQuestions({ questions }: JsonObject): readonly Question[] | string {
  const read = Array.isArray(questions) ? questions.map(toQuestion) : [];
  if (read.length === 0) return 'questions is empty: give each question with its options';
  if (read.length > MOST_QUESTIONS) return `at most ${MOST_QUESTIONS} questions at a time`;
  const valid = read.filter((question) => question !== undefined);
  return valid.length === read.length
    ? valid
    : `every question needs a text, and ${LEAST_OPTIONS} or ${MOST_OPTIONS} different options, each a short text, or none`;
}

function toQuestion(value: unknown): Question | undefined {
  if (typeof value !== 'object' || value === null || !('question' in value)) return undefined;
  const { question } = value;
  const options = 'options' in value ? value.options : [];
  if (typeof question !== 'string' || question.trim() === '' || !Array.isArray(options)) return undefined;
  const texts = options.filter((option) => typeof option === 'string' && option.trim() !== '');
  const isRight =
    texts.length === options.length &&
    (texts.length === 0 || texts.length >= LEAST_OPTIONS) &&
    texts.length <= MOST_OPTIONS &&
    new Set(texts).size === texts.length;
  return isRight ? { question, options: texts } : undefined;
}
