/** `oagent debug context`: of a first request, and of a session whose last prompt the server has counted. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';

test('the whole of a session is what the server has counted; the parts are its sum', async () => {
  const { run, cwd } = await bench([{ content: 'Nothing to do.' }]);
  writeFileSync(path.join(cwd, 'AGENTS.md'), 'Use tabs.\n'.repeat(50));
  const first = JSON.parse((await run(['debug', 'context', '--trust', '--json'])).stdout);
  expect(first).toMatchObject({ window: 32_768, estimated: true });
  expect(first.tokens.agents_md).toBeGreaterThan(100);
  const { stderr } = await run(['exec', '--trust', 'Look']);
  const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(stderr)?.[0] ?? '';
  const stored = JSON.parse((await run(['debug', 'context', '--session', id, '--json'])).stdout);
  expect({ estimated: stored.estimated, counted: stored.counted }).toEqual({
    estimated: false,
    counted: stored.used,
  });
  const sum = Object.values<number>(stored.tokens).reduce((all, tokens) => all + tokens, 0);
  expect(sum).toBe(stored.used);
  const shown = await run(['debug', 'context', '--session', id]);
  expect(shown.stdout).toMatch(
    /^• Context: [\d,]+ of [\d,]+ tokens used, \d+% free \(counted by the server\)\n/,
  );
  expect((await run(['debug', 'context', '--session', 'nobody'])).code).toBe(1);
});
