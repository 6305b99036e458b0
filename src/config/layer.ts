import { isUtf8 } from 'node:buffer';
import path from 'node:path';
import { loadError, located, positionAt } from './errors.ts';
import type { Table } from './table.ts';
import { parseToml } from './toml-source.ts';

/** The configuration from one source: a file, a profile, `-c` or flags. */
export interface Layer {
  readonly origin: string;
  readonly values: Table;
  /** Absolute folder that its relative paths start from. */
  readonly baseDir: string;
  /** The text of the file, to locate errors in. */
  readonly text?: string;
}

/** The layer in a file's bytes. Throws a ConfigError with the position if they are not UTF-8 or not TOML. */
export function layerFromBytes(file: string, bytes: Buffer): Layer {
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  if (!isUtf8(bytes)) {
    const position = positionAt(text, text.indexOf('\ufffd'));
    throw loadError(located(file, text, position, 'the file is not valid UTF-8'));
  }
  return { origin: file, values: parseToml(file, text), baseDir: path.dirname(file), text };
}
