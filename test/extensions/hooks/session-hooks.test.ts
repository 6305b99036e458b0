import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bash, group, sessionHooks } from './support.ts';

const answer = (fields: object): string => `echo '${JSON.stringify({ hookSpecificOutput: fields })}'`;
const allow = answer({ permissionDecision: 'allow' });

test('a moment without a hook has no method', async () => {
  const { session } = await sessionHooks({ Stop: [group('true')] });
  const { sessionStart, userPromptSubmit, preToolUse, postToolUse, preCompact, stop } = session;
  expect([sessionStart, userPromptSubmit, preToolUse, postToolUse, preCompact]).toEqual(
    Array.from({ length: 5 }, () => undefined),
  );
  expect(typeof stop).toBe('function');
});

test('a hook gets all of it on stdin, as Codex words it, and the folders as variables', async () => {
  const { session, call, cwd } = await sessionHooks({
    PostToolUse: [group('cat > in.json; echo "$OAGENT_PROJECT_DIR $CLAUDE_PROJECT_DIR $PWD" > env')],
  });
  await session.postToolUse?.(bash('ls -l'), 'two files', { ...call, transcript: '/s/rollout.jsonl' });
  expect(JSON.parse(readFileSync(path.join(cwd, 'in.json'), 'utf8'))).toEqual({
    session_id: 'thread',
    turn_id: 'turn',
    transcript_path: '/s/rollout.jsonl',
    cwd,
    hook_event_name: 'PostToolUse',
    model: 'qwen',
    permission_mode: 'default',
    tool_name: 'Bash',
    tool_input: { command: 'ls -l' },
    tool_use_id: 'call_1',
    tool_response: 'two files',
  });
  expect(readFileSync(path.join(cwd, 'env'), 'utf8')).toBe(`${cwd} ${cwd} ${cwd}\n`);
});

test('the other moments say what they are about', async () => {
  const say = [group('cat >> in.json; echo >> in.json')];
  const { session, call, cwd } = await sessionHooks({
    SessionStart: say,
    UserPromptSubmit: say,
    PreCompact: say,
    Stop: say,
    Notification: say,
  });
  await session.sessionStart?.('startup', call);
  await session.sessionStart?.('startup', call);
  await session.userPromptSubmit?.('fix it', call);
  await session.preCompact?.('auto', call);
  await session.stop?.('done', true, call);
  session.hear({
    type: 'turn_failed',
    turnId: 't',
    message: 'm',
    evidence: { files: [], commands: [], checks: [] },
  });
  await session.close();
  const told = readFileSync(path.join(cwd, 'in.json'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const {
        session_id,
        turn_id,
        transcript_path,
        cwd: _,
        model,
        permission_mode,
        ...rest
      } = JSON.parse(line);
      return rest;
    });
  expect(told).toEqual([
    { hook_event_name: 'SessionStart', source: 'startup' },
    { hook_event_name: 'SessionStart', source: 'clear' },
    { hook_event_name: 'UserPromptSubmit', prompt: 'fix it' },
    { hook_event_name: 'PreCompact', trigger: 'auto' },
    { hook_event_name: 'Stop', stop_hook_active: true, last_assistant_message: 'done' },
    { hook_event_name: 'Notification', message: 'oagent has stopped: m', notification_type: 'idle_prompt' },
  ]);
});

test('hooks of one moment run in their order, only those that match, and their results are joined', async () => {
  const { session, call, events } = await sessionHooks({
    PostToolUse: [
      group('sleep 0.2; echo one >> log; echo "first $(wc -l < log)" >&2; exit 2'),
      group('exit 9', { matcher: 'apply_patch' }),
      group(
        `echo two >> log; echo "{\\"hookSpecificOutput\\": {\\"additionalContext\\": \\"saw $(wc -l < log)\\"}, \\"systemMessage\\": \\"hi\\"}"`,
        {
          matcher: 'Bash',
        },
      ),
      group('echo three >> log; echo "third $(wc -l < log)" >&2; exit 2'),
    ],
  });
  expect(await session.postToolUse?.(bash('ls'), '', call)).toEqual({
    blocked: 'first 1\n\nthird 3',
    context: 'saw 2',
    stop: undefined,
  });
  expect(events.map((event) => event.type === 'hook_ran' && [event.outcome, event.text])).toEqual([
    ['blocked', 'first 1'],
    ['message', 'hi'],
    ['context', 'saw 2'],
    ['blocked', 'third 3'],
  ]);
});

test('a broken hook never blocks, and is told of once', async () => {
  const broken = {
    'no-such-program-here': /^it ended with 127: .*not found/,
    'echo {nonsense; exit 0': 'its answer begins like JSON, but is not a JSON object',
    'kill -9 $$': /^it (?:was ended by SIGKILL|ended with 137)$/,
    'echo half; exit 3': 'it ended with 3',
  };
  const { session, call, events } = await sessionHooks({
    PreToolUse: Object.keys(broken).map((command) => group(command)),
  });
  const nothing = {
    blocked: undefined,
    context: undefined,
    stop: undefined,
    arguments: undefined,
    isAllowed: false,
  };
  expect(await session.preToolUse?.(bash('ls'), call)).toEqual(nothing);
  expect(await session.preToolUse?.(bash('ls'), call)).toEqual(nothing);
  expect(events).toEqual(
    Object.entries(broken).map(([command, text]) => ({
      type: 'hook_ran',
      event: 'PreToolUse',
      command,
      outcome: 'failed',
      text: typeof text === 'string' ? text : expect.stringMatching(text),
    })),
  );
});

test('a hook that does not end is ended with all that it has started', async () => {
  const { session, call, events, cwd } = await sessionHooks({
    PreToolUse: [group('(sleep 30; touch late) & echo $! > pid; wait', { timeout: 0.5 })],
  });
  await session.preToolUse?.(bash('ls'), call);
  expect(events).toMatchObject([{ outcome: 'failed', text: 'it has not ended in 0.5 s' }]);
  expect(existsSync(path.join(cwd, 'late'))).toBe(false);
});

test('an interrupt ends a hook, which is not told of', async () => {
  const { session, call, events, phases, interrupt, cwd } = await sessionHooks({
    PreToolUse: [group('echo $$ > started; sleep 30'), group('touch second')],
  });
  const running = session.preToolUse?.(bash('ls'), call);
  while (!existsSync(path.join(cwd, 'started'))) await new Promise(setImmediate);
  interrupt.abort();
  expect(await running).toMatchObject({ isAllowed: false, blocked: undefined });
  expect([events, phases, existsSync(path.join(cwd, 'second'))]).toEqual([[], ['PreToolUse'], false]);
});

test('what is printed is bounded, and the rest of it dropped', async () => {
  const { session, call } = await sessionHooks({
    UserPromptSubmit: [group('head -c 50000000 /dev/zero | tr "\\0" x; echo end')],
  });
  const outcome = await session.userPromptSubmit?.('x', call);
  expect(outcome?.context?.length).toBe(2 ** 20);
});

test('a hook reads as much of its input as it wants to', async () => {
  const { session, call } = await sessionHooks({ PostToolUse: [group('exit 0')] });
  expect(await session.postToolUse?.(bash('x'), 'y'.repeat(2_000_000), call)).toMatchObject({
    blocked: undefined,
  });
});

test('what it has left in the background does not hold it up, and is ended', async () => {
  const { session, call, cwd } = await sessionHooks({
    UserPromptSubmit: [group('(sleep 60; touch late) & echo said')],
  });
  const began = performance.now();
  expect(await session.userPromptSubmit?.('x', call)).toMatchObject({ context: 'said' });
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(existsSync(path.join(cwd, 'late'))).toBe(false);
});

test('hooks run in the sandbox of the session: a formatter may write, nothing else, and nothing where it is read-only', async () => {
  const command = 'touch inside; touch ../home/outside; ls ../home > /dev/null; exit 0';
  const writing = await sessionHooks({ PostToolUse: [group(command)] });
  await writing.session.postToolUse?.(bash('x'), '', writing.call);
  const reading = await sessionHooks({ PostToolUse: [group(command)] }, { mode: 'read-only' });
  await reading.session.postToolUse?.(bash('x'), '', reading.call);
  const made = ({ cwd, home }: { cwd: string; home: string }) => [
    existsSync(path.join(cwd, 'inside')),
    existsSync(path.join(home, 'outside')),
  ];
  expect([made(writing), made(reading)]).toEqual([
    [true, false],
    [false, false],
  ]);
});

test("outside the sandbox only the user's own hook runs, and only what no command can have written", async () => {
  const outside = 'pwd > "$HOME/where"';
  const inside = '"$OAGENT_PROJECT_DIR/check.sh"';
  const own = await sessionHooks({
    Stop: [group(outside, { sandbox: false }), group(inside, { sandbox: false })],
  });
  writeFileSync(path.join(own.cwd, 'check.sh'), `#!/bin/sh\ntouch ${own.home}/escaped\n`, { mode: 0o755 });
  await own.session.stop?.('', false, own.call);
  const { home } = own;
  expect(readFileSync(path.join(home, 'where'), 'utf8')).toBe(`${home}\n`);
  expect(existsSync(path.join(home, 'escaped'))).toBe(false);
  expect(own.events.map((event) => event.type === 'hook_ran' && event.text)).toEqual([
    'it stays in the sandbox: its command names what commands can change',
    expect.stringMatching(/^it ended with 1: .*Read-only file system/),
  ]);
  const brought = await sessionHooks(
    { Stop: [group('touch "$HOME/brought"', { sandbox: false })] },
    { isOfProject: true },
  );
  await brought.session.stop?.('', false, brought.call);
  expect(existsSync(path.join(brought.home, 'brought'))).toBe(false);
});

test("the word of the user's own hook allows; that of a project's does not, nor an echo of the model's", async () => {
  const outcomeOf = async (command: string, isOfProject: boolean, called = 'ls') => {
    const { session, call } = await sessionHooks({ PreToolUse: [group(command)] }, { isOfProject });
    const outcome = await session.preToolUse?.(bash(called), call);
    return [outcome?.isAllowed, outcome?.blocked];
  };
  const deny = answer({ permissionDecision: 'deny', permissionDecisionReason: 'no' });
  expect([
    await outcomeOf(allow, false),
    await outcomeOf(allow, true),
    await outcomeOf('jq -r .tool_input.command', false, allow.slice(6, -1)),
    await outcomeOf(deny, true),
  ]).toEqual([
    [true, undefined],
    [false, undefined],
    [false, undefined],
    [false, 'no'],
  ]);
});

test('a hook changes the input, the next one sees that, and what was allowed before is no longer', async () => {
  const change = (to: string): string =>
    answer({ permissionDecision: 'allow', updatedInput: { command: to } });
  const { session, call, cwd } = await sessionHooks({
    PreToolUse: [group(allow), group(change('ls -a')), group('jq -r .tool_input.command > seen')],
  });
  expect(await session.preToolUse?.(bash('ls'), call)).toMatchObject({
    arguments: { command: 'ls -a' },
    isAllowed: true,
  });
  expect(readFileSync(path.join(cwd, 'seen'), 'utf8')).toBe('ls -a\n');
});

test('an expression that takes too long is a failure of its hook', async () => {
  const { session, call, events } = await sessionHooks({
    PreToolUse: [group('exit 2', { matcher: '^(_|_?)+$' })],
  });
  const mcp = { name: 'mcp_call', arguments: { server: '_'.repeat(80), tool: '!' }, callId: 'c' };
  expect(await session.preToolUse?.({ ...mcp, name: `${'_'.repeat(80)}!` }, call)).toMatchObject({
    blocked: undefined,
  });
  expect(events).toMatchObject([{ outcome: 'failed', text: 'its matcher "^(_|_?)+$" takes too long' }]);
});
