/** Runs the user's `notify` program after a turn: fire and forget, with one JSON argument, as Codex does. */
import { once } from 'node:events';
import { truncateText } from '../../context/truncate.ts';
import { trustedProgram } from '../../system/find-program.ts';
import { launch } from '../../system/launch.ts';
import { errorMessage } from '../../text/error-message.ts';

/** Linux takes no single argument of more, its final NUL included. */
const ARGUMENT_LIMIT = 128 * 1024 - 1;
/** The most that a text may take, as JSON. */
const TEXT_LIMIT = 60_000;

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
  const payload = payloadOf(notice);
  try {
    const { file, env } = trustedProgram(program, notice.cwd);
    await once(launch(file, [...args, payload], { cwd: notice.cwd, env }), 'spawn');
    return undefined;
  } catch (error) {
    return `notify: cannot run ${program}: ${errorMessage(error)}`;
  }
}

/** Long texts are cut, with a marker where, so that the argument fits. */
function payloadOf(notice: TurnNotice): string {
  for (let limitBytes = Number.POSITIVE_INFINITY; ; limitBytes = Math.min(limitBytes, TEXT_LIMIT * 2) / 2) {
    const cut = (text: string): string => truncateText(text, { limitBytes }).text;
    const payload = JSON.stringify({
      type: 'agent-turn-complete',
      'thread-id': notice.threadId,
      'turn-id': notice.turnId,
      cwd: notice.cwd,
      client: 'oagent',
      'input-messages': notice.inputMessages.map(cut),
      'last-assistant-message':
        notice.lastAssistantMessage === null ? null : cut(notice.lastAssistantMessage),
    });
    if (Buffer.byteLength(payload) <= ARGUMENT_LIMIT || limitBytes < 1) return payload;
  }
}
