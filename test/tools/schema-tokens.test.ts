import { get_encoding } from 'tiktoken';
import { expect, test } from 'vitest';
import { offeredTools } from '../../src/context/prompt.ts';
import { createTools } from '../../src/tools/registry.ts';

function offered(unifiedExec: boolean) {
  const tools = createTools({ unifiedExec, canEscalate: false, env: () => ({}) });
  return offeredTools(tools);
}

function tokens(value: unknown): number {
  const encoding = get_encoding('o200k_base');
  const { length } = encoding.encode(JSON.stringify(value));
  encoding.free();
  return length;
}

test('the schemas of shell, ripgrep, read_file and update_plan take at most 260 tokens', () => {
  const rest = offered(false).filter(({ function: { name } }) => name !== 'apply_patch');
  expect(rest.map(({ function: { name } }) => name)).toEqual([
    'shell',
    'ripgrep',
    'read_file',
    'update_plan',
  ]);
  expect(tokens(rest)).toBeLessThanOrEqual(260);
});

test('exec_command and write_stdin take at most 110 tokens more than shell', () => {
  const [shell] = offered(false);
  const [exec, write] = offered(true);
  expect([shell, exec, write].map((schema) => schema?.function.name)).toEqual([
    'shell',
    'exec_command',
    'write_stdin',
  ]);
  expect(tokens([exec, write]) - tokens([shell])).toBeLessThanOrEqual(110);
});

test('task takes at most 60 tokens where it is offered, behind all others', () => {
  const options = { unifiedExec: true, canEscalate: false, isAttended: true, env: () => ({}) };
  const schemas = createTools({ ...options, offersTask: true }).flatMap(({ schema, isSilent }) =>
    isSilent ? [] : [schema],
  );
  const task = schemas.at(-1);
  expect(task?.function.name).toBe('task');
  expect(tokens(task)).toBeLessThanOrEqual(60);
});

test('what is not offered is there all the same', () => {
  const names = (unifiedExec: boolean) =>
    createTools({ unifiedExec, canEscalate: false, env: () => ({}) })
      .filter(({ isSilent }) => isSilent)
      .map(({ schema }) => schema.function.name);
  expect(names(true)).toEqual(['ask_user', 'task', 'shell']);
  expect(names(false)).toEqual(['ask_user', 'task', 'exec_command', 'write_stdin']);
});

test('view_image takes at most 55 tokens, and only where the model sees', () => {
  const tools = createTools({ unifiedExec: true, canEscalate: false, env: () => ({}) });
  const named = (vision: boolean) =>
    offeredTools(tools, vision).filter(({ function: { name } }) => name === 'view_image');
  expect(named(false)).toEqual([]);
  expect(tokens(named(true))).toBeLessThanOrEqual(55);
});

test('run_tests takes at most 60 tokens where a command is known, behind all others', () => {
  const tests = { command: 'npm test', folder: '/' };
  const schemas = createTools({ unifiedExec: true, canEscalate: false, env: () => ({}), tests }).flatMap(
    ({ schema, isSilent }) => (isSilent ? [] : [schema]),
  );
  const last = schemas.at(-1);
  expect(last?.function.name).toBe('run_tests');
  expect(tokens(last)).toBeLessThanOrEqual(60);
});
