/** What front ends are told of a model that is led: that it is, and what its answers are for that nobody is shown. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Script } from '../../../src/demo/script.ts';
import { OllamaClient } from '../../../src/model/client.ts';
import { chooseWindow } from '../../../src/model/window.ts';
import type { Event } from '../../../src/protocol.ts';
import { isEnd, openItems, type TestAgent, testAgent } from '../../support/agent.ts';
import { withOllama } from '../../support/ollama-server.ts';

const CHANGED = 'Changed calc.py';

/** Writes its calls as text; where a schema holds it, it changes calc.py and is done. */
const LEAKING: Script = ({ format, messages }) => {
  const isDone = messages.some(({ content }) => content.startsWith(CHANGED));
  if (format !== undefined) return { json: isDone ? { act: 'answer' } : { act: 'change', file: 'calc.py' } };
  if (messages.at(-1)?.role === 'assistant') return { content: '```py\na + b\n```' };
  if (isDone) return { content: 'The sum is right.' };
  return { content: '{"name": "read_file", "arguments": {"path": "calc.py"}}' };
};

/** An agent of a model that nobody has tried, in a folder of two files. */
async function opened(script: Script, profile: 'native' | 'led' = 'native'): Promise<TestAgent> {
  const server = await withOllama(script);
  const made = await testAgent(server, { model: 'native' });
  await writeFile(path.join(made.cwd, 'calc.py'), 'a - b\n');
  await writeFile(path.join(made.cwd, 'other.py'), 'c\n');
  const client = new OllamaClient({ host: server.host, headers: {} });
  const facts = await client.show('native', new AbortController().signal);
  const { numCtx, numPredict } = chooseWindow({ configured: 32_768 });
  const settings = { model: 'native', numCtx, numPredict, keepAlive: '30m', think: undefined, sampling: {} };
  made.agent.setModel({
    facts,
    profile,
    profileSource: profile === 'native' ? 'unknown' : 'config',
    settings: { ...settings, idleTimeoutMs: 60_000, reconnectMs: 0 },
  });
  return made;
}

/** What the events tell of the profile, and of what the model is at. */
function told(events: readonly Event[]): string[] {
  const lines = events.flatMap((event): string[] => {
    switch (event.type) {
      case 'session_configured':
        return [event.isLed ? 'configured: led' : 'configured'];
      case 'model_led':
      case 'repaired':
      case 'turn_completed':
        return [event.type];
      case 'model_phase':
        return event.phase === 'reading' ? [] : [`${event.phase} ${event.detail ?? ''}`.trim()];
      case 'item_completed':
        return [event.item.type];
      default:
        return [];
    }
  });
  return lines.filter((line, at) => line !== lines[at - 1]);
}

const STEPS = [
  ...['waiting choosing the next step', 'writing choosing the next step'],
  ...['waiting writing calc.py', 'writing writing calc.py', 'file_change'],
  ...['waiting', 'writing', 'agent_message', 'turn_completed'],
];

test('a model that is led says so from the start, and its silent answers say what they are for', async () => {
  const { turn, events } = await opened(LEAKING, 'led');
  await turn('Fix the sum');
  expect(told(events)).toEqual(['configured: led', 'user_message', ...STEPS]);
});

test('one that writes its first call as text is led from there on, which is told once', async () => {
  const { turn, events } = await opened(LEAKING);
  await turn('Fix the sum');
  const leak = ['waiting', 'writing', 'writing writing a call'];
  const [choosing, chosen, ...rest] = STEPS;
  expect(told(events)).toEqual([
    ...['configured', 'user_message', ...leak, choosing, chosen],
    ...['repaired', 'model_led', ...rest],
  ]);
  expect(openItems(events)).toEqual([]);
});

test('where the server does not hold it to a schema, nobody is told that it is led', async () => {
  const { turn, events } = await opened(({ format, messages }) =>
    format === undefined && messages.some(({ role }) => role === 'tool')
      ? { content: 'It subtracts.' }
      : { content: '{"name": "read_file", "arguments": {"path": "calc.py"}}' },
  );
  await turn('Fix the sum');
  expect(events.filter(({ type }) => type === 'model_led')).toEqual([]);
  expect(events.filter(isEnd).map(({ type }) => type)).toEqual(['turn_completed']);
});
