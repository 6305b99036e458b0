/** Runs the user's `notify` program after a turn: fire and forget, with one JSON argument, as Codex does. */
import { spawn } from 'node:child_process';

export interface TurnNotice {
  readonly threadId: string;
  readonly turnId: string;
  readonly cwd: string;
  readonly inputMessages: readonly string[];
  readonly lastAssistantMessage: string | null;
}

/** @returns a warning if the program cannot be started. */
export function notify(argv: readonly string[], notice: TurnNotice): Promise<string | undefined> {
  const [program, ...args] = argv;
  if (program === undefined) return Promise.resolve(undefined);
  const payload = JSON.stringify({
    type: 'agent-turn-complete',
    'thread-id': notice.threadId,
    'turn-id': notice.turnId,
    cwd: notice.cwd,
    client: 'oagent',
    'input-messages': notice.inputMessages,
    'last-assistant-message': notice.lastAssistantMessage,
  });
  return new Promise((resolve) => {
    const child = spawn(program, [...args, payload], { stdio: 'ignore', detached: true, cwd: notice.cwd });
    child.on('spawn', () => {
      child.unref();
      resolve(undefined);
    });
    child.on('error', (error) => resolve(`notify: cannot run ${program}: ${error.message}`));
  });
}
