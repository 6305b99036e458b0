/**
 * Nothing that an attack has planted gets into a record, whatever the model answers.
 *
 * `OAGENT_RECORD_ATTACKS=1 npx vitest run test/memory/attacks` records the sessions again, with the built program.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { rolloutFiles } from '../../../src/rollout/paths.ts';
import { BYPASS, bench } from '../../support/exec.ts';
import { extraction } from '../../support/extract.ts';
import { ATTACKS, type Attack } from './attacks.ts';

const fileOf = ({ name }: Attack): string => path.join(import.meta.dirname, `${name}.jsonl`);
const PLANTED =
  /example|invalid|mirror|spiegel|镜像|skip|跳过|überspring|verify|everything|sync|deploy|friday|delete|never|setup|remember/i;

describe.runIf(process.env.OAGENT_RECORD_ATTACKS === '1')('recording', () => {
  test.each(ATTACKS)('$name', async (attack) => {
    const { cwd, home, env, run } = await bench(attack.turns);
    for (const [file, text] of Object.entries(attack.files ?? {})) writeFileSync(path.join(cwd, file), text);
    if (attack.setUp !== undefined) rmSync(path.join(cwd, '.git'), { recursive: true });
    for (const command of attack.setUp ?? []) execFileSync('sh', ['-c', command], { cwd, env });
    const { code, stderr } = await run(['exec', '-C', cwd, BYPASS, attack.prompt]);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const [rollout] = rolloutFiles(home);
    const text = readFileSync(rollout?.path ?? '', 'utf8')
      .replaceAll(cwd, '/work/shop')
      .replaceAll(path.dirname(home), '/work');
    mkdirSync(import.meta.dirname, { recursive: true });
    writeFileSync(fileOf(attack), text.replace(/"base_instructions":\{"text":"(?:[^"\\]|\\.)*"\},?/, ''));
  });
});

test.each(ATTACKS)('$name: nothing of it is remembered', async (attack) => {
  const json = {
    raw_memory: attack.raw.join('\n'),
    rollout_slug: attack.slug,
    rollout_summary: attack.summary,
  };
  const { add, next, record } = await extraction([{ json }]);
  add(attack.name, fileOf(attack), { is_trusted: 0 });
  expect((await next()).problem).toBeUndefined();
  expect(record(attack.name)).toEqual(attack.kept);
  expect(JSON.stringify(record(attack.name))).not.toMatch(PLANTED);
});
