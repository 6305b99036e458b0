/** A model's second look at what would leave the sandbox: a real guard, real rules, a scripted model. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { askReviewed } from '../../src/agent/guardian.ts';
import type { ChatRequest } from '../../src/demo/chat-request.ts';
import type { Turn } from '../../src/demo/script.ts';
import { OllamaClient } from '../../src/model/client.ts';
import type { ApprovalAnswer, ApprovalRequest, Event, JsonObject } from '../../src/protocol.ts';
import type { Permissions } from '../../src/safety/permissions.ts';
import { createSandbox } from '../../src/safety/sandbox/probe.ts';
import { SessionGuard } from '../../src/safety/session-guard.ts';
import { testAgent } from '../support/agent.ts';
import { withOllama } from '../support/ollama-server.ts';
import { sandboxedTest } from '../support/sandbox.ts';
import { tempFolder } from '../support/temp-folder.ts';

const shell = (command: string, more: object = {}): Turn => ({
  toolCalls: [{ name: 'shell', arguments: { command, ...more } }],
});
const DONE: Turn = { content: 'ok' };
const ESCALATED = { sandbox_permissions: 'require_escalated', justification: 'May I?' };
const RULE = '[[rule]]\nprefix = ["touch"]\ndecision = "allow"\n';
const ALLOWS = { does: 'makes a file', verdict: 'allow', why: '' };
const OBJECTS = { does: 'makes a file', verdict: 'object', why: 'nobody asked for a file' };

/** Commands can write to the other temporary folders. */
function outsideFolder(): string {
  const folder = mkdtempSync('/var/tmp/oagent-reviewed-');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function isReview({ format }: ChatRequest): boolean {
  return JSON.stringify(format ?? {}).includes('verdict');
}

/** Runs a turn with a reviewer that says `verdict`. */
async function play(
  turns: readonly Turn[],
  verdict: JsonObject | Turn,
  { approval = 'never', answers = [], ...more }: Partial<Permissions> & { answers?: ApprovalAnswer[] } = {},
) {
  const [cwd, home] = [await tempFolder(), await tempFolder()];
  writeFileSync(path.join(home, 'rules.toml'), RULE);
  const reviews: ChatRequest[] = [];
  let at = 0;
  const server = await withOllama((request) => {
    if (!isReview(request)) return turns[at++] ?? DONE;
    reviews.push(request);
    return 'fault' in verdict ? verdict : { content: '', json: verdict as JsonObject };
  });
  const permissions: Permissions = {
    ...{ mode: 'workspace-write', approval, cwd, home, env: process.env, writableRoots: [], network: false },
    ...{ isReviewed: true, ...more },
  };
  const guard = new SessionGuard({
    permissions,
    sandbox: () => createSandbox(permissions),
    warn: (message) => session.agent.warn(message),
  });
  const session = await testAgent(server, { cwd, guard, approval });
  const asked: ApprovalRequest[] = [];
  session.agent.subscribe((event) => {
    if (event.type !== 'approval_requested') return;
    asked.push(event.request);
    const answer = answers.shift();
    if (answer) session.agent.submit({ type: 'approval', id: event.request.id, answer });
  });
  await session.turn('Tidy up.');
  const outputs = session.agent.history.items.flatMap((item) => (item.type === 'tool' ? [item.content] : []));
  const warnings = session.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  const read = server.log.flatMap(({ kind, promptTokens }) => (kind === 'chat' ? [promptTokens ?? 0] : []));
  return { cwd, asked, outputs, warnings, reviews, read, events: session.events };
}

test('what a rule allows runs when the model allows it, too', async () => {
  const { cwd, asked, outputs, reviews } = await play([shell('touch x')], ALLOWS);
  expect([asked, outputs, existsSync(path.join(cwd, 'x'))]).toEqual([
    [],
    [expect.stringMatching(/^Exit code: 0\n/)],
    true,
  ]);
  expect(reviews.map(({ messages, tools }) => [messages.at(-1)?.content, tools])).toEqual([
    [
      `The user asked:\nTidy up.\n\nThe agent wants to do this outside of the sandbox:\nrun in ${cwd}:\ntouch x`,
      [],
    ],
  ]);
});

test('what a rule allows is refused when the model objects and nobody can be asked', async () => {
  const { cwd, asked, outputs, warnings } = await play([shell('touch x')], OBJECTS);
  expect([asked, outputs, warnings, existsSync(path.join(cwd, 'x'))]).toEqual([
    [],
    ['not run: a second look at it found: nobody asked for a file'],
    ['A second look stopped `touch x`: nobody asked for a file'],
    false,
  ]);
});

test('what the second look reads and writes is in the usage, also if its answer is of no use', async () => {
  for (const verdict of [ALLOWS, { nonsense: 1 }]) {
    const { read, events } = await play([shell('touch x')], verdict);
    const end = events.findLast((event) => event.type === 'turn_completed');
    expect([read.length, end?.usage.inputTokens]).toEqual([3, read.reduce((sum, one) => sum + one, 0)]);
  }
});

test('where somebody is there, the objection makes it a question', async () => {
  const { cwd, asked, outputs } = await play([shell('touch x')], OBJECTS, {
    approval: 'on-request',
    answers: [{ type: 'no' }],
  });
  expect([asked, outputs, existsSync(path.join(cwd, 'x'))]).toEqual([
    [
      {
        ...{ id: 'a1', kind: 'command', command: 'touch x', cwd },
        reason: 'A rule lets it run outside the sandbox.',
        objection: 'nobody asked for a file',
      },
    ],
    ['exec command rejected by user'],
    false,
  ]);
});

test('a yes of the model is no permission: what has to be asked is asked', async () => {
  const { asked, reviews } = await play([shell('mkdir x', ESCALATED)], ALLOWS, {
    approval: 'on-request',
    answers: [{ type: 'no' }],
  });
  expect([asked.map(({ command, objection }) => [command, objection]), reviews.length]).toEqual([
    [['mkdir x', undefined]],
    1,
  ]);
  const never = await play([shell('mkdir x', ESCALATED)], ALLOWS);
  expect([never.reviews, never.outputs]).toEqual([
    [],
    [expect.stringMatching(/^approval policy is Never; reject command/)],
  ]);
});

test('a patch outside of the project gets a second look', async () => {
  const outside = path.join(outsideFolder(), 'x');
  const patch = `*** Begin Patch\n*** Add File: ${outside}\n+x\n*** End Patch\n`;
  const call: Turn = { toolCalls: [{ name: 'apply_patch', arguments: { input: patch } }] };
  const { asked, reviews } = await play([call], OBJECTS, {
    approval: 'on-request',
    answers: [{ type: 'no' }],
  });
  expect(asked.map(({ kind, objection }) => [kind, objection])).toEqual([
    ['patch', 'nobody asked for a file'],
  ]);
  expect(reviews.map(({ messages }) => messages.at(-1)?.content)).toEqual([
    expect.stringContaining(`change ${outside}:\n`),
  ]);
});

sandboxedTest(
  'a command that the sandbox has stopped gets a second look before it runs outside',
  async () => {
    const outside = path.join(outsideFolder(), 'x');
    const { asked } = await play([shell(`mkdir ${outside}`)], OBJECTS, {
      approval: 'on-failure',
      answers: [{ type: 'no' }],
    });
    expect([asked.map(({ reason, objection }) => [reason, objection]), existsSync(outside)]).toEqual([
      [['The sandbox blocked it. Run it again outside the sandbox?', 'nobody asked for a file']],
      false,
    ]);
  },
);

test('an answer of the user for the session is not looked at again', async () => {
  const { asked, reviews } = await play([shell('touch x'), shell('touch x')], OBJECTS, {
    approval: 'on-request',
    answers: [{ type: 'session' }],
  });
  expect([asked.length, reviews.length]).toEqual([1, 1]);
});

sandboxedTest('what stays in the sandbox is not looked at, nor is anything with full access', async () => {
  const inside = await play([shell('mkdir x')], OBJECTS);
  const free = await play([shell('touch x')], OBJECTS, { mode: 'danger-full-access' });
  expect([inside.reviews, free.reviews, existsSync(path.join(free.cwd, 'x'))]).toEqual([[], [], true]);
});

test('a reviewer that fails has objected', async () => {
  const fault = { fault: { kind: 'status', status: 400, body: { error: 'no such thing' } } } as const;
  const { outputs, cwd } = await play([shell('touch x')], fault);
  expect([outputs, existsSync(path.join(cwd, 'x'))]).toEqual([
    [expect.stringMatching(/^not run: a second look at it found: there was no answer \(/)],
    false,
  ]);
});

test('what is too long to be seen as a whole is objected to without a request', async () => {
  const { asked, reviews } = await play([shell(`touch ${'x'.repeat(5_000)}`, ESCALATED)], ALLOWS, {
    approval: 'on-request',
    answers: [{ type: 'no' }],
  });
  expect([asked.map(({ objection }) => objection), reviews]).toEqual([
    ['it is too long to be looked at as a whole'],
    [],
  ]);
});

test('what the user has in braces stays in the user’s words', async () => {
  const server = await withOllama([{ content: '', json: ALLOWS }]);
  const client = new OllamaClient({ host: server.host, headers: {} });
  const question = { kind: 'command', command: 'ls', cwd: '/w', reason: '' } as const;
  const deps = {
    ...{ client, settings: { model: 'base', numCtx: 4096, sampling: {}, idleTimeoutMs: 60_000 } as never },
    history: [{ type: 'user', kind: 'prompt', content: 'Explain {action} and $&.' }] as const,
    emit: () => undefined,
    askUser: () => Promise.reject(new Error('nobody is there')),
  };
  await askReviewed(question, { canAsk: false, isAllowed: true }, deps, new AbortController().signal);
  const [request] = server.log.filter(({ kind }) => kind === 'chat').map(({ body }) => body);
  const { messages } = request as { messages: { content: string }[] };
  expect(messages.at(-1)?.content).toBe(
    'The user asked:\nExplain {action} and $&.\n\nThe agent wants to do this outside of the sandbox:\nrun in /w:\nls',
  );
});

test('whatever the model answers, only "allow" allows', async () => {
  const server = await withOllama([]);
  const client = new OllamaClient({ host: server.host, headers: {} });
  const question = { kind: 'command', command: 'ls', cwd: '/w', reason: '' } as const;
  const run = async (content: string) => {
    const events: Event[] = [];
    const chat: OllamaClient['chat'] = async () => ({ content }) as Awaited<ReturnType<OllamaClient['chat']>>;
    const deps = {
      ...{ client: { ...client, chat }, settings: {} as never, history: [] },
      emit: (event: Event) => events.push(event),
      askUser: () => Promise.reject(new Error('nobody is there')),
    };
    return askReviewed(question, { canAsk: false, isAllowed: true }, deps, new AbortController().signal);
  };
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.object().map((it) => JSON.stringify({ ...it, verdict: 'allowed' })),
      ),
      async (content) => {
        expect((await run(content)).type).toBe('objection');
      },
    ),
  );
  expect(await run(JSON.stringify(ALLOWS))).toEqual({ type: 'once' });
});
