/** How the interactive session begins: trust, a server that is not there yet, a model that is missing, faults on the way. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';
import { NATIVE, RENDERED, withOllama } from '../support/ollama-server.ts';
import {
  EMPTY,
  KEYS,
  modesAfter,
  readText,
  readyTui,
  send,
  startTui,
  UNTOUCHED,
} from '../support/tui-program.ts';

/** Dialogs take keys only when they have been seen for a moment. */
const untilSeen = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 400));

async function untrusted() {
  const made = await bench([{ content: 'Hello.' }], { models: [RENDERED, NATIVE] });
  mkdirSync(path.join(made.cwd, '.oagent'));
  writeFileSync(path.join(made.cwd, '.oagent', 'config.toml'), 'model = "native"\n');
  const tui = startTui(made, { args: [] });
  await tui.screen.until(/Do you trust this folder\?[\s\S]*› Not now/);
  await untilSeen();
  return { made, tui };
}

test('the first picture needs few files of the build, and neither Ink nor what only a turn needs', async () => {
  const made = await bench([{ content: 'Hello.' }]);
  const file = path.join(made.home, 'modules.json');
  const hook = path.resolve('test/support/modules-before.cjs');
  const env = { NODE_OPTIONS: `--require=${hook}`, MODULES_FILE: file, MODULES_BEFORE: 'Ask oagent' };
  const tui = startTui(made, { env });
  await tui.screen.until(EMPTY);
  const loaded = (JSON.parse(readText(made.home, 'modules.json')) as string[]).map((name) =>
    name.replace(/-[\w-]{8}\.js$/, ''),
  );
  expect(
    loaded.filter((name) => /^(?:layout|exec|execa|grammars|worker|led|index|patch)$/.test(name)),
  ).toEqual([]);
  // Each costs a third of a millisecond (TOGETHER in scripts/build.mjs).
  expect(loaded.length).toBeLessThanOrEqual(16);
});

test('trust: remembered, and the configuration of the project counts at once', async () => {
  const { made, tui } = await untrusted();
  tui.type('typing answers nothing');
  tui.type(KEYS.up);
  await tui.screen.until('› Yes, trust');
  await new Promise((resolve) => setTimeout(resolve, 800));
  tui.type(KEYS.enter);
  await tui.screen.until(/model +native[\s\S]*workspace-write/);
  const lines = readText(made.home, 'config.toml').trimEnd().split('\n');
  expect(lines).toEqual([
    `[projects."${made.cwd}"]`,
    'trust_level = "trusted"',
    expect.stringMatching(/^config_sha256 = "[0-9a-f]{64}"$/),
  ]);
  tui.type(KEYS.ctrlC);
  tui.type(KEYS.ctrlD);
  await tui.ended;
  const again = startTui(made, { args: [] });
  await again.screen.until(/model +native[\s\S]*workspace-write/);
});

test('not now: read only, without the configuration of the project, and nothing is remembered', async () => {
  const { made, tui } = await untrusted();
  tui.type(KEYS.escape);
  await tui.screen.until(/read-only · on-request[\s\S]* base · ~/);
  expect(() => readText(made.home, 'config.toml')).toThrow('ENOENT');
});

test('quit: nothing was asked of the server', async () => {
  const { made, tui } = await untrusted();
  tui.type(KEYS.down);
  await tui.screen.until('› Quit');
  tui.type(KEYS.enter);
  expect({ ...(await tui.ended), ...modesAfter(tui.screen.raw) }).toEqual({
    code: 0,
    signal: 0,
    ...UNTOUCHED,
  });
  expect(made.asked()).toEqual([]);
});

/** A port of the loopback on which nobody listens. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

test('no server: what to do, one can write meanwhile, and it goes on when the server is there', async () => {
  const made = await bench([]);
  const port = await freePort();
  const tui = startTui(made, { env: { OLLAMA_HOST: `http://127.0.0.1:${port}` } });
  await tui.screen.until(/Ollama[\s\S]*(Try|try|retry)/);
  await untilSeen();
  tui.type('written early');
  await withOllama([{ content: 'Here I am.' }], { models: [RENDERED], port });
  tui.type(KEYS.enter);
  await tui.screen.until('Here I am.');
  expect(tui.screen.history()).toContain('› written early');
});

test('no model: the picker pulls one with its progress, and the session works', async () => {
  const server = await withOllama([{ content: 'Pulled and ready.' }], {
    models: [],
    library: [{ ...RENDERED, name: 'qwen3:8b' }],
    chunkDelayMs: 20,
  });
  const made = await bench([]);
  const tui = startTui(made, { env: server.env });
  await tui.screen.until(/ollama pull|pull/i);
  await untilSeen();
  tui.type('qwen3:8b');
  await tui.screen.until('qwen3:8b');
  tui.type(KEYS.enter);
  await tui.screen.until(/\d+ ?%/);
  await tui.screen.until(/How much should qwen3:8b think\?/);
  tui.type(KEYS.enter);
  await tui.screen.until(EMPTY);
  await send(tui, 'hi');
  await tui.screen.until('Pulled and ready.');
});

test('a server that dies in the middle of an answer: what came stays, and it goes on when it is back', async () => {
  const made = await bench([
    { chunks: ['Half an ', 'answer'], waitFor: new Promise(() => undefined), waitAfter: 1 },
  ]);
  const tui = await readyTui(made);
  await send(tui, 'hi');
  await tui.screen.until('• Half an');
  const port = Number(new URL(made.server.host).port);
  await made.server.close();
  await tui.screen.until(/does not answer|not reach|ECONNREFUSED|Ollama/);
  await tui.screen.until(EMPTY);
  expect(tui.screen.history()).toContain('Half an');
  await withOllama([{ content: 'Back again.' }], { models: [RENDERED], port });
  await send(tui, 'still there?');
  await tui.screen.until('Back again.');
  tui.type(KEYS.ctrlD);
  expect(await tui.ended).toEqual({ code: 0, signal: 0 });
}, 15_000);
