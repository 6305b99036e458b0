import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Script, Turn } from '../../src/demo/script.ts';
import type { ApprovalAnswer, ApprovalRequest } from '../../src/protocol.ts';
import { heldNamespaces } from '../safety/sandbox/held-namespaces.ts';
import { openItems, type TestAgent, testAgent } from '../support/agent.ts';
import { withOllama } from '../support/ollama-server.ts';
import { sandboxedTest } from '../support/sandbox.ts';
import { until } from '../tools/tool-context.ts';

const shell = (command: string, more: object = {}): Turn => ({
  toolCalls: [{ name: 'shell', arguments: { command, ...more } }],
});
const patch = (...lines: string[]): Turn => ({
  toolCalls: [
    { name: 'apply_patch', arguments: { input: ['*** Begin Patch', ...lines, '*** End Patch'].join('\n') } },
  ],
});
const escalated = { sandbox_permissions: 'require_escalated', justification: 'May I?' };

/** Runs a turn and gives the answers in order; returns what was asked. */
async function play(
  script: Script,
  answers: ApprovalAnswer[],
  options: Parameters<typeof testAgent>[1] = {},
): Promise<TestAgent & { asked: ApprovalRequest[]; end: string; outputs: string[] }> {
  const session = await testAgent(await withOllama(script), {
    approval: 'on-request',
    mode: 'workspace-write',
    ...options,
  });
  const asked: ApprovalRequest[] = [];
  session.agent.subscribe((event) => {
    if (event.type !== 'approval_requested') return;
    asked.push(event.request);
    const answer = answers.shift();
    if (answer) session.agent.submit({ type: 'approval', id: event.request.id, answer });
  });
  const end = (await session.turn('Go.')).type;
  const outputs = session.agent.history.items.flatMap((item) => (item.type === 'tool' ? [item.content] : []));
  expect(openItems(session.events)).toEqual([]);
  expect(session.events.filter((event) => event.type === 'approval_resolved')).toHaveLength(asked.length);
  return { ...session, asked, end, outputs };
}

test('an escalation is asked with the model’s words, and runs after a yes', async () => {
  const { asked, outputs, cwd } = await play(
    [shell('touch x', escalated), { content: 'ok' }],
    [{ type: 'once' }],
  );
  expect(asked).toEqual([
    {
      id: 'a1',
      kind: 'command',
      command: 'touch x',
      cwd,
      reason: 'May I?',
      justification: 'May I?',
    },
  ]);
  expect(outputs).toEqual([expect.stringMatching(/^Exit code: 0\n/)]);
  expect(existsSync(path.join(cwd, 'x'))).toBe(true);
});

test('a no runs nothing and tells the model what to do instead; the turn goes on', async () => {
  const { end, outputs, cwd } = await play(
    [shell('touch x', escalated), { content: 'ok' }],
    [{ type: 'no', instead: 'use y' }],
  );
  expect([end, outputs, existsSync(path.join(cwd, 'x'))]).toEqual([
    'turn_completed',
    ['exec command rejected by user\nThe user says: use y'],
    false,
  ]);
});

test('stop ends the turn', async () => {
  const { end, cwd } = await play([shell('touch x', escalated), { content: 'never' }], [{ type: 'stop' }]);
  expect([end, existsSync(path.join(cwd, 'x'))]).toEqual(['turn_aborted', false]);
});

test('an interrupt answers what waits', async () => {
  const session = await testAgent(await withOllama([shell('touch x', escalated)]), {
    approval: 'on-request',
    mode: 'workspace-write',
  });
  const end = session.turn('Go.');
  await session.waitFor((event) => event.type === 'approval_requested');
  session.agent.submit({ type: 'interrupt' });
  expect((await end).type).toBe('turn_aborted');
  expect(session.events.filter((event) => event.type === 'approval_resolved')).toEqual([
    {
      type: 'approval_resolved',
      id: 'a1',
      answer: { type: 'stop' },
      request: expect.objectContaining({ id: 'a1', kind: 'command', command: 'touch x' }),
    },
  ]);
});

test('yes for the session asks once for the same command, and again for another', async () => {
  const { asked } = await play(
    [
      shell('touch x', escalated),
      shell('touch x', escalated),
      shell('touch y', escalated),
      { content: 'ok' },
    ],
    [{ type: 'session' }, { type: 'once' }],
  );
  expect(asked.map(({ command }) => command)).toEqual(['touch x', 'touch y']);
});

test('a patch outside of the workspace is asked with its changes', async () => {
  const file = path.join(path.parse(process.cwd()).root, 'var', 'oagent-no-such-file.txt');
  const { asked, outputs } = await play(
    [patch(`*** Add File: ${file}`, '+x'), { content: 'ok' }],
    [{ type: 'no' }],
  );
  expect(asked).toEqual([
    {
      id: 'a1',
      kind: 'patch',
      cwd: expect.any(String),
      reason: 'writing outside of the project; rejected by user approval settings',
      changes: [{ path: file, kind: 'add', diff: expect.stringContaining('+x') }],
    },
  ]);
  expect(outputs).toEqual(['patch rejected: rejected by user']);
  expect(existsSync(file)).toBe(false);
});

sandboxedTest('under never nothing is asked: commands are confined, escalation is refused', async () => {
  const { asked, outputs, cwd } = await play(
    [
      shell('echo in > in.txt'),
      shell('echo out > ../out.txt'),
      shell('touch x', escalated),
      { content: 'ok' },
    ],
    [],
    { approval: 'never' },
  );
  expect(asked).toEqual([]);
  expect(readFileSync(path.join(cwd, 'in.txt'), 'utf8')).toBe('in\n');
  expect(outputs[2]).toMatch(/^approval policy is Never; reject command/);
  expect(existsSync(path.join(cwd, 'x'))).toBe(false);
});

sandboxedTest('the network that the commands share ends with the session', async ({ skip }) => {
  if (spawnSync('nsenter', ['--version']).status !== 0) skip('nsenter is missing');
  await until(() => heldNamespaces(process.pid).length === 0);
  const { agent, outputs } = await play([shell('readlink /proc/self/ns/net'), { content: 'ok' }], []);
  const held = heldNamespaces(process.pid);
  expect([held, outputs[0]]).toEqual([
    [expect.stringMatching(/^net:/), expect.stringMatching(/^user:/)],
    expect.stringContaining(held[0] ?? 'none'),
  ]);
  agent.submit({ type: 'shutdown' });
  await until(() => heldNamespaces(process.pid).length === 0);
});

sandboxedTest('on-failure asks when the sandbox stopped a command, and runs it again outside', async () => {
  const outside = mkdtempSync('/var/tmp/oagent-denied-');
  onTestFinished(() => rmSync(outside, { recursive: true, force: true }));
  const { asked, outputs } = await play(
    [shell(`mkdir ${outside}/a && echo done`), { content: 'ok' }],
    [{ type: 'once' }],
    { approval: 'on-failure' },
  );
  expect(asked.map(({ reason }) => reason)).toEqual([
    'The sandbox blocked it. Run it again outside the sandbox?',
  ]);
  expect(outputs).toEqual([expect.stringMatching(/^Exit code: 0\n[\s\S]*done/)]);
});
