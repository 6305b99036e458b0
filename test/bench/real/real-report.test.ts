/** The figures of runs, as lines, as a table and in the document. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { figuresTable, runLine, section, withSection } from './real-report.ts';
import { figuresOf, type RunRecord } from './run-figures.ts';

const right: RunRecord = {
  agent: 'oagent',
  model: 'm:1b',
  server: '0.33.0',
  at: '2026-11-27T04:00:00.000Z',
  task: 'create',
  kind: 'one',
  group: 'ten',
  run: 1,
  isRight: true,
  isClaimed: false,
  strangers: [],
  exitCode: 0,
  isTimedOut: false,
  wallMs: 5_040,
  requests: 2,
  readTokens: 1_400,
  wroteTokens: 60,
  firstTokens: 650,
  answer: 'Done.',
  log: '',
};
const claimed: RunRecord = {
  ...right,
  task: 'where',
  kind: 'question',
  isRight: false,
  isClaimed: true,
  strangers: ['a.py'],
  wallMs: 9_000,
};
const late: RunRecord = { ...claimed, isClaimed: false, exitCode: null, isTimedOut: true, wallMs: 240_000 };
const failed: RunRecord = { ...claimed, agent: 'aider', isClaimed: false, exitCode: 1, strangers: [] };

test('a run is a line', () => {
  const figures = '2 requests, read 1,400, wrote 60, first 650';
  expect([right, claimed, late, failed, { ...right, exitCode: 1 }].map(runLine)).toEqual([
    `oagent create #1: right, 5.0 s, ${figures}`,
    `oagent where #1: WRONG (exit code 0), touched a.py, 9.0 s, ${figures}`,
    `oagent where #1: WRONG (time limit), touched a.py, 240.0 s, ${figures}`,
    `aider where #1: WRONG (exit code 1), 9.0 s, ${figures}`,
    `oagent create #1: right, but exit code 1, 5.0 s, ${figures}`,
  ]);
});

test('each agent is a row, with the parts that there are', () => {
  expect(figuresTable(figuresOf([right, claimed, late, failed]))).toBe(
    [
      '| agent  |  right | of the ten | one step | question | claimed though wrong | median wall, s | tokens read | tokens written | first request, tokens |',
      '| ------ | -----: | ---------: | -------: | -------: | -------------------: | -------------: | ----------: | -------------: | --------------------: |',
      '| oagent | 1 of 3 |     1 of 3 |   1 of 1 |   0 of 2 |                    1 |            9.0 |       1,400 |             60 |                   650 |',
      '| aider  | 0 of 1 |     0 of 1 |          |   0 of 1 |                    0 |            9.0 |       1,400 |             60 |                   650 |',
    ].join('\n'),
  );
});

const facts = { model: 'm:1b', server: '0.33.0', date: '2026-11-27', machine: 'CPU, 2 cores', runs: 1 };

test('a section goes into the document, takes the place of its forerunner, and leaves the others', () => {
  const figures = readFileSync(path.resolve(import.meta.dirname, '../../../docs/figures.md'), 'utf8');
  // Whatever has been measured since: the frame of the document is what matters here.
  const document = figures.replace(/(--write-docs -->)[\s\S]*(<!-- end of real tasks -->)/, '$1\n\n$2');
  const [before = ''] = document.split('<!-- real tasks');
  const all = section({ ...facts, tasks: 'all tasks' }, figuresOf([right]));
  const ten = section({ ...facts, tasks: 'tasks ten' }, figuresOf([claimed]));
  const again = section({ ...facts, tasks: 'all tasks', runs: 2 }, figuresOf([failed]));
  expect(all.split('\n').slice(0, 3)).toEqual([
    '### m:1b, all tasks',
    '',
    '2026-11-27, Ollama 0.33.0, CPU, 2 cores; 1 run of each task.',
  ]);
  const wanted = [
    `${before}<!-- real tasks: written by npm run bench -- --only real --write-docs -->`,
    again.trim(),
    ten.trim(),
    '<!-- end of real tasks -->\n',
  ].join('\n\n');
  const filled = [all, ten, again].reduce(withSection, document);
  expect(filled.slice(0, wanted.length)).toBe(wanted);
  expect(withSection(filled, again)).toBe(filled);
  expect(() => withSection('# Figures\n', all)).toThrow('the document lacks the lines');
});
