import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import compactPrompt from '../../prompts/compact.md?raw';
import type { ChatRequest } from '../../src/demo/chat-request.ts';
import type { Turn } from '../../src/demo/script.ts';
import { openItems, testAgent } from '../support/agent.ts';
import { NATIVE, RENDERED, withOllama } from '../support/ollama-server.ts';

const PROMPT = compactPrompt.trim();

const isCompaction = ({ messages }: Pick<ChatRequest, 'messages'>): boolean =>
  messages.at(-1)?.content === PROMPT;

/** The task's mind: what was done last stands in the conversation, or in the summary of it, and nowhere else. */
function lastStep({ messages }: ChatRequest): number {
  const text = messages.map(({ content }) => content).join('\n');
  return Math.max(0, ...[...text.matchAll(/step (\d+) done/g)].map(([, step]) => Number(step)));
}

const shell = (command: string): Turn => ({ toolCalls: [{ name: 'shell', arguments: { command } }] });

test.each([
  ['rendered', RENDERED.name],
  ['native', NATIVE.name],
])(
  '300 steps in a window of 8k (%s)',
  async (_path, model) => {
    const steps = 300;
    const server = await withOllama((request) => {
      const done = lastStep(request);
      if (isCompaction(request))
        return { content: `## Progress\nstep ${done} done. The next is ${done + 1}.` };
      if (done >= steps) return { thinking: 'All.', content: `All ${done} steps are done.` };
      const next = done + 1;
      return {
        thinking: `Step ${next} is next.`,
        content: `Now ${next}.`,
        ...shell(
          `echo line ${next} >> out.txt; printf '%s\\n' {${next}..${next + 150}}; echo step ${next} done`,
        ),
      };
    });
    const session = await testAgent(server, { model, numCtx: 8192 });
    const end = await session.turn('Write 300 lines.');
    expect(end).toMatchObject({ type: 'turn_completed', lastMessage: 'All 300 steps are done.' });
    const lines = Array.from({ length: steps }, (_, index) => `line ${index + 1}\n`).join('');
    expect(await readFile(path.join(session.cwd, 'out.txt'), 'utf8')).toBe(lines);
    const compactions = session.events.flatMap((event) => (event.type === 'compacted' ? [event] : []));
    expect(compactions.length).toBeGreaterThanOrEqual(10);
    const effective = 8192 - 2048;
    for (const { before, after } of compactions) {
      expect(before).toBeGreaterThanOrEqual(Math.floor(0.95 * effective));
      expect(after).toBeLessThanOrEqual(0.4 * effective);
    }
    expect(session.events.filter(({ type }) => type === 'warning' || type === 'retry')).toEqual([]);
    expect(openItems(session.events)).toEqual([]);
    const chats = server.log.filter((entry) => entry.kind === 'chat');
    expect(chats.filter(({ status, reloaded }) => status !== 200 || reloaded)).toHaveLength(1);
    // No step is asked for with a prompt beyond the limit.
    const prompts = chats.filter(({ body }) => !isCompaction(body as ChatRequest));
    const longest = Math.max(...prompts.map(({ promptTokens }) => promptTokens ?? 0));
    expect(longest).toBeLessThan(0.95 * effective);
    // Only the request after a compaction reads more than what is new, and that begins with what the old one began with.
    for (const [index, entry] of chats.entries()) {
      const before = chats[index - 1];
      if (before === undefined || isCompaction(before.body as ChatRequest)) continue;
      expect([index, entry.rereadTokens]).toEqual([index, entry.newTokens]);
    }
  },
  // Of real work there are four seconds, most of them starting 300 shells one after the other: on a busy machine that waits
  // its turn.
  180_000,
);
