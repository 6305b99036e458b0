/** The cell of a sub-agent, live and finished, and the same in the transcript, in words, and for a task without a terminal. */
import { expect, test } from 'vitest';
import { HumanEvents } from '../../../src/cli/exec/exec-human.ts';
import { JsonEvents } from '../../../src/cli/exec/exec-json.ts';
import type { Event, Item } from '../../../src/protocol.ts';
import { liveTaskLines, taskLines } from '../../../src/tui/lines/task.ts';
import { wholeItemLines } from '../../../src/tui/overlay/transcript.ts';
import { beginningWords, endingWords } from '../../../src/tui/plain/item-words.ts';
import { Cells } from '../../../src/tui/screen/cells.ts';
import { TranscriptStore } from '../../../src/tui/screen/transcript-store.ts';
import { begins, call, command, ends } from '../../support/tui-events.ts';
import { atWidths, context, inColor, plain, problems } from './support.ts';

type TaskItem = Extract<Item, { type: 'task' }>;

const STEPS: readonly Item[] = [
  call('read_file', { path: 'src/a.ts' }, { id: 's1', output: '1\tone\n2\ttwo' }),
  call('ripgrep', { pattern: 'answer', path: 'src' }, { id: 's2', output: 'src/a.ts:1:one' }),
  command("/bin/bash -c 'git log'", { id: 's3', output: 'commit 1', exitCode: 1, status: 'failed' }),
  call('search_code', { query: 'answers' }, { id: 's4' }),
];

const TASK: TaskItem = {
  type: 'task',
  id: 't',
  prompt: 'Where is the answer\nand who uses it?',
  steps: STEPS,
  tokens: 12_345,
  output: 'It is in src/a.ts:1.\nNobody uses it.\n[Every place that it names was found in the code.]',
  status: 'completed',
};
const BEGUN: TaskItem = {
  type: 'task',
  id: 't',
  prompt: TASK.prompt,
  steps: [],
  output: '',
  status: 'in_progress',
};

test('one that has ended: its first steps, and the beginning of its result', () => {
  expect(atWidths((ctx) => taskLines(TASK, ctx))).toMatchInlineSnapshot(`
    "── 20
    • Sub-agent (4 steps, 12.3k tokens) Whe…
      └ Read src/a.ts
        Search answer …
        Ran git log (f…
        … +1 step (ctr…
      └ It is in
        src/a.ts:1.
        Nobody uses it.
        [Every place
        that it names
        was found in
        the code.]
    ── 60
    • Sub-agent (4 steps, 12.3k tokens) Where is the answer and who uses it?
      └ Read src/a.ts
        Search answer in src
        Ran git log (failed)
        … +1 step (ctrl+t)
      └ It is in src/a.ts:1.
        Nobody uses it.
        [Every place that it names was found in the code.]
    ── 100
    • Sub-agent (4 steps, 12.3k tokens) Where is the answer and who uses it?
      └ Read src/a.ts
        Search answer in src
        Ran git log (failed)
        … +1 step (ctrl+t)
      └ It is in src/a.ts:1.
        Nobody uses it.
        [Every place that it names was found in the code.]"
  `);
  expect(taskLines({ ...TASK, status: 'failed' }, context())[0]).toMatch(/^✗/);
});

test('one that is being done: its last steps', () => {
  expect(
    liveTaskLines({ ...BEGUN, steps: STEPS, tokens: 900 }, { elapsedMs: 61_000 }, context(), 9),
  ).toMatchInlineSnapshot(`
    [
      "• Sub-agent (1m 01s, 4 steps, 900 tokens) Where is the ans…",
      "  └ Search answer in src",
      "    Ran git log (failed)",
      "    Called search_code {"query":"answers"}",
    ]
  `);
  expect(liveTaskLines({ ...BEGUN, steps: STEPS }, { elapsedMs: 0 }, context(), 2)).toHaveLength(2);
});

test('whatever it holds, no row is too wide and no style stays open', () => {
  const hostile = '\x1b[31m\u202e好'.repeat(200);
  const step = call('x\x1b', { path: hostile }, { output: hostile });
  const item = { ...TASK, prompt: hostile, steps: [step, step, step, step, step], output: hostile };
  expect(problems(liveTaskLines(item, { elapsedMs: 0 }, inColor(40), 9), 40)).toEqual([]);
  expect(problems(taskLines(item, inColor(40)))).toEqual([]);
  expect(problems(wholeItemLines(item, inColor(40)))).toEqual([]);
});

function steps(tokens = 900): Event[] {
  return STEPS.flatMap((step) => [
    { type: 'task_step', itemId: 't', step: { ...step, status: 'in_progress', output: '' } as Item, tokens },
    { type: 'task_step', itemId: 't', step, tokens },
  ]);
}

test('a step that ends takes the place of the same step that began', () => {
  const cells = new Cells(() => context());
  const store = new TranscriptStore();
  for (const event of [begins(BEGUN), ...steps()]) {
    cells.handle(event, 0);
    store.handle(event);
  }
  expect(cells.liveLines(9, 0)[1]).toContain('(4 steps, 900 tokens)');
  expect(store.items).toEqual([{ ...BEGUN, steps: STEPS, tokens: 900 }]);
  cells.handle(ends(TASK), 0);
  expect(cells.printed.flatMap(({ lines }) => lines)).toEqual(taskLines(TASK, context()));
  // A step of one that is unknown changes nothing.
  for (const event of steps()) cells.handle({ ...event, itemId: 'other' } as Event, 0);
  expect(cells.liveLines(9, 0)).toEqual([]);
});

test('the transcript has all of it', () => {
  expect(wholeItemLines(TASK, context(70)).map(plain).join('\n')).toMatchInlineSnapshot(`
    "• Sub-agent
      Where is the answer
      and who uses it?

      • read_file {"path":"src/a.ts"}
        1   one
        2   two

      • ripgrep {"pattern":"answer","path":"src"}
        src/a.ts:1:one

      $ git log
        commit 1
        exit code 1, 0s, in ~/shop

      • search_code {"query":"answers"}

      Result (4 steps, 12.3k tokens)
      It is in src/a.ts:1.
      Nobody uses it.
      [Every place that it names was found in the code.]"
  `);
});

test('in words', () => {
  expect(beginningWords(BEGUN)).toMatchInlineSnapshot(`
    [
      "Sub-agent: Where is the answer",
      "  and who uses it?",
    ]
  `);
  expect(endingWords(TASK, { isNamed: true }, context())).toMatchInlineSnapshot(`
    [
      "Sub-agent: 4 steps, 12.3k tokens:",
      "  It is in src/a.ts:1.",
      "  Nobody uses it.",
      "  [Every place that it names was found in the code.]",
    ]
  `);
  expect(endingWords({ ...TASK, status: 'failed' }, { isNamed: false }, context())[0]).toMatchInlineSnapshot(
    `"Sub-agent, Where is the answer and who uses it?: 4 steps, 12.3k tokens (failed):"`,
  );
});

test('without a terminal', () => {
  let written = '';
  const write = (text: string): void => {
    written += text;
  };
  const human = new HumanEvents({ write, color: false, live: false });
  for (const event of [begins(BEGUN), ...steps(), ends(TASK)]) human.handle(event);
  human.close();
  expect(written).toMatchInlineSnapshot(`
    "sub-agent
    Where is the answer
    and who uses it?
      read_file {"path":"src/a.ts"}
      ripgrep {"pattern":"answer","path":"src"}
      exec /bin/bash -c 'git log'
      search_code {"query":"answers"}
    sub-agent completed: 4 steps, 12.3k tokens
    It is in src/a.ts:1.
    Nobody uses it.
    [Every place that it names was found in the code.]
    "
  `);
});

test('as JSON: each step when it has ended, and all of them in the end', () => {
  const lines: unknown[] = [];
  const json = new JsonEvents((line) => lines.push(JSON.parse(line)));
  for (const event of [begins(BEGUN), ...steps(), ends(TASK)]) json.handle(event);
  expect(lines).toHaveLength(2 + STEPS.length);
  expect(lines.slice(0, 2)).toMatchInlineSnapshot(`
    [
      {
        "item": {
          "arguments": {
            "prompt": "Where is the answer
    and who uses it?",
          },
          "error": null,
          "id": "item_0",
          "result": null,
          "server": "oagent",
          "status": "in_progress",
          "steps": [],
          "tool": "task",
          "type": "mcp_tool_call",
        },
        "type": "item.started",
      },
      {
        "item": {
          "id": "item_0",
          "steps": [
            {
              "arguments": {
                "path": "src/a.ts",
              },
              "error": null,
              "id": "s1",
              "result": {
                "content": [
                  {
                    "text": "1	one
    2	two",
                    "type": "text",
                  },
                ],
                "structured_content": null,
              },
              "server": "oagent",
              "status": "completed",
              "tool": "read_file",
              "type": "mcp_tool_call",
            },
          ],
          "type": "mcp_tool_call",
        },
        "type": "item.updated",
      },
    ]
  `);
  expect(lines.at(-1)).toMatchObject({
    type: 'item.completed',
    item: { id: 'item_0', tool: 'task', status: 'completed', steps: STEPS.map(({ id }) => ({ id })) },
  });
});
