/** Runs a sandbox once to see whether it works here: without input, with bounded output and time. */
import { once } from 'node:events';
import { startGroup } from '../../system/process-group.ts';
import { within } from '../../system/within.ts';
import { errorMessage } from '../../text/error-message.ts';

const ERROR_LIMIT = 300;

export interface Trial {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** What it reads from descriptor 3. */
  readonly filter?: Buffer;
}

/** Undefined if it works, otherwise what it printed. */
export async function tryOut({ file, args, env, timeoutMs, filter }: Trial): Promise<string | undefined> {
  try {
    const extraFds = filter === undefined ? [] : [filter];
    const group = await startGroup(file, args, { cwd: '/', env, extraFds });
    group.stdout.resume();
    let said = '';
    group.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, ERROR_LIMIT);
    });
    const closed = Promise.all([group.exited, once(group.stderr, 'close')]);
    const waited = await within(closed, timeoutMs);
    if (waited.kind !== 'done') {
      await group.terminate(0);
      return `it did not end in ${timeoutMs / 1_000} s`;
    }
    const [{ code, signal }] = waited.value;
    return code === 0 ? undefined : said.trim().split('\n')[0] || `it ended with ${signal ?? code}`;
  } catch (error) {
    return errorMessage(error);
  }
}
