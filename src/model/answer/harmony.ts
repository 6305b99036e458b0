/**
 * Leaked calls in gpt-oss's harmony syntax, whole or in the fragments that a parser leaves of it.
 *
 * Recorded: `<|channel|>commentary to=functions.shell <|constrain|>json<|message|>{…}<|call|>`, `commentary
 * to=functions.shell json{…}`, `<|start|>assistant to=functions.shell<|channel|>commentary json<|message|>{…}`.
 */

import { isObject } from '../json-object.ts';
import type { Scanner } from '../repair/scanner.ts';
import { readJson } from '../repair/tolerant-json.ts';
import type { Block } from './call-shapes.ts';

const HEADER =
  /(?:<\|start\|>)?(?:assistant)?\s{0,2}(?:<\|channel\|>)?(?:commentary|analysis)?\s{0,2}to=([\w.:-]{1,100})/y;
const BETWEEN = ['<|channel|>', 'commentary', 'analysis', '<|constrain|>', 'json', 'code', '<|message|>'];

export function readHarmonyCall(s: Scanner, at: number): Block | null {
  const header = s.match(HEADER, at);
  if (header === null) return null;
  let pos = s.skipSpace(at + header[0].length);
  for (let words = 0; words < BETWEEN.length; words++) pos = s.skipSpace(s.skipToken(BETWEEN, pos));
  if (s.text[pos] !== '{') return null;
  const read = readJson(s, pos);
  if (read === null || !isObject(read.value)) return null;
  return { calls: [{ name: header[1] ?? '', arguments: read.value }], end: read.end };
}
