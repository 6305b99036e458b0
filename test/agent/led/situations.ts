/** Arbitrary situations of a led turn, and what a schema of its grammar accepts. */
import fc from 'fast-check';
import type { Situation, Variant } from '../../../src/agent/led/acts.ts';
import type { Order } from '../../../src/agent/led/orders.ts';
import { Progress } from '../../../src/agent/led/progress.ts';
import type { Task } from '../../../src/agent/led/task.ts';
import type { JsonObject } from '../../../src/protocol.ts';

const FILES = [
  'calc.py',
  'test_calc.py',
  'README.md',
  'src/a b.js',
  'src/größe.ts',
  'config.json',
  'Makefile',
];
const ABSENT = ['new.txt', 'src/new.py', 'lib/calc.py'];
const COMMANDS = ['node test.js', 'python3 gen.py', 'make'];

const flag = fc.boolean();

const tasks: fc.Arbitrary<Task> = fc
  .record({
    named: fc.subarray(FILES),
    missing: fc.subarray(ABSENT),
    commands: fc.subarray(COMMANDS),
    tests: fc.constantFrom(undefined, 'npm test'),
    hasCheck: flag,
    mustRun: flag,
    asksToRun: flag,
    kind: fc.constantFrom('question', 'change', 'open'),
    isPlan: flag,
    isFix: flag,
    adds: flag,
    deletes: flag,
    moves: flag,
    mustChange: fc.subarray(FILES, { maxLength: 2 }),
    ordered: fc.subarray(FILES, { maxLength: 2 }),
    rename: fc.option(fc.constant({ from: 'mul', to: 'multiply' }), { nil: undefined }),
  })
  .map(({ hasCheck, mustRun, ordered, ...rest }) => {
    const check = hasCheck && rest.kind !== 'question' ? rest.commands[0] : undefined;
    return {
      ...rest,
      text: 'Do it.',
      check,
      orders: rest.kind === 'change' ? ordered.map(orderOf) : [],
      mustRun: mustRun && check === undefined ? rest.commands[0] : undefined,
    };
  });

function orderOf(file: string, at: number): Order {
  return at === 0 ? { act: 'delete', file } : { act: 'move', file, to: `moved/${file}` };
}

/** What can happen in a turn, in any order. */
const happenings = fc.array(
  fc.record({
    what: fc.constantFrom('seen', 'changed', 'vain', 'removed', 'ran'),
    at: fc.nat(20),
    ok: flag,
  }),
  { maxLength: 12 },
);

export const situations: fc.Arbitrary<Situation> = fc
  .record({
    task: tasks,
    present: fc.subarray([...FILES, ...ABSENT]),
    check: fc.constantFrom('not run', 'passed', 'failed', 'unusable'),
    happenings,
    holding: fc.subarray([...FILES, ...ABSENT]),
  })
  .map(({ task, present, check, happenings, holding }) => {
    const progress = new Progress();
    const files = new Set(present);
    for (const { what, at, ok } of happenings) {
      const file = [...files][at % Math.max(1, files.size)];
      if (what === 'ran') progress.ran.set(COMMANDS[at % COMMANDS.length] ?? '', ok);
      if (file === undefined) continue;
      if (what === 'seen') progress.inView.add(file);
      if (what === 'vain') progress.noteVain(file);
      if (what === 'changed') progress.noteChange(file);
      if (what === 'removed') {
        files.delete(file);
        progress.noteChange(file);
        progress.inView.delete(file);
        progress.hasDeletedOrMoved = true;
      }
    }
    if (task.check !== undefined) progress.check = check;
    return { task, files: [...files], holding: holding.filter((file) => files.has(file)), progress };
  });

/** The values that a property of a schema allows here. */
function valuesOf(schema: JsonObject): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: Number(schema.maxLength) });
  return text.filter((value) => value.trim() !== '');
}

/** Acts that these variants allow, and the variant of each. */
export function actsOf(variants: readonly Variant[]): fc.Arbitrary<JsonObject> {
  return fc
    .constantFrom(...variants)
    .chain((variant) =>
      fc.record(
        Object.fromEntries(Object.entries(variant).map(([name, schema]) => [name, valuesOf(schema)])),
      ),
    );
}

/** What JSON Schema says, for the keywords that the grammar has. Throws for any other. */
export function accepts(schema: JsonObject, value: unknown): boolean {
  const { anyOf, type, properties, required, additionalProperties, enum: some, maxLength, ...rest } = schema;
  if ('const' in rest) return rest.const === value;
  if (Object.keys(rest).length > 0) throw new Error(`unknown keywords: ${Object.keys(rest).join(' ')}`);
  if (Array.isArray(anyOf)) return anyOf.some((one) => accepts(one, value));
  if (Array.isArray(some)) return some.includes(value);
  if (type === 'string') return typeof value === 'string' && [...value].length <= Number(maxLength);
  if (type !== 'object' || additionalProperties !== false) throw new Error('an open object');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const known = properties as { readonly [name: string]: JsonObject };
  return (
    (required as readonly string[]).every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, one]) => {
      const own = Object.hasOwn(known, name) ? known[name] : undefined;
      return own !== undefined && accepts(own, one);
    })
  );
}
