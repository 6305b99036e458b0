/** Where the prompt comes from, seen in the request that the server gets. */
import { expect, test } from 'vitest';
import { BYPASS, bench, hasScript, inTerminal } from '../support/exec.ts';

const APPENDED = 'Reading additional input from stdin...\n';
const READING = 'Reading prompt from stdin...\n';

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly stdin: string | Buffer;
  /** What the model gets. */
  readonly prompt: string;
  /** What stderr begins with. */
  readonly notice: string;
}

const utf16 = (text: string, bigEndian = false): Buffer => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
};

const CASES: readonly Case[] = [
  { name: 'an argument', args: ['Say hi'], stdin: '', prompt: 'Say hi', notice: APPENDED },
  {
    name: 'an argument and blank stdin',
    args: ['Say hi'],
    stdin: ' \n\t\n',
    prompt: 'Say hi',
    notice: APPENDED,
  },
  {
    name: 'an argument and stdin',
    args: ['Sum up'],
    stdin: 'a\nb\n',
    prompt: 'Sum up\n\n<stdin>\na\nb\n</stdin>',
    notice: APPENDED,
  },
  {
    name: 'stdin without a line end',
    args: ['Sum up'],
    stdin: 'a',
    prompt: 'Sum up\n\n<stdin>\na\n</stdin>',
    notice: APPENDED,
  },
  { name: 'stdin alone', args: [], stdin: 'from\nstdin\n', prompt: 'from\nstdin\n', notice: READING },
  { name: 'a dash', args: ['-'], stdin: 'dashed', prompt: 'dashed', notice: 'oagent v' },
  {
    name: 'a prompt that begins with a dash',
    args: ['- [ ] mend the button'],
    stdin: '',
    prompt: '- [ ] mend the button',
    notice: APPENDED,
  },
  {
    name: 'bytes that are not UTF-8',
    args: ['-'],
    stdin: Buffer.from([0x61, 0xfc, 0x62]),
    prompt: 'aüb',
    notice: 'stdin: it is not UTF-8; it was read as Windows-1252 (Latin-1)',
  },
  {
    name: 'front matter',
    args: ['---\ntitle: plan\n---\nGo on'],
    stdin: '',
    prompt: '---\ntitle: plan\n---\nGo on',
    notice: APPENDED,
  },
  {
    name: 'a prompt like a flag, behind --',
    args: ['--', '--help'],
    stdin: '',
    prompt: '--help',
    notice: APPENDED,
  },
  {
    name: 'a UTF-8 byte order mark',
    args: ['-'],
    stdin: Buffer.from('\ufeffmärk'),
    prompt: 'märk',
    notice: 'oagent v',
  },
  { name: 'UTF-16LE', args: ['-'], stdin: utf16('klein ß'), prompt: 'klein ß', notice: 'oagent v' },
  { name: 'UTF-16BE', args: ['-'], stdin: utf16('groß', true), prompt: 'groß', notice: 'oagent v' },
  {
    name: 'UTF-16 behind an argument',
    args: ['Sum'],
    stdin: utf16('x'),
    prompt: 'Sum\n\n<stdin>\nx\n</stdin>',
    notice: APPENDED,
  },
];

test.for(CASES)('$name', async ({ args, stdin, prompt, notice }) => {
  const { run, chats } = await bench([{ content: 'Hi.' }]);
  const { code, stderr } = await run(['exec', ...args], { stdin });
  expect({ code, stderr: stderr.slice(0, notice.length) }).toEqual({ code: 0, stderr: notice });
  expect(chats()[0]?.messages.at(-1)).toEqual({ role: 'user', content: prompt });
});

const REFUSED: readonly Omit<Case, 'prompt'>[] = [
  {
    name: 'no prompt at all',
    args: [],
    stdin: '',
    notice: `${READING}Error: No prompt provided via stdin.\n`,
  },
  { name: 'a blank prompt', args: ['-'], stdin: ' \n', notice: 'Error: No prompt provided via stdin.\n' },
  {
    name: 'UTF-32',
    args: ['-'],
    stdin: Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]),
    notice:
      'Error: Cannot use stdin as a prompt: it is UTF-32LE. Convert it to UTF-8 first, for example: iconv -f ENCODING -t UTF-8 FILE\n',
  },
];

test.for(REFUSED)('$name is refused before any request', async ({ args, stdin, notice }) => {
  const { run, asked } = await bench([]);
  const { code, stdout, stderr } = await run(['exec', BYPASS, ...args], { stdin });
  expect({ code, stdout, stderr, asked: asked() }).toEqual({
    code: 1,
    stdout: '',
    stderr: notice,
    asked: [],
  });
});

test('a refused prompt is a line of JSON too', async () => {
  const { json } = await bench([]);
  const { code, lines } = await json([]);
  expect({ code, lines }).toEqual({
    code: 1,
    lines: [{ type: 'error', message: 'No prompt provided via stdin.' }],
  });
});

test.skipIf(!hasScript)('in a terminal without a prompt: says what to do', async () => {
  const { code, stdout } = await inTerminal(await bench([]), ['exec']);
  expect({ code, stdout }).toEqual({
    code: 1,
    stdout: 'Error: No prompt provided. Either specify one as an argument or pipe the prompt into stdin.\r\n',
  });
});

test.skipIf(!hasScript)('in a terminal stdin is not waited for', async () => {
  const made = await bench([{ content: 'Hi.' }]);
  const { code, stdout } = await inTerminal(made, ['exec', 'Say hi']);
  expect({ code, isRead: stdout.includes('Reading') }).toEqual({ code: 0, isRead: false });
  expect(made.chats()[0]?.messages.at(-1)?.content).toBe('Say hi');
});
