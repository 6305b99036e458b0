/** What the user and a project add to a session, in a real terminal: what is offered, hooks, resources. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Bench, bench, pidsWith } from '../support/exec.ts';
import {
  choose,
  EMPTY,
  KEYS,
  readyTui,
  SOON,
  send,
  startTui,
  untilQuiet,
  untilSeen,
} from '../support/tui-program.ts';

const SERVERS = path.resolve('node_modules/@modelcontextprotocol');
const FILES = path.join(SERVERS, 'server-filesystem/dist/index.js');
const EVERYTHING = path.join(SERVERS, 'server-everything/dist/index.js');

const OF_SERVER = 'This project brings an MCP server. Allow it to be started?';
const OF_HOOKS = 'This project brings hooks, which would run by themselves. Allow them?';

function configure({ home }: Bench, ...lines: string[]): void {
  writeFileSync(path.join(home, 'config.toml'), `${lines.join('\n')}\n`);
}

/** A trusted folder that brings a server, and hooks that leave a mark when they run. */
async function bringing(): Promise<Bench> {
  const made = await bench(() => ({ content: 'Hello.' }));
  const { cwd } = made;
  configure(made, `[projects."${cwd}"]`, 'trust_level = "trusted"');
  mkdirSync(path.join(cwd, '.oagent'));
  const hook = { hooks: [{ type: 'command', command: 'touch hook-ran' }] };
  const hooks = { SessionStart: [hook], UserPromptSubmit: [hook] };
  writeFileSync(path.join(cwd, '.oagent/hooks.json'), JSON.stringify({ hooks }));
  const server = { command: process.execPath, args: [FILES, cwd] };
  writeFileSync(path.join(cwd, '.mcp.json'), JSON.stringify({ mcpServers: { files: server } }));
  return made;
}

/** A session with one turn, in which each offer gets that answer. @returns what was offered. */
async function offeredIn(made: Bench, answer: string): Promise<string[]> {
  const tui = startTui(made, { args: [] });
  const offered: string[] = [];
  const next = (): string | undefined =>
    [OF_SERVER, OF_HOOKS].find((title) => tui.screen.text().includes(title) && !offered.includes(title));
  for (;;) {
    await tui.screen.until((text) => next() !== undefined || (text.includes(EMPTY) && /% of \d/.test(text)));
    const title = next();
    if (title === undefined) break;
    offered.push(title);
    await untilQuiet();
    await choose(tui, answer);
    await tui.screen.until((text) => !text.includes(title));
  }
  await send(tui, 'hi');
  await tui.screen.until(/Hello\.[\s\S]*\? help/);
  tui.type(KEYS.ctrlD);
  expect((await tui.ended).code).toBe(0);
  return offered;
}

test.each([
  ['Not now', [OF_SERVER, OF_HOOKS]],
  ['No, and do not ask again', []],
])('what a project brings is not started after %s', async (answer, again) => {
  const made = await bringing();
  const started = () => [existsSync(path.join(made.cwd, 'hook-ran')), pidsWith(`${FILES} ${made.cwd}`)];
  expect((await offeredIn(made, answer)).toSorted()).toEqual([OF_SERVER, OF_HOOKS]);
  expect(started()).toEqual([false, []]);
  expect((await offeredIn(made, answer)).toSorted()).toEqual(again);
  expect(started()).toEqual([false, []]);
  // Nothing was learnt of the server, and nothing said by a hook.
  const said = JSON.stringify(made.chats().at(-1));
  expect([said.includes('hook'), existsSync(path.join(made.home, 'mcp'))]).toEqual([false, false]);
});

test('a Stop hook sends the model back once, and a Notification hook hears of a question and of the end', async () => {
  const command = 'touch ../canary';
  const escalated = { command, sandbox_permissions: 'require_escalated', justification: 'May I?' };
  const made = await bench([
    { toolCalls: [{ name: 'shell', arguments: escalated }] },
    { content: 'First.' },
    { content: 'Second.' },
  ]);
  const { cwd, chats } = made;
  configure(
    made,
    '[[hooks.Notification]]',
    `hooks = [{ type = "command", command = "jq -r .notification_type >> heard" }]`,
    '[[hooks.Stop]]',
    `hooks = [{ type = "command", command = "test -e again || { touch again; echo run the tests first >&2; exit 2; }" }]`,
  );
  const heard = (): string =>
    existsSync(path.join(cwd, 'heard')) ? readFileSync(path.join(cwd, 'heard'), 'utf8') : '';
  const tui = await readyTui(made);
  await send(tui, 'do it');
  await tui.screen.until(/May I\?[\s\S]*› .*Yes/);
  await expect.poll(heard, SOON).toBe('permission_prompt\n');
  await untilSeen();
  await choose(tui, 'Yes');
  await tui.screen.until(/Second\.[\s\S]*\? help/);
  await expect.poll(heard, SOON).toBe('permission_prompt\nidle_prompt\n');
  expect([chats().length, chats()[2]?.messages.at(-1)]).toEqual([
    3,
    { role: 'user', content: expect.stringContaining('run the tests first') },
  ]);
  tui.type(KEYS.ctrlD);
  expect((await tui.ended).code).toBe(0);
  expect(tui.screen.history().split('\n').slice(4, -2).join('\n')).toMatchInlineSnapshot(`
    "
    › do it

    ✔ You approved touch ../canary

    • Ran touch ../canary
      └ (no output)

    • First.

    • Hook Stop sent the model back to work: run the tests first

    • Second.

    no edit outside of commands; 1 command run
    "
  `);
});

test('@ offers the resources of a server that ran earlier, and only the message starts it', async () => {
  const made = await bench(() => ({ content: 'Hello.' }));
  configure(
    made,
    '[mcp_servers.everything]',
    `command = "${process.execPath}"`,
    `args = ["${EVERYTHING}", "stdio", "${made.cwd}"]`,
  );
  const running = () => pidsWith(`${EVERYTHING} stdio ${made.cwd}`).length;
  expect((await made.run(['mcp', 'test', 'everything'])).code).toBe(0);
  const tui = await readyTui(made);
  tui.type('@every');
  await tui.screen.until('› everything:demo://resource/static/document/architecture.md');
  tui.type('thing:demo://resource/static/document/fea');
  await tui.screen.until(/^› everything:\S+features\.md +features\.md$/m);
  expect(running()).toBe(0);
  tui.type(KEYS.enter);
  await tui.screen.until('› @everything:demo://resource/static/document/features.md');
  tui.type(KEYS.enter);
  await tui.screen.until(/Hello\.[\s\S]*\? help/);
  expect(JSON.stringify(made.chats()[0]?.messages.slice(-2))).toContain('# Everything Server');
  expect(running()).toBe(1);
  tui.type(KEYS.ctrlD);
  expect([(await tui.ended).code, running()]).toEqual([0, 0]);
});
