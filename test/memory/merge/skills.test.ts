import { expect, test } from 'vitest';
import { allSkills } from '../../../src/memory/store/skills.ts';
import { MergeModel } from './merge-model.ts';
import { Merging } from './merge-store.ts';

const DEPLOY = 'Build the packages before a release: `npm run build`, then `npm run pack`';
const PROCEDURE = { act: 'new', everywhere: false, kind: 'procedure', topic: 'build and test', weight: 2 };

/** The line as a procedure; further sessions confirm it. */
function procedures(): MergeModel {
  return new MergeModel(({ text }) => ({
    A: text.includes('1. ') ? { ...PROCEDURE, act: 'same 1' } : PROCEDURE,
  }));
}

const PASSED = { summary: 'Packed.\n`npm run build` passed last. `npm run pack` failed last.' };

test('a procedure of two sessions, with the commands that were seen to work', async () => {
  const merging = new Merging();
  merging.model = procedures();
  merging.put('t1', `- ${DEPLOY}`, 2, PASSED);
  await merging.merge();
  expect(allSkills(merging.store)).toEqual([]);
  merging.put('t2', `- ${DEPLOY}`, 1);
  await merging.merge();
  const text = `---
name: build-packages-release
description: "Build the packages before a release: \`npm run build\`, then \`npm run pack\`"
---

    npm run build

/work/app, seen in 2 sessions until 2026-11-19.
`;
  const [skill] = allSkills(merging.store);
  expect(skill).toMatchObject({
    path: expect.stringMatching(/^[a-z0-9-]+\/SKILL\.md$/),
    threads: ['t1', 't2'],
  });
  expect(skill?.text).toBe(text);
  merging.forget('t1', 'thread');
  await merging.merge();
  expect(allSkills(merging.store)).toEqual([]);
});

test.each([
  ['nothing passed', DEPLOY, { summary: '`npm run build` failed last.' }],
  ['an untrusted folder', DEPLOY, { ...PASSED, is_trusted: 0 as const }],
  ['no command', 'Build the packages before a release', PASSED],
])('no skill: %s', async (_name, line, given) => {
  const merging = new Merging();
  merging.model = procedures();
  merging.put('t1', `- ${line}`, 2, given);
  merging.put('t2', `- ${line}`, 1, given);
  await merging.merge();
  expect(merging.lines()).toEqual([`${line} [/work/app] t1+t2`]);
  expect(allSkills(merging.store)).toEqual([]);
});
