/** A chosen model as a session uses it: the window, the profile, and what goes out with every request. Makes no request. */
import type { AgentModel } from '../agent/conversation.ts';
import { effortToThink } from '../config/effort.ts';
import { keepAliveOf } from '../config/keep-alive.ts';
import { resolveProvider } from '../config/provider.ts';
import type { ReasoningEffort } from '../config/schema.ts';
import type { ModelFacts } from '../model/capabilities.ts';
import type { ChosenModel } from '../model/choose.ts';
import { ModelMeasures } from '../model/measures.ts';
import type { ModelServer } from '../model/server.ts';
import { sessionWindow } from '../model/session-window.ts';
import { answerSpace, halved, leastWindow, MIN_WINDOW, type WindowChoice } from '../model/window.ts';
import { trace } from '../system/trace.ts';
import { groupDigits } from '../text/digits.ts';
import { endpointsOf } from './connect.ts';
import { sessionProfile } from './model-profile.ts';
import { modelSettingsOf } from './model-table.ts';
import type { SessionPlan } from './plan.ts';
import { reconnectMs } from './reconnect.ts';

export interface PlannedModel extends AgentModel {
  readonly windowSource: string;
  /** What the user should know about the window. */
  readonly notice?: string | undefined;
}

/** @param idleTimeoutMs without data, after which an answer counts as dead. */
export function planModel(
  plan: Pick<SessionPlan, 'loaded' | 'home' | 'env' | 'source'>,
  { host }: Pick<ModelServer, 'host'>,
  chosen: ChosenModel,
  idleTimeoutMs: number,
): PlannedModel {
  const { loaded, home, env, source } = plan;
  const { config } = loaded;
  const { name, facts, digest } = chosen;
  const own = modelSettingsOf(loaded, name);
  const measures = new ModelMeasures(home);
  const isWindowFixed = facts.serverWindow !== undefined;
  const mayAdopt = !isWindowFixed && (config.ollama.adopt_window ?? true);
  const { window, wanted, isShared } = sessionWindow({
    home,
    server: host,
    model: name,
    mayAdopt,
    configured: own.contextWindow,
    modelfile: facts.modelfileNumCtx,
    modelMax: facts.contextLength,
    serverWindow: facts.serverWindow,
    known: measures.of(host, name),
    loaded: chosen.loaded,
  });
  let { numCtx } = window;
  const profile = sessionProfile(config, measures, host, { name, digest });
  const { maxRetries } = resolveProvider(config, env);
  const lowerGuess = (): number | undefined => {
    if (numCtx <= MIN_WINDOW) return undefined;
    measures.keepTooLarge(host, name, numCtx);
    numCtx = MIN_WINDOW;
    return numCtx;
  };
  trace('decision', () => ({ decision: 'model', model: name, facts, digest, window, ...profile }));
  return {
    facts,
    digest,
    ...profile,
    maxThinking: own.maxThinking,
    toolSet: own.tools,
    windowSource: window.source,
    notice: windowNotice(name, window, wanted),
    settings: {
      model: name,
      leastCtx: mayAdopt ? leastWindow(wanted) : undefined,
      adopt: (theirs) => {
        numCtx = theirs;
      },
      isWindowFixed,
      get numCtx() {
        return numCtx;
      },
      get numPredict() {
        return answerSpace(numCtx);
      },
      shrink: () => {
        if (isWindowFixed) return undefined;
        measures.keepTooLarge(host, name, numCtx);
        const smaller = halved(numCtx);
        numCtx = smaller ?? numCtx;
        return smaller;
      },
      lowerGuess: window.source === 'unknown' ? lowerGuess : undefined,
      // As it was loaded for the others.
      keepAlive:
        isShared && config.ollama.keep_alive === undefined
          ? undefined
          : keepAliveOf(config.ollama.keep_alive, env),
      reconnectMs: reconnectMs(config, source, endpointsOf(plan).length),
      maxRetries,
      think: thinkOf(own.effort, facts),
      sampling: own.sampling,
      idleTimeoutMs,
    },
  };
}

function windowNotice(name: string, window: WindowChoice, wanted: WindowChoice): string | undefined {
  if (window.source === 'shared') return sharedText(name, window.numCtx, wanted.numCtx);
  return window.source === 'unknown' ? unknownWindow(window.numCtx) : undefined;
}

function unknownWindow(numCtx: number): string {
  return `the server does not say how large its window is, so oagent plans with ${groupDigits(numCtx)} tokens. Set \`model_context_window\` to what it really has`;
}

function sharedText(model: string, theirs: number, ours: number): string {
  return (
    `others have ${model} loaded with a window of ${groupDigits(theirs)} tokens: it is used instead of ${groupDigits(ours)}, ` +
    'so that nobody has to load it again'
  );
}

/** A model that can think is always told whether to: otherwise Ollama decides, differently from version to version. */
function thinkOf(effort: ReasoningEffort, facts: ModelFacts): boolean | string | undefined {
  if (!facts.thinking) return undefined;
  return effortToThink(effort, { gptOss: facts.thinkLevels });
}
