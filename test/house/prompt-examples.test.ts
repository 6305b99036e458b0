/** Small models give back what they are shown: no text for a model may hold what could be taken for its task. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PatchError } from '../../src/tools/apply-patch/errors.ts';
import { parsePatch } from '../../src/tools/apply-patch/parse.ts';
import { allTasks } from '../bench/real/all-tasks.ts';
import { examplesIn, isSaid, placeholdersIn, readPrompts, saidIn } from '../support/prompt-examples.ts';
import { type RecordedAnswer, readOffers, readRecordedAnswers } from '../support/recorded-answers.ts';

/** What models once gave back as patches, citations and last lines. */
const KNOWN_LEAKS = [
  'first line',
  'old.txt',
  'notes.txt',
  'src/app.py',
  'path/to/file',
  'In updates every line starts with',
];

/** What the model is to write itself, in a form that only has one meaning. */
const GRAMMAR: { readonly [file: string]: { readonly [found: string]: string } } = {
  'notes/as-json.md': {
    '"act"': 'a property of the schema: model/constrained.ts',
    '"answer"': 'the act that ends a turn',
    '"args"': 'a property of the schema',
    '"text"': 'a property of the schema',
  },
  'tools/apply_patch.md': { '`*** Move to: {}`': 'a line of the grammar' },
};

/** Names of what there really is. */
const NAMES: { readonly [file: string]: { readonly [found: string]: string } } = {
  'init.md': {
    '"Repository Guidelines"': 'the title that is wanted; the text is the task itself',
    'AGENTS.md': 'the file that is wanted',
  },
  'quoted-agents-md.md': { 'AGENTS.md': 'the file that is quoted' },
  'system.md': { 'AGENTS.md': 'the file whose contents the first message carries' },
};

/** Each line is a request of its own, and nothing else is asked for with it. */
const TASKS = ['try/requests.md'];
/** Printed by a program that the model has run, after its own command: it names that program. */
const OUTPUTS = ['commands/no-editor.md'];

const prompts = Object.entries(readPrompts()).filter(([file]) => ![...TASKS, ...OUTPUTS].includes(file));

describe('texts in prompts/', () => {
  test('hold no example, but for what is allowed with a reason', () => {
    const found = prompts.flatMap(([file, text]) => examplesIn(text).map((example) => `${file}: ${example}`));
    const allowed = [GRAMMAR, NAMES].flatMap((files) =>
      Object.entries(files).flatMap(([file, its]) =>
        Object.keys(its).map((example) => `${file}: ${example}`),
      ),
    );
    expect(found.toSorted()).toEqual(allowed.toSorted());
  });

  test('hold nothing that was seen to leak', () => {
    const leaks = prompts.flatMap(([file, text]) =>
      KNOWN_LEAKS.filter((leak) => text.includes(leak)).map((leak) => `${file}: ${leak}`),
    );
    expect(leaks).toEqual([]);
  });

  test.each([
    ['Name code as `path:line`.', ['`path:line`', 'path:line']],
    ['*** Add File: notes.txt\n+first line', ['+first line', 'notes.txt']],
    ['*** Add File: {path}\n+{added line}\n {kept line}\n@@', []],
    ["Lines start with ' ', '-' or '+'.\n- Look first.\n- <path>", []],
    ["The user's words, the plan's steps.", []],
    ['Say "I am done", then run git status.', ['"I am done"', 'git']],
    ['Read src/app.py and call greet(name).', ['greet(name)', 'src/app.py']],
    ['```\nprint(x)\n```', ['```', 'print(x)']],
    ["Write ' line', not 'line'.", ["' line'", "'line'"]],
  ])('what counts: %j', (text, expected) => {
    expect(examplesIn(text)).toEqual(expected.toSorted());
  });
});

test('what tools and harness say holds nothing that was seen to leak', () => {
  const said = globSync('src/{agent,context,tools}/**/*.ts').map((file) => {
    const code = readFileSync(file, 'utf8').replace(/^\s*(?:\/\*\*[\s\S]*?\*\/|\/\/.*)$/gm, '');
    // Codex's own message, to the letter.
    return { file, code: code.replace('The first line of the patch must be', '') };
  });
  const leaks = said.flatMap(({ file, code }) =>
    KNOWN_LEAKS.filter((leak) => code.includes(leak)).map((leak) => `${file}: ${leak}`),
  );
  expect(leaks).toEqual([]);
});

describe('refused patches', () => {
  const patch = (...lines: string[]): string => ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');
  const UPDATE = '*** Update File: a';
  test.each([
    ['no frame', '', []],
    ['no end', '*** Begin Patch', []],
    ['no header', patch('x'), []],
    ['no hunk', patch(UPDATE), ["'@@'"]],
    ['a bare move', patch(UPDATE, '*** Move to: b'), ['`mv`', 'mv']],
    ['a line without its sign', patch(UPDATE, '@@', '-a', 'b'), []],
    ['a first line without its sign', patch(UPDATE, '@@', 'b'), []],
  ])('%s: the hint holds grammar and placeholders only', (_name, text, expected) => {
    expect(examplesIn(hintOf(text))).toEqual(expected.filter((one) => /\w/.test(one)));
  });
});

function hintOf(text: string): string {
  try {
    parsePatch(text);
  } catch (error) {
    if (error instanceof PatchError) return error.hint ?? '';
    throw error;
  }
  throw new Error('not refused');
}

describe('recorded answers', () => {
  const names = Object.values(NAMES).flatMap((its) =>
    Object.keys(its).map((name) => name.replaceAll('"', '')),
  );
  const shown = [...new Set([...prompts.flatMap(([, text]) => placeholdersIn(text)), ...names])];

  /**
   * What an answer gives back of the texts it was shown.
   *
   * @param given what the task says itself. @param offered the tools at the time: answers to earlier texts stay as test data.
   */
  function leaksOf(answer: RecordedAnswer, given = '', offered = ''): string[] {
    const said = saidIn(answer);
    const known = KNOWN_LEAKS.filter((leak) => !offered.includes(leak));
    return [...shown, ...known].filter((leak) => isSaid(said, leak) && !given.includes(leak));
  }

  test('hold none of what they were shown', () => {
    const offers = readOffers();
    const leaks = readRecordedAnswers().flatMap(({ answers }) =>
      answers.flatMap((answer) => {
        const offered = JSON.stringify(offers[answer.offer] ?? '');
        return leaksOf(answer, givenBy(answer), offered).map((leak) => `${answer.id}: ${leak}`);
      }),
    );
    expect(leaks).toEqual([]);
  });

  const answered = (...lines: RecordedAnswer['lines']): RecordedAnswer => ({
    id: 'task digest',
    model: 'm:1b',
    offer: 'x',
    lines,
  });
  const called = (input: string): RecordedAnswer => {
    const message = { tool_calls: [{ function: { name: 'apply_patch', arguments: { input } } }] };
    return answered({ line: JSON.stringify({ message }) });
  };

  test('a leak is found in text, in calls, and in calls that came as text', () => {
    expect(shown).toEqual([
      '*** Update File: {path}',
      '*** Add File: {path}',
      '*** Delete File: {path}',
      '{new path}',
      '{kept line}',
      '{removed line}',
      '{added line}',
      'Repository Guidelines',
      'AGENTS.md',
    ]);
    expect(
      [
        answered('See ', 'src/app.', 'py:10.'),
        called('*** Add File: notes.txt\n+first line'),
        answered('{"input": "*** Delete File: {path}\\n+x"}'),
        called('*** Update File: a\n@@\n {kept line}'),
      ].map((answer) => leaksOf(answer)),
    ).toEqual([['src/app.py'], ['first line', 'notes.txt'], ['*** Delete File: {path}'], ['{kept line}']]);
  });

  test('English, code with braces, what the task names, and what was offered at the time are none', () => {
    const text = 'I changed the first line: `print(f"{path}")`. See my_notes.txt.';
    expect(leaksOf(answered(text))).toEqual([]);
    expect(leaksOf(answered('old.txt'), 'Delete old.txt.')).toEqual([]);
    expect(leaksOf(answered('old.txt'), '', '*** Delete File: old.txt')).toEqual([]);
  });
});

/** All that the task of an answer says: its prompt and its files. */
function givenBy({ id }: RecordedAnswer): string {
  const task = allTasks.find(({ name }) => id.startsWith(`${name} `));
  return task === undefined ? '' : [task.prompt, ...Object.entries(task.files).flat()].join('\n');
}
