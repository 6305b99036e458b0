/** `oagent debug context`: what fills the window of a first request in this folder, or of a stored session; asks no server. */
import chooseText from '../../../prompts/led/choose.md?raw';
import { PromptMeter } from '../../agent/prompt-meter.ts';
import { windowUse } from '../../agent/window-use.ts';
import { oagentHome, userHome } from '../../config/home.ts';
import { buildPrompt, type PromptHead, promptHead } from '../../context/prompt.ts';
import type { ModelTurn } from '../../model/stream.ts';
import type { WindowUse } from '../../protocol/requests.ts';
import { findRollout } from '../../rollout/paths.ts';
import { readSession } from '../../rollout/reconstruct.ts';
import { RolloutReader } from '../../rollout/scan.ts';
import type { StoredSession } from '../../rollout/stored-session.ts';
import { contextWindowOf } from '../../session/model-table.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { chooseSession } from '../../session/stored.ts';
import { groupDigits } from '../../text/digits.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { contextReport } from '../../tui/lines/context-report.ts';
import { bareStyle } from '../../tui/lines/style.ts';
import { promptInput, USUAL_WINDOW } from './prompt-input.ts';

interface ContextFlags {
  readonly session?: string;
  readonly json?: boolean;
}

const USUAL_WIDTH = 80;

const LED_QUESTION = chooseText.trim().split('\n')[0] ?? '';

export async function contextCommand({ session, json }: ContextFlags, plan: SessionPlan): Promise<number> {
  for (const warning of plan.loaded.warnings)
    process.stderr.write(`warning: ${sanitizeForTerminal(warning)}\n`);
  const { use, isAssumed } = await windowFor(session, plan);
  if (json) process.stdout.write(`${jsonText(asJson(use), 2)}\n`);
  else process.stdout.write(`${lines(use, isAssumed, plan.cwd).join('\n')}\n`);
  return 0;
}

interface Known {
  readonly use: WindowUse;
  /** No window is configured, or known from a session. */
  readonly isAssumed: boolean;
}

async function windowFor(session: string | undefined, plan: SessionPlan): Promise<Known> {
  const stored = session === undefined ? undefined : storedSession(session, plan);
  const { head, items } = await promptInput('', plan);
  const configured = contextWindowOf(plan.loaded, plan.loaded.config.model);
  const known = stored?.numCtx ?? configured;
  const size = known ?? USUAL_WINDOW;
  const isAssumed = known === undefined;
  if (stored !== undefined) return { use: storedUse(stored, head, size), isAssumed };
  const meter = new PromptMeter();
  const { messages, tools } = buildPrompt(head, items);
  const used = meter.estimate(messages, tools);
  return { use: windowUse(head, items, { size, used }, meter.imageBytes), isAssumed };
}

type Stored = StoredSession & { readonly isCountCurrent: boolean };

/** @throws SessionError, RolloutError */
function storedSession(session: string, { home, cwd }: SessionPlan): Stored {
  const { id } = chooseSession(home, cwd, { kind: 'resume', session, isAll: true });
  const file = findRollout(home, id);
  if (file === undefined) throw new Error(`the file of session ${id} is gone`);
  return { ...readSession(file.path, { shownItems: 0 }), isCountCurrent: isCountCurrent(file.path) };
}

/** Nothing was taken out of the history since the server has counted. */
function isCountCurrent(file: string): boolean {
  const reader = new RolloutReader(file);
  let isCurrent = false;
  try {
    reader.scan(({ type, of }) => {
      if (of === 'token_count') isCurrent = true;
      if (type === 'compacted' || of === 'thread_rolled_back') isCurrent = false;
    });
    return isCurrent;
  } finally {
    reader.close();
  }
}

/** The tools are those of today: a session does not keep them; nor does it keep that its model was led, but what that one was asked. */
function storedUse(stored: Stored, today: PromptHead, size: number): WindowUse {
  const system = stored.meta.base_instructions?.text ?? today.system;
  const isLed = stored.items.some(({ type, content }) => type === 'user' && content.includes(LED_QUESTION));
  const facts = { vision: today.vision };
  const head = isLed ? promptHead({ profile: 'led', facts }, system, []) : { ...today, system };
  const meter = new PromptMeter();
  const { items, usage } = stored;
  const answered = items.findLastIndex(({ type }) => type === 'assistant');
  if (stored.isCountCurrent && usage !== undefined && answered >= 0) {
    const asked = buildPrompt(head, items.slice(0, answered));
    meter.begin(asked.messages, asked.tools);
    meter.end({ ...NO_TURN, promptTokens: usage.last.inputTokens, evalTokens: usage.last.outputTokens });
  }
  const { messages, tools } = buildPrompt(head, items);
  const whole = { size, used: meter.used(messages, tools), counted: meter.counted };
  return windowUse(head, items, whole, meter.imageBytes);
}

const NO_TURN: ModelTurn = {
  ...{ content: '', thinking: '', toolCalls: [], doneReason: 'stop' },
  ...{ promptTokens: 0, evalTokens: 0, loadMs: 0, promptEvalMs: 0, evalMs: 0 },
};

function lines(use: WindowUse, isAssumed: boolean, cwd: string): string[] {
  const home = userHome(process.env) ?? oagentHome() ?? '/';
  const width = process.stdout.columns ?? USUAL_WIDTH;
  const report = contextReport(use, { width, style: bareStyle, cwd, home, fullKey: undefined });
  if (!isAssumed) return report;
  return [
    ...report,
    `  No window is configured: ${groupDigits(use.size)} is assumed (\`model_context_window\`).`,
  ];
}

function asJson({ size, used, counted, parts }: WindowUse): object {
  const tokens = Object.fromEntries(parts.map(({ source, tokens: count }) => [source, count]));
  return { window: size, used, counted, free: Math.max(0, size - used), estimated: used !== counted, tokens };
}
