/**
 * The prompt of `exec`: the argument, standard input, or both.
 *
 * Nothing is decoded by guessing: without a byte order mark it is UTF-8 or an error. A pipe that its writer never
 * closes is waited for, because nobody can know whether more is coming; a notice says so before the read.
 */
import { errorMessage } from '../../text/error-message.ts';

/** More than this on stdin is refused: no model can read it, and it is most likely the wrong file. Bytes. */
export const MAX_STDIN_BYTES = 64 * 1024 * 1024;

export interface PromptStdin {
  readonly isTTY: boolean;
  /** All bytes up to the end, as `readStdin` gives them. May stop after `MAX_STDIN_BYTES`: longer input is refused. */
  readonly read: () => Promise<Buffer>;
}

export interface PromptSources {
  /** The prompt argument; `-` means stdin. */
  readonly argument?: string;
  readonly stdin: PromptStdin;
  /** Shows a line to the user (stderr), at once. */
  readonly notify: (line: string) => void;
  /** Piped input is added to a prompt argument (default). A resumed session passes false: stdin is not read then. */
  readonly appendStdin?: boolean;
}

export type ResolvedPrompt =
  | { readonly ok: true; readonly prompt: string }
  | { readonly ok: false; readonly message: string };

export type DecodedPrompt =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string };

/**
 * The prompt, or the message with which the run ends (exit code 1). Never rejects.
 *
 * - Argument, stdin a terminal: the argument.
 * - Argument, stdin piped: the argument and a `<stdin>` block; blank input adds nothing.
 * - `-`: stdin, without a notice, even from a terminal. No argument: stdin if piped. Blank input is an error.
 */
export async function resolvePrompt(sources: PromptSources): Promise<ResolvedPrompt> {
  const { argument, stdin, notify, appendStdin = true } = sources;
  if (argument !== undefined && argument !== '-') {
    if (stdin.isTTY || !appendStdin) return { ok: true, prompt: argument };
    notify('Reading additional input from stdin...');
    const input = await readText(stdin);
    if (!input.ok) return input;
    return { ok: true, prompt: isBlank(input.text) ? argument : withStdinBlock(argument, input.text) };
  }

  if (argument === undefined) {
    if (stdin.isTTY) {
      const message = 'No prompt provided. Either specify one as an argument or pipe the prompt into stdin.';
      return { ok: false, message };
    }
    notify('Reading prompt from stdin...');
  }
  const input = await readText(stdin);
  if (!input.ok) return input;
  if (isBlank(input.text)) return { ok: false, message: 'No prompt provided via stdin.' };
  return { ok: true, prompt: input.text };
}

/** All bytes of `stream` (`process.stdin`), or a little more than `MAX_STDIN_BYTES` of them. Rejects as it does. */
export async function readStdin(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_STDIN_BYTES) break;
  }
  return Buffer.concat(chunks);
}

/**
 * Piped bytes as text. A UTF-8 byte order mark is dropped; UTF-16 is decoded if it has one. UTF-32, broken UTF-16 and
 * bytes that are not UTF-8 are refused, the latter with the offset of the first such byte.
 */
export function decodePromptBytes(bytes: Buffer): DecodedPrompt {
  if (startsWith(bytes, [0xff, 0xfe, 0, 0])) return notText('it is UTF-32LE');
  if (startsWith(bytes, [0, 0, 0xfe, 0xff])) return notText('it is UTF-32BE');
  if (startsWith(bytes, [0xff, 0xfe])) return decodeUtf16(bytes.subarray(2), 'UTF-16LE');
  if (startsWith(bytes, [0xfe, 0xff])) return decodeUtf16(bytes.subarray(2), 'UTF-16BE');
  const start = startsWith(bytes, [0xef, 0xbb, 0xbf]) ? 3 : 0;
  const text = bytes.toString('utf8', start);
  const invalid = invalidUtf8Offset(bytes, start, text);
  return invalid === undefined ? { ok: true, text } : notText(`it has invalid UTF-8 at byte ${invalid}`);
}

function decodeUtf16(bytes: Buffer, encoding: 'UTF-16LE' | 'UTF-16BE'): DecodedPrompt {
  try {
    return { ok: true, text: new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return notText(`it is marked as ${encoding} but is not valid ${encoding}`);
  }
}

/**
 * Where `bytes` stop being UTF-8. `text` is their lossy decoding from `start`: an invalid byte has become U+FFFD, and
 * up to the first of these, text and bytes correspond.
 */
function invalidUtf8Offset(bytes: Buffer, start: number, text: string): number | undefined {
  let offset = start;
  let done = 0;
  for (;;) {
    const at = text.indexOf('\ufffd', done);
    if (at < 0) return undefined;
    offset += Buffer.byteLength(text.slice(done, at));
    if (!startsWith(bytes.subarray(offset), [0xef, 0xbf, 0xbd])) return offset;
    offset += 3;
    done = at + 1;
  }
}

async function readText(stdin: PromptStdin): Promise<DecodedPrompt> {
  try {
    const bytes = await stdin.read();
    if (bytes.length <= MAX_STDIN_BYTES) return decodePromptBytes(bytes);
    const message = `Cannot use stdin as a prompt: it has more than ${MAX_STDIN_BYTES / 1024 / 1024} MiB. Name the file in the prompt instead.`;
    return { ok: false, message };
  } catch (error) {
    return { ok: false, message: `Cannot read stdin: ${errorMessage(error)}` };
  }
}

function notText(reason: string): DecodedPrompt {
  const hint = 'Convert it to UTF-8 first, for example: iconv -f ENCODING -t UTF-8 FILE';
  return { ok: false, message: `Cannot use stdin as a prompt: ${reason}. ${hint}` };
}

function withStdinBlock(prompt: string, input: string): string {
  return `${prompt}\n\n<stdin>\n${input}${input.endsWith('\n') ? '' : '\n'}</stdin>`;
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

function startsWith(bytes: Buffer, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}
