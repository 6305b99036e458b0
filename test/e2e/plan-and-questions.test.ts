/** Plan mode and the questions of the model, as a user has them: in the terminal, and by `exec`. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';
import { KEYS, readText, readyTui, send } from '../support/tui-program.ts';

const PATCH = '*** Begin Patch\n*** Add File: a.txt\n+a\n*** End Patch';
const PLAN = '1. Add a.txt.';
const SHIFT_TAB = '\x1b[Z';

/** A dialog takes keys only when it has been seen for a moment. */
const untilSeen = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 400));

test('Shift+Tab goes through the modes, and a plan is asked about, edited and carried out', async () => {
  const made = await bench([
    { content: PLAN },
    { toolCalls: [{ name: 'apply_patch', arguments: { input: PATCH } }] },
    { content: 'It is there.' },
  ]);
  const editor = path.join(made.home, 'editor.sh');
  writeFileSync(editor, '#!/bin/sh\nprintf "1. Add a.txt, as agreed." > "$1"\n', { mode: 0o755 });
  const tui = await readyTui(made, { env: { EDITOR: editor } });
  tui.type(SHIFT_TAB);
  await tui.screen.until(/Plan mode: nothing is changed[\s\S]*plan mode · /);
  await send(tui, 'Add a.txt');
  await tui.screen.until(/What becomes of the plan\?[\s\S]*› 3\. Revise/);
  await untilSeen();
  tui.type(KEYS.ctrlG);
  await tui.screen.until(
    /You edited the plan in [\s\S]*1\. Add a\.txt, as agreed\.[\s\S]*What becomes of the plan\?/,
  );
  await untilSeen();
  tui.type('1');
  await tui.screen.until(/› Carry out the plan\.[\s\S]*It is there\./);
  expect(readText(made.cwd, 'a.txt')).toBe('a\n');
  expect(made.chats()[1]?.messages.at(-1)?.content).toBe('Carry out this plan:\n\n1. Add a.txt, as agreed.');
});

test('the model asks, the answer is chosen by its number or written', async () => {
  const questions = [
    { question: 'Which colour?', options: ['red', 'blue'] },
    { question: 'Which size?', options: ['small', 'large'] },
  ];
  const made = await bench([
    { toolCalls: [{ name: 'ask_user', arguments: { questions } }] },
    { content: 'Good.' },
  ]);
  const tui = await readyTui(made);
  await send(tui, 'Paint it');
  await tui.screen.until(/The model asks 1 of|Which colour\?[\s\S]*› 1\. red/);
  await untilSeen();
  tui.type(KEYS.down);
  await tui.screen.until('› 2. blue');
  tui.type(KEYS.enter);
  await tui.screen.until(/Which size\?[\s\S]*› 1\. small/);
  await untilSeen();
  tui.type(KEYS.down);
  tui.type(KEYS.down);
  await tui.screen.until('› 3. Another answer: write it');
  await new Promise((resolve) => setTimeout(resolve, 900));
  tui.type(KEYS.enter);
  await tui.screen.until('type your answer');
  await send(tui, 'huge');
  await tui.screen.until(/Asked you[\s\S]*→ huge[\s\S]*Good\./);
  expect(made.chats()[1]?.messages.at(-1)?.content).toBe('Which colour?\n→ blue\nWhich size?\n→ huge');
});

test('text typed over the question revises the plan', async () => {
  const made = await bench([{ content: PLAN }, { content: '1. Add b.txt.' }]);
  const tui = await readyTui(made);
  await send(tui, '/plan Add a.txt');
  await tui.screen.until('What becomes of the plan?');
  await untilSeen();
  await send(tui, 'No, b.txt');
  await tui.screen.until(/1\. Add b\.txt\.[\s\S]*What becomes of the plan\?/);
  expect(existsSync(path.join(made.cwd, 'a.txt'))).toBe(false);
});

test('exec --plan changes nothing, prints the plan and says where it is kept', async () => {
  const made = await bench([
    { toolCalls: [{ name: 'apply_patch', arguments: { input: PATCH } }] },
    { content: PLAN },
  ]);
  const { code, stdout, stderr } = await made.run(['exec', '--plan', 'Add a.txt']);
  const [name = ''] = readdirSync(path.join(made.home, 'plans'));
  expect([code, stdout, existsSync(path.join(made.cwd, 'a.txt'))]).toEqual([0, `${PLAN}\n`, false]);
  expect(stderr).toContain(`plan: ${path.join(made.home, 'plans', name)}`);
  expect(readText(path.join(made.home, 'plans'), name)).toBe(`${PLAN}\n`);
});

test('exec --plan with a led model asks for the plan of a change, not for the change', async () => {
  const made = await bench([{ content: PLAN }]);
  const led = ['-c', 'models."base:latest".profile="led"'];
  const { code, stdout } = await made.run(['exec', '--plan', ...led, 'Create a.txt with the text a']);
  expect([code, stdout, made.chats().length]).toEqual([0, `${PLAN}\n`, 1]);
  expect(made.chats()[0]?.messages.at(-1)?.content).toContain('Write a plan for it');
  expect(existsSync(path.join(made.cwd, 'a.txt'))).toBe(false);
});

test('exec --plan without a plan fails and says so, after it has asked for one once more', async () => {
  const made = await bench([
    { content: 'ask_user("Which port?", port)' },
    { content: 'Which port?' },
    { content: 'So?' },
  ]);
  const { code, stdout, stderr } = await made.run(['exec', '--plan', 'Add a server']);
  expect([code, existsSync(path.join(made.home, 'plans'))]).toEqual([1, false]);
  expect(stdout).toContain('?');
  expect(stderr).toContain('error: the answer is not a plan');
  expect(stderr).not.toContain('plan: ');
});

test('exec --plan with a led model that gives the file asks once more for a plan, and begins it', async () => {
  const file = '```\na\n```';
  const made = await bench([{ content: `a.txt\n${file}` }, { content: 'Create a.txt with the text a.' }]);
  const led = ['-c', 'models."base:latest".profile="led"'];
  const { code, stdout } = await made.run(['exec', '--plan', ...led, 'Create a.txt with the text a']);
  expect([code, stdout]).toEqual([0, '1. Create a.txt with the text a.\n']);
  const [, second] = made.chats();
  expect(second?.messages.slice(-2).map(({ role, content }) => [role, content.trim()])).toEqual([
    ['user', expect.stringContaining('That is not a plan')],
    ['assistant', '1.'],
  ]);
  expect(existsSync(path.join(made.cwd, 'a.txt'))).toBe(false);
});

test('exec --plan with a led model that only gives the file fails, and writes nothing', async () => {
  const content = 'a.txt\n```\na\n```';
  const made = await bench([{ content }, { content }]);
  const led = ['-c', 'models."base:latest".profile="led"'];
  const { code, stderr } = await made.run(['exec', '--plan', ...led, 'Create a.txt with the text a']);
  expect([code, made.chats().length, existsSync(path.join(made.cwd, 'a.txt'))]).toEqual([1, 2, false]);
  expect(stderr).toContain('error: the answer is not a plan');
});

test('in the terminal nothing is offered if there is no plan', async () => {
  const made = await bench([{ content: 'Which port?' }, { content: '```ts\nlisten(8080);\n```' }]);
  const tui = await readyTui(made);
  await send(tui, '/plan Add a server');
  await tui.screen.until(/Asking again[\s\S]*not a plan, so there is nothing/);
  await untilSeen();
  expect(tui.screen.text()).not.toContain('What becomes of the plan?');
});

test('a question that was written as code is asked, in the terminal', async () => {
  const made = await bench([
    { content: 'I need to know one thing.\n\nask_user("Which port?")' },
    { content: 'Good.' },
  ]);
  const tui = await readyTui(made);
  await send(tui, 'Add a server');
  await tui.screen.until(/Which port\?[\s\S]*› 1\. Write the answer/);
  await new Promise((resolve) => setTimeout(resolve, 900));
  tui.type(KEYS.enter);
  await tui.screen.until('type your answer');
  await send(tui, '8080');
  await tui.screen.until(/→ 8080[\s\S]*Good\./);
  expect(made.chats()[1]?.messages.at(-1)?.content).toBe('Which port?\n→ 8080');
});

test('--plan with a wider sandbox is refused', async () => {
  const made = await bench([]);
  const { code, stderr } = await made.run(['exec', '--plan', '--full-auto', 'x']);
  expect([code, stderr]).toEqual([1, expect.stringContaining('--plan changes nothing')]);
});
