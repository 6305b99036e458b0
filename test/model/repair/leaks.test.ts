import { describe, expect, it } from 'vitest';
import { leaked } from './tools.ts';

const LS = ['shell', { command: 'ls' }];
const READ_A = ['read_file', { path: 'a.ts' }];
const LS_JSON = '{"name": "shell", "arguments": {"command": "ls"}}';
const READ_JSON = '{"name": "read_file", "arguments": {"path": "a.ts"}}';

/** Each syntax, as a model's parser let it through: [what, text, calls, what stays of the text]. */
const LEAKS: readonly [string, string, readonly unknown[], string?][] = [
  ['tool_call tag', `<tool_call>\n${LS_JSON}\n</tool_call>`, [LS]],
  ['tool_call tag, not closed', `<tool_call>\n${LS_JSON}`, [LS]],
  ['tool_call tag, not opened', `${LS_JSON}\n</tool_call>`, [LS]],
  ['tool_call tag, not opened, after prose', `I will look.\n${LS_JSON}\n</tool_call>`, [LS], 'I will look.'],
  ['tool_call tag, opened twice', `<tool_call>\n<tool_call>\n${LS_JSON}\n</tool_call>`, [LS]],
  ['tool_call tags', `<tool_call>${LS_JSON}</tool_call>\n<tool_call>${READ_JSON}</tool_call>`, [LS, READ_A]],
  ['tool_call tags, none closed', `<tool_call>${LS_JSON}\n<tool_call>${READ_JSON}`, [LS, READ_A]],
  ['two calls in one tag', `<tool_call>${LS_JSON}\n${READ_JSON}</tool_call>`, [LS, READ_A]],
  ['list in a tag', `<tool_calls>[${LS_JSON}, ${READ_JSON}]</tool_calls>`, [LS, READ_A]],
  ['tag after prose', `Sure, I will.\n\n<tool_call>${LS_JSON}</tool_call>\n`, [LS], 'Sure, I will.'],
  [
    'tags between prose',
    `First.\n<tool_call>${LS_JSON}</tool_call>\nThen.\n<tool_call>${READ_JSON}</tool_call>`,
    [LS, READ_A],
    'First.\nThen.',
  ],
  [
    'tag after a closed fence',
    `\`\`\`sh\nls\n\`\`\`\n<tool_call>${LS_JSON}</tool_call>`,
    [LS],
    '```sh\nls\n```',
  ],
  ['tag after thinking', `I should look.</think>\n<tool_call>${LS_JSON}</tool_call>`, [LS]],
  ['one bracket too few', '<tool_call>{"name": "shell", "arguments": {"command": "ls"}\n</tool_call>', [LS]],
  ['one bracket too many', `<tool_call>${LS_JSON}}</tool_call>`, [LS]],
  ['no arguments at all', '<tool_call>{"name": "shell"}</tool_call>', [['shell', {}]]],
  ['function_call tag', `<function_call>${LS_JSON}</function_call>`, [LS]],
  ['tools tag', `<tools>\n${LS_JSON}\n</tools>`, [LS]],
  ['end token after it', `<tool_call>${LS_JSON}</tool_call><|im_end|>`, [LS]],
  [
    'function tag in a tool_call',
    '<tool_call>\n<function=shell>\n<parameter=command>\nls\n</parameter>\n</function>\n</tool_call>',
    [LS],
  ],
  [
    'function tag whose tool_call is missing',
    '<function=read_file>\n<parameter=path>\na.ts\n</parameter>\n<parameter=limit>\n5\n</parameter>\n</function>\n</tool_call>',
    [['read_file', { path: 'a.ts', limit: 5 }]],
  ],
  ['function tag, nothing closed', '<function=shell><parameter=command>ls', [LS]],
  [
    'function tag, parameters not closed',
    '<function=read_file>\n<parameter=path>\na.ts\n<parameter=limit>\n5\n</function>',
    [['read_file', { path: 'a.ts', limit: 5 }]],
  ],
  [
    'function tag, two functions not closed',
    '<function=shell>\n<parameter=command>\nls\n<function=read_file>\n<parameter=path>\na.ts',
    [LS, READ_A],
  ],
  [
    'function tag after prose',
    'Let me look:\n\n<function=shell>\n<parameter=command>\nls\n</parameter>\n</function>',
    [LS],
    'Let me look:',
  ],
  ['function tag with JSON', '<function=shell>{"command": "ls"}</function>', [LS]],
  [
    'parameter of several lines, with tags in it',
    '<function=apply_patch>\n<parameter=input>\n*** Begin Patch\n+<b>\n\n+</b> <parameter=x>\n*** End Patch\n</parameter>\n</function>',
    [['apply_patch', { input: '*** Begin Patch\n+<b>\n\n+</b> <parameter=x>\n*** End Patch' }]],
  ],
  ['bare JSON', LS_JSON, [LS]],
  ['bare JSON, last bracket missing', LS_JSON.slice(0, -1), [LS]],
  ['bare JSON, "parameters"', '{"name": "shell", "parameters": {"command": "ls"}}', [LS]],
  ['bare JSON, "args"', '{"tool": "shell", "args": {"command": "ls"}}', [LS]],
  ['bare JSON, "input"', '{"name": "shell", "input": {"command": "ls"}}', [LS]],
  ['bare JSON, arguments in a string', '{"name": "shell", "arguments": "{\\"command\\": \\"ls\\"}"}', [LS]],
  ['bare JSON, function', '{"function": {"name": "shell", "arguments": {"command": "ls"}}}', [LS]],
  [
    'bare JSON, type and id',
    '{"id": "c1", "type": "function", "function": {"name": "shell", "arguments": {"command": "ls"}}}',
    [LS],
  ],
  ['bare JSON, type flat', '{"type": "function", "name": "shell", "parameters": {"command": "ls"}}', [LS]],
  ['bare JSON, function as name', '{"function": "shell", "arguments": {"command": "ls"}}', [LS]],
  ['bare JSON, list', `[${LS_JSON}, ${READ_JSON}]`, [LS, READ_A]],
  ['bare JSON, lines', `${LS_JSON}\n${READ_JSON}\n`, [LS, READ_A]],
  ['bare JSON, semicolons', `${LS_JSON}; ${READ_JSON}`, [LS, READ_A]],
  [
    'bare JSON, Python words and quotes',
    "{'name': 'ripgrep', 'arguments': {'pattern': 'a', 'case_insensitive': True,}}",
    [['ripgrep', { pattern: 'a', case_insensitive: true }]],
  ],
  [
    'bare JSON, line breaks in a string',
    '{"name": "shell", "arguments": {"command": "cat <<E\na\nE"}}',
    [['shell', { command: 'cat <<E\na\nE' }]],
  ],
  ['json fence', `\`\`\`json\n${LS_JSON}\n\`\`\``, [LS]],
  ['plain fence', `\`\`\`\n${LS_JSON}\n\`\`\``, [LS]],
  ['fence, not closed', `\`\`\`json\n${LS_JSON}`, [LS]],
  ['tool_call fence after prose', `On it.\n\`\`\`tool_call\n${LS_JSON}\n\`\`\``, [LS], 'On it.'],
  ['fence around a tag', `\`\`\`xml\n<tool_call>${LS_JSON}</tool_call>\n\`\`\``, [LS]],
  ['[TOOL_CALLS], list', `[TOOL_CALLS][${LS_JSON}, ${READ_JSON}]`, [LS, READ_A]],
  [
    '[TOOL_CALLS], [ARGS]',
    '[TOOL_CALLS]shell[ARGS]{"command": "ls"}[TOOL_CALLS]read_file[ARGS]{"path": "a.ts"}',
    [LS, READ_A],
  ],
  ['[TOOL_CALLS], name and object', 'Yes.[TOOL_CALLS]shell{"command": "ls"}', [LS], 'Yes.'],
  ['[ARGS] alone', 'shell[ARGS]{"command": "ls"}', [LS]],
  [
    'harmony',
    '<|channel|>commentary to=functions.shell <|constrain|>json<|message|>{"command": "ls"}<|call|>',
    [LS],
  ],
  [
    'harmony, role first',
    '<|start|>assistant to=functions.shell<|channel|>commentary json<|message|>{"command":"ls"}',
    [LS],
  ],
  ['harmony, tokens gone', 'commentary to=functions.shell json{"command": "ls"}', [LS]],
  [
    'harmony, after prose',
    'I will look.assistantcommentary to=functions.shell json{"command":"ls"}',
    [LS],
    'I will look.',
  ],
  [
    'harmony, its own shell',
    '<|channel|>commentary to=container.exec code<|message|>{"cmd":["bash","-lc","ls"]}<|call|>',
    [LS],
  ],
  ['glm', '<tool_call>shell\n<arg_key>command</arg_key>\n<arg_value>ls</arg_value>\n</tool_call>', [LS]],
  [
    'glm, values typed by the schema',
    '<tool_call>read_file\n<arg_key>path</arg_key><arg_value>a.ts</arg_value><arg_key>limit</arg_key><arg_value>5</arg_value></tool_call>',
    [['read_file', { path: 'a.ts', limit: 5 }]],
  ],
  ['glm, not opened', 'shell\n<arg_key>command</arg_key>\n<arg_value>ls</arg_value>\n</tool_call>', [LS]],
  ['glm, value not closed', '<tool_call>shell<arg_key>command</arg_key><arg_value>ls</tool_call>', [LS]],
  ['gemma', 'call:shell{command:<|"|>echo "a", \'b\'<|"|>}', [['shell', { command: 'echo "a", \'b\'' }]]],
  [
    'gemma, tags',
    '<|tool_call>call:read_file{path:<|"|>a.ts<|"|>,limit:5}<tool_call|>',
    [['read_file', { path: 'a.ts', limit: 5 }]],
  ],
  ['tool_code fence', '```tool_code\ndefault_api.shell(command="ls")\n```', [LS]],
  [
    'python list',
    '[shell(command="ls"), read_file(path=\'a.ts\', limit=5)]',
    [LS, ['read_file', { path: 'a.ts', limit: 5 }]],
  ],
  ['python list in LFM2 tokens', '<|tool_call_start|>[shell(command="ls")]<|tool_call_end|>', [LS]],
  [
    'python lines in a tag',
    '<function_calls>\nshell(command="ls")\nread_file(path="a.ts")\n</function_calls>',
    [LS, READ_A],
  ],
  ['python fence', '```python\nshell(command="ls")\n```', [LS]],
  ['python with a positional argument', '[shell("ls")]', [LS]],
  [
    'python call alone',
    'ripgrep(pattern="a", case_insensitive=True)',
    [['ripgrep', { pattern: 'a', case_insensitive: true }]],
  ],
];

describe('calls that leaked into the text', () => {
  it.each(LEAKS)('%s', (_, text, calls, rest = '') => {
    expect(leaked(text)).toEqual({ content: rest, calls });
  });
});

const PROSE: readonly [string, string][] = [
  ['JSON in the middle of prose', `You could send ${LS_JSON} to it.`],
  ['JSON after prose on its line', `The call would be: ${LS_JSON}`],
  ['JSON before prose', `${LS_JSON}\nThis is what I would call.`],
  ['fence before prose', `\`\`\`json\n${LS_JSON}\n\`\`\`\nThat is the request body.`],
  ['json fence after prose', `The request body:\n\`\`\`json\n${LS_JSON}\n\`\`\``],
  ['fence with more than calls', `\`\`\`json\n${LS_JSON}\n// or so\n\`\`\``],
  ['tag before prose', `The server sees <tool_call>${LS_JSON}</tool_call> and parses it.`],
  ['tag in a code span', `Write \`<tool_call>${LS_JSON}</tool_call>`],
  ['tag in an open fence', `Example:\n\`\`\`\n<tool_call>${LS_JSON}</tool_call>`],
  ['tag in a fence after prose', `Example:\n\`\`\`xml\n<tool_call>${LS_JSON}</tool_call>\n\`\`\``],
  ['tag that is talked about', 'The model forgot the closing </tool_call>'],
  ['function tag that is talked about', 'Qwen writes <function=name> and then parameters.'],
  ['undeclared tool', '{"name": "web_search", "arguments": {"query": "x"}}'],
  ['one of two undeclared', `${LS_JSON}\n{"name": "web_search", "arguments": {}}`],
  [
    'a tool whose schema is echoed',
    '<tools>{"type": "function", "function": {"name": "shell", "parameters": {"type": "object", "properties": {}}}}</tools>',
  ],
  ['a package.json', '{"name": "shell", "version": "1.0.0", "parameters": {}}'],
  ['bare JSON without arguments', '{"name": "shell"}'],
  ['bare JSON with text as arguments', '{"name": "shell", "input": "ls"}'],
  ['data', '[{"path": "a.ts"}, {"path": "b.ts"}]'],
  ['a command that was never closed', '{"name": "shell", "arguments": {"command": "rm -rf build'],
  ['two functions, one has no name', `<function=>${LS_JSON}`],
  ['[TOOL_CALLS] that is talked about', 'Mistral writes [TOOL_CALLS] before the list.'],
  ['glm name alone', 'shell'],
  ['gemma without an object', 'call:shell'],
  ['tool_code fence with other code', '```tool_code\nprint(shell(command="ls"))\n```'],
  ['python fence before prose', '```python\nshell(command="ls")\n```\nThat lists the files.'],
  ['python with a positional argument of no tool', '[print("ls")]'],
  ['python after prose', 'Call shell(command="ls")'],
  ['python of another function', 'print(end="")'],
  ['an empty list', '[]'],
];

describe('text that stays text', () => {
  it.each(PROSE)('%s', (_, text) => {
    expect(leaked(text)).toEqual({ content: text, calls: [] });
  });
});

describe('large calls', () => {
  const command = `cat <<'E'\n${'{"<a>": [1, 2]}\n'.repeat(60_000)}E`;
  const call = { name: 'shell', arguments: { command } };

  it.each([
    ['JSON', JSON.stringify(call)],
    ['tag', `Writing.\n<tool_call>${JSON.stringify(call)}</tool_call>`],
    ['function tag', `<function=shell>\n<parameter=command>\n${command}\n</parameter>\n</function>`],
    ['harmony', `commentary to=functions.shell json${JSON.stringify(call.arguments)}`],
  ])('are recovered whole from %s', (_, text) => {
    expect(leaked(text).calls).toEqual([['shell', { command }]]);
  });

  it('are found by the thousand, of which the first 128 are taken', () => {
    expect(leaked(`<tool_call>${LS_JSON}</tool_call>\n`.repeat(10_000)).calls).toEqual(Array(128).fill(LS));
  });
});
