/**
 * What a hook has answered: exit code 0 with nothing, a text or JSON; 2 to block, with the reason on stderr; anything else is a failure.
 *
 * Invariant: an answer that is not understood, or asks for what there is not, counts as a failure and does nothing else: a broken hook
 * never blocks.
 */
import { isTable, type Table } from '../../config/table.ts';
import type { JsonObject } from '../../protocol.ts';
import type { HookEvent } from './hook.ts';
import { plainText } from './hook-output.ts';

export interface HookAnswer {
  readonly blocked?: string | undefined;
  readonly context?: string | undefined;
  readonly stop?: string | undefined;
  /** For the user. */
  readonly message?: string | undefined;
  readonly isAllowed?: boolean;
  readonly input?: JsonObject | undefined;
  /** The user does not want to be shown what the model is told. */
  readonly isQuiet?: boolean;
}

export interface HookEnd {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Its plain text is for the model. */
const SPOKEN: ReadonlySet<HookEvent> = new Set(['SessionStart', 'UserPromptSubmit']);
const BLOCKING: ReadonlySet<HookEvent> = new Set([
  ...(['UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PreCompact', 'Stop'] as const),
]);
const WITH_CONTEXT: ReadonlySet<HookEvent> = new Set([
  ...(['SessionStart', 'UserPromptSubmit', 'PreToolUse', 'PostToolUse'] as const),
]);
const BLOCKS = 2;
const FAILURE_LINES = 3;

/** @throws Error that says what is wrong with it, in words for the user. */
export function readAnswer(event: HookEvent, { code, stdout, stderr }: HookEnd): HookAnswer {
  if (code === BLOCKS && BLOCKING.has(event)) {
    const blocked = plainText(stderr);
    if (blocked === '') throw new Error('it ended with 2, which blocks, without a reason on stderr');
    return { blocked };
  }
  if (code !== 0) throw new Error(failureText(code, plainText(stderr)));
  const text = stdout.toString().trim();
  if (/^[{[]/.test(text)) return fromJson(event, text);
  return SPOKEN.has(event) ? { context: plainText(stdout) || undefined } : {};
}

function failureText(code: number, said: string): string {
  const lines = said.split('\n').slice(-FAILURE_LINES).join('\n');
  return `it ended with ${code}${lines === '' ? '' : `: ${lines}`}`;
}

function fromJson(event: HookEvent, text: string): HookAnswer {
  const answer = parsed(text);
  const specific = typed(answer, 'hookSpecificOutput', isTable, 'an object') ?? {};
  const named = typed(specific, 'hookEventName', isText, 'a text');
  if (named !== undefined && named !== event) throw new Error(`its answer is for ${named}`);
  const isStopped = typed(answer, 'continue', isSwitch, 'true or false') === false;
  const stopReason = typed(answer, 'stopReason', isText, 'a text');
  return {
    message: typed(answer, 'systemMessage', isText, 'a text') || undefined,
    isQuiet: typed(answer, 'suppressOutput', isSwitch, 'true or false') ?? false,
    stop: isStopped ? stopReason || 'it gave no reason' : undefined,
    context: contextOf(event, specific),
    ...decisionOf(event, answer, specific),
  };
}

function parsed(text: string): Table {
  try {
    const value: unknown = JSON.parse(text);
    if (isTable(value)) return value;
  } catch {
    // Said below.
  }
  throw new Error('its answer begins like JSON, but is not a JSON object');
}

function contextOf(event: HookEvent, specific: Table): string | undefined {
  const context = typed(specific, 'additionalContext', isText, 'a text');
  if (context !== undefined && !WITH_CONTEXT.has(event))
    throw new Error(`additionalContext cannot be given at ${event}`);
  return context || undefined;
}

function decisionOf(event: HookEvent, answer: Table, specific: Table): HookAnswer {
  const permission = typed(specific, 'permissionDecision', isText, 'a text');
  const input = typed(specific, 'updatedInput', isTable, 'an object');
  if (event !== 'PreToolUse' && (permission ?? input) !== undefined)
    throw new Error(`permissionDecision and updatedInput cannot be given at ${event}`);
  if (input !== undefined && permission !== 'allow')
    throw new Error('updatedInput counts only with permissionDecision "allow"');
  if (permission === 'deny')
    return { blocked: reasonIn(specific, 'permissionDecisionReason', 'permissionDecision "deny"') };
  if (permission !== undefined && permission !== 'allow')
    throw new Error(`permissionDecision ${JSON.stringify(permission)} is not supported: allow or deny`);
  const decision = typed(answer, 'decision', isText, 'a text');
  if (decision === undefined) return { isAllowed: permission === 'allow', input };
  if (decision !== 'block' || !BLOCKING.has(event))
    throw new Error(`decision ${JSON.stringify(decision)} is not supported at ${event}`);
  return { blocked: reasonIn(answer, 'reason', 'decision "block"') };
}

function reasonIn(table: Table, key: string, what: string): string {
  const reason = typed(table, key, isText, 'a text')?.trim();
  if (!reason) throw new Error(`${what} needs a ${key}`);
  return reason;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isSwitch = (value: unknown): value is boolean => typeof value === 'boolean';

function typed<T>(
  table: Table,
  key: string,
  is: (value: unknown) => value is T,
  what: string,
): T | undefined {
  const value = table[key];
  if (value === undefined || value === null) return undefined;
  if (is(value)) return value;
  throw new Error(`${key} of its answer is not ${what}`);
}
