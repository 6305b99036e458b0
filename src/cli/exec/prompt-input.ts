/**
 * The prompt of `exec`: the argument, standard input, or both.
 *
 * An encoding that had to be guessed is said on stderr. A pipe that its writer never
 * closes is waited for, because nobody can know whether more is coming; a notice says so before the read.
 */
import { decodeText } from '../../text/decode.ts';
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
    const input = await readText(sources);
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
  const input = await readText(sources);
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

type PipedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string };

async function readText({ stdin, notify }: PromptSources): Promise<PipedText> {
  let bytes: Buffer;
  try {
    bytes = await stdin.read();
  } catch (error) {
    return { ok: false, message: `Cannot read stdin: ${errorMessage(error)}` };
  }
  if (bytes.length > MAX_STDIN_BYTES) {
    const message = `Cannot use stdin as a prompt: it has more than ${MAX_STDIN_BYTES / 1024 / 1024} MiB. Name the file in the prompt instead.`;
    return { ok: false, message };
  }
  const decoded = decodeText(bytes);
  if (!decoded.ok) {
    const hint = 'Convert it to UTF-8 first, for example: iconv -f ENCODING -t UTF-8 FILE';
    return { ok: false, message: `Cannot use stdin as a prompt: ${decoded.problem}. ${hint}` };
  }
  if (decoded.notice !== undefined) notify(`stdin: ${decoded.notice}`);
  return decoded;
}

function withStdinBlock(prompt: string, input: string): string {
  return `${prompt}\n\n<stdin>\n${input}${input.endsWith('\n') ? '' : '\n'}</stdin>`;
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}
