/** Hooks at the moments that come by themselves, and their end with oagent. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import compactPrompt from '../../prompts/compact.md?raw';
import type { Script } from '../../src/demo/script.ts';
import { type Bench, BYPASS, bench, sleepers } from '../support/exec.ts';
import { hasSandbox } from '../support/sandbox.ts';
import { readText, readyTui, SOON, send } from '../support/tui-program.ts';

function configure({ home }: Bench, ...lines: string[]): void {
  writeFileSync(path.join(home, 'config.toml'), `${lines.join('\n')}\n`);
}

const hook = (event: string, command: string, more = ''): string[] => [
  `[[hooks.${event}]]`,
  `hooks = [{ type = "command", command = '''${command}'''${more} }]`,
];

/** Notes of hooks that the model got in that request. */
const notes = ({ chats }: Bench, at: number): string[] =>
  chats()
    .at(at)
    ?.messages.flatMap(({ content }) => /hook says:\n([^<]*)/.exec(content)?.[1]?.trim() ?? []) ?? [];

/** Commands whose outputs fill the window, then an answer. */
function filling(): Script {
  let said = 0;
  return ({ messages }) => {
    if (messages.at(-1)?.content === compactPrompt.trim()) return { content: '## Progress\nMost is done.' };
    said += 1;
    return said > 4
      ? { content: 'Done.' }
      : { toolCalls: [{ name: 'shell', arguments: { command: `seq ${said} ${said + 900}` } }] };
  };
}

test('a window that is full is compacted all the same: its hooks know why, and are heard again after it', async () => {
  const made = await bench(filling());
  configure(
    made,
    'model_context_window = 8192',
    ...hook('PreCompact', 'jq -r .trigger >> log; echo not now >&2; exit 2'),
    ...hook('SessionStart', 'jq -r .source | tee -a log'),
  );
  const { code, stdout, stderr } = await made.run(['exec', BYPASS, 'Work']);
  expect([code, stdout, readText(made.cwd, 'log')], stderr).toEqual([
    0,
    'Done.\n',
    'startup\nauto\ncompact\n',
  ]);
  expect(stderr).toContain('PreCompact');
  expect(stderr).toContain('not now');
  expect(stderr).toMatch(/the conversation was compacted from \d,\d{3} to \d,\d{3} tokens/);
  expect(notes(made, 0)).toEqual(['startup']);
  expect(notes(made, -1)).toEqual(['compact']);
});

test('SessionStart tells a session that goes on from a new one', async () => {
  const made = await bench(() => ({ content: 'Done.' }));
  configure(
    made,
    `[projects."${made.cwd}"]`,
    'trust_level = "trusted"',
    ...hook('SessionStart', 'jq -r .source'),
  );
  await made.run(['exec', BYPASS, 'one']);
  await made.run(['exec', BYPASS, 'resume', '--last', 'two']);
  expect([notes(made, 0), notes(made, 1)]).toEqual([['startup'], ['startup', 'resume']]);
  expect(made.chats()[1]?.messages.slice(0, 2)).toEqual(made.chats()[0]?.messages.slice(0, 2));
  const tui = await readyTui(made, { args: ['resume', '--last', '--include-non-interactive'] });
  await send(tui, 'three');
  await tui.screen.until(/three[\s\S]*Done\.[\s\S]*\? help/);
  expect(notes(made, 2)).toEqual(['startup', 'resume', 'resume']);
  await send(tui, '/new');
  await tui.screen.until((text) => !text.includes('/new'));
  await send(tui, 'four');
  await made.server.waitForRequest(4);
  expect(notes(made, 3)).toEqual(['clear']);
});

const PLACES: readonly (readonly [string, string])[] = [
  ...(hasSandbox ? [['in the sandbox', ''] as const] : []),
  ['outside the sandbox', ', sandbox = false'],
];

test.each(PLACES)('kill -9 while a hook runs %s leaves no process', async (_, more) => {
  const made = await bench(() => ({ content: 'Done.' }));
  const duration = `86${process.pid}.${PLACES.findIndex(([, one]) => one === more)}`;
  configure(made, ...hook('UserPromptSubmit', `sleep ${duration} & sleep ${duration}`, more));
  const running = made.start(['exec', '-s', 'workspace-write', 'Work']);
  await expect.poll(() => sleepers(duration), SOON).toBe(2);
  running.child.kill('SIGKILL');
  await running.ended;
  await expect.poll(() => sleepers(duration), SOON).toBe(0);
});

test.each(PLACES)('so it is in a terminal, with one %s that nobody waits for', async (_, more) => {
  const made = await bench(() => ({ content: 'Done.' }));
  const duration = `87${process.pid}.${PLACES.findIndex(([, one]) => one === more)}`;
  configure(made, ...hook('Notification', `sleep ${duration}`, more));
  const tui = await readyTui(made);
  await send(tui, 'Work');
  await tui.screen.until('Done.');
  await expect.poll(() => sleepers(duration), SOON).toBe(1);
  tui.kill('SIGKILL');
  await tui.ended;
  await expect.poll(() => sleepers(duration), SOON).toBe(0);
});
