/** The command in a text; undefined for plain text, including one that begins with a path. */
export function typedCommand(text: string): { readonly name: string; readonly args: string } | undefined {
  const found = /^\/([^\s/]+)(?:\s+([\s\S]*))?$/.exec(text.trim());
  return found === null ? undefined : { name: found[1] ?? '', args: found[2] ?? '' };
}
