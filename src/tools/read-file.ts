/**
 * The `read_file` tool: numbered lines of one text file.
 *
 * A line is its number, a tab, and its text, as `cat -n` prints it: models know that form, the text keeps its indentation, and it
 * takes fewer tokens than any other separator (measured on code: 1.2 tokens a line, against 2 for `12: `). Memory is bounded
 * whatever the size of the file, and only regular files are opened. The result holds whole lines within the output limit and says
 * how to read on.
 */
import { isUtf8 } from 'node:buffer';
import { closeSync, readFileSync, readSync, type Stats } from 'node:fs';
import description from '../../prompts/tools/read_file.md?raw';
import { unfinishedTail } from '../context/utf8.ts';
import type { ToolSchema } from '../model/chat.ts';
import type { JsonObject } from '../protocol.ts';
import { decodeText } from '../text/decode.ts';
import { imageKind } from '../text/image-kind.ts';
import { positiveArgument } from './arguments.ts';
import { type FileLines, linesOf, readLines } from './file-lines.ts';
import { openGiven } from './given-file.ts';
import { notebookText } from './notebook.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';
import { asToolCall, failure } from './tool-call-item.ts';

const DEFAULT_LINES = 400;
const SAMPLE_BYTES = 8_192;
/** With a larger share of replaced characters in the sample, it is not readable text in any encoding. */
const MOST_REPLACED = 0.3;
/** Bytes of the output limit that the closing notes may take. */
const NOTE_RESERVE = 160;
const NOTEBOOK_BYTES = 64 * 2 ** 20;
/** A larger file in another encoding than UTF-8 is not decoded. */
const WHOLE_BYTES = 8 * 2 ** 20;
const LATIN_NOTE = '[the file is not UTF-8: read as Windows-1252 (Latin-1), which may be wrong]';
const NOTEBOOK_NOTE = '[the cells of a notebook; the file itself is JSON]';

const schema: ToolSchema = {
  type: 'function',
  function: {
    name: 'read_file',
    description: description.trim(),
    parameters: {
      type: 'object',
      properties: {
        path: { type: 'string' },
        offset: { type: 'integer' },
        limit: { type: 'integer' },
      },
      required: ['path'],
    },
  },
};

export function createReadFileTool(): Tool {
  return {
    schema,
    isReadOnly: () => true,
    run: (args, ctx) => asToolCall('read_file', args, ctx, () => readFile(args, ctx)),
  };
}

async function readFile(args: JsonObject, ctx: ToolContext): Promise<ToolResult> {
  const given = await openGiven(args, ctx);
  if ('ok' in given) return given;
  const { file: opened, found, path: file, shown, note } = given;
  const notes = note === undefined ? [] : [`[${note}]`];
  try {
    const start = sample(opened);
    const other = isPlain(start) ? undefined : otherEncoding(opened, found);
    const problem = other === undefined ? (imageProblem(start) ?? textProblem(start)) : undefined;
    if (problem !== undefined) return failure(`${shown} ${problem}`);
    const range = {
      first: positiveArgument(args, 'offset') ?? 1,
      most: positiveArgument(args, 'limit') ?? DEFAULT_LINES,
      budget: ctx.outputLimit - NOTE_RESERVE - Buffer.byteLength(notes.join('\n')),
    };
    if (other !== undefined) return present(linesOf(other.text, range), [...notes, other.note]);
    const cells = isNotebook(file, found) ? notebookText(readFileSync(opened, 'utf8')) : undefined;
    if (cells !== undefined) return present(linesOf(cells, range), [...notes, NOTEBOOK_NOTE]);
    const lines = await readLines(opened, { ...range, signal: ctx.signal });
    return lines === undefined ? failure('aborted by user') : present(lines, notes);
  } finally {
    closeSync(opened);
  }
}

/** The whole text of a file in another encoding than UTF-8; undefined if it has none, or only bytes that could be any. */
function otherEncoding(file: number, { size }: Stats): { text: string; note: string } | undefined {
  if (size > WHOLE_BYTES) return undefined;
  const bytes = readFileSync(file);
  const found = decodeText(bytes);
  if (!found.ok || found.isLossy || found.encoding === 'UTF-8') return undefined;
  const text = found.text.replace(/\n$/, '');
  if (found.encoding !== 'Windows-1252') return { text, note: `[the file is ${found.encoding}]` };
  const share = (text.match(/[^\0-\x7f]/g)?.length ?? 0) / text.length;
  return share > MOST_REPLACED ? undefined : { text, note: LATIN_NOTE };
}

function isPlain(start: Buffer): boolean {
  return !start.includes(0) && isUtf8(start.subarray(0, start.length - unfinishedTail(start)));
}

/** A larger one takes too long to be parsed, and is mostly pictures and data. */
function isNotebook(file: string, { size }: Stats): boolean {
  return file.endsWith('.ipynb') && size <= NOTEBOOK_BYTES;
}

function present(
  { first, lines, total, totalIsExact, replaced }: FileLines,
  notes: string[] = [],
): ToolResult {
  if (total === 0) return { ok: true, text: '[empty file]', bounded: true };
  if (lines.length === 0) return failure(`offset exceeds file length (${total} lines)`);
  const last = first + lines.length - 1;
  if (replaced) notes.push('[not UTF-8: \ufffd stands for bytes that could not be decoded]');
  if (last < total || !totalIsExact) {
    const count = totalIsExact ? total : `over ${total}`;
    notes.push(`[lines ${first}-${last} of ${count}; next offset=${last + 1}]`);
  }
  // A byte order mark is no letter of the first line, and patches keep it.
  const text = [...lines, ...notes].join('\n').replace(/^1\t\ufeff/, '1\t');
  return { ok: true, text, bounded: true };
}

function sample(file: number): Buffer {
  const buffer = Buffer.alloc(SAMPLE_BYTES);
  return buffer.subarray(0, readSync(file, buffer, 0, SAMPLE_BYTES, 0));
}

/** A tool that every model can call, whether it is offered or not. */
function imageProblem(bytes: Buffer): string | undefined {
  const kind = imageKind(bytes);
  return kind && `is an image (${kind}): look at it with view_image`;
}

/** Why these first bytes of a file cannot be shown as text, or undefined. */
function textProblem(bytes: Buffer): string | undefined {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return 'is UTF-16: convert it to UTF-8 with iconv in the shell';
  }
  if (bytes.includes(0)) return 'is a binary file: look at it with xxd in the shell';
  const whole = bytes.subarray(0, bytes.length - unfinishedTail(bytes));
  if (isUtf8(whole)) return undefined;
  const text = whole.toString();
  const replaced = text.split('\ufffd').length - 1;
  if (replaced <= text.length * MOST_REPLACED) return undefined;
  return 'is not UTF-8 text: if it is text, convert it to UTF-8 with iconv in the shell';
}
