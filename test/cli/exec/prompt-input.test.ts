import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  MAX_STDIN_BYTES,
  type PromptSources,
  readStdin,
  resolvePrompt,
} from '../../../src/cli/exec/prompt-input.ts';

/** What a run does with `input` on stdin: the order of notices and reads, and the outcome. */
async function run(
  input: string | Buffer,
  sources: { argument?: string; isTTY?: boolean; appendStdin?: boolean },
) {
  const { isTTY = false, ...rest } = sources;
  const steps: string[] = [];
  const stdin: PromptSources['stdin'] = {
    isTTY,
    read: async () => {
      steps.push('read');
      return Buffer.from(input);
    },
  };
  const result = await resolvePrompt({ ...rest, stdin, notify: (line) => steps.push(line) });
  return { steps, result };
}

const ADDITIONAL = 'Reading additional input from stdin...';
const PROMPT = 'Reading prompt from stdin...';
const NONE = {
  ok: false,
  message: 'No prompt provided. Either specify one as an argument or pipe the prompt into stdin.',
};
const BLANK = { ok: false, message: 'No prompt provided via stdin.' };

test.each([
  ['an argument at a terminal', '', { argument: 'do', isTTY: true }, [], { ok: true, prompt: 'do' }],
  [
    'an argument and piped input',
    'data',
    { argument: 'do' },
    [ADDITIONAL, 'read'],
    { ok: true, prompt: 'do\n\n<stdin>\ndata\n</stdin>' },
  ],
  [
    'piped input that ends its last line',
    ' a\n\nb\n',
    { argument: 'do' },
    [ADDITIONAL, 'read'],
    { ok: true, prompt: 'do\n\n<stdin>\n a\n\nb\n</stdin>' },
  ],
  [
    'an argument and blank input',
    ' \r\n\t',
    { argument: 'do' },
    [ADDITIONAL, 'read'],
    { ok: true, prompt: 'do' },
  ],
  [
    'an argument of a resumed session',
    'data',
    { argument: 'do', appendStdin: false },
    [],
    { ok: true, prompt: 'do' },
  ],
  ['nothing at a terminal', '', { isTTY: true }, [], NONE],
  ['piped input alone', ' do it\n', {}, [PROMPT, 'read'], { ok: true, prompt: ' do it\n' }],
  ['piped input alone, resumed', 'do', { appendStdin: false }, [PROMPT, 'read'], { ok: true, prompt: 'do' }],
  ['blank input alone', '\ufeff \n', {}, [PROMPT, 'read'], BLANK],
  ['`-` with piped input', 'do', { argument: '-' }, ['read'], { ok: true, prompt: 'do' }],
  ['`-` at a terminal', 'typed\n', { argument: '-', isTTY: true }, ['read'], { ok: true, prompt: 'typed\n' }],
  ['`-` and blank input', '', { argument: '-' }, ['read'], BLANK],
  ['`-`, resumed', 'do', { argument: '-', appendStdin: false }, ['read'], { ok: true, prompt: 'do' }],
])('%s', async (_, input, sources, steps, result) => {
  expect(await run(input, sources)).toEqual({ steps, result });
});

const cannot = (reason: string) => ({
  ok: false,
  message: `Cannot use stdin as a prompt: ${reason}. Convert it to UTF-8 first, for example: iconv -f ENCODING -t UTF-8 FILE`,
});

test.each([
  { argument: 'do' },
  { argument: '-' },
  {},
])('bytes that are no text end the run: %j', async (sources) => {
  expect((await run(Buffer.from([0x61, 0, 0xe9]), sources)).result).toEqual(cannot('it is binary data'));
});

test('more than the bound is refused', async () => {
  const read = async () => Buffer.alloc(MAX_STDIN_BYTES + 1, 'a');
  expect(await resolvePrompt({ stdin: { isTTY: false, read }, notify: () => {} })).toEqual({
    ok: false,
    message: 'Cannot use stdin as a prompt: it has more than 64 MiB. Name the file in the prompt instead.',
  });
});

test('stdin that cannot be read ends the run with the reason', async () => {
  const read = async () => {
    throw new Error('EISDIR: illegal operation on a directory, read');
  };
  expect(await resolvePrompt({ stdin: { isTTY: false, read }, notify: () => {} })).toEqual({
    ok: false,
    message: 'Cannot read stdin: EISDIR: illegal operation on a directory, read',
  });
});

test.each([
  ['UTF-8 with its mark', Buffer.from('\ufeffgrün 🙂'), 'grün 🙂', []],
  ['UTF-16LE', Buffer.from('\ufeffgrün 🙂', 'utf16le'), 'grün 🙂', []],
  ['UTF-16BE', Buffer.from('\ufeffgrün 🙂', 'utf16le').swap16(), 'grün 🙂', []],
  [
    'Latin-1',
    Buffer.from('für', 'latin1'),
    'für',
    ['stdin: it is not UTF-8; it was read as Windows-1252 (Latin-1)'],
  ],
])('decodes %s', async (_, bytes, prompt, notices) => {
  expect(await run(bytes, { argument: '-' })).toEqual({
    steps: ['read', ...notices],
    result: { ok: true, prompt },
  });
});

test('a stream is read to its end, in whatever pieces, and not far beyond the bound', async () => {
  async function* pieces() {
    for (const byte of Buffer.from('a🙂b')) yield Buffer.from([byte]);
  }
  expect(await readStdin(pieces())).toEqual(Buffer.from('a🙂b'));

  let sent = 0;
  async function* endless() {
    const chunk = Buffer.alloc(16 * 1024 * 1024);
    for (;;) {
      sent++;
      yield chunk;
    }
  }
  expect((await readStdin(endless())).length).toEqual(80 * 1024 * 1024);
  expect(sent).toEqual(5);
});

test('a real process: piped and closed stdin', () => {
  const module = fileURLToPath(new URL('../../../src/cli/exec/prompt-input.ts', import.meta.url));
  const script = `
    import { readStdin, resolvePrompt } from ${JSON.stringify(module)};
    const stdin = { isTTY: process.stdin.isTTY ?? false, read: () => readStdin(process.stdin) };
    console.log(JSON.stringify(await resolvePrompt({ argument: 'do', stdin, notify: (line) => console.error(line) })));`;
  const args = ['--no-warnings', '--input-type=module-typescript', '-e', script];
  const start = (options: { input: string } | { stdio: ['ignore', 'pipe', 'pipe'] }) => {
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', ...options });
    return { result: JSON.parse(stdout), stderr };
  };
  const stderr = `${ADDITIONAL}\n`;
  expect(start({ input: 'data\n' })).toEqual({
    result: { ok: true, prompt: 'do\n\n<stdin>\ndata\n</stdin>' },
    stderr,
  });
  expect(start({ stdio: ['ignore', 'pipe', 'pipe'] })).toEqual({
    result: { ok: true, prompt: 'do' },
    stderr,
  });
});
