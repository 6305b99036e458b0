import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ToolSchema } from '../../src/model/chat.ts';
import { callSchema, readConstrained } from '../../src/model/constrained.ts';
import { isObject } from '../../src/model/json-object.ts';
import { createTools } from '../../src/tools/registry.ts';

const TOOLS: readonly ToolSchema[] = createTools({
  unifiedExec: false,
  canEscalate: true,
  env: () => ({}),
}).map(({ schema }) => schema);
const TEXT = { type: 'string', maxLength: 1900 };
const closed = (properties: object, required: readonly string[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const call = (name: string, args: object) => closed({ act: { const: name }, args }, ['act', 'args']);
const ANSWER = closed({ act: { const: 'answer' }, text: { type: 'string', minLength: 1, maxLength: 1900 } }, [
  'act',
  'text',
]);

test('the schema has one form for each tool, and the answer', () => {
  const named = (name: string) => TOOLS.filter((tool) => tool.function.name === name);
  const tools = [...named('apply_patch'), ...named('read_file'), ...named('update_plan')];
  const step = closed({ step: TEXT, status: { enum: ['pending', 'in_progress', 'completed'] } }, [
    'step',
    'status',
  ]);
  expect(callSchema(tools)).toEqual({
    anyOf: [
      call('apply_patch', closed({ input: { type: 'string' } }, ['input'])),
      call(
        'read_file',
        closed({ path: TEXT, offset: { type: 'integer' }, limit: { type: 'integer' } }, ['path']),
      ),
      call(
        'update_plan',
        closed({ plan: { type: 'array', minItems: 1, maxItems: 40, items: step }, explanation: TEXT }, [
          'plan',
        ]),
      ),
      ANSWER,
    ],
  });
  expect(callSchema([])).toEqual({ anyOf: [ANSWER] });
});

/** All objects in a value. */
function objectsIn(value: unknown): { readonly [name: string]: unknown }[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  return isObject(value) ? [value, ...Object.values(value).flatMap(objectsIn)] : [];
}

test('whatever the order in which the server hands it on, the model first says what it does; bounds are ones it takes', () => {
  const objects = objectsIn(callSchema(TOOLS));
  const forms = objects.flatMap(({ properties }) =>
    isObject(properties) && properties.act ? [properties] : [],
  );
  expect(forms).toHaveLength(TOOLS.length + 1);
  for (const form of forms) expect([...Object.keys(form)].sort()).toEqual(Object.keys(form));
  for (const form of forms) expect(Object.keys(form)[0]).toBe('act');
  const bounds = objects.flatMap(({ maxLength, maxItems }) => [maxLength, maxItems].filter(Number.isInteger));
  expect(Math.max(...bounds.map(Number))).toBeLessThanOrEqual(2000);
});

test('what fits is read, in any order of names', () => {
  const name = fc.constantFrom(...TOOLS.map((tool) => tool.function.name));
  const args = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(name, args, fc.boolean(), (act, given, isTurned) => {
      const text = JSON.stringify(isTurned ? { args: given, act } : { act, args: given });
      expect(readConstrained(` ${text}\n`, TOOLS)).toEqual({
        type: 'call',
        name: act,
        arguments: JSON.parse(JSON.stringify(given)),
      });
    }),
  );
  const said = fc.string().filter((text) => text.trim() !== '');
  fc.assert(
    fc.property(said, (text) => {
      expect(readConstrained(JSON.stringify({ act: 'answer', text }), TOOLS)).toEqual({
        type: 'answer',
        text,
      });
    }),
  );
});

test.each([
  ['nothing', ''],
  ['prose', 'I will read the file.'],
  ['another JSON', '{"ok": true}'],
  ['a tool that is not there', '{"act": "fly", "args": {}}'],
  ['no arguments', '{"act": "read_file"}'],
  ['arguments as text', '{"act": "read_file", "args": "{}"}'],
  ['an empty answer', '{"act": "answer", "text": " "}'],
  ['the beginning', '{"act": "answer", "text": "So'],
  ['a list', '[{"act": "answer", "text": "So"}]'],
])('%s does not fit', (_name, text) => {
  expect(readConstrained(text, TOOLS)).toBeUndefined();
});

test('no text makes the reading fail, and no cut JSON is taken for a whole one', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.json()),
      (text) => void readConstrained(text, TOOLS),
    ),
  );
  const whole = JSON.stringify({ act: 'shell', args: { command: 'rm -rf build/cache' } });
  for (let end = 0; end < whole.length; end += 1)
    expect(readConstrained(whole.slice(0, end), TOOLS)).toBeUndefined();
});
