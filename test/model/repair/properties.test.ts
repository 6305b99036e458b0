import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coerceArguments } from '../../../src/model/repair.ts';
import { cpuTime } from '../../support/cpu-time.ts';
import { leaked, repair, tools } from './tools.ts';

/** Any text that survives in a format without an escape for its own closing tags. */
const plain = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .filter((text) => !/[<>`]/.test(text) && text.trim() === text && text !== 'null' && !text.startsWith('["'));
const callOf = fc.oneof(
  fc.record({ name: fc.constant('shell'), arguments: fc.record({ command: plain, workdir: plain }) }),
  fc.record({ name: fc.constant('read_file'), arguments: fc.record({ path: plain, limit: fc.nat() }) }),
  fc.record({
    name: fc.constant('ripgrep'),
    arguments: fc.record({ pattern: plain, case_insensitive: fc.boolean() }),
  }),
);
type Call = { name: string; arguments: object };

const json = (call: Call) => JSON.stringify(call);
const args = (call: Call) => JSON.stringify(call.arguments);
const each = (call: Call, one: (key: string, value: string) => string) =>
  Object.entries(call.arguments)
    .map(([key, value]) => one(key, String(value)))
    .join('\n');
const python = (call: Call) =>
  `${call.name}(${Object.entries(call.arguments)
    .map(
      ([key, value]) =>
        `${key}=${value === true ? 'True' : value === false ? 'False' : JSON.stringify(value)}`,
    )
    .join(', ')})`;
const functionTag = (call: Call) =>
  `<function=${call.name}>\n${each(call, (key, value) => `<parameter=${key}>\n${value}\n</parameter>`)}\n</function>`;

/** Each syntax, and whether prose may stand before it. */
const SYNTAXES: readonly [string, (call: Call) => string, boolean][] = [
  ['tool_call', (call) => `<tool_call>\n${json(call)}\n</tool_call>`, true],
  ['tool_call, not closed', (call) => `<tool_call>${json(call)}`, true],
  ['tool_call, not opened', (call) => `${json(call)}\n</tool_call>`, false],
  ['function_call', (call) => `<function_call>${json(call)}</function_call>`, true],
  ['function tag', functionTag, true],
  ['function tag in tool_call', (call) => `<tool_call>\n${functionTag(call)}\n</tool_call>`, true],
  [
    'glm',
    (call) =>
      `<tool_call>${call.name}\n${each(call, (key, value) => `<arg_key>${key}</arg_key>\n<arg_value>${value}</arg_value>`)}\n</tool_call>`,
    true,
  ],
  ['[TOOL_CALLS] list', (call) => `[TOOL_CALLS][${json(call)}]`, true],
  ['[ARGS]', (call) => `[TOOL_CALLS]${call.name}[ARGS]${args(call)}`, true],
  [
    'harmony',
    (call) =>
      `<|channel|>commentary to=functions.${call.name} <|constrain|>json<|message|>${args(call)}<|call|>`,
    true,
  ],
  ['harmony fragment', (call) => `commentary to=functions.${call.name} json${args(call)}`, true],
  ['gemma', (call) => `call:${call.name}${args(call)}`, false],
  ['bare', json, false],
  ['list', (call) => `[${json(call)}]`, false],
  ['json fence', (call) => `\`\`\`json\n${json(call)}\n\`\`\``, false],
  ['tool_call fence', (call) => `\`\`\`tool_call\n${json(call)}\n\`\`\``, true],
  ['python', (call) => `[${python(call)}]`, false],
  ['tool_code', (call) => `\`\`\`tool_code\n${python(call)}\n\`\`\``, true],
];

describe.each(SYNTAXES)('%s', (_, render, mayFollowProse) => {
  it('gives back exactly the calls that were written', () => {
    fc.assert(
      fc.property(fc.array(callOf, { minLength: 1, maxLength: 3 }), fc.boolean(), (calls, withProse) => {
        const prose = withProse && mayFollowProse ? 'I will do that.' : '';
        const one = prose === '' ? calls.slice(0, 1) : calls;
        const text = [prose, ...one.map(render)].filter((part) => part !== '').join('\n');
        expect(leaked(text)).toEqual({
          content: prose,
          calls: one.map((call) => [call.name, call.arguments]),
        });
      }),
      { numRuns: 60 },
    );
  });

  it('never throws on a mutated call, and invents no text', () => {
    fc.assert(
      fc.property(callOf, fc.nat(), fc.nat(8), fc.string(), (call, position, cut, inserted) => {
        const text = render(call);
        const at = position % (text.length + 1);
        const mutated = text.slice(0, at) + inserted + text.slice(at + cut);
        const { content, calls } = leaked(mutated);
        expect(mutated.includes(content.trim())).toBe(true);
        // Inside a call's own tags a name that is no tool's can only be an error.
        expect(calls.every(([name]) => /^[\w.:-]+$/.test(name))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

const TOKENS = [
  '<tool_call>',
  '</tool_call>',
  '<function=shell>',
  '<function=',
  '<parameter=command>',
  '</parameter>',
  '[TOOL_CALLS]',
  'shell',
  '[ARGS]',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '"""',
  ':',
  ',',
  '\\',
  '\n',
  '\n{',
  '```',
  '```json\n',
  '```tool_call\n',
  '<|channel|>commentary',
  ' to=functions.shell ',
  'json',
  '<|"|>',
  'call:shell',
  '<arg_key>',
  '</arg_key>',
  '<arg_value>',
  '(',
  ')',
  'a=',
  '"name":',
  '"arguments":',
  '1',
  ' ',
  'assistant',
];

/** Control characters and lone surrogates too. */
const codeUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));

describe('any text', () => {
  it('without a marker is returned byte for byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: codeUnit }), (text) => {
        const content = `Well, ${text}.`;
        expect(repair({ content })).toEqual({ content, calls: [], notes: [] });
      }),
    );
  });

  it('made of pieces of call syntax never throws', () => {
    const text = fc.array(fc.oneof(fc.constantFrom(...TOKENS), fc.string())).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, fc.boolean(), (content, thinking, isDelivered) => {
        const toolCalls = isDelivered ? [{ function: { name: content, arguments: thinking } }] : [];
        const { calls } = repair({ content, thinking, toolCalls });
        expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('any arguments', () => {
  const key = fc.constantFrom(
    'command',
    'cmd',
    'path',
    'file',
    'input',
    'patch',
    'content',
    'old_str',
    'new_str',
    'pattern',
    'limit',
    'end_line',
    'offset',
    'start',
    'timeout',
    'timeout_ms',
    'plan',
    'todos',
    'step',
    'status',
    'workdir',
    'dir',
    'case_insensitive',
    '__proto__',
    'constructor',
  );
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constantFrom(
        null,
        'null',
        'true',
        '3.0',
        '["ls"]',
        '["[\\"a\\"]"]',
        '{"step": "a"}',
        'In Progress',
        '',
      ),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  const raw = fc.oneof(
    value,
    fc.dictionary(key, value),
    fc.dictionary(key, value).map((object) => JSON.stringify(object)),
  );

  it('never throw, and coerced ones stay as they are', () => {
    fc.assert(
      fc.property(raw, fc.constantFrom(...tools), (given, schema) => {
        const coerced = coerceArguments(given, schema);
        if (coerced.ok) expect(coerceArguments(coerced.arguments, schema)).toEqual(coerced);
        else expect(coerced.error.startsWith('failed to parse function arguments: ')).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('keep their error when they are repaired again', () => {
    fc.assert(
      fc.property(fc.dictionary(key, value), fc.constantFrom(...tools), (given, schema) => {
        const [call] = repair({
          toolCalls: [{ function: { name: schema.function.name, arguments: given } }],
        }).calls;
        expect(coerceArguments(call?.arguments, schema).ok).toBe(coerceArguments(given, schema).ok);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('half a megabyte made to be slow', () => {
  it.each(
    [
      '{',
      '[',
      '<tool_call>',
      '<tool_call>{',
      '<tool_call>["',
      '<tool_call>{"a":\'',
      '<function=shell>',
      '<function=shell><parameter=command>',
      '<tool_call>shell<arg_key>',
      '<tool_call>shell<arg_key>a</arg_key><arg_value>',
      '[TOOL_CALLS]',
      '[TOOL_CALLS]shell{"',
      '```',
      '```json\n',
      '```tool_call\n',
      '<|channel|>commentary to=functions.shell ',
      '<|"|>',
      '\\',
      '"',
      '\n{"',
      '\n{"a":"',
      '\n{a:',
      ' ',
      '</tool_call>',
      '</tool_call> ',
      'shell(a="',
      '[shell(a=[',
      'call:shell{',
      '{"name":"shell","arguments":{"command":"ls"}}\n',
      '<tool_call>{"name":"shell","arguments":{"command":"ls"}}</tool_call>',
    ].flatMap((piece) => [
      [piece, ''],
      [piece, ' prose'],
      [piece, '</tool_call>'],
    ]),
  )('%j, then %j', (piece, end) => {
    const content = piece.repeat(Math.ceil(5e5 / piece.length)) + end;
    const read = () => expect(repair({ content }).calls.length).toBeLessThanOrEqual(content.length / 20);
    expect(cpuTime(read)).toBeLessThan(2000);
  });
});
