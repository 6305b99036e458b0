import path from 'node:path';
import { decodeText, type TextForm } from '../text/decode.ts';
import { loadError, located, positionAt, printable } from './errors.ts';
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
  /** What the user should know about the encoding of the file. */
  readonly notice?: string;
}

interface FileLayer extends Layer {
  readonly text: string;
  readonly form: TextForm;
}

/** The layer in a file's bytes. Throws a ConfigError, with the position where there is one, if they are not text or not TOML. */
export function layerFromBytes(file: string, bytes: Buffer): FileLayer {
  const found = decodeText(bytes);
  if (!found.ok) throw loadError(`${printable(file)}: ${found.problem}. Save it as UTF-8.`);
  const { text, notice } = found;
  if (found.isLossy) {
    const position = positionAt(text, text.indexOf('\ufffd'));
    throw loadError(located(file, text, position, 'the file is not valid UTF-8'));
  }
  const values = parseToml(file, text);
  const layer = { origin: file, values, baseDir: path.dirname(file), text, form: found };
  return notice === undefined
    ? layer
    : { ...layer, notice: `${printable(file)}: ${notice}. Save it as UTF-8.` };
}
