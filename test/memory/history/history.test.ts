/** Forty sessions through both phases, whole and killed. `node test/bench/memory-kills.ts` does it with a hundred kills. */
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { memoryFolder } from '../../../src/memory/folder.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { BEGIN, placesIn } from './history.ts';
import { filesBelow, outcomeOf, runKilled, runWhole, startOver } from './history-runs.ts';

const KILLS = 10;
const LINES = [
  'The database of the service is Postgres | /alpha | 36 16',
  'The logo of part 33 is green | /alpha | 33',
  'The suite of alpha runs with `npm test` only | /alpha | 32 12',
  'The owner of part 29 is team 1 | /alpha | 29',
  'The cache of alpha is Valkey | /alpha | 28',
  'No, the package manager is pnpm here. | /alpha | 21 1',
  'The port of the alpha api is 8020 | /alpha | 20',
  'The format of the alpha log is JSON | /alpha | 17',
  'The logo of part 13 is green | /alpha | 13',
  'The linker of part 5 is slow | /alpha | 5',
  'The owner of part 39 is team 4 | /beta | 39',
  'The cache of beta is Valkey | /beta | 38',
  'The linker of part 35 is slow | /beta | 35',
  'No, the package manager is pnpm here. | /beta | 31 11',
  'The port of the beta api is 8030 | /beta | 30',
  'The format of the beta log is JSON | /beta | 27 7',
  'The database of the service is Postgres | /beta | 26 6',
  'The logo of part 23 is green | /beta | 23',
  'The suite of beta runs with `npm test` only | /beta | 22 2',
  'The owner of part 19 is team 5 | /beta | 19',
  'The linker of part 15 is slow | /beta | 15',
  'The logo of part 3 is green | /beta | 3',
  'The format of the alpha log is JSON | /stranger, untrusted folder | 37',
  'Never commit without a test. | all projects | 38 28 18 8',
  'I prefer short answers in all my projects. | all projects | 33 23 13 3',
];

/** Text, project, and the numbers of its sessions, newest first. */
function shortLine(line: string): string {
  const [, text, project, ids = ''] = /^- "(.*)" \(\w+, [-\d]+, (.*?), (0.*)\)$/.exec(line) ?? [];
  const numbers = ids.split(', ').map((id) => Number(id.slice(-12)));
  return `${text} | ${project} | ${numbers.join(' ')}`;
}

test(`forty sessions: the same is known in the end, and the same files are there, after ${KILLS} kills at random moments`, async () => {
  const root = await tempFolder();
  startOver(root);
  await runWhole(root);
  const whole = outcomeOf(root);
  const handbook = (whole.files['MEMORY.md'] ?? '').replaceAll(root, '').split('\n');
  expect(handbook.filter((line) => line.startsWith('- ')).map(shortLine)).toEqual(LINES);
  expect(Object.keys(whole.files).filter((file) => !file.startsWith('rollout_summaries/'))).toEqual([
    'MEMORY.md',
    'memory_summary.md',
    'raw_memories.md',
    'skills/suite-alpha-runs/SKILL.md',
    'skills/suite-beta-runs/SKILL.md',
  ]);
  // What an output asked to be remembered, and what an untrusted folder taught.
  expect(Object.entries(whole.files).filter(([, text]) => /evil-helper/.test(text))).toEqual([]);
  expect(whole.files['memory_summary.md']).not.toMatch(/stranger|log is JSON/);

  // Rebuilt, all of it is the same to the byte.
  const folder = memoryFolder(placesIn(root).home).root;
  rmSync(folder, { recursive: true });
  await runWhole(root, BEGIN + 1);
  expect(filesBelow(folder)).toEqual(whole.files);

  startOver(root);
  const killed = await runKilled(root, { kills: KILLS, random: Math.random, pauseMs: 4, livesMs: 80 });
  expect(killed).toBe(KILLS);
  expect(outcomeOf(root)).toEqual(whole);
});
