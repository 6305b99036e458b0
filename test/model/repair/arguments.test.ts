import { describe, expect, it } from 'vitest';
import type { ToolSchema } from '../../../src/model/chat.ts';
import { coerceArguments } from '../../../src/model/repair.ts';
import { normalizePatch } from '../../../src/tools/apply-patch/normalize.ts';
import { applyPatch, execCommand, readFile, ripgrep, shell, updatePlan, writeStdin } from './tools.ts';

const step = (text: string, status = 'pending') => ({ step: text, status });

const COERCED: readonly [string, ToolSchema, unknown, object][] = [
  ['an object', shell, { command: 'ls' }, { command: 'ls' }],
  ['an object in a string', shell, '{"command": "ls"}', { command: 'ls' }],
  ['an object in a string in a string', shell, JSON.stringify('{"command": "ls"}'), { command: 'ls' }],
  ['slightly broken JSON', shell, "{'command': 'ls', 'timeout_ms': 5", { command: 'ls', timeout_ms: 5 }],
  ['a trailing comma', ripgrep, '{"pattern": "\\d+", "context": 2,}', { pattern: '\\d+', context: 2 }],
  ['a bare value', shell, 'ls -la', { command: 'ls -la' }],
  ['a shell group', shell, '{ ls; }', { command: '{ ls; }' }],
  ['a bare number', ripgrep, '123', { pattern: '123' }],
  ['a list for the only parameter', shell, ['bash', '-lc', 'ls'], { command: 'ls' }],
  ['a list in a string for a list', updatePlan, '["a"]', { plan: [step('a')] }],
  ['a script', shell, { command: ['/bin/bash', '-c', 'a && b'] }, { command: 'a && b' }],
  ['a list of words', shell, { command: ['ls', '-la', "it's"] }, { command: "ls -la 'it'\\''s'" }],
  ['one word', shell, { command: ['ls -la'] }, { command: 'ls -la' }],
  ['a list of words in a string', shell, { command: '["ls","-la"]' }, { command: 'ls -la' }],
  ['a test command', shell, { command: '[ -f a ]' }, { command: '[ -f a ]' }],
  [
    'command for exec_command, with what it may take',
    execCommand,
    { command: ['bash', '-lc', 'ls'], timeout: 30, tty: 'true' },
    { cmd: 'ls', yield_time_ms: 30_000, tty: true },
  ],
  ['a bare command for exec_command', execCommand, 'ls -la', { cmd: 'ls -la' }],
  ['a list for exec_command', execCommand, ['ls', '-la'], { cmd: 'ls -la' }],
  ['text for a session', writeStdin, { id: '3', input: 'y\n' }, { session_id: 3, chars: 'y\n' }],
  ['cmd', shell, { cmd: 'ls', cwd: 'src' }, { command: 'ls', workdir: 'src' }],
  ['a canonical name beside its alias', shell, { cmd: 'a', command: 'b' }, { command: 'b' }],
  ['an alias beside null', shell, { command: null, cmd: 'a' }, { command: 'a' }],
  ['other spellings', shell, { Command: 'ls', timeoutMs: 7 }, { command: 'ls', timeout_ms: 7 }],
  ['seconds', shell, { command: 'ls', timeout: 30 }, { command: 'ls', timeout_ms: 30_000 }],
  ['milliseconds', shell, { command: 'ls', timeout: 30_000 }, { command: 'ls', timeout_ms: 30_000 }],
  ['declared milliseconds', shell, { command: 'ls', timeout_ms: 500 }, { command: 'ls', timeout_ms: 500 }],
  [
    'timeout_seconds',
    shell,
    { command: 'ls', timeout_seconds: '1500' },
    { command: 'ls', timeout_ms: 1_500_000 },
  ],
  [
    'file_path',
    readFile,
    { file_path: 'a', start_line: '3', end_line: 7 },
    { path: 'a', offset: 3, limit: 5 },
  ],
  ['an end without a start', readFile, { filename: 'a', end_line: 7 }, { path: 'a', limit: 7 }],
  ['an end beside a limit', readFile, { path: 'a', limit: 2, end_line: 7 }, { path: 'a', limit: 2 }],
  [
    'query',
    ripgrep,
    { query: 'a', include: '*.ts', directory: 'src' },
    { pattern: 'a', glob: '*.ts', path: 'src' },
  ],
  [
    'numbers in strings',
    readFile,
    { path: 'a', offset: ' 12 ', limit: '3.0' },
    { path: 'a', offset: 12, limit: 3 },
  ],
  [
    'booleans in strings',
    ripgrep,
    { pattern: 'a', case_insensitive: 'True' },
    { pattern: 'a', case_insensitive: true },
  ],
  ['a number for text', ripgrep, { pattern: 404 }, { pattern: '404' }],
  ['null', readFile, { path: 'a', offset: null, limit: 'null' }, { path: 'a' }],
  ['nothing for a number', readFile, { path: 'a', offset: '' }, { path: 'a' }],
  ['the text "null"', ripgrep, { pattern: 'null', path: 'null' }, { pattern: 'null' }],
  ['unknown keys', readFile, { why: 'to see', path: 'a', constructor: 1 }, { path: 'a' }],
  ['a plan', updatePlan, { plan: [step('a', 'completed')] }, { plan: [step('a', 'completed')] }],
  ['steps as text', updatePlan, { plan: ['a', 'b'] }, { plan: [step('a'), step('b')] }],
  ['one step', updatePlan, { plan: step('a') }, { plan: [step('a')] }],
  [
    'a plan in a string',
    updatePlan,
    { plan: "[{'step': 'a', 'status': 'In Progress'}]" },
    { plan: [step('a', 'in_progress')] },
  ],
  ['a step in a string', updatePlan, { plan: ['{"step": "a"}'] }, { plan: [step('a')] }],
  [
    "another agent's plan",
    updatePlan,
    { todos: [{ content: 'a', status: 'in-progress', id: 1 }] },
    { plan: [step('a', 'in_progress')] },
  ],
  [
    'what other agents call a status',
    updatePlan,
    { plan: [step('a', 'done')] },
    { plan: [step('a', 'completed')] },
  ],
  ['wrapped arguments', shell, { arguments: { cmd: 'ls' } }, { command: 'ls' }],
  ['wrapped arguments as text', shell, { arguments: '{"cmd": "ls"}' }, { command: 'ls' }],
  ['a wrapped value', shell, { input: 'ls' }, { command: 'ls' }],
  ['a value', readFile, { value: 'a.ts' }, { path: 'a.ts' }],
  ['a call as its own arguments', shell, { name: 'shell', arguments: { command: 'ls' } }, { command: 'ls' }],
  ['arguments under the name of the tool', readFile, { read_file: { path: 'a' } }, { path: 'a' }],
  ['wrappers in wrappers', shell, { input: { args: '{"value": "ls"}' } }, { command: 'ls' }],
  ['a list of words in a wrapper', shell, { args: ['ls', '-la'] }, { command: 'ls -la' }],
  ['patch', applyPatch, { patch: '*** Begin Patch' }, { input: '*** Begin Patch' }],
];

describe('coerceArguments', () => {
  it.each(COERCED)('takes %s', (_, schema, raw, args) => {
    expect(coerceArguments(raw, schema)).toEqual({ ok: true, arguments: args });
  });

  it('keeps the order of the keys', () => {
    const result = coerceArguments({ timeout: 5, note: 'x', cmd: 'ls', dir: '.' }, shell);
    expect(JSON.stringify(result)).toBe(
      '{"ok":true,"arguments":{"timeout_ms":5000,"command":"ls","workdir":"."}}',
    );
  });

  it.each<[string, ToolSchema, unknown, string]>([
    ['nothing', shell, null, 'missing required parameter `command` (a string), got none. Required: command.'],
    [
      'another parameter',
      readFile,
      { url: 'a', limit: 3 },
      'missing required parameter `path` (a string), got {"url":"a","limit":3}. Required: path.',
    ],
    [
      'text for a number',
      readFile,
      { path: 'a', limit: 'all' },
      '`limit` must be an integer, got the string "all". Required: path.',
    ],
    [
      'half a line',
      readFile,
      { path: 'a', offset: 1.5 },
      '`offset` must be an integer, got 1.5. Required: path.',
    ],
    [
      'text for a boolean',
      ripgrep,
      { pattern: 'a', case_insensitive: 'no' },
      '`case_insensitive` must be a boolean, got the string "no". Required: pattern.',
    ],
    [
      'an object for text',
      shell,
      { command: { run: 'ls' } },
      '`command` must be a string, got an object. Required: command.',
    ],
    [
      'mixed words',
      shell,
      { command: ['ls', 1] },
      '`command` must be a string, got an array. Required: command.',
    ],
    [
      'another status',
      updatePlan,
      { plan: [step('a', 'blocked')] },
      '`plan[0].status` must be one of pending, in_progress, completed, got the string "blocked". Required: plan.',
    ],
    [
      'a step without text',
      updatePlan,
      { plan: [{ status: 'pending' }] },
      'missing required parameter `plan[0].step` (a string), got {"status":"pending"}. Required: plan.',
    ],
    [
      'a broken list',
      updatePlan,
      { plan: '[{"step": "a' },
      '`plan` must be an array, got the string "[{\\"step\\": \\"a". Required: plan.',
    ],
    [
      'a broken object',
      shell,
      '{"command": "l',
      'the JSON is cut off, it ends with "{\\"command\\": \\"l": send the whole call again. Required: command.',
    ],
    ['a number', shell, 7, 'expected a JSON object of arguments, got 7. Required: command.'],
    [
      'several faults',
      readFile,
      { offset: 'x', limit: 'y' },
      '`offset` must be an integer, got the string "x"; `limit` must be an integer, got the string "y"; missing required parameter `path` (a string), got {"offset":"x","limit":"y"}. Required: path.',
    ],
  ])('teaches about %s', (_, schema, raw, error) => {
    expect(coerceArguments(raw, schema)).toEqual({
      ok: false,
      error: `failed to parse function arguments: ${error}`,
    });
  });
});

describe('edits that are not patches', () => {
  const built = (lines: readonly string[]) => ({
    ok: true,
    arguments: { input: ['*** Begin Patch', ...lines, '*** End Patch'].join('\n') },
  });

  it.each([
    [{ path: 'a.ts', old_str: 'one\ntwo\n', new_str: 'three\n' }, ['-one', '-two', '+three']],
    [{ file_path: 'a.ts', old_string: 'one', new_string: '', replace_all: false }, ['-one']],
    [{ filePath: 'a.ts', oldString: 'one', newString: 'one\n\ntwo' }, ['-one', '+one', '+', '+two']],
    [{ command: 'str_replace', path: 'a.ts', old_str: ' one', new_str: '\tone' }, ['- one', '+\tone']],
  ])('%j becomes an update', (args, hunk) => {
    expect(coerceArguments(args, applyPatch)).toEqual(built(['*** Update File: a.ts', '@@', ...hunk]));
  });

  it.each([
    [
      {
        path: 'a.ts',
        edits: [
          { oldText: 'one', newText: 'two' },
          { old_string: 'three', new_string: '' },
        ],
      },
      ['-one', '+two', '@@', '-three'],
    ],
    [{ path: 'a.ts', edits: [{ search: 'one', replace: 'two' }] }, ['-one', '+two']],
  ])('%j becomes one update', (args, hunks) => {
    expect(coerceArguments(args, applyPatch)).toEqual(built(['*** Update File: a.ts', '@@', ...hunks]));
  });

  it.each([
    ['------- SEARCH\none\n=======\ntwo\n+++++++ REPLACE', 'a.ts\n'],
    ['<<<<<<< SEARCH\none\n=======\ntwo\n>>>>>>> REPLACE', 'a.ts\n'],
    ['@@ -1 +1 @@\n-one\n+two', '--- a.ts\n+++ a.ts\n'],
  ])('%j gets the name of its file', (diff, head) => {
    const input = head + diff;
    expect(coerceArguments({ path: 'a.ts', diff }, applyPatch)).toEqual({ ok: true, arguments: { input } });
    expect(normalizePatch(input).replace(/^@@.*$/m, '@@')).toBe(
      '*** Begin Patch\n*** Update File: a.ts\n@@\n-one\n+two\n*** End Patch\n',
    );
  });

  it.each([
    [{ path: 'a.ts', content: 'one\n\ntwo\n' }, ['+one', '+', '+two']],
    [{ command: 'create', path: 'a.ts', file_text: 'one' }, ['+one']],
    [{ path: 'a.ts', content: '' }, []],
  ])('%j becomes a new file', (args, lines) => {
    expect(coerceArguments(args, applyPatch)).toEqual(built(['*** Add File: a.ts', ...lines]));
  });

  it('takes a patch that came as content', () => {
    const content = '*** Begin Patch\n*** Delete File: a\n*** End Patch';
    expect(coerceArguments({ path: 'a', content }, applyPatch)).toEqual({
      ok: true,
      arguments: { input: content },
    });
  });

  it.each([
    { path: 'a.ts', old_str: 'a', new_str: 'b', replace_all: true },
    { path: 'a.ts', old_str: '', new_str: 'b' },
    { path: 'a.ts', new_str: 'b' },
    { path: 'a.ts', edits: [] },
    { path: 'a.ts', edits: [{ old_str: 'a', new_str: 'b', replace_all: 'true' }] },
    { path: 'a.ts', edits: ['a'] },
    { path: 'a\n*** Delete File: b', content: 'x' },
    { content: 'x' },
  ])('%j is refused', (args) => {
    const got = JSON.stringify(args);
    expect(coerceArguments(args, applyPatch)).toEqual({
      ok: false,
      error: `failed to parse function arguments: missing required parameter \`input\` (a string), got ${got}. Required: input.`,
    });
  });
});
