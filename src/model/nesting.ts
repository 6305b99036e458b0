/** How deeply something is nested. Whatever recurses into what a model sent asks here first: 100,000 levels would end the stack. */

/** No tool takes more than a few. */
const MOST_LEVELS = 100;

/** Whether a value, or the JSON in a text, has more levels. Does not recurse. */
export function isTooDeep(value: unknown): boolean {
  if (typeof value === 'string') return isTextTooDeep(value);
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_LEVELS) return true;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}

/** Brackets in strings count as well: then a text is only not read as a call. */
function isTextTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{' || char === '[') depth += 1;
    else if ((char === '}' || char === ']') && depth > 0) depth -= 1;
    if (depth > MOST_LEVELS) return true;
  }
  return false;
}
