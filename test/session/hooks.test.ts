import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ApprovalAnswer, Event } from '../../src/protocol.ts';
import { open, user } from '../support/interactive-session.ts';
import { until } from '../tools/tool-context.ts';

const HOOK = { hooks: [{ type: 'command', command: 'echo from the project' }] };

/** What the user says to the hooks of the project, and what comes of it in this session and the next. */
async function after(answer: ApprovalAnswer) {
  const { home, repo, server } = await user(() => ({ content: 'Hi.' }));
  mkdirSync(path.join(repo, '.oagent'));
  writeFileSync(
    path.join(repo, '.oagent', 'hooks.json'),
    JSON.stringify({ hooks: { UserPromptSubmit: [HOOK] } }),
  );
  const heard = (): boolean =>
    JSON.stringify(server.log.findLast(({ kind }) => kind === 'chat')?.body ?? '').includes(
      'from the project',
    );
  const asked = (events: readonly Event[]) =>
    events.flatMap((event) => (event.type === 'approval_requested' ? [event.request] : []));
  const first = await open(repo);
  await until(() => asked(first.events).length > 0);
  const [request] = asked(first.events);
  await first.say('before');
  const before = heard();
  first.session.submit({ type: 'approval', id: request?.id ?? '', answer });
  await first.say('after');
  const then = heard();
  await first.session.close();
  const next = await open(repo);
  await next.say('later');
  const kept = readFileSync(path.join(home, 'config.toml'), 'utf8').match(/"hook:.*" = "\w+/)?.[0];
  return {
    asked: request?.extension,
    heard: [before, then, heard()],
    askedAgain: asked(next.events).length,
    kept,
  };
}

const asked = {
  kind: 'hook',
  name: '.oagent/hooks.json',
  lines: ['UserPromptSubmit: echo from the project'],
};

test.each<[ApprovalAnswer['type'], object]>([
  ['once', { heard: [false, true, true], askedAgain: 0, kept: '"hook:.oagent/hooks.json" = "allowed' }],
  ['no', { heard: [false, false, false], askedAgain: 0, kept: '"hook:.oagent/hooks.json" = "refused' }],
  ['stop', { heard: [false, false, false], askedAgain: 1, kept: undefined }],
])('hooks of a project are offered once; %s', async (type, expected) => {
  expect(await after({ type } as ApprovalAnswer)).toEqual({ asked, ...expected });
});
