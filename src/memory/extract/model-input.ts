/**
 * What the model reads of a session, within its window: what is certain, then the conversation. Outputs are cut first, then what the model
 * said long ago, and the user's words last.
 *
 * Invariant: a header begins a line and nothing else does, so no text can pretend to be somebody else's.
 */
import { truncateText } from '../../context/truncate.ts';
import type { Evidence, Piece } from './evidence.ts';

/** How many bytes each text may have; `old`: what is not among the last answers. */
interface Cut {
  readonly output: number;
  readonly old: number;
  readonly answer: number;
  readonly user: number;
}

const WHOLE = Number.MAX_SAFE_INTEGER;
const CUTS: readonly Cut[] = [
  { output: 2_000, old: WHOLE, answer: WHOLE, user: WHOLE },
  { output: 600, old: WHOLE, answer: WHOLE, user: WHOLE },
  { output: 200, old: WHOLE, answer: WHOLE, user: WHOLE },
  { output: 0, old: 1_000, answer: WHOLE, user: WHOLE },
  { output: 0, old: 400, answer: 1_500, user: WHOLE },
  { output: 0, old: 160, answer: 1_500, user: WHOLE },
  { output: 0, old: 60, answer: 1_000, user: WHOLE },
  { output: 0, old: 0, answer: 600, user: WHOLE },
  { output: 0, old: 0, answer: 300, user: 2_000 },
  { output: 0, old: 0, answer: 300, user: 1_000 },
  { output: 0, old: 0, answer: 300, user: 600 },
  { output: 0, old: 0, answer: 160, user: 400 },
];
const SHORTEST: Cut = { output: 0, old: 0, answer: 0, user: 200 };
/** Of the whole, for what is certain. */
const FACTS_SHARE = 0.3;
const LAST_ANSWERS = 2;

/** @param limitBytes of the text, which is never longer. @param clean takes secrets out of a text. */
export function modelInput(evidence: Evidence, limitBytes: number, clean: (text: string) => string): string {
  const known = clean(evidence.facts.text(evidence.cwd) ?? '');
  const facts = truncateText(known, { limitBytes: Math.floor(limitBytes * FACTS_SHARE) }).text;
  const head = facts === '' ? '' : `certain:\n${quoted(facts)}\n`;
  const pieces = evidence.pieces.map(({ from, text }) => ({ from, text: clean(text) }));
  const left = limitBytes - Buffer.byteLength(head);
  for (const cut of CUTS) {
    const body = written(pieces, cut);
    if (Buffer.byteLength(body) <= left) return head + body;
  }
  return within(head + newest(pieces, left), limitBytes);
}

/** Not even the shortest form of all fits: the first message and the newest ones. */
function newest(pieces: readonly Piece[], limitBytes: number): string {
  const users = pieces.filter(({ from }) => from === 'user');
  const [first, ...rest] = users.map((piece) => written([piece], SHORTEST));
  let left = limitBytes - Buffer.byteLength(first ?? '');
  const kept: string[] = [];
  for (const text of rest.toReversed()) {
    left -= Buffer.byteLength(text);
    if (left < 0) break;
    kept.unshift(text);
  }
  return [first, ...kept].join('');
}

function within(text: string, limitBytes: number): string {
  return Buffer.byteLength(text) <= limitBytes
    ? text
    : Buffer.from(text)
        .subarray(0, limitBytes)
        .toString()
        .replace(/\ufffd+$/, '');
}

function written(pieces: readonly Piece[], cut: Cut): string {
  const lastOnes =
    pieces.flatMap(({ from }, at) => (from === 'assistant' ? [at] : [])).at(-LAST_ANSWERS) ?? 0;
  return pieces
    .map(({ from, text }, at) => {
      const limitBytes = limitOf(from, at < lastOnes, cut);
      return limitBytes === 0 ? '' : `${from}:\n${quoted(truncateText(text, { limitBytes }).text)}\n`;
    })
    .join('');
}

function limitOf(from: Piece['from'], isOld: boolean, cut: Cut): number {
  if (from === 'user') return cut.user;
  if (from === 'output') return cut.output;
  return isOld ? cut.old : cut.answer;
}

function quoted(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/^/gm, '  ');
}
