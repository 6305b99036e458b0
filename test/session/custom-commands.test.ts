/** Commands of the user's own and skills, as a session runs them. */
import { expect, test } from 'vitest';
import type { Event } from '../../src/protocol.ts';
import { narrowed } from '../../src/session/command-mode.ts';
import { put, skillMd } from '../extensions/skills/skill-folders.ts';
import { isEnd } from '../support/agent.ts';
import { open, user } from '../support/interactive-session.ts';

const command = (name: string, args = '') => ({ type: 'custom_command', name, args }) as const;
const shown = (events: readonly Event[]) =>
  events.flatMap((event) =>
    event.type === 'item_completed' && event.item.type === 'user_message'
      ? [[event.item.text, event.item.sent]]
      : [],
  );

test('all are announced, and a call is a turn with the text that it stands for', async () => {
  const { home, repo, server } = await user([{ content: 'a' }, { content: 'b' }]);
  put(home, 'prompts/fix.md', '---\ndescription: Fix it\nargument-hint: [what]\n---\nFix $1 with care.');
  put(home, 'prompts/model.md', 'Not this one');
  put(repo, '.agents/skills/release/SKILL.md', skillMd('release', 'Publish', 'Tag it.'));
  const { events, after } = await open(repo);
  await after(command('fix', '"the bug"'), isEnd);
  await after(command('release', '2.0'), isEnd);
  expect(events.filter(({ type }) => type === 'custom_commands')).toEqual([
    {
      type: 'custom_commands',
      commands: [
        { name: 'fix', description: 'Fix it', hint: '[what]', kind: 'command' },
        { name: 'release', description: 'Publish', kind: 'skill' },
      ],
    },
  ]);
  expect(shown(events)).toEqual([
    ['/fix "the bug"', 'Fix the bug with care.'],
    ['/release 2.0', '$release 2.0'],
  ]);
  expect(
    events.flatMap((event) => (event.type === 'skill_used' ? [[event.name, event.isRecalled]] : [])),
  ).toEqual([['release', false]]);
  const last = server.log.filter(({ kind }) => kind === 'chat').at(-1)?.body as {
    messages: { content: string }[];
  };
  expect(last.messages.slice(-4).map(({ content }) => content)).toEqual([
    'Fix the bug with care.',
    'a',
    '$release 2.0',
    '[Skill release: follow it where it fits; its files are in .agents/skills/release]\nTag it.',
  ]);
});

test('what a command asks for holds for its turn; then all is as before', async () => {
  const { home, repo, server } = await user([
    { toolCalls: [{ name: 'shell', arguments: { command: 'echo x > x.txt' } }] },
    { content: 'a' },
    { content: 'b' },
  ]);
  put(home, 'prompts/look.md', '---\nmodel: native\nmode: read-only\n---\nLook.');
  put(home, 'prompts/wide.md', '---\nmode: danger-full-access\n---\nWide.');
  const { events, after } = await open(repo);
  await after(command('look'), isEnd);
  await after(command('wide'), isEnd);
  const changes = events.flatMap((event) => {
    if (event.type === 'permissions_changed') return [event.mode];
    if (event.type === 'session_configured') return [event.model];
    return event.type === 'turn_completed' ? ['end'] : [];
  });
  expect(changes).toEqual(['base', 'read-only', 'native', 'end', 'workspace-write', 'base', 'end']);
  const chats = server.log.filter(({ kind }) => kind === 'chat');
  expect(chats.map(({ body }) => (body as { model: string }).model)).toEqual(['native', 'native', 'base']);
  expect((chats[1]?.body as { messages: { content: string }[] }).messages.at(-1)?.content).toMatch(
    /Read-only|read-only/,
  );
});

test('what cannot be run is said, and nothing is sent', async () => {
  const { home, repo, server } = await user([]);
  put(home, 'prompts/see.md', 'See @none.txt');
  const { after } = await open(repo);
  const isWarning = ({ type }: Event): boolean => type === 'warning';
  expect([await after(command('see'), isWarning), await after(command('gone'), isWarning)]).toEqual([
    { type: 'warning', message: '/see: @none.txt cannot be added: there is no such file' },
    { type: 'warning', message: '/gone: there is no command /gone' },
  ]);
  expect(server.log.filter(({ kind }) => kind === 'chat')).toEqual([]);
});

test('permissions are only ever narrowed', () => {
  const from = (mode: 'read-only' | 'workspace-write' | 'danger-full-access', isPlan = false) =>
    (['read-only', 'workspace-write', 'danger-full-access', 'plan', undefined] as const).map((wanted) => {
      const next = narrowed({ mode, approval: 'on-request', isPlan }, wanted);
      return next?.isPlan ? 'plan' : next?.mode;
    });
  expect([
    from('read-only'),
    from('workspace-write'),
    from('danger-full-access'),
    from('read-only', true),
  ]).toEqual([
    [undefined, undefined, undefined, 'plan', undefined],
    ['read-only', undefined, undefined, 'plan', undefined],
    ['read-only', 'workspace-write', undefined, 'plan', undefined],
    [undefined, undefined, undefined, undefined, undefined],
  ]);
});

test('the first message of the command line calls one as a typed message does', async () => {
  const { home, repo } = await user([{ content: 'a' }, { content: 'b' }, { content: 'c' }]);
  put(home, 'prompts/fix.md', 'Fix $1 with care.');
  const { session, events, after } = await open(repo);
  for (const text of ['/Fix it', '/none it', '/tmp/a']) {
    const ended = after({ type: 'user_active' }, isEnd);
    session.submitTyped({ type: 'user_turn', text });
    await ended;
  }
  expect(shown(events)).toEqual([
    ['/fix it', 'Fix it with care.'],
    ['/none it', undefined],
    ['/tmp/a', undefined],
  ]);
});
