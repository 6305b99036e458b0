/** Keeps the whole of a text that the model gets in part. */
import { writeFileSync } from 'node:fs';

/** @param nameFile makes its folder, too. @returns the file; undefined: with a full or read-only disk the copy is lost, no more. */
export function keptText(text: string, nameFile: () => string): string | undefined {
  try {
    const file = nameFile();
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  } catch {
    return undefined;
  }
}
