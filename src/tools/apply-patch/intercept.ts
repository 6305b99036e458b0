/**
 * Recognises a shell call that begins with a patch: `apply_patch <<'EOF' … EOF`, alone or after `cd DIR &&`, also inside
 * `bash -lc "…"`, the argument forms `["apply_patch", BODY]` and `apply_patch 'BODY'`, and a bare patch.
 *
 * Strict: a command that does anything else before it, or that the shell would expand, is not one.
 */
import { BEGIN_MARKER } from './parse.ts';

export interface InterceptedPatch {
  readonly patch: string;
  /** The folder of a `cd` before it, as spelled. */
  readonly workdir?: string | undefined;
  /** The commands after it, to be run in that folder if the patch could be applied. */
  readonly rest?: string | undefined;
}

const NAMES: readonly string[] = ['apply_patch', 'applypatch'];
const SHELL = /^(?:(?:\/usr)?\/bin\/)?(?:ba|z)?sh$/;
const SHELL_CALL = /^\s*(\S+)\s+(-l?c)\s+(\S[\s\S]*)$/;
/** `cd DIR &&` (a plain, single- or double-quoted word), the name, the heredoc's opening, and a command after `&&` or `;`. */
const HEREDOC_CALL =
  /^\s*(?:cd[ \t]+(?:([\w./@%+=:,][\w./@%+=:,-]*)|'([^']+)'|"([^"$`\\]+)")[ \t]*&&[ \t\n]*)?(\w+)[ \t]*<<[ \t]*(?:'(\w+)'|"(\w+)"|(\w+))[ \t]*(?:(?:&&|;)([^\n<]*))?\r?\n/;
/** The call anywhere in a script. */
const ANY_HEREDOC_CALL = /(?:^|[\n;&|({])[ \t]*(?:apply_patch|applypatch)\b[^\n]{0,200}<</;
/** `apply_patch '…'` or `apply_patch "…"`. */
const QUOTED_CALL = /^\s*(?:apply_patch|applypatch)[ \t]+(['"][\s\S]*)$/;
const RAW_PATCH = /^\s*\*\*\* Begin Patch[ \t]*\r?\n/;

/** True for a command that applies a patch among other things, which no shell here can do. */
export function mentionsPatchCall(command: string): boolean {
  return ANY_HEREDOC_CALL.test(command) && command.includes(BEGIN_MARKER);
}

/** The patch of a shell call that begins by applying one; undefined for any other call. */
export function interceptApplyPatch(command: string | readonly string[]): InterceptedPatch | undefined {
  if (typeof command !== 'string') return interceptArguments(command);
  const call = SHELL_CALL.exec(command);
  if (call === null || !SHELL.test(call[1] ?? '')) return interceptScript(command);
  const script = unquoteWord((call[3] ?? '').trimEnd());
  return script === undefined ? undefined : interceptScript(script);
}

function interceptArguments(args: readonly string[]): InterceptedPatch | undefined {
  const [program = '', second, third] = args;
  if (args.length === 2 && second !== undefined && NAMES.includes(program)) return { patch: second };
  const isShell = args.length === 3 && SHELL.test(program) && (second === '-c' || second === '-lc');
  return isShell && third !== undefined ? interceptScript(third) : undefined;
}

function interceptScript(script: string): InterceptedPatch | undefined {
  // No shell can run a bare patch, so there is no doubt about what is meant.
  if (RAW_PATCH.test(script)) return { patch: script };
  const quoted = QUOTED_CALL.exec(script);
  const argument = quoted === null ? undefined : unquoteWord((quoted[1] ?? '').trimEnd());
  if (argument !== undefined) return { patch: argument };
  const opening = HEREDOC_CALL.exec(script);
  if (opening === null || !NAMES.includes(opening[4] ?? '')) return undefined;
  const workdir = opening[1] ?? opening[2] ?? opening[3];
  if (workdir?.startsWith('-')) return undefined;
  const tag = opening[5] ?? opening[6] ?? opening[7];
  const lines = script.slice(opening[0].length).split('\n');
  const end = lines.findIndex((line) => line.replace(/\r$/, '') === tag);
  if (end === -1) return undefined;
  const after = lines
    .slice(end + 1)
    .join('\n')
    .replace(/^\s*(?:&&|;)/, '');
  const rest = [opening[8] ?? '', after]
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n');
  return { patch: lines.slice(0, end).join('\n'), workdir, rest: rest === '' ? undefined : rest };
}

/** The value of a text that is one quoted shell word without expansions. */
function unquoteWord(word: string): string | undefined {
  if (word.length < 2 || word[0] !== word.at(-1)) return undefined;
  const inner = word.slice(1, -1);
  if (word.startsWith("'")) {
    const parts = inner.split("'\\''");
    return parts.some((part) => part.includes("'")) ? undefined : parts.join("'");
  }
  return word.startsWith('"') ? unescapeDoubleQuoted(inner) : undefined;
}

function unescapeDoubleQuoted(inner: string): string | undefined {
  const pieces = inner.split('\\');
  const result: string[] = [];
  // Each piece but the first follows a backslash; an empty one is a backslash that another one escapes.
  for (let at = 0; at < pieces.length; at++) {
    let piece = pieces[at] ?? '';
    if (at > 0 && piece === '') {
      if (at + 1 >= pieces.length) return undefined;
      result.push('\\');
      piece = pieces[++at] ?? '';
    } else if (at > 0) {
      const escaped = piece[0] ?? '';
      piece = piece.slice(1);
      if (escaped !== '\n') result.push('$`"'.includes(escaped) ? escaped : `\\${escaped}`);
    }
    if (/[$`"]/.test(piece)) return undefined;
    result.push(piece);
  }
  return result.join('');
}
