/** The settings of one model, as the server gets them; and a thinking that is stopped, as the user is told. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Turn } from '../../src/demo/script.ts';
import { ModelMeasures } from '../../src/model/measures.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { BYPASS, bench } from '../support/exec.ts';
import { open, user } from '../support/interactive-session.ts';

const words = (count: number): string => Array.from({ length: count }, (_, at) => `word${at} `).join('');
/** Thinks, and then nothing comes until the client goes away. */
const ENDLESS: Turn = { thinking: words(600), fault: { kind: 'stall', after: 600 } };
const CAP = ['-c', 'model_reasoning_max_tokens=100'];

const TABLE = `
model_context_window = 16384

[ollama]
temperature = 0.9

[models.base]
context_window = 8192
reasoning_effort = "none"
tools = "small"
temperature = 0.2
top_k = 20
min_p = 0.05
repeat_penalty = 1.1
presence_penalty = 1.5
seed = 7
`;

test('a thinking that is too long is stopped: told in a line, and as an item of --json', async () => {
  const place = await bench([ENDLESS, { content: 'Seven.' }, ENDLESS, { content: 'Eight.' }]);
  const { code, stdout, stderr } = await place.run(['exec', ...CAP, 'How many?']);
  expect([code, stdout]).toEqual([0, 'Seven.\n']);
  expect(stderr).toMatch(/\nThinking stopped after 1\d\d tokens; answering without it\n/);
  const { lines } = await place.json([...CAP, 'And now?']);
  expect(lines.filter(({ type }) => type === 'item.completed').map(({ item }) => item)).toEqual([
    { id: 'item_0', type: 'reasoning', text: expect.stringMatching(/^word0 word1 /) },
    {
      ...{ id: 'item_1', type: 'thinking_stopped', tokens: expect.any(Number), repeated: false },
      message: expect.stringMatching(/^Thinking stopped after 1\d\d tokens; answering without it$/),
    },
    { id: 'item_2', type: 'agent_message', text: 'Eight.' },
  ]);
  const [first, second] = place.chats();
  expect(second?.messages.slice(0, -1)).toEqual(first?.messages);
  expect([first?.think, second?.think]).toEqual([true, false]);
  // The lengths are known to later sessions.
  const kept = new ModelMeasures(place.home).thinkingOf(place.server.host, 'base', 'true');
  expect(kept).toHaveLength(2);
  const { stdout: stats } = await place.run(['stats', '--json']);
  expect(JSON.parse(stats).models[0]).toMatchObject({ asked_again: 2 });
});

test('after a kill behind the stop the conversation goes on from what was sent', async () => {
  const stalls: Turn = { content: 'Sev', fault: { kind: 'stall', after: 1 } };
  const place = await bench((_, index) => [ENDLESS, stalls][index] ?? { content: 'Seven.' });
  const running = place.start(['exec', ...CAP, 'How many?']);
  await expect.poll(() => place.chats().length, { timeout: 10_000 }).toBe(2);
  running.child.kill('SIGKILL');
  await running.ended;
  const id = rolloutFiles(place.home)[0]?.id ?? '';
  const { code } = await place.run(['exec', BYPASS, 'resume', id, 'Go on.']);
  expect(code).toBe(0);
  const [, second, third] = place.chats();
  expect(third?.messages.slice(0, second?.messages.length)).toEqual(second?.messages);
  const { path: file = '' } = rolloutFiles(place.home)[0] ?? {};
  expect(readFileSync(file, 'utf8')).toContain('"type":"thinking_stopped"');
});

test('no tokens of thinking: it is off', async () => {
  const place = await bench([{ thinking: words(5), content: 'Seven.' }]);
  const { stderr } = await place.run(['exec', '-c', 'model_reasoning_max_tokens=0', 'How many?']);
  expect(place.chats()[0]?.think).toBe(false);
  expect(stderr).toContain('reasoning effort: none');
});

test('the table of a model: its window, effort, sampling and tools; the command line comes first', async () => {
  const place = await bench([{ content: 'Hi.' }, { content: 'Hi.' }, { content: 'Hi.' }]);
  const full = await place.run(['exec', 'Do it']);
  expect(full.code).toBe(0);
  writeFileSync(path.join(place.home, 'config.toml'), TABLE);
  await place.run(['exec', 'Do it']);
  await place.run(['exec', '-c', 'model_context_window=4096', '-c', 'ollama.temperature=0', 'Do it']);
  const [before, own, given] = place.chats();
  const sampling = { top_k: 20, min_p: 0.05, repeat_penalty: 1.1, presence_penalty: 1.5, seed: 7 };
  expect([own?.think, own?.options, given?.options]).toEqual([
    false,
    { num_ctx: 8192, num_predict: 2048, temperature: 0.2, ...sampling },
    { num_ctx: 4096, num_predict: 1024, temperature: 0, ...sampling },
  ]);
  expect(own?.tools?.map((tool) => tool.function.name)).toEqual([
    'exec_command',
    'write_stdin',
    'edit_file',
    'write_file',
    'ripgrep',
    'read_file',
    'update_plan',
  ]);
  expect(JSON.stringify(own)).not.toContain('apply_patch');
  const size = (body: typeof own): number => JSON.stringify([body?.messages, body?.tools]).length;
  expect(size(own)).toBeLessThanOrEqual(size(before));
  const { stdout } = await place.run(['config', 'show']);
  expect(stdout).toMatch(/\n\[models\.base\]\n(?:.*\n)*top_k += 20 +# .*config\.toml\n/);
});

test('with the small set files are written and edited, by its tools and by what models call them', async () => {
  const call = (name: string, args: { [key: string]: string }): Turn => ({
    toolCalls: [{ name, arguments: args }],
  });
  const place = await bench([
    call('write_file', { path: 'a.py', content: 'def f():\n    return 1\n' }),
    call('edit_file', { path: 'a.py', old_string: 'return 1', new_string: 'return 2' }),
    call('str_replace', { file_path: 'a.py', old_str: 'return 2', new_str: 'return 3' }),
    call('edit_file', {
      path: 'a.py',
      diff: '<<<<<<< SEARCH\n    return 3\n=======\n    return 4\n>>>>>>> REPLACE',
    }),
    call('apply_patch', {
      input: '*** Begin Patch\n*** Update File: a.py\n@@\n-    return 4\n+    return 5\n*** End Patch',
    }),
    { content: 'Done.' },
  ]);
  writeFileSync(path.join(place.home, 'config.toml'), '[models.base]\ntools = "small"\n');
  const { code, lines } = await place.json([BYPASS, 'Write it.']);
  expect(code).toBe(0);
  expect(readFileSync(path.join(place.cwd, 'a.py'), 'utf8')).toBe('def f():\n    return 5\n');
  const changes = lines.filter(
    ({ type, item }) => type === 'item.completed' && (item as { type: string }).type === 'file_change',
  );
  expect(changes).toHaveLength(5);
  const bodies = place.chats();
  for (const [at, body] of bodies.entries())
    expect(body.messages.slice(0, bodies[at - 1]?.messages.length ?? 0)).toEqual(
      bodies[at - 1]?.messages ?? [],
    );
  const called = bodies
    .at(-1)
    ?.messages.flatMap((one) => one.tool_calls?.map((made) => made.function.name) ?? []);
  expect(called).toEqual(['write_file', 'edit_file', 'edit_file', 'apply_patch', 'apply_patch']);
});

test('/model takes the table of the new model, and an effort that is chosen comes before it', async () => {
  const { home, repo, server } = await user(() => ({ content: 'Hi.' }));
  const file = path.join(home, 'config.toml');
  const tables = `[models.base]\nreasoning_effort = "none"\n[models.native]\nseed = 3\ntools = "small"\n`;
  writeFileSync(file, `${readFileSync(file, 'utf8')}${tables}`);
  const { after, say } = await open(repo);
  const isReady = ({ type }: { readonly type: string }): boolean => type === 'session_configured';
  await say('One.');
  await after({ type: 'set_model', model: 'native' }, isReady);
  await say('Two.');
  await after({ type: 'set_model', model: 'base', effort: 'high' }, isReady);
  await say('Three.');
  const sent = server.log.flatMap(({ kind, body }) => (kind === 'chat' ? [body] : []));
  expect(sent.map(shape)).toEqual([
    { think: false, seed: undefined, patches: true },
    { think: undefined, seed: 3, patches: false },
    { think: true, seed: undefined, patches: true },
  ]);
});

function shape(body: unknown) {
  const { think, options, tools } = body as {
    readonly think?: unknown;
    readonly options: { readonly seed?: number };
    readonly tools: readonly { readonly function: { readonly name: string } }[];
  };
  const names = tools.map((tool) => tool.function.name);
  return { think, seed: options.seed, patches: names.includes('apply_patch') };
}
