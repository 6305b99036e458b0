import { expect, test } from 'vitest';
import type { Event } from '../../../src/protocol.ts';
import { customCommand, matchCommands, SLASH_COMMANDS } from '../../../src/tui/composer/commands.ts';
import { effectOf } from '../../../src/tui/composer/send.ts';
import { startPlainly } from '../../support/plain.ts';
import { KEYS, startInScreen } from '../../support/tui.ts';

const own = [
  { name: 'git:pr', description: 'Open a\n\u001b[31mPR', hint: '[base]', kind: 'command' },
  { name: 'release', description: 'Publish', kind: 'skill' },
] as const;
const commands = [...SLASH_COMMANDS, ...own.map(customCommand)];

test('the palette has them behind oagent’s own, with what is to follow', () => {
  expect(
    matchCommands(commands, 'pr').map(({ command }) => `${command.name}: ${command.description}`),
  ).toContain('git:pr: [base] · Open a PR');
  expect(matchCommands(commands, '').at(-1)?.command.name).toBe('release');
});

test('one that is typed is called with all that follows, even while a turn runs', () => {
  const sent = (text: string, isRunning = false) =>
    effectOf(text, ['/a.png'], { commands, isRunning }, 'submit');
  expect([
    sent('/git:pr main "a title"\nmore', true),
    sent('/Release'),
    sent('/usr/bin is broken'),
    sent('/gone'),
  ]).toEqual([
    { type: 'custom_command', name: 'git:pr', args: 'main "a title"\nmore', images: ['/a.png'] },
    { type: 'custom_command', name: 'release', args: '', images: ['/a.png'] },
    { type: 'submit', text: '/usr/bin is broken', images: ['/a.png'] },
    { type: 'refused_command', name: 'gone', reason: 'unknown' },
  ]);
});

const announced: Event = { type: 'custom_commands', commands: own };

test('the view and plain lines show them and call them', async () => {
  const view = await startInScreen({ columns: 80, rows: 30 });
  view.say(announced);
  await view.type('/git');
  await view.pass(60);
  expect(view.text()).toContain('/git:pr');
  await view.type(':pr main', KEYS.enter);
  const it = await startPlainly();
  it.say(announced);
  await it.type('/git:pr main\n');
  expect(await it.type('/help\n')).toContain('/git:pr: [base] · Open a PR');
  const call = { type: 'custom_command', name: 'git:pr', args: 'main' };
  expect([view.taken(), it.taken()]).toEqual([[call], [call]]);
});
