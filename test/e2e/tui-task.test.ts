/** Whole tasks in the interactive session, as a person does them: answers, steering, queueing, interrupts, commands. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bench, sleepers } from '../support/exec.ts';
import { NATIVE, RENDERED } from '../support/ollama-server.ts';
import {
  choose,
  EMPTY,
  expectNoWipe,
  KEYS,
  readText,
  readyTui,
  SOON,
  send,
  untilSeen,
} from '../support/tui-program.ts';

const shell = (command: string, more: object = {}) => ({
  name: 'shell',
  arguments: { command, ...more },
});
const escalated = { sandbox_permissions: 'require_escalated', justification: 'May I touch it?' };

test('a task: an approval, an edit, an answer; typed text never answers', async () => {
  const patch = '*** Begin Patch\n*** Update File: a.ts\n@@\n-const a = 1;\n+const a = 2;\n*** End Patch';
  const made = await bench([
    { content: 'I need a file.', toolCalls: [shell('touch canary', escalated)] },
    { toolCalls: [{ name: 'apply_patch', arguments: { input: patch } }] },
    { content: 'All **done**.' },
  ]);
  writeFileSync(path.join(made.cwd, 'a.ts'), 'const a = 1;\nconst b = 1;\n');
  const tui = await readyTui(made);
  const { screen, type } = tui;
  await send(tui, 'do it');
  // Typed while the question is about to come, and with all that could answer it.
  type('y1 yes');
  await screen.until('› y1 yes');
  await screen.until('touch canary');
  type('p2');
  await screen.until('› y1 yesp2');
  expect(existsSync(path.join(made.cwd, 'canary'))).toBe(false);
  type(KEYS.ctrlC);
  await screen.until(/May I touch it\?[\s\S]*› .*[Yy]es/);
  await untilSeen();
  await choose(tui, 'Yes');
  await screen.until(/All done\.[\s\S]*\? help/);
  expect(existsSync(path.join(made.cwd, 'canary'))).toBe(true);
  expect(readText(made.cwd, 'a.ts')).toBe('const a = 2;\nconst b = 1;\n');
  type(KEYS.ctrlD);
  expect((await tui.ended).code).toBe(0);
  expect(screen.history().split('\n').slice(4, -2).join('\n')).toMatchInlineSnapshot(`
    "
    › do it

    • I need a file.

    ✔ You approved touch canary

    • Ran touch canary
      └ (no output)

    • Edited a.ts (+1 -1)
        1 -const a = 1;
        1 +const a = 2;
        2  const b = 1;

    • All done.

    1 file changed (+1 -1); 1 command run
    "
  `);
  expectNoWipe(screen.raw);
});

test('no, and what to do instead', async () => {
  const made = await bench([{ toolCalls: [shell('touch canary', escalated)] }, { content: 'As you like.' }]);
  const tui = await readyTui(made);
  await send(tui, 'do it');
  await tui.screen.until(/› .*[Yy]es/);
  await untilSeen();
  await choose(tui, 'No');
  await tui.screen.until((text) => text.includes('instead') && !/^› .*No,/m.test(text));
  await send(tui, 'look first');
  await tui.screen.until('As you like.');
  expect(made.chats().at(-1)?.messages.at(-1)?.content).toContain('look first');
  expect(existsSync(path.join(made.cwd, 'canary'))).toBe(false);
});

test('Enter steers, Tab queues, Up takes the last one back', async () => {
  const first = Promise.withResolvers<void>();
  const made = await bench((_, index) => {
    if (index === 0) return { toolCalls: [shell('true')], waitFor: first.promise };
    return { content: `Answer ${index}.` };
  });
  const tui = await readyTui(made);
  await send(tui, 'begin');
  await made.server.waitForRequest(1);
  await send(tui, 'steered');
  await tui.screen.until('↳ steered');
  await send(tui, 'queued one', KEYS.tab);
  await tui.screen.until('↳ queued one');
  await send(tui, 'queued two', KEYS.tab);
  await tui.screen.until('↳ queued two');
  tui.type(KEYS.up);
  await tui.screen.until((text) => text.includes('› queued two') && !text.includes('↳ queued two'));
  tui.type(KEYS.ctrlC);
  await tui.screen.until(EMPTY);
  first.resolve();
  await tui.screen.until(/Answer 2\.[\s\S]*\? help/);
  const users = made.chats().map(({ messages }) => messages.filter(({ role }) => role === 'user').length);
  expect(users.map((count) => count - (users[0] ?? 0))).toEqual([0, 1, 2]);
  expect(tui.screen.history()).toMatch(
    /› begin[\s\S]*› steered[\s\S]*Answer 1\.[\s\S]*› queued one[\s\S]*Answer 2\./,
  );
});

test('Escape interrupts and hands drafts back; with steering it sends that at once', async () => {
  const never = new Promise<never>(() => undefined);
  const made = await bench((_, index) =>
    index === 2 ? { content: 'Heard you.' } : { chunks: ['Hm ', 'so.'], waitFor: never, waitAfter: 1 },
  );
  const tui = await readyTui(made);
  await send(tui, 'begin');
  await tui.screen.until('• Hm');
  await send(tui, 'for later', KEYS.tab);
  await tui.screen.until('↳ for later');
  tui.type(KEYS.escape);
  await tui.screen.until(/nterrupted[\s\S]*› for later/);
  tui.type(KEYS.ctrlC);
  await tui.screen.until(EMPTY);
  await send(tui, 'again');
  await tui.screen.until(/› again[\s\S]*• Hm/);
  await send(tui, 'rather this');
  await tui.screen.until('↳ rather this');
  tui.type(KEYS.escape);
  await tui.screen.until(/› rather this[\s\S]*Heard you\.[\s\S]*\? help/);
  expect(made.chats().at(-1)?.messages.at(-1)?.content).toBe('rather this');
});

test('commands of the composer and of the session', async () => {
  const code = '```sh\necho copied\n```';
  const made = await bench(
    [
      { content: `Run this:\n\n${code}` },
      { toolCalls: [{ name: 'exec_command', arguments: { cmd: 'sleep 90.125', yield_time_ms: 250 } }] },
      { content: 'It runs.' },
      { content: 'Native here.' },
    ],
    { models: [RENDERED, NATIVE] },
  );
  const tui = await readyTui(made, { rows: 50, args: ['-m', 'base', '-s', 'workspace-write'] });
  const { screen, type } = tui;
  await send(tui, '!echo from the $((40 + 2)) shell');
  await screen.until('from the 42 shell');
  await send(tui, 'what do I run?');
  await screen.until(/echo copied[\s\S]*\? help/);
  await send(tui, '/status');
  await screen.until(/server +http/i);
  await send(tui, '/copy code');
  await screen.until(/Copied 12 characters/);
  expect(screen.raw).toContain(`\x1b]52;c;${Buffer.from('echo copied\n').toString('base64')}\x07`);
  await send(tui, '/export talk.md');
  await screen.until(/Exported to .*talk\.md/);
  expect(readText(made.cwd, 'talk.md')).toContain(code);
  await send(tui, '/diff');
  await screen.until(/not a git repository|No changes|git/i);
  await send(tui, 'start it');
  await screen.until(/It runs\.[\s\S]*\? help/);
  await send(tui, '/ps');
  await screen.until(/Running in the background[\s\S]*sleep 90\.125/);
  await send(tui, '/stop');
  await expect.poll(() => sleepers('90.125'), SOON).toBe(0);
  await send(tui, '/permissions');
  await screen.until(/› .*(current|Read only|Default|Auto)/i);
  type(KEYS.escape);
  await screen.until(EMPTY);
  await send(tui, '/help');
  await screen.until(/ctrl\+t +transcript/);
  type(KEYS.escape);
  await screen.until(EMPTY);
  await send(tui, '/model native');
  await screen.until(/ native · ~/);
  await send(tui, 'who is there');
  await screen.until('Native here.');
  await send(tui, '/nonsense');
  await screen.until('unknown command /nonsense');
  type(KEYS.ctrlC);
  await send(tui, '/new');
  await screen.until((text) => text.lastIndexOf('∴ oagent') > text.lastIndexOf('unknown command'));
  expect(readdirSync(made.cwd)).toContain('talk.md');
  await send(tui, '/quit');
  expect((await tui.ended).code).toBe(0);
});

test('files behind @, earlier prompts by Ctrl+R, the transcript, back to an earlier prompt', async () => {
  const made = await bench((_, index) => ({
    content: `Answer ${index}.\n\n${'line\n\n'.repeat(40)}end ${index}`,
  }));
  mkdirSync(path.join(made.cwd, 'src'));
  writeFileSync(path.join(made.cwd, 'src', 'needle.ts'), '');
  const tui = await readyTui(made);
  const { screen, type } = tui;
  await send(tui, 'first words');
  await screen.until(/end 0[\s\S]*\? help/);
  await send(tui, 'second words');
  await screen.until(/end 1[\s\S]*\? help/);
  const before = screen.history();

  type(KEYS.ctrlT);
  await screen.until((text) => screen.isAlternate() && text.includes('end 1'));
  type(KEYS.up);
  type('q');
  await screen.until(() => !screen.isAlternate());
  await screen.until(EMPTY);
  await screen.settled();
  expect(screen.history()).toBe(before);

  type('look at @needl');
  await screen.until(/src\/needle\.ts/);
  type(KEYS.tab);
  await screen.until('› look at src/needle.ts');
  type(KEYS.ctrlC);
  await screen.until(EMPTY);
  type(`${KEYS.ctrlR}first`);
  await screen.until('first words');
  type(KEYS.enter);
  await screen.until('› first words');
  type(KEYS.ctrlC);
  await screen.until(EMPTY);

  type(KEYS.escape);
  await screen.until('esc again');
  type(KEYS.escape);
  await screen.until(() => screen.isAlternate());
  type(KEYS.enter);
  await screen.until((text) => !screen.isAlternate() && text.includes('› second words'));
  type(KEYS.enter);
  await screen.until(/end 2[\s\S]*\? help/);
  const prompts = made
    .chats()
    .at(-1)
    ?.messages.filter(({ role }) => role === 'user');
  expect(prompts?.map(({ content }) => content).slice(-2)).toEqual(['first words', 'second words']);
  expectNoWipe(screen.raw);
});

test('a model that writes its call as text is led: the view says so, and what it is at while nothing is shown', async () => {
  const choosing = Promise.withResolvers<void>();
  const writing = Promise.withResolvers<void>();
  const made = await bench(
    ({ format, messages }) => {
      const isChanged = messages.some(({ content }) => content.startsWith('Changed calc.py'));
      if (format !== undefined)
        return { json: { act: 'change', file: 'calc.py' }, waitFor: choosing.promise };
      if (messages.at(-1)?.role === 'assistant')
        return { content: '```py\na + b\n```', waitFor: writing.promise };
      if (isChanged) return { content: 'The sum is right.' };
      return { content: '{"name": "read_file", "arguments": {"path": "calc.py"}}' };
    },
    { models: [{ ...NATIVE, name: 'base' }] },
  );
  writeFileSync(path.join(made.cwd, 'calc.py'), 'a - b\n');
  writeFileSync(path.join(made.cwd, 'other.py'), 'c\n');
  const tui = await readyTui(made);
  const { screen, type } = tui;
  await send(tui, 'Fix the sum');
  await screen.until(/Choosing the next step \(/);
  expect(screen.text()).not.toContain('(led)');
  choosing.resolve();
  await screen.until(/Writing calc\.py \([\s\S]* base \(led\) · /);
  writing.resolve();
  await screen.until(/The sum is right\.[\s\S]*\? help/);
  await send(tui, '/status');
  await screen.until(/Model +base \(led\)/);
  expect(readText(made.cwd, 'calc.py')).toBe('a + b\n');
  type(KEYS.ctrlD);
  expect((await tui.ended).code).toBe(0);
});
