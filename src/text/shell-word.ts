/** Words of a POSIX command line. */

/** The word as a shell reads it back: as it is where nothing in it is special, else in single quotes. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const WRAPPER = /^(?:\S*\/)?(?:bash|sh|zsh|dash|ksh|ash|fish) -l?c (.+)$/s;

/** The command as the model or the user wrote it. */
export function innerCommand(command: string): string {
  const script = WRAPPER.exec(command)?.[1];
  if (script === undefined) return command;
  if (!script.startsWith("'")) return /[\s"']/.test(script) ? command : script;
  const text = script.slice(1, -1).replaceAll(`'\\''`, '\0');
  return script.endsWith("'") && !text.includes("'") ? text.replaceAll('\0', "'") : command;
}
