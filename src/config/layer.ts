/**
 * One layer of the configuration: what one source says.
 *
 * Owns: the shape, and how the bytes of a file become one. Does not: find or open files, check keys.
 */
import { isUtf8 } from 'node:buffer';
import path from 'node:path';
import { loadError, located, positionAt } from './errors.ts';
import type { Table } from './table.ts';
import { parseToml } from './toml-source.ts';

export interface Layer {
  readonly origin: string;
  readonly values: Table;
  /** Absolute folder where its relative paths start. */
  readonly baseDir: string;
  /** The text of a file, for the place of an error. */
  readonly text?: string;
}

/** The layer that a file's bytes are. Throws a ConfigError with the place for what is not UTF-8 or not TOML. */
export function layerFromBytes(file: string, bytes: Buffer): Layer {
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  if (!isUtf8(bytes)) {
    const position = positionAt(text, text.indexOf('\ufffd'));
    throw loadError(located(file, text, position, 'the file is not valid UTF-8'));
  }
  return { origin: file, values: parseToml(file, text), baseDir: path.dirname(file), text };
}
