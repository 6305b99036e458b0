/** Cuts an output to what the model gets of it; the file that the cut names has all of it. */
import { writeFile } from 'node:fs/promises';
import { truncateText } from './truncate.ts';

interface Bounds {
  /** Bytes. */
  readonly outputLimit: number;
  /** The file for the whole text; its folder exists once this has been called. */
  readonly spillPath: () => string;
}

/** Never rejects. */
export async function boundedText(text: string, bounds: Bounds): Promise<string> {
  if (Buffer.byteLength(text) <= bounds.outputLimit) return text;
  const fullOutputPath = await saved(text, bounds);
  return truncateText(text, { limitBytes: bounds.outputLimit, fullOutputPath }).text;
}

/** @returns the file; undefined: with a full or read-only disk the copy is lost, not the turn. */
async function saved(text: string, { spillPath }: Bounds): Promise<string | undefined> {
  try {
    const file = spillPath();
    await writeFile(file, text, { mode: 0o600 });
    return file;
  } catch {
    return undefined;
  }
}
