/**
 * What the model of the terminal's scenes says: the user's message names the scene.
 *
 * Invariants: the same scene gives the same bytes each time; the last word of each answer is `LAST_WORD`, which stands
 * nowhere else. Does not: measure.
 */
import type { ModelSpec } from '../../src/demo/models.ts';
import type { ScriptedCall, Turn } from '../../src/demo/script.ts';

export const TERMINAL_MODEL: ModelSpec = {
  name: 'bench-terminal',
  path: 'rendered',
  capabilities: ['completion', 'tools'],
  contextLength: 262_144,
};

export const LAST_WORD = 'Zusammenfassung';
export const TOKENS = 5_000;
export const CALLS = 200;
export const ITEMS = 2_000;
export const OUTPUT_BYTES = 10_000_000;

/** Calls of one answer of the long session; with its text they are the items of a step. */
const CALLS_A_STEP = 19;

/** A long answer in Markdown, a piece a token. */
export function answerTokens(): string[] {
  const paragraph =
    'The parser reads a line at a time and keeps **what is open** on a stack, so `close()` can end it; see `src/parse.ts`. ';
  const list = '- first *point* of the list\n- second point with `code` in it\n- third point\n\n';
  const code =
    '```ts\nexport function add(left: number, right: number): number {\n  return left + right;\n}\n```\n\n';
  const tokens: string[] = [];
  for (let part = 1; tokens.length < TOKENS; part += 1) {
    const text = `## Part ${part}\n\n${paragraph.repeat(3)}\n\n${list}${code}`;
    tokens.push(...(text.match(/\s*\S{1,6}|\s+$/g) ?? []));
  }
  return [...tokens.slice(0, TOKENS - 1), `\n\n${LAST_WORD}`];
}

export type Scene = 'slow' | 'fast' | 'at once' | 'wait' | 'calls' | 'items' | 'output';

/** The answer number `index` (from 0) to the message that names the scene. */
export function sceneTurn(scene: string, index: number): Turn {
  switch (scene as Scene) {
    case 'slow':
      return { chunks: answerTokens(), chunksPerSecond: 200 };
    case 'fast':
      return { chunks: answerTokens(), chunksPerSecond: 2_000 };
    case 'at once':
      return { chunks: answerTokens() };
    case 'wait':
      return { content: '', waitFor: new Promise(() => undefined) };
    case 'calls':
      return index < CALLS ? { toolCalls: [shell(`echo call ${index}`)] } : { content: LAST_WORD };
    case 'items':
      return itemsTurn(index);
    case 'output':
      return index === 0
        ? { toolCalls: [shell(`yes 'a line of a long output' | head -c ${OUTPUT_BYTES}`)] }
        : { content: LAST_WORD };
    default:
      return { content: `no scene ${scene}` };
  }
}

function itemsTurn(index: number): Turn {
  if (index >= ITEMS / (CALLS_A_STEP + 1)) return { content: '', waitFor: new Promise(() => undefined) };
  const calls = Array.from({ length: CALLS_A_STEP }, (_, call) => shell(`echo ${index}-${call}`));
  return { content: `Step ${index} of the *long* session.`, toolCalls: calls };
}

function shell(command: string): ScriptedCall {
  return { name: 'shell', arguments: { command } };
}
