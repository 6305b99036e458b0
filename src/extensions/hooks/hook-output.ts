/** What a hook has printed: bounded while it comes, and read as a terminal would show it. */
import type { Readable } from 'node:stream';
import { TerminalText } from '../../context/terminal-text.ts';

/** Bytes of one stream that are kept; what comes after them is read and dropped. */
const MOST_BYTES = 2 ** 20;

/** @returns a function that gives what has come so far. */
export function collect(stream: Readable): () => Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    if (size >= MOST_BYTES) return;
    chunks.push(chunk.subarray(0, MOST_BYTES - size));
    size += chunk.length;
  });
  return () => Buffer.concat(chunks);
}

export function plainText(bytes: Buffer): string {
  let text = '';
  const terminal = new TerminalText((row) => {
    if (!row.isBinary) text += row.text;
  });
  terminal.write(bytes.toString());
  terminal.end();
  return text.trim();
}
