/** Runs the user's `notify` program after a turn: fire and forget, with one JSON argument, as Codex does. */
import { once } from 'node:events';
import { trustedProgram } from '../../system/find-program.ts';
import { launch } from '../../system/launch.ts';
import { errorMessage } from '../../text/error-message.ts';

export interface TurnNotice {
  readonly threadId: string;
  readonly turnId: string;
  readonly cwd: string;
  readonly inputMessages: readonly string[];
  readonly lastAssistantMessage: string | null;
}

/** @returns a warning if the program cannot be started. */
export async function notify(argv: readonly string[], notice: TurnNotice): Promise<string | undefined> {
  const [program, ...args] = argv;
  if (program === undefined) return undefined;
  const payload = JSON.stringify({
    type: 'agent-turn-complete',
    'thread-id': notice.threadId,
    'turn-id': notice.turnId,
    cwd: notice.cwd,
    client: 'oagent',
    'input-messages': notice.inputMessages,
    'last-assistant-message': notice.lastAssistantMessage,
  });
  try {
    const { file, env } = trustedProgram(program, notice.cwd);
    await once(launch(file, [...args, payload], { cwd: notice.cwd, env }), 'spawn');
    return undefined;
  } catch (error) {
    return `notify: cannot run ${program}: ${errorMessage(error)}`;
  }
}
