/** Calls that a model writes as a program would, end to end: they are made, and what is shown is what was said beside them. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';
import { readText, readyTui, send } from '../support/tui-program.ts';

const PATCH = '*** Begin Patch\n*** Update File: a.txt\n@@\n-a\n+b\n*** End Patch';
const NATIVE = ['-c', 'models."base:latest".profile="native"'];

test('exec makes them one after the other, and asks about the doubtful one', async () => {
  const made = await bench([
    {
      content: 'update_plan(["Look at it.", "Change it."], \'First (and "only") look.\')\nread_file("a.txt")',
    },
    { content: 'I look again.\n\n```tool_code\nexec_command(cmd="cat a.txt")\n```' },
    { content: `Now the change:\n\n\`\`\`python\napply_patch("""${PATCH}""")\n\`\`\`` },
    { content: `apply_patch("""${PATCH}""")` },
    { content: 'It is b now.' },
  ]);
  writeFileSync(path.join(made.cwd, 'a.txt'), 'a\n');
  const { code, stdout, stderr } = await made.run([
    'exec',
    '--full-auto',
    ...NATIVE,
    'Change a to b in a.txt',
  ]);
  expect([code, stdout, readText(made.cwd, 'a.txt')]).toEqual([0, 'It is b now.\n', 'b\n']);
  expect(stderr).toContain('Look at it.');
  const last = made.chats().map(({ messages }) => messages.at(-1));
  expect(last.map((message) => message?.role)).toEqual(['user', 'tool', 'tool', 'user', 'tool']);
  expect(last[3]?.content).toContain('[Nothing was run: ');
});

test('exec: a question that nobody can answer is to be decided', async () => {
  const made = await bench([{ content: "ask_user('Which port?')" }, { content: 'I take 8080.' }]);
  const { code, stdout } = await made.run(['exec', ...NATIVE, 'Which port would you take?']);
  expect([code, stdout]).toEqual([0, 'I take 8080.\n']);
  expect(made.chats()[1]?.messages.at(-1)?.content).toContain('nobody can answer here');
});

test('exec: an example for a question about the tool is the answer', async () => {
  const content = 'It takes a path:\n\n```python\nread_file("a.txt")\n```';
  const made = await bench([{ content }]);
  const { code, stdout } = await made.run(['exec', ...NATIVE, 'How is read_file called?']);
  expect([code, stdout, made.chats().length]).toEqual([0, `${content}\n`, 1]);
});

test('in the terminal the call is not shown as an answer', async () => {
  const made = await bench([
    { content: 'read_file("a.txt")', chunks: ['read', '_file', '("a.', 'txt")'] },
    { content: 'It says a.' },
  ]);
  writeFileSync(path.join(made.cwd, 'a.txt'), 'a\n');
  const tui = await readyTui(made);
  await send(tui, 'What is in a.txt?');
  await tui.screen.until('It says a.');
  expect(tui.screen.text()).not.toContain('read_file(');
});
