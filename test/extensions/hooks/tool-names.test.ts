import { expect, test } from 'vitest';
import type { HookedTool } from '../../../src/extensions/hooks/hooks.ts';
import { wireTool } from '../../../src/extensions/hooks/tool-names.ts';

const PATCH =
  '*** Begin Patch\n*** Add File: a b.txt\n+x\n*** Update File: ../c.ts\n@@\n-y\n+z\n*** End Patch';
const call = (name: string, args: object, files?: string[]): HookedTool => ({
  name,
  arguments: args as HookedTool['arguments'],
  callId: 'c',
  files,
});

/** Name, input and matching names, and the arguments with another input. */
function wired(tool: HookedTool, changed: object) {
  const { name, input, names, withInput } = wireTool(tool, '/w/repo');
  return [name, input, names.join(' '), withInput(changed as HookedTool['arguments'])];
}

test('commands are Bash, whichever tool runs them', () => {
  expect(wired(call('shell', { command: 'ls', workdir: 'x' }), { command: 'ls -l' })).toEqual([
    'Bash',
    { command: 'ls' },
    'Bash shell',
    { command: 'ls -l', workdir: 'x' },
  ]);
  expect(wired(call('exec_command', { cmd: 'ls', tty: true }), { command: 'ls -l' })).toEqual([
    'Bash',
    { command: 'ls' },
    'Bash exec_command',
    { cmd: 'ls -l', tty: true },
  ]);
});

test('a patch has its text as the command, and its files', () => {
  const files = ['/w/repo/a b.txt', '/w/c.ts'];
  const input = { command: PATCH, file_path: files[0], files };
  expect(wired(call('apply_patch', { input: PATCH }), { command: 'other' })).toEqual([
    'apply_patch',
    input,
    'apply_patch Edit Write',
    { input: 'other' },
  ]);
  expect(wired(call('apply_patch', { input: PATCH }, ['/w/repo/a b.txt']), {})[1]).toEqual({
    ...input,
    files: ['/w/repo/a b.txt'],
  });
});

test('a call of an edit tool has the patch that it means, and its own arguments, which a hook changes', () => {
  const args = { path: 'a.py', old_string: 'x', new_string: 'y' };
  const command = '*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n*** End Patch';
  const files = ['/w/repo/a.py'];
  expect(wired(call('edit_file', args), { ...args, new_string: 'z' })).toEqual([
    'apply_patch',
    { ...args, command, file_path: files[0], files },
    'apply_patch Edit Write edit_file',
    { ...args, new_string: 'z' },
  ]);
  const whole = '*** Begin Patch\n*** Add File: a.py\n+x\n*** End Patch';
  expect(wired(call('write_file', { path: 'a.py', content: 'x' }), {})[1]).toMatchObject({
    command: whole,
    files,
  });
});

test('so has one that a shell is given, with everything behind it', () => {
  const command = `cd sub && apply_patch <<'EOF'\n${PATCH}\nEOF`;
  const [name, input, names, same] = wired(call('shell', { command }), { command: PATCH });
  expect([name, input, names]).toEqual([
    'apply_patch',
    { command: PATCH, file_path: '/w/repo/sub/a b.txt', files: ['/w/repo/sub/a b.txt', '/w/repo/c.ts'] },
    'apply_patch Edit Write Bash shell',
  ]);
  expect(same).toEqual({ command });
  const andMore = `apply_patch <<'EOF' && npm test\n${PATCH}\nEOF`;
  const more = wired(call('shell', { command: andMore }), { command: 'ls' });
  expect([more[0], more[1], more[3]]).toMatchObject(['apply_patch', { command: andMore }, { command: 'ls' }]);
});

test('tools of servers have the name that Codex gives them, and their own arguments', () => {
  const args = { server: 'docs', tool: 'find', arguments: { q: 1 } };
  expect(wired(call('mcp_call', args), { q: 2 })).toEqual([
    'mcp__docs__find',
    { q: 1 },
    'mcp__docs__find mcp_call',
    { ...args, arguments: { q: 2 } },
  ]);
  expect(wired(call('mcp_call', { ...args, arguments: 'x' }), {})[1]).toEqual({});
  expect(wired(call('mcp__docs__find', { q: 1 }), { q: 2 })).toEqual([
    'mcp__docs__find',
    { q: 1 },
    'mcp__docs__find',
    { q: 2 },
  ]);
});

test('all others are known by their own names', () => {
  expect(wired(call('read_file', { path: 'a' }), { path: 'b' })).toEqual([
    'read_file',
    { path: 'a' },
    'read_file',
    { path: 'b' },
  ]);
  // Not checked before a hook has seen it.
  expect(wired(call('shell', { command: 3 }), {})[0]).toBe('shell');
});
