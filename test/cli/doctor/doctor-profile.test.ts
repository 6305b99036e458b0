import { expect, test } from 'vitest';
import { collectDoctorFacts } from '../../../src/cli/doctor/doctor-facts.ts';
import { type ProfileFacts, profileLines } from '../../../src/cli/doctor/doctor-profile.ts';
import { tryModel } from '../../../src/cli/doctor/doctor-try.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { ModelSpec } from '../../../src/demo/models.ts';
import type { Script } from '../../../src/demo/script.ts';
import type { ScriptedOllamaOptions } from '../../../src/demo/scripted-ollama.ts';
import { OllamaClient } from '../../../src/model/client.ts';
import { ModelMeasures } from '../../../src/model/measures.ts';
import { chatBodies } from '../../support/exec.ts';
import { NATIVE, RENDERED, withOllama } from '../../support/ollama-server.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const NEVER = new AbortController().signal;
const LEAKS = { native: 1, leaked: 4, none: 0 };
const FACTS: ProfileFacts = { profile: 'led', profileSource: 'measured', record: LEAKS, path: '/m.json' };

test.each([
  [
    FACTS,
    undefined,
    ['profile led, measured: calls tools 1 of 5 natively, 4 as text (/m.json; --try measures again)'],
  ],
  [FACTS, { record: LEAKS, isKept: true }, ['calls tools: 1 of 5 natively, 4 as text -> profile led']],
  [
    { ...FACTS, profile: 'native', profileSource: 'unknown' },
    undefined,
    ['profile native until the first answers show how it calls tools; --try finds out now'],
  ],
  [
    { ...FACTS, profile: 'native', profileSource: 'config' },
    { record: { native: 0, leaked: 0, none: 5 }, isKept: true },
    [
      'calls tools: 0 of 5 natively, 5 not at all -> profile led',
      'profile native, set by models."m:1b".profile',
    ],
  ],
  [
    { ...FACTS, profile: 'native', profileSource: 'unknown' },
    { record: { native: 5, leaked: 0, none: 0 }, isKept: false },
    [
      'calls tools: 5 of 5 natively -> profile native (not kept: the server does not identify the weights)',
      'profile native until the first answers show how it calls tools; --try finds out now',
    ],
  ],
  [
    FACTS,
    { problem: 'gone' },
    [
      'The call test failed: gone',
      'profile led, measured: calls tools 1 of 5 natively, 4 as text (/m.json; --try measures again)',
    ],
  ],
] as const)('the lines of the profile (%#)', (facts, tried, lines) => {
  expect(profileLines('m:1b', facts, tried)).toEqual(lines);
});

const CALL = { toolCalls: [{ name: 'read_file', arguments: { path: 'README.md' } }] };
const LEAK = { content: '```json\n{"name": "shell", "arguments": {"command": "ls"}}\n```' };

async function tried(
  script: Script,
  model: ModelSpec,
  options: Pick<ScriptedOllamaOptions, 'faultFor'> = {},
) {
  const server = await withOllama(script, { models: [model], ...options });
  const client = new OllamaClient({ host: server.host, headers: {} });
  const home = await tempFolder();
  const loaded = loadConfig({ home, cwd: home });
  const told: string[] = [];
  const tell = (line: string) => told.push(line.replace(/\(\d+\.\d s\)/, '(N s)'));
  const connection = { client, idleTimeoutMs: 60_000 };
  const result = await tryModel(
    { loaded, home, env: {}, source: 'exec' },
    connection,
    model.name,
    tell,
    NEVER,
  );
  const measures = new ModelMeasures(home);
  const facts = await collectDoctorFacts(client, loaded.config, NEVER, { measures });
  return { result, told, profile: facts.profile, chats: chatBodies(server.log), path: measures.path };
}

test('five requests of a session with short answers; what they show is kept for these weights', async () => {
  const imported = { ...NATIVE, listedCapabilities: ['completion'] };
  const { result, told, profile, chats, path } = await tried(
    [CALL, LEAK, LEAK, { content: 'No.' }, LEAK],
    imported,
  );
  const record = { native: 1, leaked: 3, none: 1 };
  expect({ result, told, profile }).toEqual({
    result: { record, isKept: true },
    told: [
      'asking native for 5 tool calls',
      '1 of 5: a call (N s)',
      '2 of 5: a call as text (N s)',
      '3 of 5: a call as text (N s)',
      '4 of 5: no call (N s)',
      '5 of 5: a call as text (N s)',
    ],
    profile: { profile: 'led', profileSource: 'measured', record, path },
  });
  expect(chats.map(({ messages }) => messages.map(({ role }) => role))).toEqual(
    Array.from({ length: 5 }, () => ['system', 'user']),
  );
  const [{ messages, tools, ...rest } = { messages: [] }, ...others] = chats;
  expect(rest).toEqual({
    model: 'native',
    stream: true,
    truncate: false,
    shift: false,
    keep_alive: '30m',
    options: { num_ctx: 32_768, num_predict: 200 },
  });
  expect(tools?.map((tool) => tool.function.name)).toEqual(['shell', 'ripgrep', 'read_file']);
  expect(JSON.stringify({ messages, tools }).length).toBeLessThan(1_200);
  expect(others.map(({ messages: _, tools: same, ...settings }) => [same, settings])).toEqual(
    others.map(() => [tools, rest]),
  );
});

test('a model that thinks is told not to, or to do it briefly', async () => {
  const five = Array.from({ length: 5 }, () => CALL);
  const base = await tried(five, RENDERED);
  expect([
    base.result,
    base.profile?.profile,
    base.chats[0]?.think,
    base.chats[0]?.options.num_predict,
  ]).toEqual([{ record: { native: 5, leaked: 0, none: 0 }, isKept: true }, 'native', false, 200]);
  const oss = await tried(five, { ...RENDERED, architecture: 'gptoss' });
  expect([oss.chats[0]?.think, oss.chats[0]?.options.num_predict]).toEqual(['low', 1_000]);
});

test('a call that the server could not read is none; a server that goes away ends the test, and nothing is kept', async () => {
  const broken = { fault: { kind: 'status', status: 500, body: { error: 'EOF' } } } as const;
  expect((await tried([broken, CALL, CALL, CALL, CALL], NATIVE)).result).toEqual({
    record: { native: 4, leaked: 0, none: 1 },
    isKept: true,
  });
  const refused = { fault: { kind: 'status', status: 400, body: { error: 'no' } } } as const;
  const gone = await tried([CALL, refused], NATIVE);
  expect([gone.result, gone.profile?.profileSource]).toEqual([
    { problem: 'Ollama refused the request (400): no' },
    'unknown',
  ]);
});
