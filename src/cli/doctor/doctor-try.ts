/**
 * `oagent doctor --try`: finds out how a model calls tools, by asking for five things that need a call.
 *
 * No call is run. The options that decide how the model is loaded are those of a session, so that one load serves both.
 */
import requestsText from '../../../prompts/try/requests.md?raw';
import systemText from '../../../prompts/try/system.md?raw';
import { buildPrompt } from '../../context/prompt.ts';
import { callKind } from '../../model/call-kind.ts';
import { type CallKind, type CallRecord, NO_CALLS, withCall } from '../../model/call-profile.ts';
import type { ModelFacts } from '../../model/capabilities.ts';
import type { ToolSchema } from '../../model/chat.ts';
import { digestOf } from '../../model/choose.ts';
import { ModelError } from '../../model/errors.ts';
import { ModelMeasures } from '../../model/measures.ts';
import { withRetries } from '../../model/retry.ts';
import type { ChatSettings, ModelServer } from '../../model/server.ts';
import type { Connection } from '../../session/connect.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { planModel } from '../../session/planned-model.ts';
import { createTools } from '../../tools/registry.ts';
import type { TryResult } from './doctor-profile.ts';

/** A few of a session's tools: a small prompt is read quickly. */
const OFFERED: readonly string[] = ['shell', 'ripgrep', 'read_file'];

/** Enough for each of the calls; a model that cannot switch thinking off needs more. */
const NUM_PREDICT = 200;
const NUM_PREDICT_THINKING = 1_000;

const WORDS: { readonly [K in CallKind]: string } = {
  native: 'a call',
  leaked: 'a call as text',
  none: 'no call',
};

/**
 * Tries the model and keeps the result in models.json.
 *
 * @param tell prints a line of progress.
 * @returns the counts, or why there are none. @throws only when `signal` aborts.
 */
export async function tryModel(
  plan: Pick<SessionPlan, 'loaded' | 'home' | 'env' | 'source'>,
  { client, idleTimeoutMs }: Connection,
  name: string,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<TryResult> {
  try {
    const [facts, digest] = await Promise.all([client.show(name, signal), digestOf(client, name, signal)]);
    const { settings } = planModel(plan, client, { name, facts, digest }, idleTimeoutMs);
    const record = await tryCalls(client, briefly(settings, facts), tell, signal);
    if (digest !== undefined) new ModelMeasures(plan.home).keepCalls(client.host, name, digest, record);
    return { record, isKept: digest !== undefined };
  } catch (error) {
    if (signal.aborted || !(error instanceof ModelError)) throw error;
    return { problem: error.message };
  }
}

/** Short answers without thinking; the options that decide how the model is loaded stay. */
function briefly(settings: ChatSettings, facts: ModelFacts): ChatSettings {
  if (!facts.thinking) return { ...settings, numPredict: NUM_PREDICT };
  return facts.thinkLevels
    ? { ...settings, numPredict: NUM_PREDICT_THINKING, think: 'low' }
    : { ...settings, numPredict: NUM_PREDICT, think: false };
}

async function tryCalls(
  client: ModelServer,
  settings: ChatSettings,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<CallRecord> {
  const requests = requestsText.trim().split('\n');
  tell(`asking ${settings.model} for ${requests.length} tool calls`);
  let record = NO_CALLS;
  for (const [at, request] of requests.entries()) {
    const start = performance.now();
    const kind = await withRetries(
      () => kindOfAnswer(client, settings, request, signal),
      (error) => tell(`${error.message}; trying again`),
      signal,
    );
    record = withCall(record, kind);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    tell(`${at + 1} of ${requests.length}: ${WORDS[kind]} (${seconds} s)`);
  }
  return record;
}

async function kindOfAnswer(
  client: ModelServer,
  settings: ChatSettings,
  request: string,
  signal: AbortSignal,
): Promise<CallKind> {
  const tools = offeredTools();
  const prompt = buildPrompt({ system: systemText.trim(), tools, vision: false }, [], request);
  const ignore = { onDelta: () => undefined, onPhase: () => undefined };
  try {
    return callKind(await client.chat(settings, prompt, ignore, signal), tools);
  } catch (error) {
    // Not even the server could parse it.
    if (error instanceof ModelError && error.remedy === 'retry_with_note') return 'none';
    throw error;
  }
}

function offeredTools(): ToolSchema[] {
  return createTools({ unifiedExec: false, canEscalate: false, env: () => ({}) })
    .map(({ schema }) => schema)
    .filter(({ function: { name } }) => OFFERED.includes(name));
}
