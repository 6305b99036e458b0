/** Whether a message is in English: the floors of an embedding model hold for the language that they were measured with. */

const ENGLISH: ReadonlySet<string> = new Set(
  `the of to is are how do does did we what which why where when who whom for on with my our this that it be can could
    should and not from i you your may must has have had a by at into one there then than`.split(/\s+/),
);
/** Of other languages that can be written in the same letters. */
const OTHER: ReadonlySet<string> = new Set(
  `der die das und ist wie wo wir ein eine einen nicht ich du sie wird werden den dem des im beim mit auf von zu zum zur warum
    welche welcher welches aus nach bei kannst bitte noch es le la les du des un une est pas que qui dans pour avec nous vous comment el los
    las del como por con para una il di che non sono een het niet van voor hoe`.split(/\s+/),
);

export function isEnglish(message: string): boolean {
  const words = message.match(/\p{L}+/gu) ?? [];
  if (words.some((word) => /[^A-Za-z]/.test(word))) return false;
  const count = (those: ReadonlySet<string>): number =>
    words.filter((word) => those.has(word.toLowerCase())).length;
  return count(ENGLISH) > count(OTHER);
}
