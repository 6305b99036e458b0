/** The first message of a session, from a prompt and the files that flags name. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject, Op } from '../protocol.ts';
import { decodeText } from '../text/decode.ts';
import { fileProblem } from '../text/file-problem.ts';
import { isGivenByShell, readWhole } from '../text/regular-file.ts';
import { typedCommand } from '../text/typed-command.ts';
import { SessionError } from './session-error.ts';

export interface MessageFiles {
  readonly images?: readonly string[];
  /** A JSON schema for the last answer. */
  readonly outputSchema?: string;
}

/**
 * @param say is called with lines for the user: a name that only looks like the file's, an encoding that was guessed.
 * @throws SessionError with one line that names the file and what is wrong with it.
 */
export async function firstMessage(
  text: string,
  { images = [], outputSchema }: MessageFiles,
  say: (line: string) => void,
): Promise<Extract<Op, { type: 'user_turn' }>> {
  try {
    const read = images.length === 0 ? [] : await readImages(images, say);
    return {
      type: 'user_turn',
      text,
      ...delegated(text),
      images: read.length > 0 ? read : undefined,
      imageNames: read.length > 0 ? images.map((file) => path.basename(file)) : undefined,
      outputSchema: outputSchema === undefined ? undefined : readSchema(outputSchema, say),
    };
  } catch (error) {
    throw new SessionError((error as Error).message);
  }
}

/** Most messages have none. */
async function readImages(files: readonly string[], say: (line: string) => void): Promise<string[]> {
  const { readImage } = await import('./images.ts');
  return files.map((file) => readImage(path.resolve(file), say));
}

/** `/task PROMPT`: a sub-agent does it. */
function delegated(text: string): Partial<Extract<Op, { type: 'user_turn' }>> {
  const { name, args } = typedCommand(text) ?? { name: '', args: '' };
  return name === 'task' && args !== '' ? { text: args, shownAs: text.trim(), isTask: true } : {};
}

function readSchema(file: string, say: (line: string) => void): JsonObject {
  let bytes: Buffer;
  try {
    bytes = isGivenByShell(file) ? readFileSync(file) : readWhole(file);
  } catch (error) {
    throw new Error(`cannot read the output schema ${file}: ${fileProblem(error)}`);
  }
  const decoded = decodeText(bytes);
  if (!decoded.ok) throw new Error(`cannot read the output schema ${file}: ${decoded.problem}`);
  if (decoded.notice !== undefined) say(`${file}: ${decoded.notice}`);
  try {
    const schema: unknown = JSON.parse(decoded.text);
    if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema as JsonObject;
  } catch (error) {
    throw new Error(`Output schema file ${file} is not valid JSON: ${(error as Error).message}`);
  }
  throw new Error(`Output schema file ${file} is not a JSON object`);
}
