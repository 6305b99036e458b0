/** Skills behind a message and behind an output. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findSkills } from '../../src/extensions/skills/find-skills.ts';
import { InstalledSkills } from '../../src/extensions/skills/installed-skills.ts';
import type { Event } from '../../src/protocol.ts';
import { put, skillMd } from '../extensions/skills/skill-folders.ts';
import { testAgent } from '../support/agent.ts';
import { withOllama } from '../support/ollama-server.ts';
import { tempFolder } from '../support/temp-folder.ts';

async function project() {
  const cwd = await tempFolder();
  put(cwd, 'skills/release/SKILL.md', skillMd('release', 'Publish a release with a changelog', 'Tag it.'));
  put(cwd, 'skills/sql/SKILL.md', skillMd('sql', 'SQL files', 'Upper case.', 'paths: "*.sql"\n'));
  const { skills } = findSkills({ used: [{ folder: path.join(cwd, 'skills'), base: cwd }], untrusted: [] });
  return { cwd, skills: new InstalledSkills(skills, cwd) };
}

const used = (events: readonly Event[]) =>
  events.flatMap((event) => (event.type === 'skill_used' ? [`${event.name} ${event.isRecalled}`] : []));

test('a skill follows the message that it fits, once, and what was sent stays as it was', async () => {
  const { cwd, skills } = await project();
  const server = await withOllama([{ content: 'One.' }, { content: 'Two.' }, { content: 'Three.' }]);
  const { agent, turn, events } = await testAgent(server, { cwd, skills });
  await turn('what is this?');
  await turn('prepare the release and the changelog');
  await turn('now the release 2, with changelog');
  const said = agent.history.items.flatMap((item) => (item.type === 'user' ? [item.content] : []));
  expect(said.slice(1)).toEqual([
    'what is this?',
    'prepare the release and the changelog',
    '[Skill release: follow it where it fits; its files are in skills/release]\nTag it.',
    'now the release 2, with changelog',
  ]);
  expect(used(events)).toEqual(['release true']);
  const chats = server.log.filter((entry) => entry.kind === 'chat');
  expect(chats.map(({ rereadTokens, newTokens }) => rereadTokens === newTokens)).toEqual([true, true, true]);
});

test('one for the files comes behind the output that touched them, once', async () => {
  const { cwd, skills } = await project();
  writeFileSync(path.join(cwd, 'a.sql'), 'select 1;\n');
  writeFileSync(path.join(cwd, 'b.sql'), 'select 2;\n');
  const read = (file: string) => ({ toolCalls: [{ name: 'read_file', arguments: { path: file } }] });
  const server = await withOllama([read('a.sql'), read('b.sql'), { content: 'Read.' }]);
  const { agent, turn, events } = await testAgent(server, { cwd, skills });
  await turn('what do the queries do?');
  const outputs = agent.history.items.flatMap((item) => (item.type === 'tool' ? [item.content] : []));
  expect(outputs).toEqual([
    '1\tselect 1;\n[Skill sql: follow it where it fits; its files are in skills/sql]\nUpper case.',
    '1\tselect 2;',
  ]);
  expect(used(events)).toEqual(['sql true']);
});

test('what is added while the model works gets its skill too', async () => {
  const { cwd, skills } = await project();
  const gate = Promise.withResolvers<void>();
  const server = await withOllama([{ content: 'First.', waitFor: gate.promise }, { content: 'Second.' }]);
  const { agent, turn, events } = await testAgent(server, { cwd, skills });
  const ended = turn('what is this?');
  await server.waitForRequest(1);
  agent.submit({ type: 'steer', text: '$release it' });
  gate.resolve();
  await ended;
  expect(used(events)).toEqual(['release false']);
});
