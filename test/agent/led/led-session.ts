/**
 * A real agent whose model is led, on a scripted server. What the model says is put down by what it is asked for, so that
 * a test does not depend on how many questions come before.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { ChatRequest } from '../../../src/demo/chat-request.ts';
import type { Turn } from '../../../src/demo/script.ts';
import type { ScriptedOllamaOptions } from '../../../src/demo/scripted-ollama.ts';
import { isEnd, openItems, type TestAgent, testAgent } from '../../support/agent.ts';
import { type ChatBody, chatBodies } from '../../support/exec.ts';
import { NATIVE, type TestOllama, withOllama } from '../../support/ollama-server.ts';
import { tempFolder } from '../../support/temp-folder.ts';

export interface Mind {
  /** Where a step is to be chosen. */
  readonly choices?: readonly (Record<string, unknown> | Turn)[];
  /** Where the text of a file is asked for; a string stands in a fence. */
  readonly texts?: readonly (string | Turn)[];
  /** Anything else; the last one comes again. */
  readonly says?: readonly (string | Turn)[];
}

export type Files = { readonly [name: string]: string };

export interface LedSession extends TestAgent {
  readonly server: TestOllama;
  readonly bodies: () => readonly ChatBody[];
  readonly read: (file: string) => string;
  /** What the harness and the user have said, and the model, in short. */
  readonly kinds: () => string[];
  /** All that the harness has told the model, as one text. */
  readonly told: () => string;
  readonly warnings: () => string[];
}

/** The script of a mind. @throws Error in the request if it has nothing to say. */
export function scriptOf(mind: Mind): (request: ChatRequest) => Turn {
  const left = {
    choices: [...(mind.choices ?? [])],
    texts: [...(mind.texts ?? [])],
    says: [...(mind.says ?? [])],
  };
  return ({ messages, format }) => {
    if (format !== undefined) {
      const choice = left.choices.shift() ?? { act: 'answer' };
      return 'act' in choice || !isTurn(choice) ? { json: choice } : choice;
    }
    if (messages.at(-1)?.role === 'assistant') {
      const text = left.texts.shift();
      if (text === undefined) throw new Error('the mind has no text left');
      return typeof text === 'string' ? { content: fenced(text, messages.at(-1)?.content ?? '') } : text;
    }
    const said = (left.says.length > 1 ? left.says.shift() : left.says[0]) ?? 'Done.';
    return typeof said === 'string' ? { content: said } : said;
  };
}

function isTurn(value: object): value is Turn {
  return ['json', 'content', 'fault', 'waitFor', 'toolCalls', 'chunks'].some((name) => name in value);
}

/** As a model goes on with an answer that begins with `prefill`: servers repeat it. */
export function fenced(text: string, prefill = '```\n'): string {
  const marks = /^`+/.exec(prefill)?.[0] ?? '```';
  return `${prefill}${text}${marks}`;
}

export async function ledSession(
  files: Files,
  mind: Mind | ((request: ChatRequest) => Turn),
  options: Parameters<typeof testAgent>[1] & Pick<Partial<ScriptedOllamaOptions>, 'models'> = {},
): Promise<LedSession> {
  const { models, ...more } = options;
  const script = typeof mind === 'function' ? mind : scriptOf(mind);
  const server = await withOllama(script, models === undefined ? {} : { models });
  const cwd = path.join(await tempFolder(), 'repo');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true });
    writeFileSync(path.join(cwd, name), text);
  }
  mkdirSync(cwd, { recursive: true });
  const session = await testAgent(server, { model: NATIVE.name, profile: { profile: 'led' }, cwd, ...more });
  const { agent, events } = session;
  return {
    ...session,
    server,
    bodies: () => chatBodies(server.log),
    read: (file) => readFileSync(path.join(cwd, file), 'utf8'),
    kinds: () => agent.history.items.map((item) => (item.type === 'user' ? item.kind : item.type)),
    told: () =>
      agent.history.items.flatMap((item) => (item.type === 'user' ? [item.content] : [])).join('\n'),
    warnings: () => events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
  };
}

/** What holds for every led session: item pairs, no tools, and requests that begin with the one before. */
export function expectWhole({ events, bodies, agent }: LedSession): void {
  expect(openItems(events)).toEqual([]);
  expect(events.filter(isEnd).length).toBe(events.filter(({ type }) => type === 'turn_started').length);
  const sent = bodies();
  expect(sent.filter((body) => 'tools' in body)).toEqual([]);
  const isCompacted = events.some(({ type }) => type === 'compacted');
  for (const [at, { messages }] of sent.entries()) {
    const before = sent[at - 1]?.messages;
    if (before === undefined || isCompacted) continue;
    const kept = before.at(-1)?.role === 'assistant' ? before.slice(0, -1) : before;
    expect(JSON.stringify(messages.slice(0, kept.length))).toBe(JSON.stringify(kept));
  }
  // A call would have no output.
  expect(agent.history.items.filter(({ type }) => type === 'tool')).toEqual([]);
}
