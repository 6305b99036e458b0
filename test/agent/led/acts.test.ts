import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  actSchema,
  MOST_VAIN,
  onlyAct,
  possibleActs,
  readAct,
  type Situation,
  type Variant,
} from '../../../src/agent/led/acts.ts';
import { Progress } from '../../../src/agent/led/progress.ts';
import { readTask } from '../../../src/agent/led/task.ts';
import { cpuTime } from '../../support/cpu-time.ts';
import { accepts, actsOf, situations } from './situations.ts';

const RUNS = { numRuns: 1_000 };

const names = (acts: readonly Variant[]): unknown[] => acts.map(({ act }) => act?.const);

/** The values of a property in the acts of that name; empty where it is free, or ordered word for word. */
const listed = (acts: readonly Variant[], act: string, property: string): string[] =>
  acts
    .filter((variant) => variant.act?.const === act)
    .flatMap((variant) => (variant[property]?.enum ?? []) as string[]);

const ordered = (acts: readonly Variant[]): unknown[] =>
  acts.flatMap(({ file }) => (file?.const === undefined ? [] : [file.const]));

const holds = (check: (acts: readonly Variant[], situation: Situation) => void): void => {
  fc.assert(
    fc.property(situations, (situation) => check(possibleActs(situation), situation)),
    RUNS,
  );
};

test('there is always something that can be done, once each, and no list of it is empty', () => {
  holds((acts) => {
    expect(acts.length).toBeGreaterThan(0);
    expect(new Set(names(acts)).size).toBe(acts.length);
    for (const schema of acts.flatMap((variant) => Object.values(variant)))
      if (Array.isArray(schema.enum)) expect(schema.enum.length).toBeGreaterThan(0);
  });
});

test('only files that exist are changed, read, deleted and moved; only such as do not are made', () => {
  holds((acts, { files }) => {
    expect(ordered(acts).filter((file) => !files.includes(String(file)))).toEqual([]);
    for (const act of ['change', 'read', 'delete', 'move', 'replace'])
      expect(listed(acts, act, 'file').filter((file) => !files.includes(file))).toEqual([]);
    const made = [...listed(acts, 'create', 'file'), ...listed(acts, 'move', 'to')];
    expect(made.filter((file) => files.includes(file))).toEqual([]);
  });
});

test('what is in view is not read', () => {
  holds((acts, { progress }) => {
    expect(listed(acts, 'read', 'file').filter((file) => progress.inView.has(file))).toEqual([]);
  });
});

test('a question changes nothing', () => {
  holds((acts, { task }) => {
    if (task.kind !== 'question') return;
    expect(
      names(acts).filter((act) => ['change', 'create', 'delete', 'move', 'replace'].includes(String(act))),
    ).toEqual([]);
  });
});

test('while the check fails there is no answer but where nothing else is left', () => {
  holds((acts, { progress }) => {
    if (progress.hasChanged && progress.check === 'failed' && acts.length > 1)
      expect(names(acts)).not.toContain('answer');
  });
});

test('once the check passes there is nothing but the answer, and what the task orders besides', () => {
  holds((acts, { task, progress }) => {
    if (!progress.hasChanged || progress.check !== 'passed') return;
    const left = [...ordered(acts), ...['change', 'replace'].flatMap((act) => listed(acts, act, 'file'))];
    const isOrdered = (file: unknown): boolean => task.orders.some((order) => order.file === file);
    const isDue = task.mustChange.some((file) => left.includes(file));
    if (left.some(isOrdered) || isDue || task.rename !== undefined) return;
    expect(acts).toEqual([{ act: { const: 'answer' } }]);
  });
});

test('where a change is wanted and nothing was done, there is no answer', () => {
  holds((acts, { task, progress }) => {
    const isUntouched = !progress.hasChanged && progress.vain === 0 && progress.ran.size === 0;
    if (task.kind === 'change' && isUntouched && acts.length > 1) expect(names(acts)).not.toContain('answer');
  });
});

test('a search that is made again is the last one', () => {
  fc.assert(
    fc.property(situations, fc.string(), (situation, text) => {
      for (const _ of [1, 2]) situation.progress.noteSearch(text);
      expect(names(possibleActs(situation))).not.toContain('search');
    }),
  );
});

test('what is ordered to run can be run, even if all files are in view and no command is named', () => {
  holds((acts, { task, progress }) => {
    if (!task.asksToRun || task.commands.length > 0 || progress.hasChanged) return;
    if (progress.ran.size + progress.vain > 0 || ordered(acts).length > 0 || task.rename !== undefined)
      return;
    expect(names(acts)).toContain('run');
  });
});

test('a fault is not answered for because a command failed', () => {
  holds((acts, { task, progress }) => {
    const { isFix, kind, check } = task;
    if (!isFix || kind !== 'change' || check !== undefined || acts.length === 1) return;
    if (progress.hasChanged || progress.vain >= MOST_VAIN || progress.refused.size > 0) return;
    if (![...progress.ran.values()].includes(true)) expect(names(acts)).not.toContain('answer');
  });
});

test('what is changed is not changed again unless the check fails', () => {
  holds((acts, { progress }) => {
    if (progress.check === 'failed') return;
    expect(listed(acts, 'change', 'file').filter((file) => progress.changed.has(file))).toEqual([]);
  });
});

test('properties come in the order of the alphabet, which a server may sort them by', () => {
  holds((acts) => {
    for (const variant of acts) expect(Object.keys(variant)).toEqual(Object.keys(variant).toSorted());
  });
});

test('the schema accepts exactly the acts', () => {
  fc.assert(
    fc.property(
      situations.map(possibleActs).chain((acts) => fc.tuple(fc.constant(acts), actsOf(acts))),
      ([acts, act]) => {
        expect(accepts(actSchema(acts), act)).toBe(true);
        expect(accepts(actSchema(acts), { ...act, more: 1 })).toBe(false);
      },
    ),
    RUNS,
  );
});

test('an act is read as it was written, also with words around it', () => {
  const words = fc.string({ maxLength: 40 }).filter((text) => !text.includes('{'));
  fc.assert(
    fc.property(
      situations.map(possibleActs).chain((acts) => fc.tuple(fc.constant(acts), actsOf(acts))),
      words,
      words,
      ([acts, act], before, after) => {
        expect(readAct(JSON.stringify(act), acts)).toEqual(act);
        expect(readAct(`${before}\n${JSON.stringify(act, null, 2)}\n${after}`, acts)).toEqual(act);
        expect(readAct(`\`\`\`json\n${JSON.stringify(act)}\n\`\`\``, acts)).toEqual(act);
        expect(readAct(`Of {all} of them: ${JSON.stringify(act)}`, acts)).toEqual(act);
      },
    ),
    RUNS,
  );
});

test('where there is no choice the act is known, and it is the one that would be read', () => {
  holds((acts) => {
    const only = onlyAct(acts);
    if (only === undefined) return;
    expect(acts).toHaveLength(1);
    expect(readAct(JSON.stringify(only), acts)).toEqual(only);
  });
});

test('nothing is read that the schema does not accept', () => {
  const act = fc.record({
    act: fc.constantFrom('answer', 'change', 'create', 'delete', 'read', 'move', 'run', 'search', '', null),
    file: fc.option(fc.constantFrom('calc.py', 'new.txt', '/etc/passwd', '', ' ', 'x'.repeat(101), 7), {
      nil: undefined,
    }),
    to: fc.option(fc.constantFrom('lib/calc.py', 'x'.repeat(101), ['a']), { nil: undefined }),
    command: fc.option(fc.constantFrom('make', 'x'.repeat(301), 'rm -rf /'), { nil: undefined }),
    text: fc.option(fc.constantFrom('mul', 'x'.repeat(81), '\t'), { nil: undefined }),
  });
  const value = fc.oneof(
    act,
    act.map((within) => ({ within })),
    fc.anything(),
    fc.jsonValue(),
    fc.array(act),
  );
  const text = fc.oneof(
    value.map((one) => JSON.stringify(one) ?? 'undefined'),
    value.map((one) => `I choose ${JSON.stringify(one)}, because {"act": "answer"} is not it.`),
    value.map((one) => JSON.stringify(one)?.slice(0, -3) ?? ''),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.json().map((json) => `{${json}`),
  );
  fc.assert(
    fc.property(situations, text, (situation, answer) => {
      const acts = possibleActs(situation);
      const found = readAct(answer, acts);
      if (found !== undefined) expect(accepts(actSchema(acts), found)).toBe(true);
      // An object as it stands, not one in it.
      if (found !== undefined && isObject(answer)) expect(JSON.parse(answer)).toEqual(found);
    }),
    { numRuns: 5_000 },
  );
});

test('an answer of any size is read in linear time', () => {
  const acts = possibleActs({
    task: readTask('Fix calc.py', ['calc.py']),
    files: ['calc.py'],
    progress: new Progress(),
  });
  for (const piece of ['{', '{"a":', '{}', '["', '{"act": "answer", ']) {
    expect(cpuTime(() => readAct(piece.repeat(100_000 / piece.length), acts))).toBeLessThan(1_000);
  }
});

function isObject(text: string): boolean {
  try {
    return text.startsWith('{') && JSON.parse(text) !== null;
  } catch {
    return false;
  }
}

const situation = (text: string, files: readonly string[], seen = files): Situation => {
  const progress = new Progress();
  for (const file of seen) progress.inView.add(file);
  return { task: readTask(text, files), files, progress };
};

test.each<[string, Situation, Variant[]]>([
  [
    'a fix of a named file that is in view is not asked for',
    situation('Fix the bug in calc.py.', ['calc.py', 'other.py']),
    [{ act: { const: 'change' }, file: { enum: ['calc.py'] } }],
  ],
  [
    'a new file',
    situation('Create a file hello.txt that says hi.', ['calc.py']),
    [
      { act: { const: 'change' }, file: { enum: ['calc.py'] } },
      { act: { const: 'create' }, file: { enum: ['hello.txt'] } },
    ],
  ],
  [
    'a question about what is in view is answered',
    situation('What does calc.py do?', ['calc.py']),
    [{ act: { const: 'answer' } }],
  ],
  [
    'a report needs its command first',
    situation('Run `python3 gen.py` and tell me the number.', ['gen.py']),
    [{ act: { const: 'run' }, command: { enum: ['python3 gen.py'] } }],
  ],
])('%s', (_name, given, acts) => {
  expect(possibleActs(given)).toEqual(acts);
});
