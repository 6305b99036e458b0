/**
 * What stands in front of the history in every request: the system message and the tools.
 *
 * Invariant: the same for all requests of a session with one model. Does not: hold the texts of tools.
 */
import ledText from '../../prompts/led/system.md?raw';
import type { Profile } from '../model/call-profile.ts';
import type { ToolSchema } from '../model/chat.ts';
import type { Tool } from '../tools/tool.ts';

export interface PromptHead {
  readonly system: string;
  readonly tools: readonly ToolSchema[];
}

/** @param system the text for models that call tools by themselves; one that is led gets its own, and no tools. */
export function promptHead(
  { profile }: { readonly profile: Profile },
  system: string,
  tools: readonly Tool[],
): PromptHead {
  if (profile === 'led') return { system: ledText.trim(), tools: [] };
  return { system, tools: offered(tools) };
}

/** The schemas that a model is told of: not of silent tools. */
export function offered(tools: readonly Tool[]): ToolSchema[] {
  return tools.flatMap(({ schema, isSilent }) => (isSilent ? [] : [schema]));
}
