import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { AgentOptions } from '../../src/agent/agent-options.ts';
import type { Script, Turn } from '../../src/demo/script.ts';
import { readHooks } from '../../src/extensions/hooks/hook.ts';
import { SessionHooks } from '../../src/extensions/hooks/session-hooks.ts';
import type { ChatMessage } from '../../src/model/chat.ts';
import type { ApprovalPolicy } from '../../src/protocol.ts';
import type { Permissions } from '../../src/safety/permissions.ts';
import { createSandbox } from '../../src/safety/sandbox/probe.ts';
import { isEnd, openItems, testAgent } from '../support/agent.ts';
import { type TestOllama, withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** The messages of each request. */
const chats = (server: TestOllama): readonly (readonly ChatMessage[])[] =>
  server.log.flatMap((entry) =>
    entry.kind === 'chat' ? [(entry.body as { messages: ChatMessage[] }).messages] : [],
  );

const hook = (command: string, matcher?: string) => ({
  ...(matcher !== undefined && { matcher }),
  hooks: [{ type: 'command', command }],
});
const json = (answer: object): string => `echo '${JSON.stringify(answer)}'`;
const specific = (fields: object): string => json({ hookSpecificOutput: fields });

async function hooked(
  groups: { readonly [event: string]: unknown },
  script: Script,
  more: Omit<Partial<AgentOptions>, 'model'> & {
    mode?: Permissions['mode'];
    numCtx?: number;
    approval?: ApprovalPolicy;
    isOfProject?: boolean;
  } = {},
) {
  const { isOfProject = false, ...options } = more;
  const cwd = await tempFolder();
  const home = await tempFolder();
  const permissions: Permissions = {
    mode: more.mode ?? 'danger-full-access',
    approval: 'never',
    ...{ cwd, home, env: process.env, writableRoots: [], network: false },
  };
  const { hooks } = readHooks(groups, isOfProject);
  const session = new SessionHooks(hooks, {
    place: () => ({ cwd, project: cwd, threadId: 'thread', permissions, env: process.env }),
    sandbox: (given) => createSandbox(given),
    emit: () => undefined,
  });
  const server = await withOllama(script);
  const tested = await testAgent(server, { cwd, hooks: session, ...options });
  const ran = (): unknown[] =>
    tested.events.flatMap((event) =>
      event.type === 'hook_ran' ? [[event.event, event.outcome, event.text]] : [],
    );
  /** What the model got as outputs, and as messages in the user's role. */
  const got = (role: string): string[] =>
    tested.agent.history.items.flatMap((item) =>
      item.type === role && 'content' in item ? [item.content] : [],
    );
  return { ...tested, server, session, ran, got };
}

const patched = (file: string, ...lines: string[]): Turn => ({
  toolCalls: [
    {
      name: 'apply_patch',
      arguments: {
        input: ['*** Begin Patch', `*** ${file}`, ...lines, '*** End Patch'].join('\n'),
      },
    },
  ],
});
const run = (...commands: string[]): Turn => ({
  toolCalls: commands.map((cmd) => ({ name: 'exec_command', arguments: { cmd } })),
});
const done: Turn = { content: 'Done.' };

test('what hooks say of a patch is behind its output, in the same step, with what they have changed; the next patch fits it', async () => {
  const { turn, got, ran, events, cwd } = await hooked(
    {
      PostToolUse: [
        hook('jq -r .tool_input.file_path | xargs sed -i s/var/const/', 'Edit|Write'),
        hook(
          'f=$(jq -r ".tool_input.files[0]"); echo "$(grep -c const "$f") problem" >&2; exit 2',
          'apply_patch',
        ),
      ],
    },
    [
      patched('Add File: a.js', '+var x = 1'),
      patched('Update File: a.js', '@@', '-const x = 1', '+const x = 2'),
      done,
    ],
  );
  expect(await turn('write a.js')).toMatchObject({ type: 'turn_completed', lastMessage: 'Done.' });
  const [first = '', second = ''] = got('tool');
  expect(first.split('\n').slice(-7)).toEqual([
    "The user's hook then changed the file:",
    'a.js:',
    '@@ -1,1 +1,1 @@',
    '-var x = 1',
    '+const x = 1',
    "The user's PostToolUse hook says:",
    '1 problem',
  ]);
  expect(second).toMatch(/Success[\s\S]*\nThe user's PostToolUse hook says:\n1 problem$/);
  expect(readFileSync(path.join(cwd, 'a.js'), 'utf8')).toBe('const x = 2\n');
  expect([ran(), openItems(events)]).toEqual([
    [
      ['PostToolUse', 'blocked', '1 problem'],
      ['PostToolUse', 'message', 'it has changed a.js'],
      ['PostToolUse', 'blocked', '1 problem'],
    ],
    [],
  ]);
});

test('a patch that a shell is given is one, and a command that fails has run; what was refused has not', async () => {
  const { turn, cwd } = await hooked(
    { PostToolUse: [hook(`jq -c '[.tool_name, .tool_input.files]' >> log`)] },
    [
      run("apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: b\n+x\n*** End Patch\nEOF"),
      run('exit 3'),
      patched('Update File: missing', '@@', '-a', '+b'),
      { toolCalls: [{ name: 'nonsense', arguments: {} }] },
      done,
    ],
  );
  await turn('go');
  expect(readFileSync(path.join(cwd, 'log'), 'utf8')).toBe(`["apply_patch",["${cwd}/b"]]\n["Bash",null]\n`);
});

test('a refused call is not run, and the model learns why', async () => {
  const deny = specific({
    permissionDecision: 'deny',
    permissionDecisionReason: 'use trash',
    additionalContext: 'see AGENTS.md',
  });
  const { turn, got, cwd, events } = await hooked(
    {
      PreToolUse: [hook(`jq -e '.tool_input.command | test("touch")' > /dev/null && ${deny}; true`, 'Bash')],
    },
    [run('touch x', 'echo fine'), done],
  );
  await turn('go');
  const [first, second] = got('tool');
  expect([first, existsSync(path.join(cwd, 'x'))]).toEqual([
    "Not run: the user's hook forbids it: use trash\nThe user's PreToolUse hook says:\nsee AGENTS.md",
    false,
  ]);
  expect(second).toContain('fine');
  expect(events.filter(({ type }) => type === 'call_rejected')).toMatchObject([{ tool: 'exec_command' }]);
});

test('a hook changes the arguments before they are checked', async () => {
  const change = (input: object): string => specific({ permissionDecision: 'allow', updatedInput: input });
  const { turn, got } = await hooked({ PreToolUse: [hook(change({ command: 'echo changed' }))] }, [
    run('echo original'),
    done,
  ]);
  await turn('go');
  expect(got('tool')[0]).toContain('changed');
  const wrong = await hooked({ PreToolUse: [hook(change({}))] }, [run('echo original'), done]);
  await wrong.turn('go');
  expect(wrong.got('tool')[0]).toMatch(/cmd/);
});

test('calls of one answer that only read have their outputs and hooks in order, with and without a hook before them', async () => {
  for (const event of ['PreToolUse', 'PostToolUse']) {
    const said = `jq -c '{hookSpecificOutput: {additionalContext: ("of " + .tool_input.command)}}'`;
    const { turn, got } = await hooked({ [event]: [hook(said)] }, [run('echo 1', 'echo 2', 'echo 3'), done]);
    await turn('go');
    expect(got('tool').map((text) => text.split('\n').slice(-2))).toEqual(
      ['1', '2', '3'].map((name) => [`The user's ${event} hook says:`, `of echo ${name}`]),
    );
  }
});

test('the message has notes behind it: of the session once, of the message each time', async () => {
  const { turn, got, server } = await hooked(
    { SessionStart: [hook('echo branch main', 'startup|resume')], UserPromptSubmit: [hook('echo be brief')] },
    [done, done],
  );
  await turn('first');
  await turn('second');
  expect(got('user').slice(1)).toEqual([
    'first',
    "The user's SessionStart hook says:\nbranch main",
    "The user's UserPromptSubmit hook says:\nbe brief",
    'second',
    "The user's UserPromptSubmit hook says:\nbe brief",
  ]);
  const [one, two] = chats(server);
  expect(two?.slice(0, one?.length)).toEqual(one);
});

test('a message that a hook refuses goes back to the user, and the model never hears of it', async () => {
  const { turn, got, events, agent } = await hooked(
    {
      SessionStart: [hook('echo hello')],
      UserPromptSubmit: [
        hook('jq -e \'.prompt | test("secret")\' > /dev/null && { echo no secrets >&2; exit 2; }; exit 0'),
      ],
    },
    [done],
  );
  expect(await turn('my secret')).toMatchObject({
    type: 'turn_failed',
    message: 'a hook does not let this message be sent: no secrets',
  });
  expect(got('user')).toEqual([]);
  expect(events.filter(({ type }) => type === 'unqueued' || type === 'item_started')).toEqual([
    { type: 'unqueued', id: expect.any(String), text: 'my secret' },
  ]);
  expect(await turn('fine')).toMatchObject({ type: 'turn_completed' });
  expect(got('user').join()).not.toContain('secret');
  expect(got('user').join()).toContain('hello');
  expect(agent.isBusy).toBe(false);
});

test('so does what is said during the turn, which goes on without it', async () => {
  const refuse = hook(
    'jq -e \'.prompt | test("secret")\' > /dev/null && { echo no >&2; exit 2; }; echo seen',
  );
  const tested = await hooked({ UserPromptSubmit: [refuse] }, [run('echo 1'), done]);
  tested.agent.subscribe((event) => {
    if (event.type !== 'item_started' || event.item.type !== 'command_execution') return;
    tested.agent.submit({ type: 'steer', text: 'a secret' });
    tested.agent.submit({ type: 'steer', text: 'and more' });
  });
  expect(await tested.turn('go')).toMatchObject({ type: 'turn_completed' });
  expect(tested.got('user').slice(2)).toEqual([
    "The user's UserPromptSubmit hook says:\nseen",
    'and more',
    "The user's UserPromptSubmit hook says:\nseen",
  ]);
  expect(tested.events.filter(({ type }) => type === 'unqueued')).toMatchObject([{ text: 'a secret' }]);
});

test('the Stop hook sends the model back, says that it has, and not for ever', async () => {
  const { turn, got, cwd, events } = await hooked(
    {
      Stop: [
        hook('jq -c "[.stop_hook_active, .last_assistant_message]" >> log; echo run the tests >&2; exit 2'),
      ],
    },
    [{ content: 'One.' }, { content: 'Two.' }, { content: 'Three.' }, { content: 'Four.' }],
  );
  expect(await turn('say something')).toMatchObject({ type: 'turn_completed', lastMessage: 'Four.' });
  expect(got('user').slice(2)).toEqual(
    Array.from({ length: 3 }, () => "Not done yet. The user's hook says: run the tests"),
  );
  expect(readFileSync(path.join(cwd, 'log'), 'utf8')).toBe(
    '[false,"One."]\n[true,"Two."]\n[true,"Three."]\n[true,"Four."]\n',
  );
  expect(events.filter(({ type }) => type === 'warning')).toEqual([
    { type: 'warning', message: 'the Stop hook has sent the model back 3 times; the turn ends all the same' },
  ]);
});

test('continue: false ends the turn, after the outputs are recorded; what was called besides is not run', async () => {
  for (const event of ['PreToolUse', 'PostToolUse']) {
    const { turn, got, server } = await hooked(
      { [event]: [hook(json({ continue: false, stopReason: 'enough' }))] },
      [run('echo 1; echo > 1', 'echo 2; echo > 2'), done],
    );
    expect(await turn('go')).toMatchObject({
      type: 'turn_failed',
      message: 'a hook has ended the turn: enough',
    });
    expect(got('tool')).toHaveLength(2);
    expect(got('tool')[1]).toBe("Not run: the user's hook has ended the turn.");
    expect(chats(server)).toHaveLength(1);
  }
});

test('what a hook says is cut to a share of the window, and is whole in a file', async () => {
  const { turn, got } = await hooked({ UserPromptSubmit: [hook('seq 1 100000')] }, [done], { numCtx: 8_192 });
  await turn('go');
  const note = got('user')[2] ?? '';
  const file = /\[full output: ([^\]]+)\]/.exec(note)?.[1] ?? '';
  expect(note.length).toBeLessThan(5_500);
  expect(readFileSync(file, 'utf8')).toMatch(/^1\n2\n[\s\S]*\n100000$/);
});

test('an interrupt ends the hook and the turn; the message goes back if it was not sent', async () => {
  const tested = await hooked({ UserPromptSubmit: [hook('touch started; sleep 60')] }, [done]);
  const end = tested.turn('go');
  while (!existsSync(path.join(tested.cwd, 'started'))) await new Promise(setImmediate);
  tested.agent.submit({ type: 'interrupt' });
  expect(await end).toMatchObject({ type: 'turn_aborted' });
  expect(tested.events.filter(({ type }) => type === 'unqueued')).toMatchObject([{ text: 'go' }]);

  const later = await hooked({ PostToolUse: [hook('touch started; sleep 60')] }, [run('echo 1'), done]);
  const aborted = later.turn('go');
  while (!existsSync(path.join(later.cwd, 'started'))) await new Promise(setImmediate);
  later.agent.submit({ type: 'interrupt' });
  expect(await aborted).toMatchObject({ type: 'turn_aborted' });
  expect(later.got('tool')).toHaveLength(1);
});

test("a yes of the user's own hook is one, for this call and before it begins; a project's is none", async () => {
  const allow = { PreToolUse: [hook(specific({ permissionDecision: 'allow' }))] };
  const escalated: Turn = {
    toolCalls: [
      {
        name: 'exec_command',
        arguments: { cmd: 'touch x', sandbox_permissions: 'require_escalated', justification: 'May I?' },
      },
    ],
  };
  for (const isOfProject of [false, true]) {
    const { turn, events, agent, cwd } = await hooked(allow, [escalated, done], {
      approval: 'on-request',
      mode: 'workspace-write',
      isOfProject,
    });
    agent.subscribe((event) => {
      if (event.type === 'approval_requested')
        agent.submit({ type: 'approval', id: event.request.id, answer: { type: 'no' } });
    });
    await turn('go');
    const asked = events.filter(({ type }) => type === 'approval_requested').length;
    expect([asked, existsSync(path.join(cwd, 'x'))]).toEqual(isOfProject ? [1, false] : [0, true]);
  }
});

test('a hook forbids the compaction that the user asks for, but not one that the window needs', async () => {
  const { turn, agent, waitFor, events } = await hooked(
    { PreCompact: [hook('echo not now >&2; exit 2', 'manual')] },
    [...[1, 2, 3, 4].map((start) => run(`seq ${start} 3000`)), done],
  );
  await turn('go');
  const end = waitFor(isEnd);
  agent.submit({ type: 'compact' });
  expect(await end).toMatchObject({ type: 'turn_completed' });
  expect(events.filter(({ type }) => type === 'warning')).toEqual([
    { type: 'warning', message: 'a hook does not let it be compacted: not now' },
  ]);
  expect(events.some(({ type }) => type === 'compacted')).toBe(false);
});

test('Notification hears of a question and of the end', async () => {
  const { turn, agent, cwd, session } = await hooked(
    { Notification: [hook('jq -c "[.notification_type, .message]" >> log')] },
    [
      {
        toolCalls: [
          {
            name: 'exec_command',
            arguments: { cmd: 'touch x', sandbox_permissions: 'require_escalated', justification: 'May I?' },
          },
        ],
      },
      done,
    ],
    { approval: 'on-request', mode: 'workspace-write' },
  );
  const log = path.join(cwd, 'log');
  agent.subscribe(async (event) => {
    if (event.type !== 'approval_requested') return;
    // The file is there before its line is.
    while (!existsSync(log) || !readFileSync(log, 'utf8').includes('\n')) await new Promise(setImmediate);
    agent.submit({ type: 'approval', id: event.request.id, answer: { type: 'no' } });
  });
  await turn('go');
  await session.close();
  expect(readFileSync(log, 'utf8').split('\n')).toEqual([
    '["permission_prompt","oagent asks for your permission to run touch x"]',
    '["idle_prompt","oagent has finished"]',
    '',
  ]);
});
