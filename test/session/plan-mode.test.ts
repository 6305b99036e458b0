/** Plan mode: nothing is changed, the answer is kept as a plan, and what is carried out is what the file says. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Script } from '../../src/demo/script.ts';
import { type Event, type Op, PLAN_MODE } from '../../src/protocol.ts';
import { isEnd } from '../support/agent.ts';
import { chatBodies } from '../support/exec.ts';
import { open, user } from '../support/interactive-session.ts';

const PATCH = '*** Begin Patch\n*** Add File: a.txt\n+a\n*** End Patch';
const PLAN_TEXT = '1. Add a.txt with one line.\n2. Check it with `cat a.txt`.';

async function planner(script: Script) {
  const { home, repo, server } = await user(script);
  const bodies = () => chatBodies(server.log);
  const said = (at: number): string[] => (bodies().at(at)?.messages ?? []).map(({ content }) => content);
  return { home, repo, ...(await open(repo)), said, bodies };
}

const isPlan = ({ type }: Event): boolean => type === 'plan_written';
const say = (text: string): Op => ({ type: 'user_turn', text });

test('a patch is refused with words that teach, and the answer is the plan, private, in a file', async () => {
  const made = await planner([
    { toolCalls: [{ name: 'apply_patch', arguments: { input: PATCH } }] },
    { content: PLAN_TEXT },
  ]);
  made.session.submit({ type: 'set_permissions', ...PLAN_MODE });
  const written = await made.after(say('Add a.txt'), isPlan);
  expect(existsSync(path.join(made.repo, 'a.txt'))).toBe(false);
  const file = written.type === 'plan_written' ? written.file : '';
  expect(written).toEqual({ type: 'plan_written', file, text: PLAN_TEXT });
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777, path.dirname(file)]).toEqual([
    `${PLAN_TEXT}\n`,
    0o600,
    path.join(made.home, 'plans'),
  ]);
  expect(made.said(0).at(-2)).toContain('[Plan mode: ');
  expect(made.said(1).at(-1)).toContain('plan mode: nothing is changed now');
});

test('here: the permissions from before return, the plan is not said twice, and the prefix holds', async () => {
  const made = await planner([
    { content: PLAN_TEXT },
    { toolCalls: [{ name: 'apply_patch', arguments: { input: PATCH } }] },
    { content: 'Done.' },
  ]);
  made.session.submit({ type: 'set_permissions', ...PLAN_MODE });
  await made.after(say('Add a.txt'), isPlan);
  await made.after({ type: 'carry_out_plan', isFresh: false }, isEnd);
  expect(readFileSync(path.join(made.repo, 'a.txt'), 'utf8')).toBe('a\n');
  expect(made.events.filter(({ type }) => type === 'permissions_changed').at(-1)).toMatchObject({
    mode: 'workspace-write',
    approval: 'on-request',
  });
  const [first, second] = made.bodies();
  expect(second?.messages.slice(0, first?.messages.length)).toEqual(first?.messages);
  expect(second?.tools).toEqual(first?.tools);
  expect(made.said(1).slice(-2)).toEqual([
    expect.stringContaining('[Plan mode is over'),
    'Carry out the plan.',
  ]);
});

test('fresh: a new conversation begins with nothing but the plan as the user has left it', async () => {
  const made = await planner([{ content: PLAN_TEXT }, { content: 'Done.' }]);
  made.session.submit({ type: 'set_permissions', ...PLAN_MODE });
  await made.after(say('Add a.txt'), isPlan);
  await made.after({ type: 'edit_plan', text: '1. Add b.txt.' }, isPlan);
  await made.after({ type: 'carry_out_plan', isFresh: true }, isEnd);
  expect(made.said(1).slice(2)).toEqual(['Carry out this plan:\n\n1. Add b.txt.']);
  const shown = made.events.flatMap((event) =>
    event.type === 'item_completed' && event.item.type === 'user_message' ? [event.item.text] : [],
  );
  expect(shown).toEqual(['Add a.txt', 'Carry out the plan.']);
});

test('a plan that was edited in its file is said whole, also here', async () => {
  const made = await planner([{ content: PLAN_TEXT }, { content: 'Done.' }]);
  made.session.submit({ type: 'set_permissions', ...PLAN_MODE });
  const written = await made.after(say('Add a.txt'), isPlan);
  if (written.type === 'plan_written') writeFileSync(written.file, '1. Add c.txt.\n');
  await made.after({ type: 'carry_out_plan', isFresh: false }, isEnd);
  expect(made.said(1).at(-1)).toBe('Carry out this plan:\n\n1. Add c.txt.');
});

const NONE: readonly [string, string][] = [
  ['a call of no tool', '{"name": "add_file", "arguments": {"path": "a.txt"}}'],
  ['only code', '```ts\nexport const a = 1;\n```'],
  ['a question', 'Which name shall the file have?\n1. a.txt\n2. b.txt'],
  ['an announcement', 'I will add the file now.'],
];

test.each(NONE)('%s is not a plan: it is asked for once more', async (_, content) => {
  const made = await planner([{ content }, { content: PLAN_TEXT }]);
  made.session.submit({ type: 'set_permissions', ...PLAN_MODE });
  const written = await made.after(say('Add a.txt'), isPlan);
  expect(written).toMatchObject({ type: 'plan_written', text: PLAN_TEXT });
  expect(made.said(1).at(-1)).toMatch(/^\[(?:That is not a plan|Nothing was run)/);
  expect(made.events.filter(isPlan)).toHaveLength(1);
});

test('if there is none then, that is said, and nothing can be carried out', async () => {
  const made = await planner([{ content: 'Which name?' }, { content: '```\na\n```' }]);
  made.session.submit({ type: 'set_permissions', ...PLAN_MODE });
  const warning = await made.after(say('Add a.txt'), ({ type }) => type === 'warning');
  expect(warning).toEqual({
    type: 'warning',
    message:
      'the answer is not a plan, so there is nothing to carry out: say more exactly what is to be planned, or use a larger model',
  });
  expect([made.bodies().length, made.events.some(isPlan), existsSync(path.join(made.home, 'plans'))]).toEqual(
    [...[2, false, false]],
  );
  expect(
    await made.after({ type: 'carry_out_plan', isFresh: false }, ({ type }) => type === 'warning'),
  ).toMatchObject({ message: 'there is no plan yet: say what is to be planned' });
});

test('a call that is written as text is made in plan mode too, as far as it changes nothing', async () => {
  const made = await planner([
    { content: 'I look first.\n\nread_file("b.txt")' },
    { content: `apply_patch(${JSON.stringify(PATCH)})` },
    { content: PLAN_TEXT },
  ]);
  writeFileSync(path.join(made.repo, 'b.txt'), 'bee\n');
  made.session.submit({ type: 'set_permissions', ...PLAN_MODE });
  expect(await made.after(say('Add a.txt'), isPlan)).toMatchObject({ text: PLAN_TEXT });
  expect(made.said(1).at(-1)).toContain('bee');
  expect(made.said(2).at(-1)).toContain('plan mode: nothing is changed now');
  expect(existsSync(path.join(made.repo, 'a.txt'))).toBe(false);
});

test('without a plan there is nothing to carry out or to edit', async () => {
  const made = await planner([]);
  for (const op of [
    { type: 'carry_out_plan', isFresh: true },
    { type: 'edit_plan', text: 'x' },
  ] as const)
    expect(await made.after(op, ({ type }) => type === 'warning')).toEqual({
      type: 'warning',
      message: 'there is no plan yet: say what is to be planned',
    });
});

test('outside of plan mode an answer is no plan', async () => {
  const made = await planner([{ content: PLAN_TEXT }]);
  await made.after(say('Hello'), isEnd);
  expect(made.events.some(isPlan)).toBe(false);
});
