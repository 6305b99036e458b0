import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Script } from '../../src/demo/script.ts';
import type { Event, Op } from '../../src/protocol.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { planSession, releaseStored } from '../../src/session/plan.ts';
import { resumePlan } from '../../src/session/stored.ts';
import { isEnd } from '../support/agent.ts';
import { chatBodies } from '../support/exec.ts';
import { open, type User, user } from '../support/interactive-session.ts';
import { sandboxedTest } from '../support/sandbox.ts';

const isType =
  (...types: Event['type'][]) =>
  (event: Event): boolean =>
    types.includes(event.type);

const answers: Script = (_request, index) => ({ content: `Answer ${index}.` });

const users = ({ server }: User, at: number): string[] | undefined =>
  chatBodies(server.log)
    .at(at)
    ?.messages.filter(({ role }) => role === 'user')
    .map(({ content }) => content)
    .slice(1);

test('/new, /resume and /fork: each goes on with what it should, and says so', async () => {
  const place = await user(answers);
  const { session, events, after, say } = await open(place.repo);
  await say('One.');
  await after({ type: 'rename_session', name: 'first' }, isType('session_renamed'));
  const first = session.keptAs;
  expect(first).toBe('first');
  await after({ type: 'new_session' }, isType('session_configured'));
  expect(session.keptAs).toBeUndefined();
  await say('Two.');
  const listed = await after({ type: 'list_sessions' }, isType('sessions'));
  const [entry, ...others] = listed.type === 'sessions' ? listed.sessions : [];
  expect([entry?.name, entry?.firstPrompt, entry?.cwd, others]).toEqual(['first', 'One.', place.repo, []]);

  const resumed = await after({ type: 'resume_session', session: 'first' }, isType('session_resumed'));
  expect(resumed).toEqual({
    type: 'session_resumed',
    threadId: entry?.id,
    name: 'first',
    items: [
      { type: 'user_message', id: 'i1', text: 'One.' },
      { type: 'agent_message', id: 'i2', text: 'Answer 0.', status: 'completed' },
    ],
    itemsBefore: 0,
  });
  await say('Three.');
  expect(users(place, 2)).toEqual(['One.', 'Three.']);

  const forked = await after({ type: 'fork_session' }, isType('session_resumed'));
  expect(
    forked.type === 'session_resumed' && [forked.isShown, forked.forkedFrom, forked.items.length],
  ).toEqual([true, entry?.id, 4]);
  await say('Four.');
  expect(users(place, 3)).toEqual(['One.', 'Three.', 'Four.']);
  const counts = events.filter(isType('turn_completed'));
  const ends = counts.map((event) => (event.type === 'turn_completed' ? event.usage.outputTokens : 0));
  expect(ends[3]).toBeGreaterThan(ends[2] ?? 0);
  expect(events.filter(isType('warning'))).toEqual([]);
  expect(rolloutFiles(place.home)).toHaveLength(3);
});

test('what cannot be done leaves the conversation as it is', async () => {
  const place = await user(answers);
  const { after, say, session } = await open(place.repo);
  const warned = async (op: Op): Promise<string> => {
    const event = await after(op, isType('warning'));
    return event.type === 'warning' ? event.message : '';
  };
  expect(await warned({ type: 'fork_session' })).toBe('there is nothing to fork yet');
  await say('One.');
  const id = session.keptAs ?? '';
  expect(await warned({ type: 'resume_session', session: id })).toBe('this session is already open');
  expect(await warned({ type: 'resume_session', session: 'none' })).toBe(
    'no session named none. All sessions: oagent sessions list --all',
  );
  await say('Two.');
  expect(users(place, 1)).toEqual(['One.', 'Two.']);
});

test('a session of another model goes on with that model', async () => {
  const place = await user(answers);
  const { session, after, say } = await open(place.repo);
  await say('One.');
  const id = session.keptAs ?? '';
  await after({ type: 'new_session' }, isType('session_configured'));
  const native = (event: Event): boolean =>
    event.type === 'session_configured' && event.model.startsWith('native');
  await after({ type: 'set_model', model: 'native' }, native);
  await say('Two.');
  await session.close();
  const again = planSession({ cd: place.repo }, { interactive: true });
  const plan = resumePlan(again, { kind: 'resume', session: id });
  expect(plan.loaded.config.model).toMatch(/^base/);
  releaseStored(plan);
});

sandboxedTest(
  'what was allowed for the session is allowed again, and not after other permissions',
  async () => {
    const command = 'touch ../outside.txt';
    const call = {
      name: 'shell',
      arguments: { command, sandbox_permissions: 'require_escalated', justification: 'x' },
    };
    const place = await user((_request, index) =>
      index % 2 === 0 ? { toolCalls: [call] } : { content: 'Done.' },
    );
    const first = await open(place.repo);
    const asked = await first.after(
      { type: 'user_turn', text: 'Touch.' },
      isType('approval_requested', 'turn_completed'),
    );
    if (asked.type !== 'approval_requested') throw new Error('nothing was asked');
    await first.after({ type: 'approval', id: asked.request.id, answer: { type: 'session' } }, isEnd);
    const id = first.session.keptAs ?? '';
    await first.session.close();

    const second = await open(place.repo, id);
    await second.say('Again.');
    expect(second.events.filter(isType('approval_requested'))).toEqual([]);
    const mode = { type: 'set_permissions', mode: 'workspace-write', approval: 'on-request' } as const;
    await second.after(mode, isType('permissions_changed'));
    await second.session.close();

    const third = await open(place.repo, id);
    const again = await third.after(
      { type: 'user_turn', text: 'Again.' },
      isType('approval_requested', 'turn_completed'),
    );
    expect(again.type).toBe('approval_requested');
  },
);

test('permissions and effort of each turn are in the record', async () => {
  const place = await user(answers);
  appendFileSync(path.join(place.home, 'config.toml'), '\n[models.base]\nreasoning_effort = "high"\n');
  const { after, say } = await open(place.repo);
  await say('One.');
  await after({ type: 'set_model', model: 'base', effort: 'low' }, isType('session_configured'));
  const mode = { type: 'set_permissions', mode: 'read-only', approval: 'never' } as const;
  await after(mode, isType('permissions_changed'));
  await say('Two.');
  const lines = readFileSync(rolloutFiles(place.home)[0]?.path ?? '', 'utf8')
    .trim()
    .split('\n');
  const turns = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'turn_context');
  const said = turns.map(({ payload }) => [payload.sandbox_policy, payload.approval_policy, payload.effort]);
  expect(said).toEqual([
    ['workspace-write', 'on-request', 'high'],
    ['read-only', 'never', 'low'],
  ]);
  expect(turns[0].payload).toMatchObject({ cwd: place.repo, model: 'base', num_ctx: 32_768 });
});
