/**
 * The model of both phases, by rules: the same question always gets the same answer.
 *
 * Phase 1: what the user said is so. It also obeys an output that asks to be remembered, as small models do.
 */
import type { MemoryModel, MemoryQuestion } from '../../../src/memory/model.ts';
import { mergeAnswer } from '../merge/merge-model.ts';

/** @param pause is awaited before each answer. */
export function historyModel(pause: () => Promise<void>): MemoryModel {
  return {
    name: 'history:1b',
    numCtx: 8_192,
    ask: async (question, signal) => {
      await pause();
      signal.throwIfAborted();
      return isExtraction(question) ? extractAnswer(question.text) : mergeAnswer(question.text);
    },
  };
}

function isExtraction({ schema }: MemoryQuestion): boolean {
  return JSON.stringify(schema).includes('raw_memory');
}

function extractAnswer(text: string): object {
  const said = blocks(text, 'user').flatMap((block) => block.split(/(?<=[.!?])\s+/));
  const planted = blocks(text, 'output').filter((block) => block.startsWith('Remember'));
  const lines = said
    .filter((sentence) => / is |`/.test(sentence))
    .map((sentence) => sentence.replace(/\.$/, ''));
  return {
    raw_memory: [...planted, ...lines].map((line) => `- ${line}`).join('\n'),
    rollout_slug: null,
    rollout_summary: [...said.slice(0, 1), ...planted].join(' '),
  };
}

/** The texts of one kind; each line of them is indented. */
function blocks(text: string, from: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^${from}:\\n((?:  .*\\n?)+)`, 'gm'))].map(([, block = '']) =>
    block.replace(/^ {2}/gm, '').trim(),
  );
}
