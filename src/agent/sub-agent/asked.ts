/** Whether a message asks for a sub-agent: then the model is told of the tool, all the more if it is not declared. */
import callIt from '../../../prompts/sub-agent/call-it.md?raw';
import known from '../../../prompts/sub-agent/known.md?raw';
import type { Tool } from '../../tools/tool.ts';

const BY_NAME = /(?<![\w$])\$task\b/;
const AGENT = String.raw`(?:(?:a|an|the|one|your|some|several|more)\s+)?(?:[\w-]+\s+)?sub-?\s?agents?\b`;
const BY_WORDS = new RegExp(
  String.raw`\b(?:us(?:e|ing)|with|via|through|by|spawn|start|launch|run|let|have|ask|give\s+(?:it|this|that)\s+to|delegate\s+(?:it|this|that)?\s*to|send)\s+${AGENT}(?!['’]?s?\s+(?:test|code|file|class|module|tool|source)|\.\w)`,
  'i',
);
const DENIED = /(?:\b(?:not|never|without|no)|n['’]t)\s+(?:\w+\s+){0,3}$/i;

/** The note for the model; undefined: it is not asked for. */
export function taskNote(message: string, tools: readonly Tool[]): string | undefined {
  const tool = tools.find(({ schema }) => schema.function.name === 'task');
  if (tool === undefined || !asksForSubAgent(message)) return undefined;
  return (tool.isSilent ? known : callIt).trim();
}

export function asksForSubAgent(message: string): boolean {
  if (BY_NAME.test(message)) return true;
  const found = BY_WORDS.exec(message);
  return found !== null && !DENIED.test(message.slice(0, found.index));
}
