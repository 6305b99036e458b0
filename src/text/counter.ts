/** Names in a row: `i1`, `i2` … */

/** @param last the number of the last name that was given, 0 if none was. */
export function counter(prefix: string, last: number): () => string {
  let number = last;
  return () => {
    number += 1;
    return `${prefix}${number}`;
  };
}
