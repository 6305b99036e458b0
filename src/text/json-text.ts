/** JSON for stdout: the same value, but nothing in the text moves a terminal's cursor, hides, or reorders what is around it. */

/** JSON itself leaves these as they are; a terminal may take the first for sequences, and readers of lines some for line ends. */
const ACTIVE =
  /[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

/** @param indent spaces; absent: on one line. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(ACTIVE, (found) =>
    found
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
