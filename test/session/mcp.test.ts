/** MCP servers of an interactive session, with a server of others as a real process. */
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ApprovalAnswer, Event, JsonObject } from '../../src/protocol.ts';
import { isEnd } from '../support/agent.ts';
import { pidsWith } from '../support/exec.ts';
import { open, type User, user } from '../support/interactive-session.ts';

const FILES = path.resolve('node_modules/@modelcontextprotocol/server-filesystem/dist/index.js');
const CALL_IT = { type: 'user_turn', text: 'call it' } as const;

/** A message of those words is answered with a call, all else with words. */
async function place(tool: string, args: JsonObject): Promise<User> {
  const made = await user(({ messages }) => {
    const last = messages.at(-1);
    return last?.role === 'user' && last.content === CALL_IT.text
      ? { toolCalls: [{ name: 'mcp_call', arguments: { server: 'files', tool, arguments: args } }] }
      : { content: 'Done.' };
  });
  const table = [
    '[mcp_servers.files]',
    `command = "${process.execPath}"`,
    `args = ["${FILES}", "${made.repo}"]`,
  ];
  appendFileSync(path.join(made.home, 'config.toml'), [...table, ''].join('\n'));
  writeFileSync(path.join(made.repo, 'notes.txt'), 'noted\n');
  return made;
}

const pidsOf = (repo: string): number[] => pidsWith(`${FILES} ${repo}`);
const running = (repo: string): number => pidsOf(repo).length;

const isType =
  (...types: Event['type'][]) =>
  (event: Event): boolean =>
    types.includes(event.type);

/** What `/mcp` shows of the one server. */
const shown = (events: readonly Event[]) => {
  const [server] =
    events.flatMap((event) => (event.type === 'mcp_servers' ? [event.servers] : [])).at(-1) ?? [];
  return server && [server.name, server.state, server.tools.length > 5];
};

const outputs = (events: readonly Event[]): string[] =>
  events.flatMap((event) =>
    event.type === 'item_completed' && event.item.type === 'mcp_tool_call'
      ? [`${event.item.status}: ${event.item.output}`]
      : [],
  );

type Opened = Awaited<ReturnType<typeof open>>;

/** A turn with a call. @returns what was asked before it, with the answer given to it. */
async function called({ after, session, events }: Opened, answer: ApprovalAnswer): Promise<string[]> {
  const from = events.length;
  const stop = session.subscribe((event) => {
    if (event.type === 'approval_requested')
      session.submit({ type: 'approval', id: event.request.id, answer });
  });
  await after(CALL_IT, isEnd);
  stop();
  return events
    .slice(from)
    .flatMap((event) =>
      event.type === 'approval_requested' ? [`${event.request.kind} ${event.request.mcp?.tool}`] : [],
    );
}

test('a server starts with the first call, is asked for before it is called, and ends with the session', async () => {
  const { repo } = await place('read_text_file', { path: 'notes.txt' });
  const opened = await open(repo);
  const { session, events, say } = opened;
  expect([shown(events), running(repo)]).toEqual([['files', 'known', false], 0]);
  await say('words');
  expect(running(repo)).toBe(0);
  const asked = ['mcp read_text_file'];
  expect(await called(opened, { type: 'no' })).toEqual(asked);
  expect(outputs(events)).toEqual([]);
  expect(await called(opened, { type: 'session' })).toEqual(asked);
  expect(await called(opened, { type: 'no' })).toEqual([]);
  expect(outputs(events)).toEqual(Array(2).fill(expect.stringMatching(/^completed: .*noted/s)));
  expect([shown(events), running(repo)]).toEqual([['files', 'running', true], 1]);
  await session.close();
  expect(running(repo)).toBe(0);

  // Its tools are known now: a call that is refused does not start it.
  const next = await open(repo);
  expect([shown(next.events), running(repo)]).toEqual([['files', 'known', true], 0]);
  expect(await called(next, { type: 'no' })).toEqual(asked);
  expect(running(repo)).toBe(0);
  next.session.submit({ type: 'start_mcp', server: 'files' });
  await next.after({ type: 'list_mcp' }, () => shown(next.events)?.[1] === 'running');
  expect(running(repo)).toBe(1);
});

test('/new, /resume and /fork neither leave a server behind nor start it twice', async () => {
  const { repo } = await place('read_text_file', { path: 'notes.txt' });
  const opened = await open(repo);
  const { session, events, after } = opened;
  const asked = ['mcp read_text_file'];
  expect(await called(opened, { type: 'session' })).toEqual(asked);
  const first = session.keptAs ?? '';
  const pids = pidsOf(repo);
  await after({ type: 'new_session' }, isType('session_configured'));
  // The word was for the other session.
  expect(await called(opened, { type: 'once' })).toEqual(asked);
  await after({ type: 'resume_session', session: first }, isType('session_resumed'));
  expect(await called(opened, { type: 'no' })).toEqual([]);
  await after({ type: 'fork_session' }, isType('session_resumed'));
  await called(opened, { type: 'once' });
  expect(outputs(events)).toEqual(Array(4).fill(expect.stringMatching(/^completed: .*noted/s)));
  expect([pids.length, pidsOf(repo)]).toEqual([1, pids]);
  await session.close();
  expect(pidsOf(repo)).toEqual([]);
});

test('a session that ends in the middle of a call, and one whose server is still starting, leave nothing', async () => {
  const { repo } = await place('read_text_file', { path: 'notes.txt' });
  const first = await open(repo);
  await first.after(CALL_IT, isType('approval_requested'));
  expect(running(repo)).toBe(1);
  await first.session.close();
  expect(running(repo)).toBe(0);
  const second = await open(repo);
  const starts = () => shown(second.events)?.[1] === 'starting';
  await second.after({ type: 'start_mcp', server: 'files' }, starts);
  await second.session.close();
  expect(running(repo)).toBe(0);
});
