/** The prompts that a user's configuration puts in place of oagent's own, or adds to them. */

import { printable } from '../config/errors.ts';
import type { Config } from '../config/schema.ts';
import { decodeText } from '../text/decode.ts';
import { fileProblem } from '../text/file-problem.ts';
import { readWhole } from '../text/regular-file.ts';
import { SessionError } from './session-error.ts';

export interface UserPrompts {
  /** The request for a summary. */
  readonly compactPrompt?: string | undefined;
  /** The system message. */
  readonly instructions?: string | undefined;
  /** Added to the system message. */
  readonly developerInstructions?: string | undefined;
}

/** @returns also a line for the user about each file whose encoding was guessed. @throws SessionError */
export function userPrompts(config: Config): UserPrompts & { readonly notices: readonly string[] } {
  const notices: string[] = [];
  const fromFile = (key: 'experimental_compact_prompt_file' | 'model_instructions_file') => {
    const file = config[key];
    return file === undefined ? undefined : textOf(key, file, notices);
  };
  const { compact_prompt: compactPrompt, experimental_compact_prompt_file: compactFile } = config;
  return {
    compactPrompt:
      compactFile === undefined ? given(compactPrompt) : fromFile('experimental_compact_prompt_file'),
    instructions: fromFile('model_instructions_file'),
    developerInstructions: given(config.developer_instructions),
    notices,
  };
}

function given(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}

function textOf(key: string, file: string, notices: string[]): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readWhole(file);
  } catch (error) {
    throw new SessionError(`${key}: ${fileProblem(error)}`);
  }
  const decoded = decodeText(bytes);
  if (!decoded.ok) throw new SessionError(`${key}: ${printable(file)}: ${decoded.problem}`);
  if (decoded.notice !== undefined) notices.push(`${printable(file)}: ${decoded.notice}`);
  return given(decoded.text);
}
