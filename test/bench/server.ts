/**
 * The scripted server in a process of its own, so that its work is not counted as an agent's.
 *
 * Forked by the bench; tells its address once it listens, and answers each `take` with the requests since the
 * last one. Invariants: times are of the monotonic clock that all processes of the machine share.
 * Does not: judge what was asked.
 */
import type { RequestKind } from '../../src/demo/request-log.ts';
import { startScriptedOllama } from '../../src/demo/scripted-ollama.ts';
import { answerOf, modelSpecs } from './task.ts';
import { sceneTurn, TERMINAL_MODEL } from './terminal-script.ts';

/** One request, as the bench gets it. Times in ms. */
export interface LoggedRequest {
  readonly kind: RequestKind;
  readonly path: string;
  readonly receivedAt: number;
  /** The end of the answer. */
  readonly finishedAt: number;
  readonly aborted: boolean;
  readonly rawBody: string;
  /** By the server's own account; null for what did not reach a model. */
  readonly newTokens: number | null;
  readonly rereadTokens: number | null;
}

export type ServerMessage =
  | { readonly type: 'listening'; readonly host: string }
  | { readonly type: 'requests'; readonly requests: readonly LoggedRequest[] };

const clockOffset = Number(process.hrtime.bigint()) / 1e6 - performance.now();

const server = await startScriptedOllama({
  models: [...modelSpecs, TERMINAL_MODEL],
  script: ({ model, messages }) => {
    if (!model.startsWith(TERMINAL_MODEL.name))
      return answerOf(model, messages.filter(({ role }) => role === 'assistant').length);
    const from = messages.findLastIndex(({ role }) => role === 'user');
    const answers = messages.slice(from).filter(({ role }) => role === 'assistant').length;
    return sceneTurn(String(messages[from]?.content ?? ''), answers);
  },
});
let taken = 0;
process.on('message', async () => {
  await server.waitForFinished(server.log.length);
  const requests = server.log.slice(taken).map((entry): LoggedRequest => {
    const { kind, path, aborted, rawBody, newTokens, rereadTokens } = entry;
    const receivedAt = entry.receivedAt + clockOffset;
    const finishedAt = (entry.finishedAt ?? Number.NaN) + clockOffset;
    return { kind, path, aborted, rawBody, newTokens, rereadTokens, receivedAt, finishedAt };
  });
  taken = server.log.length;
  tell({ type: 'requests', requests });
});
process.on('disconnect', () => process.exit());
tell({ type: 'listening', host: server.host });

function tell(message: ServerMessage): void {
  process.send?.(message);
}
