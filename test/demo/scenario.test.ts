/** The demo's model on the demo's repository: real files, real test runs; only the agent is played by hand. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DEMO_MODEL, DEMO_PROMPT, demoScript, RIGHT_PATCH, WRONG_PATCH } from '../../src/demo/scenario.ts';
import type { JsonObject } from '../../src/protocol.ts';
import { withOllama } from '../support/ollama-server.ts';
import { chat, lastLine, user } from './raw-client.ts';

interface Answer {
  readonly content: string;
  readonly tool_calls?: readonly {
    readonly function: { readonly name: string; readonly arguments: JsonObject };
  }[];
}

const SAMPLE = path.resolve(import.meta.dirname, '../../src/demo/sample');

async function sample(): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'oagent-sample-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await cp(SAMPLE, dir, { recursive: true });
  return dir;
}

function runTests(cwd: string): Promise<string> {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  return new Promise((resolve) => {
    execFile('node', ['--test', '--test-reporter=spec'], { cwd, env }, (_error, stdout) => resolve(stdout));
  });
}

/** What a patch's one hunk takes out and puts in. */
function hunk(patch: string): { before: string; after: string } {
  const body = patch.split('\n').slice(3, -1);
  const side = (drop: string) => body.filter((line) => !line.startsWith(drop)).map((line) => line.slice(1));
  return { before: side('+').join('\n'), after: side('-').join('\n') };
}

async function applyPatch(dir: string, patch: string): Promise<string> {
  const file = path.join(dir, 'src/discount.js');
  const text = await readFile(file, 'utf8');
  const { before, after } = hunk(patch);
  if (!text.includes(before))
    return `apply_patch verification failed: Failed to find expected lines in ${file}`;
  await writeFile(file, text.replace(before, after));
  return 'Success. Updated the following files:\nM src/discount.js\n';
}

/** Plays the agent until the model calls nothing any more. `run` is what a tool answers. */
async function play(run: (name: string, args: JsonObject) => Promise<string> | string) {
  const { host } = await withOllama(demoScript(), { models: [DEMO_MODEL] });
  const messages: object[] = [user('<environment/>'), user(DEMO_PROMPT)];
  const called: string[] = [];
  for (;;) {
    const { text } = await chat(host, { model: DEMO_MODEL.name, messages, stream: false, truncate: false });
    const message = lastLine(text).message as Answer;
    messages.push(message);
    if (!message.tool_calls) return { called, answer: message.content, messages, host };
    for (const { function: call } of message.tool_calls) {
      called.push(call.name);
      messages.push({ role: 'tool', tool_name: call.name, content: await run(call.name, call.arguments) });
    }
  }
}

async function tool(dir: string, name: string, args: JsonObject): Promise<string> {
  if (name === 'apply_patch') return applyPatch(dir, String(args.input));
  if (name === 'exec_command') return runTests(dir);
  if (name === 'read_file') return readFile(path.join(dir, String(args.path)), 'utf8');
  return name === 'ripgrep'
    ? 'src/discount.js:11:export function discountPercent(quantity) {'
    : 'Plan updated';
}

test('the demo finds, fails, fixes, tests and says what really happened', async () => {
  const dir = await sample();
  const { called, answer, messages, host } = await play((name, args) => tool(dir, name, args));
  expect(called).toEqual([
    'update_plan',
    'ripgrep',
    'read_file',
    'update_plan',
    'apply_patch',
    'apply_patch',
    'update_plan',
    'exec_command',
    'update_plan',
  ]);
  expect(answer).toBe(
    'Fixed in `src/discount.js:14`: a tier now starts with its own quantity (`>=` instead of `>`), so 10 pieces get 5 %. All 9 tests pass.',
  );
  const fixed = await readFile(path.join(dir, 'src/discount.js'), 'utf8');
  expect(fixed.split('\n')[13]).toBe('    if (quantity >= tier.from) percent = tier.percent;');
  const more = await chat(host, {
    model: DEMO_MODEL.name,
    messages: [...messages, user('thanks')],
    stream: false,
  });
  expect((lastLine(more.text).message as Answer).content).toContain('a script');
});

test('a second refused patch, a failing test run and a missing function end in honest answers', async () => {
  const refused = await play((name) =>
    name === 'ripgrep' ? 'src/discount.js:11' : 'apply_patch verification failed',
  );
  const failing = await play((name) => {
    if (name === 'ripgrep') return 'src/discount.js:11';
    return name === 'apply_patch' ? 'Success. Updated the following files:' : 'ℹ pass 8\nℹ fail 1';
  });
  const silent = await play((name) => {
    if (name === 'ripgrep') return 'src/discount.js:11';
    return name === 'apply_patch' ? 'Success. Updated the following files:' : 'node: not found';
  });
  const elsewhere = await play(() => 'no matches');
  expect([refused.answer, failing.answer, silent.answer, elsewhere.answer]).toEqual([
    'I could not change src/discount.js: the patch was refused twice.',
    'I changed src/discount.js:14, but 1 of the tests still fail.',
    'I changed src/discount.js:14, but the test run says nothing.',
    'I find no discountPercent here: this model only knows the sample repository.',
  ]);
  expect(refused.called.filter((name) => name === 'apply_patch')).toHaveLength(2);
});

test('the sample has exactly one failing test; only the right patch fits, and with it all pass', async () => {
  const dir = await sample();
  const before = await runTests(dir);
  expect(before).toMatch(/ℹ tests 9\n/);
  expect(before).toMatch(/ℹ pass 8\nℹ fail 1\n/);
  expect(before).toMatch(/✖ a tier starts with its own quantity/);
  expect(await applyPatch(dir, WRONG_PATCH)).toContain('Failed to find expected lines');
  expect(await applyPatch(dir, RIGHT_PATCH)).toContain('Success.');
  expect(await runTests(dir)).toMatch(/ℹ pass 9\nℹ fail 0\n/);
});
