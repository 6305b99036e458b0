/** A server may send anything as a schema, and a model anything as arguments. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findTools } from '../../../src/mcp/find.ts';
import { declaredNames } from '../../../src/mcp/names.ts';
import { declaredSchema } from '../../../src/mcp/schema/declared.ts';
import { fitArguments } from '../../../src/mcp/schema/fit.ts';
import { signatureOf } from '../../../src/mcp/schema/signature.ts';
import type { JsonObject } from '../../../src/protocol.ts';
import { cpuTime } from '../../support/cpu-time.ts';

const NAMES = ['a', 'b', '__proto__', 'constructor', 'path'];
const key = fc.constantFrom(...NAMES);
const { schema } = fc.letrec<{ schema: JsonObject; any: unknown }>((tie) => ({
  any: fc.oneof({ maxDepth: 4 }, fc.constantFrom(true, null, 3, 'string'), tie('schema')),
  schema: fc.record(
    {
      type: fc.oneof(
        fc.constantFrom('object', 'array', 'string', 'integer', 'boolean', 'null', 'nonsense', 5),
        fc.array(fc.constantFrom('string', 'null', 'object')),
      ),
      properties: fc.oneof(fc.dictionary(key, tie('any')), fc.constantFrom(null, [])),
      required: fc.oneof(fc.array(key), fc.constant('a')),
      items: tie('any'),
      enum: fc.array(fc.jsonValue({ maxDepth: 1 })),
      anyOf: fc.array(tie('any'), { maxLength: 3 }),
      allOf: fc.oneof(fc.array(tie('any'), { maxLength: 3 }), fc.constant(4)),
      additionalProperties: tie('any'),
      description: fc.oneof(fc.string(), fc.constant(7)),
      $ref: fc.constantFrom('#', '#/properties/a', '#/none', 'http://elsewhere', 7),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<JsonObject>,
}));
const given = fc.dictionary(key, fc.jsonValue({ maxDepth: 3, depthSize: 'xsmall' }), {
  maxKeys: 3,
}) as fc.Arbitrary<JsonObject>;

test('arguments are made to fit, or not, whatever the schema is; twice changes nothing', () => {
  fc.assert(
    fc.property(given, schema, (args, wanted) => {
      const once = fitArguments(args, wanted);
      if (once.ok) expect(fitArguments(once.arguments, wanted)).toEqual(once);
      else expect(once.problem).not.toBe('');
    }),
    { numRuns: 300 },
  );
});

test('a line and a declaration are made of any schema, and are bounded', () => {
  fc.assert(
    fc.property(schema, fc.string(), (inputSchema, description) => {
      const tool = { name: 'tool', description, inputSchema, isReadOnly: false };
      const line = signatureOf('server', tool);
      expect(line.length).toBeLessThan(500);
      expect(line).not.toContain('\n');
      const declared = declaredSchema('mcp__server__tool', tool);
      expect(JSON.parse(JSON.stringify(declared))).toEqual(declared);
      expect(declared.function.parameters.type).toBe('object');
      findTools('path of a thing', [{ server: 'server', tool }]);
    }),
    { numRuns: 300 },
  );
});

test('declared names are different, short, sorted and plain', () => {
  const named = fc.record({ server: fc.string(), tool: fc.string() });
  fc.assert(
    fc.property(fc.uniqueArray(named, { selector: ({ server, tool }) => `${server}\0${tool}` }), (tools) => {
      const names = [...declaredNames(tools).keys()];
      expect(names).toHaveLength(tools.length);
      expect(names).toEqual(names.toSorted());
      for (const name of names) expect(name).toMatch(/^[\w-]{1,64}$/);
    }),
  );
});

test('a schema whose members all refer to the whole takes no time', () => {
  const properties = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`p${at}`, { $ref: '#' }]));
  const inputSchema = { type: 'object', properties };
  const tool = { name: 'tool', description: '', inputSchema, isReadOnly: false };
  const read = (): void => {
    signatureOf('server', tool);
    declaredSchema('tool', tool);
    findTools('p1', [{ server: 'server', tool }]);
  };
  expect(cpuTime(read)).toBeLessThan(2_000);
});
