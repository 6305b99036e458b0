/**
 * The stand-alone apply_patch command: a patch from the argument or stdin, applied at once.
 *
 * Messages and exit codes (0 applied, 1 failed, 2 usage) are those of Codex's command of this name. Operations are
 * applied one after the other, and those before a failing one stay applied. No policy is asked: the user runs it.
 */
import { decodeText } from '../../text/decode.ts';
import { errorMessage } from '../../text/error-message.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { applyPlan } from '../../tools/apply-patch/apply.ts';
import { PatchError } from '../../tools/apply-patch/errors.ts';
import { PatchJournal } from '../../tools/apply-patch/journal.ts';
import { normalizePatch } from '../../tools/apply-patch/normalize.ts';
import { type Patch, parsePatch } from '../../tools/apply-patch/parse.ts';
import { type PlannedFile, planOp, rejectSharedFiles } from '../../tools/apply-patch/plan.ts';
import { summarize } from '../../tools/apply-patch/summary.ts';

const USAGE = "Usage: apply_patch 'PATCH'\n       echo 'PATCH' | apply_patch\n";
const MAX_PATCH_BYTES = 64 * 1024 * 1024;

type Output = NodeJS.WritableStream & { isTTY?: boolean };

export interface ApplyPatchIo {
  readonly stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Absolute; relative paths of the patch start here. */
  readonly cwd: string;
  /** oagent's own folder; absent: there is none. */
  readonly home?: string | undefined;
}

/** @param args what follows the command's name. @returns the exit code. */
export async function applyPatchCommand(
  args: readonly string[],
  { stdout, stderr, ...rest }: ApplyPatchIo,
): Promise<number> {
  const io = { ...rest, stdout: safeOnTerminal(stdout), stderr: safeOnTerminal(stderr) };
  const [argument, ...others] = args;
  if (others.length > 0) {
    io.stderr.write('Error: apply_patch accepts exactly one argument.\n');
    return 2;
  }
  let input = argument;
  if (input === '--help' || input === '-h') {
    io.stdout.write(USAGE);
    return 0;
  }
  if (input === undefined) {
    try {
      input = io.stdin.isTTY ? '' : await readAll(io.stdin);
    } catch (error) {
      const reason = errorMessage(error);
      io.stderr.write(`Error: Failed to read PATCH from stdin.\n${reason}\n`);
      return 1;
    }
    if (input === '') {
      io.stderr.write(USAGE);
      return 2;
    }
  }
  try {
    const patch = read(input);
    for (const note of await applyInOrder(patch, io)) io.stderr.write(`${note}\n`);
    io.stdout.write(summarize(patch.ops));
    return 0;
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    io.stderr.write(`${error.standalone}\n`);
    return 1;
  }
}

/** The patch names the files, and the errors quote it. */
function safeOnTerminal(stream: Output): { write(text: string): void } {
  return { write: (text) => void stream.write(stream.isTTY ? sanitizeForTerminal(text) : text) };
}

async function readAll(stdin: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stdin) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    parts.push(bytes);
    length += bytes.length;
    if (length > MAX_PATCH_BYTES) throw new Error('the patch is larger than 64 MB');
  }
  const found = decodeText(Buffer.concat(parts));
  // Lines of an encoding that had to be guessed would not be those of the file.
  if (!found.ok || found.notice !== undefined) throw new Error('stream did not contain valid UTF-8');
  return found.text;
}

/** Codex's grammar first, other formats only if that does not parse; the error is about the text as it was given. */
function read(input: string): Patch {
  try {
    return parsePatch(input);
  } catch (error) {
    try {
      return parsePatch(normalizePatch(input));
    } catch {
      throw error;
    }
  }
}

/** @returns what the user should know beside the summary. */
async function applyInOrder(
  patch: Patch,
  { cwd, home }: Pick<ApplyPatchIo, 'cwd' | 'home'>,
): Promise<readonly string[]> {
  if (patch.ops.length === 0) throw new PatchError({ kind: 'files' }, 'No files were modified.');
  await rejectSharedFiles(patch, cwd);
  const notes: string[] = [];
  for (const op of patch.ops) {
    const file = await planOp(op, cwd);
    await apply(file, { cwd, home });
    notes.push(...file.notes);
  }
  return notes;
}

async function apply(file: PlannedFile, { cwd, home }: Pick<ApplyPatchIo, 'cwd' | 'home'>): Promise<void> {
  const journal = home === undefined ? undefined : new PatchJournal({ home, cwd });
  try {
    await applyPlan({ files: [file] }, journal);
  } finally {
    journal?.close();
  }
}
