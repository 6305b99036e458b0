/**
 * What the terminal is asked before the first picture: how wide it draws what terminals disagree about, and the colour
 * of its background.
 *
 * Invariants: written once, at the very start, while the rest is loaded; the answers are waited for a short time, counted
 * from the question; nothing of the line where the cursor stands is lost, and the samples are not seen. All that was read
 * meanwhile goes back to the input: answers are no keys, and keys are not lost.
 */
import { type CellWidths, DEFAULT_WIDTHS } from '../../text/cell-width.ts';
import { TerminalParser } from './parser.ts';
import { Utf8Input } from './utf8.ts';

export type Background = 'dark' | 'light';

export interface TerminalAnswers {
  readonly widths: CellWidths;
  /** Undefined: unknown. */
  readonly background: Background | undefined;
}

/** From the question; loading the view takes longer. */
const ANSWER_MS = 100;

/** Each is written at the same place; where the cursor is after it says how wide it is. */
const SAMPLES = {
  conjunct: 'क्ष',
  spacingMark: 'का',
  vowelAm: 'กำ',
  halfMark: 'ｶﾞ',
  selected: '❤\ufe0f',
  selectedLetter: 'a\ufe0f',
  keycap: '1\ufe0f\u20e3',
  flag: '🇯🇵',
  joined: '👩\u200d💻',
  skin: '👍🏽',
  ambiguous: '…',
  pictures: '👩',
  pictures11: '🥰',
  pictures12: '🪐',
  pictures13: '🫀',
  pictures14: '🫠',
  pictures15: '🫨',
  pictures16: '🫩',
  pictures17: '\u{1fac8}',
} as const;
type SampleName = keyof typeof SAMPLES;
const NAMES = Object.keys(SAMPLES) as SampleName[];

const [saveCursor, restoreCursor, whereIsCursor] = ['\x1b7', '\x1b8', '\x1b[6n'];
const backgroundQuery = '\x1b]11;?\x1b\\';
/** Every terminal answers this one, so what has not been answered before it never will be. */
const lastQuery = '\x1b[c';

/** All questions at once; concealed, in one frame, and erased. */
const startQuery = [
  `\x1b[?2026h${saveCursor}\x1b[8m${whereIsCursor}`,
  ...NAMES.map((name) => `${SAMPLES[name]}${whereIsCursor}${restoreCursor}\x1b[8m`),
  `\x1b[0m\x1b[K\x1b[?2026l${backgroundQuery}${lastQuery}`,
].join('');

export class StartQueries {
  readonly #stdin: NodeJS.ReadStream;
  readonly #deadline = performance.now() + ANSWER_MS;
  readonly #utf8 = new Utf8Input();
  readonly #parser = new TerminalParser();
  readonly #read: Buffer[] = [];
  readonly #places: { readonly row: number; readonly column: number }[] = [];
  #background: Background | undefined;
  #isOver = false;
  #settle: () => void = () => undefined;

  /** Asks. The answers must not be echoed, so the input is raw from here on. */
  constructor(stdin: NodeJS.ReadStream, stdout: Pick<NodeJS.WriteStream, 'write'>) {
    this.#stdin = stdin;
    stdin.setRawMode(true);
    stdin.on('data', this.#take);
    stdout.write(startQuery);
  }

  /** What has been answered until the time is over. The input is handed on. */
  async answers(): Promise<TerminalAnswers> {
    if (!this.#isOver) await this.#waited();
    this.#stdin.off('data', this.#take);
    this.#stdin.pause();
    if (this.#read.length > 0) this.#stdin.unshift(Buffer.concat(this.#read.splice(0)));
    return { widths: widthsFrom(this.#places), background: this.#background };
  }

  /** Nothing will be shown: the input is as it was. */
  close(): void {
    this.#stdin.off('data', this.#take);
    this.#stdin.setRawMode(false);
    this.#stdin.pause();
  }

  #waited(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    // Whatever came while the view was loaded is read before the turn of an immediate.
    const timer = setTimeout(() => setImmediate(resolve), Math.max(0, this.#deadline - performance.now()));
    this.#settle = () => {
      clearTimeout(timer);
      resolve();
    };
    return promise;
  }

  readonly #take = (chunk: Buffer | string): void => {
    this.#read.push(Buffer.from(chunk));
    for (const event of this.#parser.push(this.#utf8.decode(chunk))) {
      if (event.type !== 'other') continue;
      const { kind, body } = event;
      const place = kind === 'csi' ? /^(\d{1,5});(\d{1,5})R$/.exec(body) : null;
      if (place !== null) this.#places.push({ row: Number(place[1]), column: Number(place[2]) });
      else if (kind === 'osc') this.#background ??= backgroundFrom(body);
      else if (kind === 'csi' && /^\?[\d;]*c$/.test(body)) {
        this.#isOver = true;
        this.#settle();
      }
    }
  };
}

/** From where the cursor was before the first sample and after each. Something missing, or a wrapped one: the default. */
function widthsFrom(places: readonly { readonly row: number; readonly column: number }[]): CellWidths {
  const [start, ...ends] = places;
  if (start === undefined || ends.length !== NAMES.length || ends.some(({ row }) => row !== start.row))
    return DEFAULT_WIDTHS;
  const cells = Object.fromEntries(
    NAMES.map((name, index) => [name, (ends[index]?.column ?? 0) - start.column]),
  );
  const of = (name: SampleName): number => cells[name] ?? 0;
  // What no terminal does is not an answer to these questions.
  if (NAMES.some((name) => of(name) < 1 || of(name) > 5)) return DEFAULT_WIDTHS;
  const picture = of('pictures');
  return {
    conjunct: of('conjunct') - 1,
    spacingMark: of('spacingMark') - 1,
    vowelAm: of('vowelAm') - 1,
    halfMark: of('halfMark') - 1,
    selected: of('selected'),
    selectedLetter: of('selectedLetter'),
    keycap: of('keycap'),
    flag: of('flag'),
    joinsPictures: of('joined') < 2 * picture,
    joinsSkins: of('skin') < 2 * picture,
    pictures: picture < 2 ? 0 : newestVersion(of),
    ambiguous: of('ambiguous'),
  };
}

const VERSIONS: readonly (readonly [SampleName, number])[] = [
  ['pictures17', Number.POSITIVE_INFINITY],
  ['pictures16', 16],
  ['pictures15', 15],
  ['pictures14', 14],
  ['pictures13', 13],
  ['pictures12', 12],
  ['pictures11', 11],
];

function newestVersion(of: (name: SampleName) => number): number {
  return VERSIONS.find(([name]) => of(name) === 2)?.[1] ?? 10;
}

/** `11;rgb:ffff/ffff/ffff`, in one to four digits each. */
function backgroundFrom(body: string): Background | undefined {
  const found = /^11;rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})/i.exec(body);
  if (found === null) return undefined;
  const [red = 0, green = 0, blue = 0] = found
    .slice(1)
    .map((digits) => Number.parseInt(digits, 16) / (16 ** digits.length - 1));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 ? 'light' : 'dark';
}
