/** `oagent debug prompt-input`: the first request of a session as it would be sent, and what each part of it costs. */
import type { Retrieve } from '../../agent/agent-options.ts';
import { Conversation } from '../../agent/conversation.ts';
import { notes } from '../../agent/notes.ts';
import { environmentContext } from '../../context/environment.ts';
import type { HistoryItem } from '../../context/history.ts';
import { buildPrompt, type PromptHead, promptHead } from '../../context/prompt.ts';
import type { ChatMessage, ToolSchema } from '../../model/chat.ts';
import { createAccess } from '../../session/access.ts';
import { projectDoc, systemOf, testsOf } from '../../session/build-agent.ts';
import { openCodeIndex } from '../../session/code-index.ts';
import { openExtensions } from '../../session/extensions.ts';
import { contextWindowOf, modelSettingsOf } from '../../session/model-table.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { openMemories, retrieveFrom } from '../../session/recall.ts';
import { groupDigits } from '../../text/digits.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';

/** A rule of thumb: the tokens of a model are known after its first request. */
const BYTES_PER_TOKEN = 4;

/** Where no window is configured, for what the index may add. */
export const USUAL_WINDOW = 32_768;

const INDEX_PATIENCE_MS = 3_000;

interface Source {
  readonly source: string;
  readonly tokens: number;
}

interface Shown {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolSchema[];
  readonly sources: readonly Source[];
}

export async function promptInputCommand(
  text: string,
  plan: SessionPlan,
  { json }: { readonly json?: boolean },
): Promise<number> {
  const { messages, tools, sources } = await promptInput(text, plan);
  const shown = { messages, tools, sources };
  for (const warning of plan.loaded.warnings)
    process.stderr.write(`warning: ${sanitizeForTerminal(warning)}\n`);
  process.stdout.write(json ? `${jsonText(shown, 2)}\n` : sanitizeForTerminal(asText(shown)));
  return 0;
}

/** @param text the first message; empty: none yet. */
export async function promptInput(
  text: string,
  plan: SessionPlan,
): Promise<Shown & { readonly head: PromptHead; readonly items: readonly HistoryItem[] }> {
  const index = await openCodeIndex(plan, { purpose: 'use', patienceMs: INDEX_PATIENCE_MS });
  const memories = await openMemories(plan);
  const extensions = await openExtensions(plan, { emit: () => undefined });
  try {
    index?.start();
    const doc = projectDoc(plan);
    const tests = testsOf(plan, doc.obeyed);
    const access = createAccess(plan, () => undefined, { index, memories, extensions, tests });
    const system = systemOf(plan);
    const environment = access.readEnvironment();
    const hasEnvironment = plan.loaded.config.include_environment_context ?? true;
    const remembered = memories?.opening();
    const conversation = new Conversation(system, doc.text, { hasEnvironment, remembered });
    const numCtx = contextWindowOf(plan.loaded, plan.loaded.config.model) ?? USUAL_WINDOW;
    conversation.limitDoc(Number.MAX_SAFE_INTEGER, numCtx);
    conversation.recordInput({ type: 'user_turn', text }, environment);
    const retrieve = retrieveFrom(index, memories, plan.loaded.config.index.inject_tokens);
    const found = await foundFor(text, numCtx, retrieve, conversation.history.items);
    for (const { text: added } of found) conversation.history.note(added);
    const { tools: toolSet } = modelSettingsOf(plan.loaded, plan.loaded.config.model);
    const model = { profile: 'native', facts: { vision: false }, toolSet } as const;
    // No server is asked whether the model sees: most do not, so no tool for images is counted, but images are.
    const head: PromptHead = { ...promptHead(model, system, access.tools), vision: true };
    const { items } = conversation.history;
    const { messages, tools } = buildPrompt(head, items);
    const sources = [
      sized('system message', system),
      ...tools.map((tool) => sized(`tool ${tool.function.name}`, JSON.stringify(tool))),
      sized(`AGENTS.md (${doc.sources.join(', ') || 'none'})`, doc.text ?? ''),
      sized('memory summary', remembered?.(numCtx) ?? ''),
      sized('environment', hasEnvironment ? environmentContext(environment) : ''),
      sized('prompt', text),
      sized('code from the index', textOf(found, 'code')),
      sized('memories', textOf(found, 'memory')),
    ];
    return { messages, tools, sources, head, items };
  } finally {
    memories?.close();
    await index?.close();
  }
}

interface Found {
  readonly kind: 'code' | 'memory';
  readonly text: string;
}

/** What is added to the prompt, in its order. */
async function foundFor(
  text: string,
  numCtx: number,
  retrieve: Retrieve | undefined,
  history: readonly HistoryItem[],
): Promise<readonly Found[]> {
  if (text.trim() === '' || retrieve === undefined) return [];
  const found = await retrieve(text, { numCtx, left: numCtx, history }, new AbortController().signal);
  if (found === undefined) return [];
  const code: Found[] = found.text === '' ? [] : [{ kind: 'code', text: notes.code(found.text) }];
  const memory: Found[] = found.memory === undefined ? [] : [{ kind: 'memory', text: found.memory.text }];
  return found.memory?.isFirst ? [...memory, ...code] : [...code, ...memory];
}

function textOf(found: readonly Found[], wanted: Found['kind']): string {
  return found.find(({ kind }) => kind === wanted)?.text ?? '';
}

function sized(source: string, text: string): Source {
  return { source, tokens: Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN) };
}

function asText({ messages, tools, sources }: Shown): string {
  const parts = messages.map(({ role, content }) => `--- ${role}\n${content}\n`);
  const schemas = tools.map((tool) => `${JSON.stringify(tool)}\n`).join('');
  const total = sources.reduce((sum, { tokens }) => sum + tokens, 0);
  const rows = [...sources, { source: 'total', tokens: total }].map(
    ({ source, tokens }) => `${groupDigits(tokens).padStart(8)}  ${source}\n`,
  );
  return `${parts.join('')}--- tools\n${schemas}--- tokens, estimated at ${BYTES_PER_TOKEN} bytes each\n${rows.join('')}`;
}
