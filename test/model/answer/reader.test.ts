import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnswerDelta, AnswerReader, readContent } from '../../../src/model/answer/reader.ts';
import { anyText } from '../../support/any-text.ts';

const CALL = '{"name": "shell", "arguments": {"command": "ls"}}';

/** [what, content, text, thinking] */
const THOUGHTS: readonly [string, string, string, string][] = [
  ['<think>', '<think>\nA sum.\n</think>\n\nThe answer is 4.', 'The answer is 4.', 'A sum.'],
  ['no line ends', '<think>A sum.</think>4', '4', 'A sum.'],
  ['<thinking>', '\n<thinking>Hm.</thinking>\n4', '4', 'Hm.'],
  ['<thought>', '<thought>Hm.</thought>4', '4', 'Hm.'],
  ['<reasoning>', '<reasoning>\nHm.\n</reasoning>\n4', '4', 'Hm.'],
  ['<seed:think>', '<seed:think>\nHm.\n</seed:think>\n4', '4', 'Hm.'],
  ['capitals', '<THINK>Hm.</Think>4', '4', 'Hm.'],
  ['Mistral', '[THINK]Hm.[/THINK]4', '4', 'Hm.'],
  ['Kimi', '◁think▷Hm.◁/think▷4', '4', 'Hm.'],
  [
    'Sky-T1',
    '<|begin_of_thought|>\nHm.\n<|end_of_thought|>\n\n<|begin_of_solution|>\n4\n<|end_of_solution|>',
    '4\n',
    'Hm.',
  ],
  ['Cohere', '<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|>4<|END_RESPONSE|>', '4', 'Hm.'],
  ['Gemma', '<|channel>thought\nHm.<channel|>4', '4', 'Hm.'],
  ['an answer in tags', '<think>Hm.</think>\n<answer>4</answer>', '4', 'Hm.'],
  ['no thought', '<think>\n\n</think>\n\n4', '4', ''],
  ['the prompt opened it', 'Hm.\n</think>\n\n4', '4', 'Hm.'],
  ['the prompt opened it, in one line', 'I add them.</think>4', '4', 'I add them.'],
  ['the prompt opened it, answered on the next line', 'I add them </think>\n4', 'I add them </think>\n4', ''],
  ['another closing tag', '<think>Hm.</thinking>4', '4', 'Hm.'],
  ['never closed', '<think>\nHm.', '', 'Hm.'],
  ['two of them', '<think>A</think>\nB\n<think>C</think>\nD', 'D', 'AB\nC'],
  ['opened twice', '<think><think>A</think>\nB', 'B', '<think>A'],
  ['closed twice', '<think>A</think>\nB\n</think>\nD', 'D', 'AB'],
  [
    'a draft of a call',
    `<tool_call>${CALL}</tool_call>\n<think>No.</think>\n4`,
    '4',
    `<tool_call>${CALL}</tool_call>\nNo.`,
  ],
  ['a draft of a call, opened in the prompt', `${CALL}\n</think>\n4`, '4', CALL],
  [
    'its own tag is thought about',
    '<think>It wants `</think>` and "</think>".</think>4',
    '4',
    'It wants `</think>` and "</think>".',
  ],
  ['an empty answer', '', '', ''],
  ['gpt-oss, final', '<|channel|>final<|message|>Hello', 'Hello', ''],
  ['gpt-oss, end token', '<|channel|>final<|message|>Hello<|return|>', 'Hello', ''],
  [
    'gpt-oss, analysis and final',
    '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hello',
    'Hello',
    'Hm.',
  ],
  [
    'gpt-oss, its start in the prompt',
    'Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hello',
    'Hello',
    'Hm.',
  ],
  ['gpt-oss, no marks', 'analysisWe greet.assistantfinalHello there', 'Hello there', 'We greet.'],
  ['gpt-oss, no marks, final alone', 'assistantfinalHello there', 'Hello there', ''],
  ['gpt-oss, a preamble', '<|channel|>commentary<|message|>I look.<|end|>', 'I look.', ''],
  [
    'gpt-oss, a call after analysis',
    '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary to=functions.shell <|constrain|>json<|message|>{}<|call|>',
    '<|start|>assistant<|channel|>commentary to=functions.shell <|constrain|>json<|message|>{}<|call|>',
    'Hm.',
  ],
  [
    'gpt-oss, a call without marks',
    'analysisWe look.assistantcommentary to=functions.shell json{"command":"ls"}',
    'assistantcommentary to=functions.shell json{"command":"ls"}',
    'We look.',
  ],
];

describe('thinking', () => {
  it.each(THOUGHTS)('%s', (_, content, text, thinking) => {
    const read = readContent(content);
    expect({ text: read.text, thinking: read.thinking }).toEqual({ text, thinking });
  });

  it('that ends the answer leaves a draft', () => {
    expect(readContent('It is 4.\n<think>\nYes.\n</think>\n')).toEqual({
      text: 'It is 4.\n',
      thinking: 'Yes.',
      isDraft: true,
      isThoughtClosed: true,
      isCommentary: false,
    });
  });

  it.each([
    ['<think>a', false],
    ['<think>a</think>', true],
    ['a\n</think>', true],
    ['a', false],
  ])('of %j is closed: %s', (content, isClosed) => {
    expect(readContent(content).isThoughtClosed).toBe(isClosed);
  });
});

const ABOUT: readonly string[] = [
  'Models write <think> and </think> around it.',
  'Use the `<think>` tag.\n`</think>` closes it.',
  '<think> is a tag of Qwen.',
  '<think> and </think> delimit thinking.',
  '<think>, then text.',
  'It reads:\n```\n<think>\nHm.\n</think>\n4\n```\nThat is all.',
  'Indented:\n\n    <think>\n    Hm.\n    </think>\n\nThat is all.',
  '- <think> opens\n- </think> closes\n',
  '> <think>\n> Hm.\n> </think>\n',
  'const tag = "</think>";\nreturn tag',
  'a line with <think>\nand the next with\n</think>\nis still about it',
  'wrapped so that the tag\n<think> begins a line, and\n</think> another',
  'if (x < 3 && y > 2) return [THINK_LIMIT];',
  'The channel is named in <|channel|>final<|message|> as a mark.',
  '<function=write>\n<parameter=content>\n<think>\nHm.\n</think>\n4\n</parameter>\n</function>',
  '{"name": "write", "arguments": {"content": "Done.</think>4"}}',
  'analysis of the code: final',
  'Analysis\n\nassistantfinal is a word of gpt-oss.',
  'The end token is <|end|> there.',
  'A fence that is not closed:\n```\n</think>\n4',
];

describe('what is shown as it comes', () => {
  it.each([
    ['prose', 'I look.\nIt is 4.', 'I look.\nIt is 4.'],
    ['a tag after prose', `I look.\n<tool_call>\n${CALL}\n</tool_call>`, 'I look.\n'],
    ['JSON', CALL, ''],
    ['JSON in a fence', `\`\`\`json\n${CALL}\n\`\`\``, ''],
    ['other JSON', '{"name": "demo", "version": "1.0.0"}', '{"name": "demo", "version": "1.0.0"}'],
    ['an invocation', '<invoke name="shell">\n<parameter name="command">ls', ''],
    ['tokens', '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>shell', ''],
    ['a tag in code', `So:\n\`\`\`\n<tool_call>${CALL}\n\`\`\``, `So:\n\`\`\`\n<tool_call>${CALL}\n\`\`\``],
    ['thinking, then a call', `<think>Hm.</think>\n<tools>${CALL}</tools>`, ''],
  ])('%s', (_, content, shown) => {
    const deltas: AnswerDelta[] = [];
    const reader = new AnswerReader((delta) => deltas.push(delta));
    for (const char of content) reader.add(char);
    reader.end();
    expect(said(deltas)).toBe(shown);
  });
});

describe('an answer that begins by calling a tool as a function', () => {
  const shown = (content: string, size: number): string => {
    const deltas: AnswerDelta[] = [];
    const reader = new AnswerReader((delta) => deltas.push(delta), ['read_file', 'ask_user']);
    for (let at = 0; at < content.length; at += size) reader.add(content.slice(at, at + size));
    expect(reader.end()).toEqual(readContent(content));
    return said(deltas);
  };

  it.each([1, 3, 100])('is held back, in pieces of %d', (size) => {
    for (const content of [
      'ask_user("Which port?")',
      '\n read_file("a.ts")\nread_file("b.ts")',
      '```python\nask_user("Which port?")\n```',
      '```\nread_file(path="a.ts")\n```',
    ])
      expect(shown(content, size)).toBe('');
  });

  it.each([1, 3, 100])('is shown if it does not, in pieces of %d', (size) => {
    for (const content of [
      'read_file reads a file.',
      'read the file',
      'ask',
      'print("a")',
      'read_files("a")',
      'As read_file("a") says',
      '```python\nprint("a")\n```',
      '```ts\nread_file("a")\n```',
    ])
      expect(shown(content, size)).toBe(content);
  });
});

describe('text about thinking', () => {
  it.each(ABOUT)('%j stays text', (content) => {
    const { text, thinking } = readContent(content);
    expect({ text, thinking }).toEqual({ text: content, thinking: '' });
  });
});

const pieces = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          ...THOUGHTS.flatMap(([, content]) => content.split(/(?=[<[◁])|(?<=[>\]▷])/)),
        ),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          '\n',
          ' ',
          '`',
          '```',
          '.',
          'a',
          '<parameter name="x" y="z">',
          '</parameter>',
          '    ',
          '{',
        ),
      },
      { weight: 1, arbitrary: anyText(8) },
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

describe('any text', () => {
  it('is read in pieces as it is read whole', () => {
    fc.assert(
      fc.property(
        pieces,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }),
        (content, sizes) => {
          const deltas: AnswerDelta[] = [];
          const reader = new AnswerReader((delta) => deltas.push(delta));
          for (let at = 0, n = 0; at < content.length; n += 1) {
            const end = at + (sizes[n % sizes.length] ?? 1);
            reader.add(content.slice(at, end));
            at = end;
          }
          const read = reader.end();
          expect(read).toEqual(readContent(content));
          // What may be a call is held back; frames are removed at the end.
          const shown = said(deltas).trim();
          const text = read.isDraft ? '' : read.text.trim();
          if (!/answer|solution|RESPONSE/.test(shown)) expect(text.slice(0, shown.length)).toBe(shown);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('without a mark is returned as it is', () => {
    fc.assert(
      fc.property(anyText(60), (content) => {
        fc.pre(!/[<[◁]|analysis|assistant/i.test(content));
        expect(readContent(content).text).toBe(content);
      }),
    );
  });

  it('of a megabyte of marks is read in linear time', () => {
    for (const piece of ['<think>', '</think>\n', '<|channel|>', '<', '[', '`', '<parameter=', '◁']) {
      readContent(piece.repeat(1_000_000 / piece.length));
    }
  });
});

/** What the deltas say, after the last that takes text back. */
function said(deltas: readonly AnswerDelta[]): string {
  const from = deltas.findLastIndex(({ type }) => type === 'rethought') + 1;
  return deltas
    .slice(from)
    .map((delta) => (delta.type === 'text' ? delta.text : ''))
    .join('');
}
