/**
 * Where the letters of other scripts are on a keyboard, so that a chord is the same keys in every layout: a terminal
 * that does not name the key (the base layout of the kitty protocol) only sends the letter. Each script has layouts that
 * differ in details; these are the ones that the systems choose first.
 */
const LATIN = 'qwertyuiopasdfghjklzxcvbnm';

/** The letters on the keys of `LATIN`; a blank where there is none. */
const LAYOUTS = [
  // Russian, and the letters that only Belarusian and Ukrainian have.
  'йцукенгшщзфывапролдячсмить',
  '        ў  і              ',
  // Greek.
  ' ςερτυθιοπασδφγηξκλζχψωβνμ',
  // Hebrew.
  '  קראטוןםפשדגכעיחלךזסבהנמצ',
  // Arabic.
  'ضصثقفغعهخحشسيبلاتنمئءؤر ىة',
  // Korean.
  'ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ',
  // Georgian.
  'ქწერტყუიოპასდფგჰჯკლზხცვბნმ',
  // Thai.
  'ๆไำพะัีรนยฟหกดเ้่าสผปแอิืท',
] as const;

const KEYS: ReadonlyMap<string, string> = new Map(
  LAYOUTS.flatMap((layout) =>
    Array.from(layout, (letter, index): [string, string] => [letter, LATIN[index] ?? '']).filter(
      ([letter]) => letter !== ' ',
    ),
  ),
);

/** The letter that a Latin keyboard has on the key of this one, if it is known. */
export function latinKey(letter: string): string | undefined {
  return KEYS.get(letter);
}
