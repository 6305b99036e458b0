/** How models write a call as text when the server's parser does not see it. */
import type { JsonObject } from '../../../src/protocol.ts';

export type LeakForm = (name: string, args: JsonObject) => string;

const json = (name: string, args: JsonObject, key = 'arguments'): string =>
  JSON.stringify({ name, [key]: args });

const each = (args: JsonObject, write: (name: string, value: string) => string): string =>
  Object.entries(args)
    .map(([name, value]) => write(name, typeof value === 'string' ? value : JSON.stringify(value)))
    .join('\n');

export const leakForms: readonly (readonly [name: string, form: LeakForm])[] = [
  ['hermes', (name, args) => `<tool_call>\n${json(name, args)}\n</tool_call>`],
  ['hermes, unclosed', (name, args) => `<tool_call>\n${json(name, args)}`],
  [
    'qwen coder',
    (name, args) =>
      `<tool_call>\n<function=${name}>\n${each(args, (key, value) => `<parameter=${key}>\n${value}\n</parameter>`)}\n</function>\n</tool_call>`,
  ],
  ['mistral', (name, args) => `[TOOL_CALLS][${json(name, args)}]`],
  ['bare', (name, args) => json(name, args)],
  ['parameters', (name, args) => json(name, args, 'parameters')],
  ['fenced', (name, args) => `\`\`\`json\n${json(name, args)}\n\`\`\``],
  ['prose and fenced', (name, args) => `I will do that now.\n\n\`\`\`json\n${json(name, args)}\n\`\`\``],
  ['prose and bare', (name, args) => `Let me do that.\n\n${json(name, args)}`],
  [
    'invoke',
    (name, args) =>
      `<invoke name="${name}">\n${each(args, (key, value) => `<parameter name="${key}">${value}</parameter>`)}\n</invoke>`,
  ],
  [
    'minimax',
    (name, args) =>
      `<minimax:tool_call>\n<invoke name="${name}">\n${each(args, (key, value) => `<parameter name="${key}">${value}</parameter>`)}\n</invoke>\n</minimax:tool_call>`,
  ],
  [
    'deepseek',
    (name, args) =>
      `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>${name}\n\`\`\`json\n${JSON.stringify(args)}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
  ],
  ['python tag', (name, args) => `<|python_tag|>${json(name, args, 'parameters')}`],
  [
    'seed',
    (name, args) =>
      `<seed:tool_call>\n<function=${name}>\n${each(args, (key, value) => `<parameter=${key}>${value}</parameter>`)}\n</function>\n</seed:tool_call>`,
  ],
  ['nemotron', (name, args) => `<TOOLCALL>[${json(name, args)}]</TOOLCALL>`],
  [
    'list',
    (name, args) =>
      JSON.stringify({
        tool_calls: [{ type: 'function', function: { name, arguments: JSON.stringify(args) } }],
      }),
  ],
  ['functools', (name, args) => `functools[${json(name, args)}]`],
  [
    'react',
    (name, args) => `Thought: I should use ${name}.\nAction: ${name}\nAction Input: ${JSON.stringify(args)}`,
  ],
  [
    'cline',
    (name, args) => `<${name}>\n${each(args, (key, value) => `<${key}>${value}</${key}>`)}\n</${name}>`,
  ],
  [
    'glm',
    (name, args) =>
      `<tool_call>${name}\n${each(args, (key, value) => `<arg_key>${key}</arg_key>\n<arg_value>${value}</arg_value>`)}\n</tool_call>`,
  ],
  [
    'harmony',
    (name, args) =>
      `<|channel|>commentary to=functions.${name} <|constrain|>json<|message|>${JSON.stringify(args)}<|call|>`,
  ],
];
