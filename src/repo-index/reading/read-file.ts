/**
 * Reads one file for the index: its text, its lines, and its chunks with everything that is stored about them.
 *
 * Owns: what counts as text (UTF-8 without NUL bytes, lines that a person could read), the ids and hashes of chunks, and the text
 * that is embedded for a chunk. Invariant: an id stays the same as long as path and text do, wherever the lines move.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { closeSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type OpenedFile, openRegular } from '../../text/regular-file.ts';
import type { ChunkEntry } from '../store/rows.ts';
import { indexedText } from '../store/tokens.ts';
import { type Chunk, chunkText, isMinified } from './chunker.ts';
import { isIndexable } from './file-kinds.ts';
import type { Syntax } from './syntax.ts';

export interface SourceText {
  /** SHA-1 of the blob, as git computes it. */
  readonly oid: Uint8Array;
  readonly mtime: number;
  readonly size: number;
  /** Split at line feeds, without the carriage return of Windows line ends; empty for what is not text. */
  readonly lines: readonly string[];
}

interface FileBytes {
  readonly bytes: Buffer;
  readonly mtime: number;
  readonly size: number;
}

/** The file as it is now; undefined if it is gone, is not a regular file, or may not be read. */
export function readSource(root: string, name: string): SourceText | undefined {
  const file = readBytes(root, name);
  if (file === undefined) return undefined;
  const { bytes, mtime, size } = file;
  const oid = process
    .getBuiltinModule('node:crypto')
    .createHash('sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest();
  const text = textIn(bytes).text.replace(/^\ufeff/, '');
  const lines = text === '' ? [] : text.replace(/\r\n/g, '\n').replace(/\n$/, '').split('\n');
  return { oid, mtime, size, lines: isMinified(lines) ? [] : lines };
}

/** The text of the file as it is now, and whether it is ASCII alone; empty for anything else, and for what cannot be read. */
export function readText(root: string, name: string): PlainText {
  const file = readBytes(root, name);
  return file === undefined ? NO_TEXT : textIn(file.bytes);
}

interface PlainText {
  readonly text: string;
  readonly isAscii: boolean;
}

const NO_TEXT: PlainText = { text: '', isAscii: true };

function readBytes(root: string, name: string): FileBytes | undefined {
  let opened: OpenedFile;
  try {
    // Not through a link: it may lead out of the folder.
    opened = openRegular(path.join(root, name), { isLinkFollowed: false });
  } catch {
    return undefined;
  }
  try {
    const { size, mtimeMs: mtime } = opened.stats;
    return isIndexable(name, size) ? { bytes: readFileSync(opened.descriptor), mtime, size } : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(opened.descriptor);
  }
}

/** What is ASCII alone, as most code is, is decoded and searched several times faster as Latin-1. */
function textIn(bytes: Buffer): PlainText {
  if (bytes.subarray(0, 8_192).includes(0)) return NO_TEXT;
  if (isAscii(bytes)) return { text: bytes.toString('latin1'), isAscii: true };
  return isUtf8(bytes) ? { text: bytes.toString(), isAscii: false } : NO_TEXT;
}

/** The chunks of a file, ready to be written. @param known its chunks, if they are known: nothing is parsed. */
export async function entriesOf(
  name: string,
  lines: readonly string[],
  syntax: Syntax,
  known?: readonly Chunk[],
): Promise<ChunkEntry[]> {
  if (lines.length === 0) return [];
  const seen = new Map<string, number>();
  const pathWords = indexedText(name);
  const chunks = known ?? (await chunkText(name, lines.join('\n'), lines, syntax));
  return chunks.map((chunk) => {
    const text = textOf(chunk, lines);
    const digest = hexSha1(text);
    const copy = seen.get(digest) ?? 0;
    seen.set(digest, copy + 1);
    let words: string | undefined;
    return {
      ...chunk,
      key: hexSha1([name, chunk.symbol, digest, copy].join('\0')).slice(0, 24),
      sha: Buffer.from(digest, 'hex'),
      pathWords,
      symbolWords: indexedText(chunk.symbol),
      get words() {
        words ??= indexedText(text);
        return words;
      },
    };
  });
}

/** The lines of a chunk, joined by line feeds. */
export function textOf({ start, end }: Pick<Chunk, 'start' | 'end'>, lines: readonly string[]): string {
  return lines.slice(start - 1, end).join('\n');
}

/** The text that is embedded for a chunk: path and symbol say what the lines belong to. */
export function embeddedText(name: string, symbol: string, text: string): string {
  return `${name}${symbol === '' ? '' : ` ${symbol}`}\n${text}`;
}

/** SHA-1: not against forgery, but fast and what git uses. */
export function sha1(text: string): Buffer {
  return Buffer.from(hexSha1(text), 'hex');
}

/** In one call, as text: half the time of any other way. */
function hexSha1(text: string): string {
  return process.getBuiltinModule('node:crypto').hash('sha1', text);
}
