import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { FORMS } from '../../../src/model/answer/forms.ts';
import { readContent } from '../../../src/model/answer/reader.ts';
import { repairTurn } from '../../../src/model/repair.ts';
import type { JsonObject } from '../../../src/protocol.ts';
import { tools } from '../repair/tools.ts';

const LS = '{"command": "ls"}';
const CALL = `{"name": "shell", "arguments": ${LS}}`;
const READ = '{"name": "read_file", "arguments": {"path": "a.ts"}}';
const PATCH = '*** Begin Patch\n*** Add File: a.txt\n+hi\n*** End Patch';

/** As recorded, and text that only looks like it. */
const EXAMPLES: { readonly [form: string]: readonly [string, string] } = {
  tag: [`<tool_call>\n${CALL}\n</tool_call>`, '<tool_call> is the tag that Qwen writes.'],
  'function tag': [
    '<invoke name="shell">\n<parameter name="command">ls</parameter>\n</invoke>',
    'An <invoke name="shell"> tag holds parameters.',
  ],
  '[TOOL_CALLS]': [`[TOOL_CALLS][${CALL}]`, '[TOOL_CALLS] is a token of Mistral.'],
  tokens: [
    `<|tool_call_begin|>functions.shell:0<|tool_call_argument_begin|>${LS}<|tool_call_end|>`,
    'Kimi writes `<|tool_call_begin|>` first.',
  ],
  harmony: [
    `<|channel|>commentary to=functions.shell <|constrain|>json<|message|>${LS}<|call|>`,
    'Calls go to the `commentary` channel.',
  ],
  functools: [` functools[${CALL}]`, 'functools["cache"] is not how it is used.'],
  'name[ARGS]': [`shell[ARGS]${LS}`, 'shell[ARGS] is what is left.'],
  JSON: [CALL, '{"name": "shell", "version": "1.0.0"}'],
  'call fence': [`\`\`\`tool_call\n${CALL}\n\`\`\``, '```ts\nshell();\n```'],
  fence: [`\`\`\`json\n${CALL}\n\`\`\``, '```json\n{"name": "demo", "version": "1.0.0"}\n```'],
  'Python fence': ['```python\nshell("ls")\n```', '```python\nshell("ls")\nprint("done")\n```'],
  'Python list': ['[shell(command="ls")]', '[print("ls")]'],
  'call:name{}': [`call:shell{command:<|"|>ls<|"|>}`, 'call:shell'],
  'argument tags': [
    'shell\n<arg_key>command</arg_key>\n<arg_value>ls</arg_value>',
    'GLM writes <arg_key> and <arg_value>.',
  ],
  Python: ['shell(command="ls")', 'print(end="")'],
  patch: [PATCH, '*** Begin Patch is the first line of a patch.'],
  action: [
    `Thought: I look.\nAction: shell\nAction Input: ${LS}`,
    'Action: the plan is to wait.\nAction Input: none.',
  ],
  'tool tag': ['<shell>\n<command>ls</command>\n</shell>', '<shell>\n<colour>grey</colour>\n</shell>'],
  'special tokens': [
    '<|python_start|>[shell(command="ls")]<|python_end|>',
    '<|python_start|> is where Python begins.',
  ],
  'loose JSON': [
    '{"tool": "shell", "command": "ls"}',
    '{"tool": "shell", "command": "ls", "colour": "grey"}',
  ],
};

interface Read {
  readonly content: string;
  readonly calls: readonly [string, JsonObject][];
  readonly isAsked: boolean;
}

function read(content: string): Read {
  const { text, ...facts } = readContent(content);
  const turn = { ...facts, content: text, toolCalls: [] };
  const { content: rest, calls, notes, endsInCall } = repairTurn(turn, tools, () => 'id');
  const isAsked = endsInCall || (calls.length === 0 && notes.length > 0);
  return { content: rest, calls: calls.map((call) => [call.name, call.arguments]), isAsked };
}

describe('each form', () => {
  it('has an example', () => {
    expect(Object.keys(EXAMPLES)).toEqual(FORMS.map(({ name }) => name));
  });

  it.each(Object.entries(EXAMPLES))('%s is read, and what looks like it is not', (name, [example, other]) => {
    const call = name === 'patch' ? ['apply_patch', { input: PATCH }] : ['shell', { command: 'ls' }];
    expect(read(example)).toMatchObject({ calls: [call], isAsked: false });
    expect(read(other)).toEqual({ content: other, calls: [], isAsked: false });
  });

  it.each(
    FORMS.filter(({ opens, evidence }) => opens !== undefined && evidence === 'sure').map(({ name }) => name),
  )('%s is read after prose, and before it', (name) => {
    const example = EXAMPLES[name]?.[0] ?? '';
    const calls = [['shell', { command: 'ls' }]];
    expect(read(`I look.\n${example}`)).toEqual({ content: 'I look.', calls, isAsked: false });
    expect(read(`${example}\nThat lists the files.`)).toEqual({
      content: 'That lists the files.',
      calls,
      isAsked: false,
    });
    expect(read(`I look.\n${example}\nThat lists the files.`)).toMatchObject({ calls: [], isAsked: true });
  });
});

/** Other members of the families, wrong closing tags, and several calls. */
const RUN: readonly [string, string][] = [
  [
    'MiniMax',
    '<minimax:tool_call>\n<invoke name="shell">\n<parameter name="command">ls</parameter>\n</invoke>\n</minimax:tool_call>',
  ],
  [
    'function_calls',
    '<function_calls>\n<invoke name="shell">\n<parameter name="command">ls</parameter>\n</invoke>\n</function_calls>',
  ],
  [
    'another namespace',
    '<xy:invoke name="shell">\n<xy:parameter name="command">ls</xy:parameter>\n</xy:invoke>',
  ],
  ['single quotes', "<invoke name='shell'><parameter name='command'>ls</parameter></invoke>"],
  ['parameters not closed', '<invoke name="shell">\n<parameter name="command">ls\n</invoke>'],
  ['nothing closed', '<invoke name="shell">\n<parameter name="command">ls'],
  ['a wrong closing tag', '<invoke name="shell">\n<parameter name="command">ls</parameter>\n</function>'],
  [
    'DSML',
    '<｜DSML｜function_calls>\n<｜DSML｜invoke name="shell">\n<｜DSML｜parameter name="command" string="true">ls</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>',
  ],
  [
    'DeepSeek V3',
    `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>shell\n\`\`\`json\n${LS}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
  ],
  [
    'DeepSeek V3.1',
    `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>shell<｜tool▁sep｜>${LS}<｜tool▁call▁end｜><｜tool▁calls▁end｜><｜end▁of▁sentence｜>`,
  ],
  ['DeepSeek, plain marks', `<|tool▁call▁begin|>shell<|tool▁sep|>${LS}<|tool▁call▁end|>`],
  [
    'Kimi',
    `<|tool_calls_section_begin|><|tool_call_begin|>functions.shell:0<|tool_call_argument_begin|>${LS}<|tool_call_end|><|tool_calls_section_end|>`,
  ],
  ['Llama', `<|python_tag|>{"name": "shell", "parameters": ${LS}}<|eom_id|>`],
  ['Llama, Python', '<|python_tag|>shell(command="ls")'],
  [
    'Seed-OSS',
    '<seed:tool_call>\n<function=shell>\n<parameter=command>ls</parameter>\n</function>\n</seed:tool_call>',
  ],
  ['Nemotron', `<TOOLCALL>[${CALL}]</TOOLCALL>`],
  ['Granite', `<|tool_call|>[${CALL}]`],
  ['InternLM', `<|action_start|><|plugin|>\n${CALL}<|action_end|>`],
  [
    'Cohere',
    `<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "shell", "parameters": ${LS}}]<|END_ACTION|>`,
  ],
  ['FunctionGemma', '<start_function_call>call:shell{command:"ls"}<end_function_call>'],
  ['Hunyuan', `<tool_call>shell\n\`\`\`json\n${LS}\n\`\`\`</tool_call>`],
  ['Mistral with an id', `[TOOL_CALLS]shell[CALL_ID]abc123[ARGS]${LS}`],
  [
    'an API message',
    `{"role": "assistant", "content": null, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "shell", "arguments": "{\\"command\\": \\"ls\\"}"}}]}`,
  ],
  ['the old API', '{"function_call": {"name": "shell", "arguments": "{\\"command\\": \\"ls\\"}"}}'],
  ['parallel use', `{"tool_uses": [{"recipient_name": "functions.shell", "parameters": ${LS}}]}`],
  ['texts beside the calls', `{"thought": "I look.", "tool_calls": [${CALL}]}`],
  ['camel case', `{"toolCalls": [{"toolName": "shell", "args": ${LS}}]}`],
  ['Gemini', `{"functionCall": {"name": "shell", "args": ${LS}}}`],
  ['keyword arguments', `{"name": "shell", "kwargs": ${LS}}`],
  ['the name as a key', `{"shell": ${LS}}`],
  ['the name among the arguments', '{"name": "shell", "command": "ls"}'],
  ['GLM 4', `shell\n${LS}<|observation|>`],
  ['Apertus', `<|tools_prefix|>[{"shell": ${LS}}]<|tools_suffix|>`],
  ['Llama 4, with its header', '<|header_start|>assistant<|header_end|>\n\n[shell(command="ls")]<|eot|>'],
  ['Llama 3, with its header', `<|start_header_id|>assistant<|end_header_id|>\n\n${CALL}<|eot_id|>`],
  ['Command-R', `Plan: I look.\nAction: \`\`\`json\n[{"tool_name": "shell", "parameters": ${LS}}]\n\`\`\``],
  ['ReAct in bold', `**Thought:** I look.\n**Action:** shell\n**Action Input:** ${LS}`],
  ['ReAct with a fence', `Action: shell\nAction Input: \`\`\`json\n${LS}\n\`\`\`\nObservation: a.txt`],
  ['ReAct, all in a fence', 'Thought: I look.\nAction:\n```\n{"action": "shell", "action_input": "ls"}\n```'],
  ['ReAct in Python', 'Thought: I look.\nAction: shell(command="ls")'],
  ['tags for parameters', '<tool_call>\n<function=shell>\n<command>ls</command>\n</function>\n</tool_call>'],
  ['a tag for the tool in another', '<tool_call>\n<shell>\n<command>ls</command>\n</shell>\n</tool_call>'],
  [
    'tags for name and arguments',
    `<tool_use>\n<name>shell</name>\n<arguments>${LS}</arguments>\n</tool_use>`,
  ],
  [
    'the first Claude',
    '<function_calls>\n<invoke>\n<tool_name>shell</tool_name>\n<parameters>\n<command>ls</command>\n</parameters>\n</invoke>\n</function_calls>',
  ],
  ['ReAct in JSON', `{"action": "shell", "action_input": ${LS}}`],
  ['ReAct, a bare input', 'Thought: I look.\nAction: shell\nAction Input: ls'],
  [
    'ReAct, a result that is made up',
    `Action: shell\nAction Input: ${LS}\nObservation: a.txt\nThought: Done.`,
  ],
  ['Qwen-Agent', `✿FUNCTION✿: shell\n✿ARGS✿: ${LS}\n✿RESULT✿: a.txt`],
  ['a tag with JSON', `<shell>${LS}</shell>`],
  ['a tag that is closed wrongly', '<shell>\n<command>ls</command>\n</bash>'],
  [
    'Cline',
    '<execute_command>\n<command>ls</command>\n<requires_approval>false</requires_approval>\n</execute_command>',
  ],
  ['a fence that was never opened', `${CALL}\n\`\`\``],
  ['a tag closed by another', `<tool_call>${CALL}</function>`],
  ['a tag closed by nonsense', `<tools>${CALL}</tool_cals>`],
  [
    'a result that is made up',
    `<tool_call>${CALL}</tool_call>\n<tool_response>a.txt</tool_response>\nThere is one file.`,
  ],
];

describe('unambiguous calls', () => {
  it.each(RUN)('%s', (_, content) => {
    expect(read(content)).toMatchObject({ calls: [['shell', { command: 'ls' }]], isAsked: false });
  });

  it.each([
    ['tags', `<tools>${CALL}</tools>\n<tools>${READ}</tools>`],
    [
      'invocations',
      '<invoke name="shell"><parameter name="command">ls</parameter></invoke>\n<invoke name="read_file"><parameter name="path">a.ts</parameter></invoke>',
    ],
    [
      'tokens',
      `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>shell<｜tool▁sep｜>${LS}<｜tool▁call▁end｜><｜tool▁call▁begin｜>read_file<｜tool▁sep｜>{"path": "a.ts"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
    ],
    ['tool tags', '<shell>\n<command>ls</command>\n</shell>\n\n<read_file>\n<path>a.ts</path>\n</read_file>'],
    ['two forms', `<tools>${CALL}</tools><read_file>{"path": "a.ts"}</read_file>`],
    ['functools', `functools[${CALL}, ${READ}]`],
  ])('several: %s', (_, content) => {
    expect(read(content).calls).toEqual([
      ['shell', { command: 'ls' }],
      ['read_file', { path: 'a.ts' }],
    ]);
  });

  it('of files become patches', () => {
    const content =
      '<write_to_file>\n<path>a.html</path>\n<content>\n<p>hi</p>\n</content>\n</write_to_file>';
    const input = '*** Begin Patch\n*** Add File: a.html\n+<p>hi</p>\n*** End Patch';
    expect(read(`I write it.\n\n${content}`)).toEqual({
      content: 'I write it.',
      calls: [['apply_patch', { input }]],
      isAsked: false,
    });
  });

  it.each([
    ['on one line', CALL],
    ['on several', `{\n  "name": "shell",\n  "arguments": ${LS}\n}\n`],
    [
      'of an API',
      `{"tool_calls": [{"function": {"name": "shell", "arguments": "{\\"command\\": \\"ls\\"}"}}]}`,
    ],
    ['that is loose', '{"tool": "shell", "command": "ls"}'],
  ])('in JSON %s run at the end of prose', (_, call) => {
    const calls = [['shell', { command: 'ls' }]];
    expect(read(`I run it.\n\n${call}`)).toEqual({ content: 'I run it.', calls, isAsked: false });
  });

  it('that list a folder are found by the name of the other tool', () => {
    const listing = '<list_files>\n<path>src</path>\n<recursive>true</recursive>\n</list_files>';
    expect(read(listing).calls).toEqual([['shell', { command: 'ls -A src' }]]);
  });

  it('that are a patch in a here-document run', () => {
    const content = `\`\`\`bash\napply_patch <<'EOF'\n${PATCH}\nEOF\n\`\`\``;
    expect(read(content)).toMatchObject({ calls: [['apply_patch', { input: PATCH }]] });
  });

  it('that are a patch in a fence run if nothing else is there', () => {
    const calls = [['apply_patch', { input: PATCH }]];
    expect(read(`\`\`\`diff\n${PATCH}\n\`\`\``)).toMatchObject({ calls });
    expect(read(`I fix it.\n\n${PATCH}`)).toMatchObject({ calls });
  });
});

test('a call that is thought away at once does not run', () => {
  const content = `<tool_call>${CALL}</tool_call><think>no, wait</think>The answer is 4.`;
  expect(read(content)).toEqual({ content: 'The answer is 4.', calls: [], isAsked: false });
});

const ASKED: readonly [string, string][] = [
  ['JSON after prose, of a tool by another name', `I run it now.\n\n{"name": "bash", "arguments": ${LS}}`],
  [
    'JSON after prose, with more',
    'I run it.\n{"name": "shell", "arguments": {"command": "ls", "then": "rm"}}',
  ],
  ['JSON before prose', `${CALL}\n\nThis lists the files.`],
  ['a patch before prose', `${PATCH}\n\nThis adds the file.`],
  ['a patch without its end', '*** Begin Patch\n*** Add File: a.txt\n+hi'],
  ['a tool tag before prose', '<shell>\n<command>ls</command>\n</shell>\nThis lists the files.'],
  ['an action before prose', `Action: shell\nAction Input: ${LS}\nI wait for it.`],
  ['an action of no tool', 'Action: fly\nAction Input: {"to": "there"}'],
  ['a fenced patch at the end', `Here is the fix:\n\n\`\`\`diff\n${PATCH}\n\`\`\``],
  ['a fenced call at the end', `I run it.\n\`\`\`json\n${CALL}\n\`\`\``],
  [
    'broken JSON in a tag after prose',
    'I run it.\n<tool_call>\n{"name": "shell", "arguments": {"command": "echo "hi""}}\n</tool_call>',
  ],
  [
    'an unknown tool in a tag after prose',
    'I run it.\n<tool_call>{"name": "fly", "arguments": {}}</tool_call>',
  ],
  ['the end of a call', 'hi"}}\n</tool_call>'],
  ['an unreadable invocation', '<invoke name="shell">ls'],
  ['code in a Python tag', '<|python_tag|>import os\nos.listdir()'],
];

describe('calls that are asked about', () => {
  it.each(ASKED)('%s', (_, content) => {
    expect(read(content)).toEqual({ content, calls: [], isAsked: true });
  });
});

const PROSE: readonly string[] = [
  'The model writes `<tool_call>` and `</tool_call>` around it.',
  `Example:\n\`\`\`xml\n<tool_call>${CALL}</tool_call>\n\`\`\`\nThat is the form.`,
  'Qwen writes <function=name> and then parameters.',
  'The config is\n\n{"name": "demo", "version": "1.0.0"}',
  '<ul>\n<li>one</li>\n</ul>',
  '<search>\n<name>x</name>\n</search>',
  'It starts with *** Begin Patch and ends with *** End Patch.',
  'Action: none needed.\nAll tests pass.',
  'Action: see above.',
  '{"tool": "hammer", "command": "hit"}',
  '{"search": {"pattern": "x"}}',
  '{"name": "shell", "version": "1.0.0", "command": "ls"}',
  'shell: {"command": "ls"}',
  'Set it:\n{"name": "demo", "command": "ls"}',
  '{"thought": "x", "items": [1]}',
  '<|eot|> ends a turn, <|header_start|> begins one.',
  'The form is <|tools_prefix|>[{"shell": {}}]<|tools_suffix|>.',
  'Use functools.cache for that.',
  'Call shell(command="ls") to list.',
  `\`\`\`json\n${CALL}\n\`\`\`\nThat is the request body.`,
  'A closing </tool_call> was missing.',
  '- `<invoke name="x">` opens a call\n- `</invoke>` closes it',
];

/** Whatever an answer can quote. */
const MARKS = [
  ...Object.values(EXAMPLES).map(([example]) => example),
  ...RUN.map(([, content]) => content),
  '<think>\nHm.\n</think>',
  '<think>',
  '</think>',
  '[THINK]',
  '<|channel|>final<|message|>',
  '<tool_call>',
  '</tool_call>',
  '</invoke>',
];
const WORDS = [
  'the',
  'model',
  'writes',
  'a call',
  'then',
  'fails',
  'in',
  'C++',
  'x < 3',
  'Array<string>',
  'a[0]',
  '{}',
  '"quoted"',
  'It is done.',
  'Why?',
  'naïve',
  '文字',
];

const words = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 12 })
  .map((all) => all.join(' '));
const oneLine = (mark: string) => mark.replace(/\s*\n\s*/g, ' ').replace(/`/g, "'");
const sentence = fc
  .tuple(fc.constantFrom(...MARKS), words, words)
  .map(([mark, before, after]) => `The ${before} ${oneLine(mark)} and ${after}.`);
const span = fc
  .tuple(words, fc.constantFrom(...MARKS), words)
  .map(([before, mark, after]) => `${before} \`${oneLine(mark)}\` ${after}`);
const fence = fc
  .tuple(fc.constantFrom('', 'json', 'xml', 'ts', 'text'), fc.constantFrom(...MARKS), words)
  .map(([language, mark, before]) => `${before}:\n\n\`\`\`${language}\n${mark.replace(/`/g, "'")}\n\`\`\``);
const paragraph = fc.oneof(
  words,
  sentence,
  span,
  fence,
  words.map((text) => `- ${text}`),
  words.map((text) => `## ${text}`),
);
/** It begins and ends as prose does. */
const message = fc
  .tuple(words, fc.array(paragraph, { maxLength: 5 }), words)
  .map(([first, middle, last]) => [`Well, ${first}`, ...middle, `So ${last}.`].join('\n\n'));

describe('prose', () => {
  it.each(PROSE)('%j stays prose', (content) => {
    expect(read(content)).toEqual({ content, calls: [], isAsked: false });
  });

  it('stays prose whatever it is about', () => {
    fc.assert(
      fc.property(message, (content) => {
        expect(read(content)).toEqual({ content, calls: [], isAsked: false });
      }),
      { numRuns: 10_000 },
    );
  });
});

test('in a tag the arguments may stand beside the name, unless it is the tool itself, as it was declared', () => {
  const read = (call: JsonObject) => {
    const content = `<tool_call>\n${JSON.stringify(call)}\n</tool_call>`;
    const { calls } = repairTurn({ content, thinking: '', toolCalls: [] }, tools, () => 'id');
    return calls.map(({ name, arguments: args }) => [name, args]);
  };
  const shell = tools.find(({ function: { name } }) => name === 'shell')?.function;
  expect([
    read({ name: 'shell', command: 'ls' }),
    read({ type: 'function', name: 'shell', command: 'ls' }),
    read({ name: 'shell', description: 'Runs a command', command: 'ls' }),
    read({ name: 'shell', kind: 'tool', parameters: shell?.parameters }),
  ]).toEqual([[['shell', { command: 'ls' }]], [['shell', { command: 'ls' }]], [], []]);
});
