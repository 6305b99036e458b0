/** A folder for one test; apart from all else, because most tests need no more of what the others share. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder of the running test, gone with it; without symlinks in its path. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(await realpath(tmpdir()), 'oagent-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
