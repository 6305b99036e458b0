import { describe, expect, it } from 'vitest';
import { resolveToolName } from '../../../src/model/repair.ts';
import { execCommand, readFile, ripgrep, shell, tools, writeStdin } from './tools.ts';

describe('resolveToolName', () => {
  it.each([
    ['shell', 'shell'],
    ['Shell', 'shell'],
    [' read-file ', 'read_file'],
    ['readFile', 'read_file'],
    ['read.file', 'read_file'],
    ['functions.shell', 'shell'],
    ['default_api:read_file', 'read_file'],
    ['repo_browser.open_file', 'read_file'],
    ['tools.bash', 'shell'],
    ['shell<|channel|>commentary', 'shell'],
    ['bash', 'shell'],
    ['container.exec', 'shell'],
    ['exec_command', 'shell'],
    ['run_shell_command', 'shell'],
    ['local_shell', 'shell'],
    ['cat', 'read_file'],
    ['view_file', 'read_file'],
    ['rg', 'ripgrep'],
    ['grep_files', 'ripgrep'],
    ['search_code', 'ripgrep'],
    ['str_replace_editor', 'apply_patch'],
    ['write_file', 'apply_patch'],
    ['applypatch', 'apply_patch'],
    ['todo_write', 'update_plan'],
    ['ripgreb', 'ripgrep'],
    ['read_files', 'read_file'],
    ['update_plans', 'update_plan'],
  ])('%s means %s', (name, tool) => {
    expect(resolveToolName(name, tools)).toBe(tool);
  });

  it.each([
    '',
    'web_search',
    'rea',
    'shel-1234',
    'constructor',
    '__proto__',
    '<|channel|>',
    'x'.repeat(1e6),
  ])('%.20s means nothing', (name) => {
    expect(resolveToolName(name, tools)).toBe(name);
  });

  it('prefers a declared name to an alias', () => {
    const searchCode = { ...ripgrep, function: { ...ripgrep.function, name: 'search_code' } };
    expect(resolveToolName('search_code', [ripgrep, searchCode])).toBe('search_code');
    expect(resolveToolName('SearchCode', [ripgrep, searchCode])).toBe('search_code');
  });

  it.each([
    ['exec_command', 'exec_command'],
    ['bash', 'exec_command'],
    ['container.exec', 'exec_command'],
    ['shell', 'shell'],
    ['functions.writeStdin', 'write_stdin'],
  ])('of two tools that run commands %s means %s', (name, tool) => {
    expect(resolveToolName(name, [execCommand, writeStdin, ...tools])).toBe(tool);
  });

  it('does not choose between two near misses', () => {
    const readFiles = { ...readFile, function: { ...readFile.function, name: 'read_file2' } };
    expect(resolveToolName('read_file1', [shell, readFile, readFiles])).toBe('read_file1');
  });
});
