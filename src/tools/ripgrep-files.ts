/** The files of a workspace as ripgrep lists them. However the listing ends, ripgrep is gone after it. */
import { StringDecoder } from 'node:string_decoder';
import { startRipgrep } from '../system/ripgrep.ts';
import { workspaceFlags } from '../system/workspace-files.ts';

const KILL_GRACE_MS = 100;

/**
 * Paths relative to the folder, in batches as they are found. Ends early, without an error, when the signal is aborted or
 * the reader stops.
 *
 * @param flags beside those of the workspace.
 * @throws Error if ripgrep cannot be started.
 */
export async function* ripgrepFiles(
  cwd: string,
  flags: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<string[]> {
  if (signal.aborted) return;
  const start = async () =>
    startRipgrep(['--files', '--null', ...(await workspaceFlags(cwd)), ...flags], { cwd });
  const group = await start().catch((error: unknown) => {
    throw new Error(`the files cannot be listed: ripgrep could not be started (${String(error)})`);
  });
  group.stderr.resume();
  const stop = (): void => void group.stdout.destroy();
  signal.addEventListener('abort', stop, { once: true });
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for await (const chunk of group.stdout) {
      const names = (rest + decoder.write(chunk as Buffer)).split('\0');
      rest = names.pop() ?? '';
      if (names.length > 0) yield names;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    group.stdout.destroy();
    await group.terminate(KILL_GRACE_MS);
  }
}
