import { describe, expect, it } from 'vitest';
import { describeUnknownTool } from '../../../src/model/repair.ts';
import { madeCall, repair, tools } from './tools.ts';

const LS_JSON = '{"name": "shell", "arguments": {"command": "ls"}}';
const UNREADABLE = 'the answer begins like a tool call but cannot be read as one';

function delivered(name: unknown, args: unknown, id?: string) {
  return { id, function: { name, arguments: args } };
}

describe('calls that the server delivered', () => {
  it('are used as they are when nothing is wrong', () => {
    const toolCalls = [delivered('shell', { timeout_ms: 5, command: 'ls' }, 'call_a')];
    const { content, calls, notes } = repair({ content: 'Sure. ', toolCalls });
    expect({ content, calls, notes }).toEqual({
      content: 'Sure. ',
      calls: [{ id: 'call_a', name: 'shell', arguments: { timeout_ms: 5, command: 'ls' } }],
      notes: [],
    });
    expect(JSON.stringify(calls[0]?.arguments)).toBe('{"timeout_ms":5,"command":"ls"}');
  });

  it('get canonical names and arguments', () => {
    expect(repair({ toolCalls: [delivered('Bash', '{"cmd": "ls", "timeout": "30"}', 'a')] })).toEqual({
      content: '',
      calls: [{ id: 'a', name: 'shell', arguments: { command: 'ls', timeout_ms: 30_000 } }],
      notes: ['tool name "Bash" read as shell'],
    });
  });

  it('get new ids where theirs are missing or used twice', () => {
    const call = (id?: string, command = 'ls') => delivered('shell', { command }, id);
    const { calls } = repair({ toolCalls: [call('a'), call('a', 'pwd'), call(), call(''), call('b')] });
    expect(calls.map(({ id }) => id)).toEqual(['a', 'made_1', 'made_2', 'made_3', 'b']);
  });

  it('are made once if they were sent twice under one id', () => {
    const call = (id?: string) => delivered('shell', { command: 'ls' }, id);
    const { calls } = repair({ toolCalls: [call('a'), call('b'), call('a'), call(), call()] });
    expect(calls.map(({ id }) => id)).toEqual(['a', 'b', 'made_1', 'made_2']);
  });

  it.each([
    ['list_dir', { path: "it's" }, 'shell', { command: "ls -A 'it'\\''s'" }],
    ['list_files', {}, 'shell', { command: 'ls -A .' }],
    [
      'delete_file',
      { path: 'a' },
      'apply_patch',
      { input: '*** Begin Patch\n*** Delete File: a\n*** End Patch' },
    ],
    [
      'str_replace_editor',
      { command: 'view', path: 'a', view_range: [3, 5] },
      'read_file',
      { path: 'a', offset: 3, limit: 3 },
    ],
    ['str_replace_based_edit_tool', { command: 'view', path: 'a' }, 'read_file', { path: 'a' }],
    ['run_terminal_cmd', { command: 'ls', is_background: false }, 'shell', { command: 'ls' }],
    ['execute_bash', { command: 'ls' }, 'shell', { command: 'ls' }],
    [
      'replace',
      { file_path: 'a', old_string: 'b', new_string: 'c' },
      'apply_patch',
      { input: '*** Begin Patch\n*** Update File: a\n@@\n-b\n+c\n*** End Patch' },
    ],
    [
      'write_to_file',
      { path: 'a', content: 'b', line_count: 1 },
      'apply_patch',
      { input: '*** Begin Patch\n*** Add File: a\n+b\n*** End Patch' },
    ],
    [
      'replace_in_file',
      { path: 'a', diff: '------- SEARCH\nb\n=======\nc\n+++++++ REPLACE' },
      'apply_patch',
      { input: 'a\n------- SEARCH\nb\n=======\nc\n+++++++ REPLACE' },
    ],
  ])('of another agent, %s %j, become ours', (name, args, ours, meant) => {
    expect(repair({ toolCalls: [delivered(name, args, 'a')] }).calls).toEqual([
      { id: 'a', name: ours, arguments: meant },
    ]);
  });

  it('of another agent stay as they are where we have no such tool or they are not certain', () => {
    const toolCalls = [delivered('delete_file', { path: 'a\nb' }, 'a'), delivered('delete_file', {}, 'b')];
    expect(repair({ toolCalls }).calls).toEqual([
      { id: 'a', name: 'delete_file', arguments: { path: 'a\nb' } },
      { id: 'b', name: 'delete_file', arguments: {} },
    ]);
  });

  it('keep arguments that are wrong as they were written', () => {
    const toolCalls = [delivered('shell', { cmnd: 'ls' }, 'a'), delivered('shell', '{"command": "ls', 'b')];
    expect(repair({ toolCalls }).calls).toEqual([
      { id: 'a', name: 'shell', arguments: { cmnd: 'ls' } },
      { id: 'b', name: 'shell', arguments: { arguments: '{"command": "ls' } },
    ]);
  });

  it('keep unknown names and their arguments', () => {
    const toolCalls = [
      delivered('web_search', { q: 'x' }, 'a'),
      delivered(7, null, 'b'),
      delivered('fly', '[1]', 'c'),
    ];
    expect(repair({ toolCalls })).toEqual({
      content: '',
      calls: [
        { id: 'a', name: 'web_search', arguments: { q: 'x' } },
        { id: 'b', name: '', arguments: {} },
        { id: 'c', name: 'fly', arguments: { arguments: '[1]' } },
      ],
      notes: [],
    });
  });

  it('keep what cannot be repaired, with a note', () => {
    expect(repair({ toolCalls: [delivered('read_file', { path: 'a', limit: 'all' }, 'a')] })).toEqual({
      content: '',
      calls: [{ id: 'a', name: 'read_file', arguments: { path: 'a', limit: 'all' } }],
      notes: ['arguments of read_file: `limit` must be an integer, got the string "all"'],
    });
  });

  it.each([
    ['Done.\n</tool_call>', 'Done.'],
    ['</think>\n\nDone.', 'Done.'],
    ['</function>\n</tool_call><|im_end|>', ''],
    ['{"', ''],
    ['<tool_call>', ''],
    ['```json', ''],
    ['The </tool_call> tag closes it.', 'The </tool_call> tag closes it.'],
    ['  Done {\n', '  Done {\n'],
    [LS_JSON, LS_JSON],
  ])('leave content alone but for leftovers of call syntax: %j', (content, rest) => {
    expect(repair({ content, toolCalls: [delivered('shell', { command: 'ls' }, 'a')] }).content).toBe(rest);
  });
});

describe('calls that leaked', () => {
  it('get ids and canonical arguments, and leave the text', () => {
    expect(
      repair({ content: 'Go.\n<tool_call>{"name": "bash", "arguments": {"cmd": ["ls", "my dir"]}}' }),
    ).toEqual({
      content: 'Go.',
      calls: [madeCall(1, 'shell', { command: "ls 'my dir'" })],
      notes: ['recovered 1 tool call(s) from the text of the answer', 'tool name "bash" read as shell'],
    });
  });

  it('are looked for in the thinking when the answer is blank', () => {
    expect(repair({ content: '\n', thinking: `I should look.\n<tool_call>${LS_JSON}</tool_call>` })).toEqual({
      content: '\n',
      calls: [madeCall(1, 'shell', { command: 'ls' })],
      notes: ['recovered 1 tool call(s) from the text of the thinking'],
    });
  });

  it('are not looked for in the thinking of an answer', () => {
    expect(repair({ content: 'Done.', thinking: `<tool_call>${LS_JSON}</tool_call>` })).toEqual({
      content: 'Done.',
      calls: [],
      notes: [],
    });
  });

  it('are not looked for in an answer that was cut', () => {
    const content = '<function=shell><parameter=command>rm -rf buil';
    expect(repair({ content, doneReason: 'length' })).toEqual({ content, calls: [], notes: [] });
  });

  it('of a tool that does not exist are calls if nothing else is there', () => {
    const content = '<tool_call>{"name": "web_search", "arguments": {"query": "x"}}</tool_call>';
    expect(repair({ content }).calls).toEqual([madeCall(1, 'web_search', { query: 'x' })]);
  });

  it('are not looked for in what was thought away', () => {
    const call = `<tool_call>${LS_JSON}</tool_call>`;
    const none = { content: '', calls: [], notes: [] };
    expect(repair({ content: `<think>Hm.\n${call}\n</think>\n` })).toEqual(none);
    expect(repair({ content: `${call}\n<think>No.</think>` })).toEqual(none);
    expect(repair({ content: `${call}\n</think>\nDone.` })).toEqual({ ...none, content: 'Done.' });
    expect(repair({ content: 'It is 4.\n<think>Yes.</think>' })).toEqual({ ...none, content: 'It is 4.\n' });
  });

  it('are read in thinking that was never closed', () => {
    const { calls } = repair({ content: `<think>\nI look.\n<tool_call>${LS_JSON}</tool_call>` });
    expect(calls).toEqual([madeCall(1, 'shell', { command: 'ls' })]);
  });

  it("are noted when they are in gpt-oss's commentary without a name", () => {
    const content = '<|channel|>commentary<|message|>{"path": "/"}<|end|>';
    expect(repair({ content })).toEqual({ content: '{"path": "/"}', calls: [], notes: [UNREADABLE] });
  });

  it.each([
    '<tool_call>{"name": "shell", "arguments": {"command": "echo "hi""}}</tool_call>',
    '[TOOL_CALLS]shell[ARGS]{"command": ',
    'commentary to=functions.shell json{"command": ',
  ])('are noted when they cannot be read: %s', (content) => {
    expect(repair({ content })).toEqual({ content, calls: [], notes: [UNREADABLE] });
  });
});

describe('no calls', () => {
  it('leaves an answer alone', () => {
    const content = ' It ends with </tool_call>\n';
    expect(repair({ content })).toEqual({ content, calls: [], notes: [] });
  });

  it('takes leftovers alone for an empty answer', () => {
    expect(repair({ content: '</think>\n</tool_call>' })).toEqual({ content: '', calls: [], notes: [] });
  });
});

describe('describeUnknownTool', () => {
  it('names the call and what there is', () => {
    expect(describeUnknownTool('web_search', tools)).toBe(
      'unsupported call: web_search\nAvailable tools: shell, apply_patch, ripgrep, read_file, update_plan',
    );
  });

  it('keeps a long name short and on one line', () => {
    expect(describeUnknownTool(`a\nb${'c'.repeat(1000)}`, [])).toBe(
      `unsupported call: a b${'c'.repeat(97)}…\nAvailable tools: none`,
    );
  });
});
