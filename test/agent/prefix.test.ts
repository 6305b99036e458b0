import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Turn } from '../../src/demo/script.ts';
import { testAgent } from '../support/agent.ts';
import { NATIVE, RENDERED, withOllama } from '../support/ollama-server.ts';

/** Thirty steps of everything: searches, reads, patches good and bad, commands, a leaked call, unknown tools. */
function step(index: number): Turn {
  const thinking = `Step ${index}.`;
  switch (index % 6) {
    case 0:
      return {
        thinking,
        content: 'I search.',
        toolCalls: [{ name: 'ripgrep', arguments: { pattern: `value${index}` } }],
      };
    case 1:
      return {
        thinking,
        content: '',
        toolCalls: [
          { name: 'read_file', arguments: { path: 'a.txt', limit: 5 } },
          { name: 'read_file', arguments: { limit: 3, path: 'missing.txt' } },
        ],
      };
    case 2:
      return {
        content: 'I edit.',
        toolCalls: [
          {
            name: 'apply_patch',
            arguments: {
              input: `*** Begin Patch\n*** Add File: new${index}.txt\n+line <${index}> & more\n*** End Patch`,
            },
          },
        ],
      };
    case 3:
      return {
        thinking,
        toolCalls: [{ name: 'shell', arguments: { command: `seq ${index * 300}`, timeout_ms: 5000 } }],
      };
    case 4:
      return { content: 'Hm.', toolCalls: [{ name: 'no_such_tool', arguments: { x: [1, { y: null }] } }] };
    default:
      return { content: `{"name": "shell", "arguments": {"command": "echo ${index}"}}` };
  }
}

test.each([
  ['rendered', RENDERED.name],
  ['native', NATIVE.name],
])('over 30 steps the server reads only what is new (%s)', async (_path, model) => {
  const steps = 30;
  const server = await withOllama((_request, index) => (index < steps ? step(index) : { content: 'Done.' }));
  const session = await testAgent(server, { model });
  await mkdir(session.cwd, { recursive: true });
  await writeFile(path.join(session.cwd, 'a.txt'), 'one\ntwo\nthree\n');
  expect((await session.turn('Work.')).type).toBe('turn_completed');
  expect((await session.turn('And once more.')).type).toBe('turn_completed');

  const chats = server.log.filter((entry) => entry.kind === 'chat');
  expect(chats).toHaveLength(steps + 2);
  const isLeak = (index: number): boolean => index < steps && index % 6 === 5;
  for (const [index, entry] of chats.entries()) {
    // A leaked call goes back to the model as a call, not as the text it was: it is new to the server.
    if (index === 0 || isLeak(index - 1)) continue;
    expect([index, entry.rereadTokens]).toEqual([index, entry.newTokens]);
  }
  const bodies = chats.map(
    (entry) => entry.body as { messages: unknown[]; tools: unknown; options: unknown },
  );
  for (const [index, body] of bodies.entries()) {
    const before = bodies[index - 1];
    if (before === undefined) continue;
    expect(JSON.stringify(body.messages).startsWith(JSON.stringify(before.messages).slice(0, -1))).toBe(true);
    expect(JSON.stringify([body.tools, body.options])).toBe(JSON.stringify([before.tools, before.options]));
  }
  expect(chats.filter((entry) => entry.reloaded)).toHaveLength(1);
});
