/** `oagent stats` after real sessions of `exec`. */
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';

test('what exec has done is counted, with the times of the server and the result of the check', async () => {
  const { run, env } = await bench([{ content: 'Nothing to do.' }, { content: 'Nothing again.' }]);
  expect((await run(['exec', '--yolo', '--verify', 'true', 'Look'])).code).toBe(0);
  expect((await run(['exec', '--yolo', '--verify', 'false', 'Look again'])).code).toBe(3);
  const { code, stdout } = await run(['stats', '--json', '--days', '1'], { env });
  const { models, damaged_lines: damaged, unreadable_files: unreadable } = JSON.parse(stdout);
  const [model] = models;
  expect({ code, damaged, unreadable, turns: model.turns, answers: model.answers }).toEqual({
    ...{ code: 0, damaged: 0, unreadable: 0, answers: 2 },
    turns: { total: 2, done: 2, verified: 1, refuted: 1, failed: 0, interrupted: 0 },
  });
  expect(model.seconds.estimated).toBe(0);
  expect(model.tokens.sent).toBeGreaterThan(0);
  const shown = await run(['stats']);
  expect(shown.stdout).toContain('turns   2 done (1 verified, 1 refuted by the check)');
});

test('wrong days are wrong usage', async () => {
  const { run } = await bench([]);
  expect((await run(['stats', '--days', '0'])).code).toBe(2);
});
