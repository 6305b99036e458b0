/** A text as it looks: two texts with the same result cannot be told apart on a screen. */
export function foldLook(text: string): string {
  return text
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/\p{Space_Separator}/gu, ' ')
    .normalize('NFC');
}
