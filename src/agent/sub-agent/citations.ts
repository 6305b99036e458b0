/**
 * Finds places in a text: `src/a.ts:12`, `:12-20`, `#L12`, `` `src/a.ts`:12 ``, `src/a.ts (line 12)`, `src/a.ts at lines 12-20`,
 * and, with words between them, `line 12 of src/a.ts` and `src/a.ts has it in line 12`. Pure.
 */

export interface Cited {
  /** Where it begins and ends in the text, without quotes around it. */
  readonly at: number;
  readonly end: number;
  readonly path: string;
  readonly first: number;
  readonly last: number;
  /** It can be nothing but a place in a file. */
  readonly isCertain: boolean;
}

const PATH = String.raw`(?<![\w./:@~+-])(\x60?)((?:[\w.@~+-]*\/){0,30}[\w.@+-]{1,120})\1`;
const PLACE = new RegExp(
  String.raw`${PATH}(?::|#L|,? \(?(?:at |on |in )?lines? )(\d{1,7})(?:(?:-|–|-L|:| to )(\d{1,7}))?(?![\w.]?\d)`,
  'g',
);
/** The line before the path, and behind it. */
const BEFORE = /\blines? (\d{1,7})(?:(?:-|–| to )(\d{1,7}))?,? (?:of|in)(?: the)?(?: file)? $/i;
const BEHIND = /^[^\n;]{0,80}?\b(?:at|on|in) lines? (\d{1,7})(?:(?:-|–| to )(\d{1,7}))?(?![\w.]?\d)/i;
const NEAR = 90;
const NAMED = new RegExp(PATH, 'g');
const EXTENSION = /\.[A-Za-z][\w+-]{0,11}$/;
/** Of addresses, with a port behind them. */
const HOST =
  /^(?:[\w-]+\.)*(?:localhost|[\w-]+\.(?:com|org|net|io|dev|app|ai|co|de|eu|local|lan|internal))$/i;

export function citations(text: string): Cited[] {
  const direct = [...text.matchAll(PLACE)].flatMap((match) => directPlace(match, text));
  const isTaken = (at: number): boolean => direct.some((place) => at >= place.at && at < place.end);
  const distant = [...text.matchAll(NAMED)].flatMap((match) =>
    isTaken(match.index) ? [] : distantPlace(match, text),
  );
  return [...direct, ...distant].sort((one, other) => one.at - other.at);
}

function directPlace(match: RegExpExecArray, text: string): Cited[] {
  const [whole, , path = '', from = '', to] = match;
  // A column, if a colon precedes it.
  const until = whole.endsWith(`:${to}`) ? undefined : to;
  const end = match.index + whole.length;
  const isClosed = whole.includes('(') && text[end] === ')';
  return placeOf({ at: match.index, end: isClosed ? end + 1 : end, path }, from, until);
}

/** Only the path is part of it: the words between stay. */
function distantPlace(match: RegExpExecArray, text: string): Cited[] {
  const [whole, , path = ''] = match;
  if (!isFile(path)) return [];
  const [at, end] = [match.index, match.index + whole.length];
  const found =
    BEFORE.exec(text.slice(Math.max(0, at - NEAR), at)) ?? BEHIND.exec(text.slice(end, end + NEAR));
  return found === null ? [] : placeOf({ at, end, path }, found[1] ?? '', found[2]);
}

function placeOf(place: Pick<Cited, 'at' | 'end' | 'path'>, from: string, to: string | undefined): Cited[] {
  const { path } = place;
  if (HOST.test(path) || /^[\d.:-]+$/.test(path)) return [];
  const [first, until] = [Number(from), Number(to ?? from)];
  return [{ ...place, first, last: Math.max(first, until), isCertain: isFile(path) }];
}

function isFile(path: string): boolean {
  return path.includes('/') || EXTENSION.test(path);
}
