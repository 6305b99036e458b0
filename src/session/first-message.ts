/** The first message of a session, from a prompt and the files that flags name. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject, Op } from '../protocol.ts';
import { readImage } from './images.ts';
import { SessionError } from './plan.ts';

export interface MessageFiles {
  readonly images?: readonly string[];
  /** A JSON schema for the last answer. */
  readonly outputSchema?: string;
}

/** @throws SessionError with one line that names the file and what is wrong with it. */
export function firstMessage(
  text: string,
  { images = [], outputSchema }: MessageFiles,
): Extract<Op, { type: 'user_turn' }> {
  try {
    const read = images.map((file) => readImage(path.resolve(file)));
    return {
      type: 'user_turn',
      text,
      images: read.length > 0 ? read : undefined,
      imageNames: read.length > 0 ? images.map((file) => path.basename(file)) : undefined,
      outputSchema: outputSchema === undefined ? undefined : readSchema(outputSchema),
    };
  } catch (error) {
    throw new SessionError((error as Error).message);
  }
}

function readSchema(file: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`cannot read the output schema ${file}: ${(error as Error).message}`);
  }
  try {
    const schema: unknown = JSON.parse(text);
    if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema as JsonObject;
  } catch (error) {
    throw new Error(`Output schema file ${file} is not valid JSON: ${(error as Error).message}`);
  }
  throw new Error(`Output schema file ${file} is not a JSON object`);
}
