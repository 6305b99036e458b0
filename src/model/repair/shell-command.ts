/**
 * The `command` of a shell call, given as a list of arguments instead of a command line.
 *
 * `["bash", "-lc", "ls"]` is the script `ls`; `["ls", "-la"]` is quoted and joined; a list written into a string is
 * parsed first. A list that contains anything but strings is left for validation to reject.
 */
import { shellWord } from '../../text/shell-word.ts';

const SHELL = /^(?:\/(?:usr\/)?bin\/)?(?:bash|sh|zsh|dash)$/;
const SCRIPT_FLAG = /^-[li]{0,2}c$/;

/** The command line that `value` means; `value` itself if it is not a list of strings. */
export function commandLine(value: unknown): unknown {
  let command = value;
  for (;;) {
    const words = Array.isArray(command) ? command : listInString(command);
    if (!isWords(words)) return command;
    command = joinWords(words);
  }
}

function joinWords(words: readonly string[]): string {
  const [shell = '', flag = '', script] = words;
  if (words.length === 1) return shell;
  if (words.length === 3 && script !== undefined && SHELL.test(shell) && SCRIPT_FLAG.test(flag))
    return script;
  return words.map(shellWord).join(' ');
}

function listInString(value: unknown): unknown {
  if (typeof value !== 'string' || !value.trimStart().startsWith('["')) return null;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string');
}
