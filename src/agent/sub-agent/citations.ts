/** Finds places in a text: `src/a.ts:12`, `:12-20`, `#L12`, `` `src/a.ts`:12 ``, `src/a.ts (line 12)`, `src/a.ts at lines 12-20`. Pure. */

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

const PLACE =
  /(?<![\w./:@~+-])(`?)((?:[\w.@~+-]*\/){0,30}[\w.@+-]{1,120})\1(?::|#L|,? \(?(?:at |on |in )?lines? )(\d{1,7})(?:(?:-|–|-L|:| to )(\d{1,7}))?(?![\w.]?\d)/g;
const EXTENSION = /\.[A-Za-z][\w+-]{0,11}$/;
/** Of addresses, with a port behind them. */
const HOST =
  /^(?:[\w-]+\.)*(?:localhost|[\w-]+\.(?:com|org|net|io|dev|app|ai|co|de|eu|local|lan|internal))$/i;

export function citations(text: string): Cited[] {
  return [...text.matchAll(PLACE)].flatMap((match) => {
    const [whole, , path = '', from = '', to] = match;
    if (HOST.test(path) || /^[\d.:-]+$/.test(path)) return [];
    const [first, until] = [Number(from), Number(to ?? from)];
    // A column, if a colon precedes it.
    const isRange = to !== undefined && !whole.endsWith(`:${to}`) && until > first;
    const end = match.index + whole.length;
    return [
      {
        at: match.index,
        end: end + (whole.includes('(') && text[end] === ')' ? 1 : 0),
        path,
        first,
        last: isRange ? until : first,
        isCertain: path.includes('/') || EXTENSION.test(path),
      },
    ];
  });
}
