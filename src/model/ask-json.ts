/** One question in a context of its own, with an answer that a schema constrains. */
import type { JsonObject } from '../protocol.ts';
import { parseJson } from './json-object.ts';
import { leastThinking } from './least-thinking.ts';
import { answeredJson } from './repair/answered-json.ts';
import type { ChatSettings, ModelServer } from './server.ts';
import type { ModelTurn } from './stream.ts';

export interface JsonQuestion {
  readonly system: string;
  readonly text: string;
  /** The answer is constrained by it (`format`). */
  readonly schema: JsonObject;
  /** Of the answer. */
  readonly maxTokens: number;
}

export interface AskedServer {
  readonly client: Pick<ModelServer, 'chat'>;
  /** Of the session: a request with another window would make the server load the model again. */
  readonly settings: ChatSettings;
}

/**
 * @returns the parsed answer, checked by nobody: a server may ignore the schema.
 * @throws ModelError; the signal's reason; Error: the answer is cut off, or no JSON.
 */
export async function askJson(
  { client, settings }: AskedServer,
  { system, text, schema, maxTokens }: JsonQuestion,
  signal: AbortSignal,
): Promise<{ readonly value: unknown; readonly turn: ModelTurn }> {
  const messages = [
    { role: 'system', content: system },
    { role: 'user', content: text },
  ] as const;
  const turn = await client.chat(
    { ...settings, numPredict: maxTokens, think: leastThinking(settings.think) },
    { messages, tools: [], format: schema },
    { onDelta: () => undefined, onPhase: () => undefined },
    signal,
  );
  const isCut = turn.doneReason === 'length';
  const answer = isCut ? { value: parseJson(turn.content) } : answeredJson(turn.content);
  if (answer?.value !== undefined) return { value: answer.value, turn };
  throw new Error(isCut ? 'the answer was too long' : 'the answer is not valid JSON');
}
