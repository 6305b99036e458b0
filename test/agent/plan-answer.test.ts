import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlan } from '../../src/agent/plan-answer.ts';
import { anyText } from '../support/any-text.ts';
import { cpuTime } from '../support/cpu-time.ts';

test.each([
  '1. Add a.txt.',
  '1) Add a.txt.\n2) Check it.',
  'Here is the plan:\n\n1. Add `a.txt`.\n2. Check it with `cat a.txt`.',
  '**1. Add a.txt**\nIt has one line.',
  '## Step 1\n\nAdd a.txt.',
  '### Step 1: Add a.txt',
  'Step 1: add a.txt\nStep 2: check it',
  'Schritt 1: a.txt anlegen',
  '第一步：修改 src/a.ts',
  '1、修改 src/a.ts\n2、运行测试',
  '- Add a.txt.\n- Check it.',
  '1. Change add:\n\n   ```ts\n   return a + b;\n   ```\n\n2. Run the tests.',
  '```\n1. Add a.txt.\n2. Check it.\n```',
  '```markdown\n# Plan\n\n1. Add a.txt.\n```',
  '1. Add a.txt.\n2. Check it.\n\nOpen questions:\n- Which name?',
  '1. Add a.txt.\n2. Check it.\n\nShall I go on?',
  '1. Prepare\n2. Test',
  '1. `src/a.ts`: return a + b',
  '1. Add a.txt.\n2. Is a test wanted?',
])('%j is a plan', (answer) => {
  expect(isPlan(answer)).toBe(true);
});

test.each([
  '',
  'ask_user("Which port?")',
  'update_plan([{"step": "Add a.txt.", "status": "pending"}])',
  'update_plan(plan=[\n  "1. Add a.txt.",\n  "2. Check it."\n])',
  '{"name": "update_plan", "arguments": {"plan": [{"step": "1. Add a.txt."}]}}',
  '```json\n{"name": "read_file", "arguments": {"path": "a.txt"}}\n```',
  '<tool_call>\n{"name": "shell"}\n</tool_call>',
  'Which port?',
  'Which port shall I use?\n1. 3000\n2. 8080',
  'I need to know:\n1. Which port?\n2. Which host?',
  'Which one?\n\n- the short way\n- the long way',
  '```ts\nexport const add = (a, b) => a + b;\n```',
  'Here is the changed file:\n\n```ts\n// 1. Add\n// 2. Check\nexport const a = 1;\n```',
  'src/calc.py\n```\ndef add(a, b):\n    return a + b\n```',
  '```yaml\n- name: a\n- name: b\n```',
  'def add(a, b):\n    return a + b',
  'I will look at the files first.',
  'Done.',
  'Python 3.12 is used here.',
  '1: export const a = 1;\n2: export const b = 2;',
  '   1\timport a\n   2\timport b',
  '- nothing',
  '1. a.txt\n```\na\n```',
  '1. ```python\ndef add(a, b):\n    return a + b\n```',
  '1. def add(a, b):\n    return a + b',
  '1. src/a.ts\n2. src/b.ts',
  '*** Begin Patch\n*** Add File: a.txt\n+1. a\n*** End Patch',
])('%j is none', (answer) => {
  expect(isPlan(answer)).toBe(false);
});

test('steps are a plan whatever prose and code stand around them; code and questions alone are none', () => {
  const word = fc.constantFrom(
    'change',
    'src/a.ts',
    'the function',
    'so that',
    'it',
    'returns',
    '文件',
    'prüfen',
  );
  const line = fc.array(word, { minLength: 2, maxLength: 8 }).map((words) => words.join(' '));
  const code = fc.array(line, { maxLength: 4 }).map((lines) => `\`\`\`ts\n${lines.join('\n')}\n\`\`\``);
  const around = fc.oneof(line, code, fc.constant(''));
  fc.assert(
    fc.property(around, fc.array(line, { minLength: 1, maxLength: 5 }), around, (before, steps, after) => {
      const list = steps.map((step, at) => `${at + 1}. ${step}`).join('\n');
      expect(isPlan(`${before}\n\n${list}\n\n${after}`)).toBe(true);
    }),
  );
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          code,
          line.map((one) => `${one}?`),
        ),
        { maxLength: 4 },
      ),
      (parts) => {
        expect(isPlan(parts.join('\n\n'))).toBe(false);
      },
    ),
  );
});

test('any text is judged, and at once', () => {
  fc.assert(fc.property(anyText(), (text) => typeof isPlan(text) === 'boolean'));
  for (const piece of ['1. ', '- a\n', '```\n', '# ', '?\n', '*_#', '1. a?\n', 'a 1. ', '```\n1. a'])
    expect(cpuTime(() => isPlan(piece.repeat(50_000)))).toBeLessThan(1_000);
});
