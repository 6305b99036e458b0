/** Quoting words of a POSIX command line, and taking off the shell that a command is wrapped in. */

/** The word quoted for a shell: as it is if nothing in it is special, otherwise in single quotes. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const WRAPPER = /^(?:\S*\/)?(?:bash|sh|zsh|dash|ksh|ash|fish) -l?c (.+)$/s;

/** The command as the model or the user wrote it, without the `bash -lc` around it. */
export function innerCommand(command: string): string {
  const script = WRAPPER.exec(command)?.[1];
  if (script === undefined) return command;
  if (!script.startsWith("'")) return /[\s"']/.test(script) ? command : script;
  const text = script.slice(1, -1).replaceAll(`'\\''`, '\0');
  return script.endsWith("'") && !text.includes("'") ? text.replaceAll('\0', "'") : command;
}
