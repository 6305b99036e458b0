import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder for programs that oagent is to start: not one that commands can write to, as those for temporary files are. */
export function programFolder(): string {
  const folder = mkdtempSync(path.resolve('node_modules/.programs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
