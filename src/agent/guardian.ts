/**
 * A second look at what would leave the sandbox: the same model, asked in a fresh context that knows only what the user
 * wants and what is to be done.
 *
 * Invariants: it can only object. What a user would be asked is asked all the same, with the objection; what rules allow
 * is asked about, or refused where nobody can be asked. An answer that cannot be read is an objection.
 */
import checkText from '../../prompts/guardian/check.md?raw';
import questionText from '../../prompts/guardian/question.md?raw';
import { type HistoryItem, isPrompt } from '../context/history.ts';
import { truncateText } from '../context/truncate.ts';
import { type AskedServer, askJson } from '../model/ask-json.ts';
import { closedObject } from '../model/constrained.ts';
import { isObject } from '../model/json-object.ts';
import type { ApprovalAnswer, Event } from '../protocol.ts';
import type { Answered, Question, Review } from '../safety/guard.ts';
import { timeLimit } from '../system/within.ts';
import { errorMessage } from '../text/error-message.ts';
import { fill } from '../text/fill.ts';

interface GuardianDeps extends AskedServer {
  readonly history: readonly HistoryItem[];
  readonly emit: (event: Event) => void;
  readonly askUser: (question: Question) => Promise<ApprovalAnswer>;
  /** For an answer; by default 90 s. */
  readonly limitMs?: number;
}

/** A model that is in memory has read this and answered long before. */
const LIMIT_MS = 90_000;
/** Of the user's messages, the newest. */
const MESSAGES = 3;
const MESSAGE_BYTES = 1_000;
/** Of a command or a diff: what a small window has room for. */
const ACTION_BYTES = 4_000;
const ANSWER_TOKENS = 300;
const WHY_CHARS = 300;

/** Its properties come in this order, which is the order of their names: what it does is said before it is judged. */
const SCHEMA = closedObject({
  does: { type: 'string', minLength: 1, maxLength: WHY_CHARS },
  verdict: { enum: ['allow', 'object'] },
  why: { type: 'string', maxLength: WHY_CHARS },
});

/** Asks the reviewer, then, where that is needed, the user. Never rejects but with what `askUser` rejects with. */
export async function askReviewed(
  question: Question,
  { isAllowed = false, canAsk }: Review,
  deps: GuardianDeps,
  signal: AbortSignal,
): Promise<Answered> {
  const why = await objectionTo(question, deps, signal);
  if (why === undefined) return isAllowed ? { type: 'once' } : deps.askUser(question);
  if (canAsk || signal.aborted) return deps.askUser({ ...question, objection: why });
  deps.emit({ type: 'warning', message: `A second look stopped ${nameOf(question)}: ${why}` });
  return { type: 'objection', why };
}

/** Undefined: the model has none. */
async function objectionTo(
  question: Question,
  deps: GuardianDeps,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { limitMs = LIMIT_MS, emit, history } = deps;
  const limit = timeLimit(limitMs, signal);
  emit({ type: 'model_phase', phase: 'waiting', detail: 'a second look at what would leave the sandbox' });
  try {
    const action = actionOf(question);
    // What is in the middle of it could not be seen.
    if (Buffer.byteLength(action) > ACTION_BYTES) return 'it is too long to be looked at as a whole';
    const text = fill(questionText, { asked: askedIn(history), action });
    const asked = { system: checkText.trim(), text, schema: SCHEMA, maxTokens: ANSWER_TOKENS };
    return verdictIn((await askJson(deps, asked, limit)).value);
  } catch (error) {
    if (limit.aborted) return `there was no answer within ${limitMs / 1000} s`;
    return `there was no answer (${errorMessage(error)})`;
  }
}

/** Anything but a clear yes is a no. */
function verdictIn(value: unknown): string | undefined {
  if (!isObject(value)) return 'the answer could not be read';
  const { does, verdict, why } = value;
  if (verdict === 'allow') return undefined;
  const words = [why, does].find((text) => typeof text === 'string' && text.trim() !== '');
  return words === undefined ? 'no reason was given' : String(words);
}

function askedIn(history: readonly HistoryItem[]): string {
  const messages = history.filter(isPrompt).slice(-MESSAGES);
  return messages.map(({ content }) => truncateText(content, { limitBytes: MESSAGE_BYTES }).text).join('\n');
}

function actionOf({ kind, command, cwd, changes = [], mcp, justification = '' }: Question): string {
  const reason = justification.trim() === '' ? '' : `\nIts reason: ${justification}`;
  if (kind === 'command') return `run in ${cwd}:\n${command}${reason}`;
  if (kind === 'mcp') return `call ${mcp?.server}.${mcp?.tool} with ${JSON.stringify(mcp?.arguments)}`;
  return changes.map(({ path, diff }) => `change ${path}:\n${diff}`).join('\n');
}

function nameOf({ kind, command, changes = [], mcp }: Question): string {
  if (kind === 'command') return `\`${command}\``;
  return kind === 'mcp' ? `${mcp?.server}.${mcp?.tool}` : changes.map(({ path }) => path).join(', ');
}
