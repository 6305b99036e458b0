/** The text of a file that a patch changes, and the way back to bytes: in the file's own encoding, or not at all. */
import { decodeText, encodeText, type TextForm } from '../../text/decode.ts';
import { fileError } from './errors.ts';

export interface EditedText {
  readonly text: string;
  readonly form: TextForm;
}

const NEW_FILE: TextForm = { encoding: 'UTF-8', bom: false };
const WAY_ON =
  'Change it with a command that keeps its bytes (sed, perl, python3), or convert it to UTF-8 with iconv first.';

/**
 * The text of a file that is to be updated.
 * @param failed begins the message of an error.
 * @throws PatchError for what is not text, or could not be written back byte for byte.
 */
export function readEdited(bytes: Buffer, failed: string): EditedText {
  const found = decodeText(bytes);
  if (!found.ok) throw fileError(`${failed}: ${found.problem}`, WAY_ON);
  if (found.isLossy) throw fileError(`${failed}: stream did not contain valid UTF-8`, WAY_ON);
  if (found.text.includes('\0')) throw fileError(`${failed}: file is binary`);
  return { text: found.text, form: found };
}

/** The text of a file that is to be replaced or removed; undefined if it is not text, or not certainly. */
export function readReplaced(bytes: Buffer): EditedText | undefined {
  const found = decodeText(bytes);
  return found.ok && !found.isLossy ? { text: found.text, form: found } : undefined;
}

/**
 * The bytes of a new text, in the form of the old one.
 * @throws PatchError where the encoding cannot be known well enough for the new characters.
 */
export function writeEdited(text: string, old: EditedText | undefined, spelled: string): Buffer {
  const form = old?.form ?? NEW_FILE;
  // A model that was shown the mark may write it, too.
  const plain = (form.bom && text.startsWith('\ufeff') ? text.slice(1) : text).toWellFormed();
  const isKnown = old === undefined || form.encoding !== 'Windows-1252' || hasOnlyLettersOf(old.text, plain);
  const bytes = isKnown ? encodeText(plain, form) : undefined;
  if (bytes !== undefined) return bytes;
  throw fileError(
    `Failed to write file ${spelled}: it is not UTF-8, and new letters that are not ASCII need its encoding`,
    WAY_ON,
  );
}

/** True if most lines end as on Windows. */
export function isMostlyCrlf(text: string): boolean {
  return (text.split('\r\n').length - 1) * 2 > text.split('\n').length - 1;
}

/** A whole new text with the line endings of the old one. */
export function withEndingsOf(old: string, text: string): string {
  return isMostlyCrlf(old) ? text.replace(/(?<!\r)\n/g, '\r\n') : text;
}

/** What the model should know about the encoding of a file that was written; undefined for plain UTF-8. */
export function encodingNote(spelled: string, { encoding }: TextForm): string | undefined {
  if (encoding === 'UTF-8') return undefined;
  return `${spelled} is not UTF-8: its encoding (${encoding === 'Windows-1252' ? 'an 8-bit one' : encoding}) was kept.`;
}

/** True if every run of characters that are not ASCII is one of the old text: the same bytes, whatever they mean. */
function hasOnlyLettersOf(old: string, text: string): boolean {
  const runs = new Set(text.match(/[^\0-\x7f]+/g));
  return [...runs].every((run) => old.includes(run));
}
