import path from 'node:path';
import { expect, test } from 'vitest';
import { indexCommand } from '../../../src/cli/commands/index-command.ts';
import { planSession } from '../../../src/session/plan.ts';
import { commit, repository, temporaryFolder, write } from '../../repo-index/repository.ts';

const QUESTION = 'how is a failed request retried?';

const FILES = {
  'src/retry.ts': '/** Tries a failed request again. */\nexport function retryRequest() {\n  return 3;\n}\n',
  'src/socket.ts': 'export function openSocket() {\n  return "request";\n}\n',
  'test/retry.test.ts': "test('a failed request is retried', () => {});\n",
  'src/colour.ts': 'export const red = 1;\n',
  'README.md': '# Sockets\n\nA library.\n',
};

function setUp(files: Readonly<Record<string, string | Buffer>> = FILES) {
  const cwd = repository(files);
  const home = temporaryFolder();
  const { loaded } = planSession(
    { cd: cwd, config: ['ollama.host="http://127.0.0.1:9"'] },
    { ignoreUserConfig: true },
  );
  const why = async (file: string, question = QUESTION, json = false) => {
    let [out, err] = ['', ''];
    const code = await indexCommand(
      { name: 'why', path: file, question },
      { json },
      { cwd, home, env: process.env, loaded },
      {
        out: (text) => {
          out += text;
        },
        err: (text) => {
          err += text;
        },
        isTerminal: false,
        interrupted: new Promise(() => undefined),
      },
    );
    return { code, out, err };
  };
  return { cwd, why };
}

test('the evidence of a file, its share, its place, and what is first', async () => {
  const { cwd, why } = setUp();
  write(cwd, { 'src/socket.ts': `${FILES['src/socket.ts']}// more\n` });
  commit(cwd, 'Sockets: a failed request is retried');
  const { code, out, err } = await why('src/socket.ts');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.replace(/\d\.\d\d/g, '#')).toBe(
    [
      'src/socket.ts: place 2 of 3 for "how is a failed request retried?", score #',
      '  keywords: # of #, place 3 of 3; first: test/retry.test.ts',
      '  words as written: # of #, place 3 of 3; first: test/retry.test.ts',
      '  past commits: # of #, place 1 of 1',
      '  times #: near, or changed lately',
      '  in it: request (line 2)',
      'First of 3 files: src/retry.ts, score #',
      '  keywords: # of #, place 2 of 3; first: test/retry.test.ts',
      '  words as written: # of #, place 2 of 3; first: test/retry.test.ts',
      '  past commits: # of #, none; first: src/socket.ts',
      '  times #: near, or changed lately',
      'A message with this question gets: src/retry.ts:1-4',
      '',
    ].join('\n'),
  );
  const json = JSON.parse((await why('src/socket.ts', QUESTION, true)).out);
  expect(json).toMatchObject({
    path: 'src/socket.ts',
    here: { place: 2 },
    first: { path: 'src/retry.ts', place: 1 },
    found: 3,
  });
});

test('nothing relevant is said, and so is a file that no evidence speaks for', async () => {
  const { why } = setUp();
  expect(await why('src/colour.ts', 'weather in Lisbon tomorrow')).toEqual({
    code: 1,
    out: [
      'src/colour.ts: not found for "weather in Lisbon tomorrow": it is in the index, but none of the evidence speaks for it.',
      'A message with this question gets: nothing relevant.',
      '',
    ].join('\n'),
    err: '',
  });
});

/** Name, content, and why it is not found. */
const LEFT_OUT: readonly (readonly [string, string | Buffer, string])[] = [
  ['out/retry.ts', 'retry\n', "it is ignored, by git's rules or by .oagentignore"],
  ['old/retry.ts', 'retry\n', "it is ignored, by git's rules or by .oagentignore"],
  ['big.ts', 'x = 1;\n'.repeat(150_000), 'it is left out: larger than 1 MB'],
  ['rows.json', '["retry"],\n'.repeat(12_000), 'it is left out: data larger than 100 kB'],
  ['tool.ts', Buffer.from([1, 0, 2]), 'it is left out: not text that a person could read'],
  ['logo.png', 'retry', 'it is left out: of a kind that is not text, or says nothing (.png)'],
  ['package-lock.json', '{"retry":1}', 'it is left out: a lock file'],
  ['api.pb.ts', 'retry', 'it is left out: generated, or in a folder of packages, by its name'],
  ['empty.ts', '', 'it is left out: empty'],
];

test('why a file is not found', async () => {
  const { why } = setUp({
    ...FILES,
    '.gitignore': 'out/\n',
    '.oagentignore': 'old/\n',
    ...Object.fromEntries(LEFT_OUT),
  });
  const asked = [
    ...LEFT_OUT,
    ['src', '', 'it is a folder: name a file'],
    ['.', '', 'it is a folder: name a file'],
  ] as const;
  for (const [file, , reason] of asked) {
    const { code, out } = await why(file);
    expect({ code, head: out.split('\n')[0] }).toEqual({
      code: 1,
      head: `${file}: not found, because ${reason}.`,
    });
  }
});

test('a name that is not there gets names like it; one outside is refused', async () => {
  const { cwd, why } = setUp();
  const { code, out } = await why('retri.ts');
  expect({ code, lines: out.split('\n').slice(0, 2) }).toEqual({
    code: 1,
    lines: [
      'retri.ts: not found, because there is no such file.',
      'Like it: src/retry.ts, test/retry.test.ts',
    ],
  });
  expect((await why('lib/retry.ts')).out).toContain('Like it: src/retry.ts, test/retry.test.ts\n');
  await expect(why('../x.ts')).rejects.toThrow(`${path.resolve(cwd, '../x.ts')} is outside of ${cwd}`);
});

test('a name with bytes for the terminal is shown without them', async () => {
  const name = 'src/\u001b]0;owned\u0007\nretry.ts';
  const { why } = setUp({ ...FILES, [name]: 'retry\n' });
  const { out } = await why(name);
  expect(out).not.toMatch(/[\u001b\u0007]/);
  expect(out.split('\n')[0]).toContain('place ');
});
