/** What the view needs from the machine: files, editor, clipboard, exports. Errors have a message for the user. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../config/make-folder.ts';
import { NamedFile } from '../../safety/named-file.ts';
import { trustedProgram } from '../../system/find-program.ts';
import { feed, runInTerminal } from '../../system/run.ts';
import { errorCode } from '../../text/error-message.ts';
import { fileProblem } from '../../text/file-problem.ts';
import { ripgrepFiles } from '../../tools/ripgrep-files.ts';

const CLIPBOARD_LIMIT_MS = 2_000;

/** The files of a folder for `@`: including hidden ones, without ignored ones. */
export function listFiles(cwd: string, signal: AbortSignal): AsyncGenerator<string[]> {
  return ripgrepFiles(cwd, [], signal);
}

/**
 * Lets the user edit a text in $VISUAL, $EDITOR or vi, which gets the terminal for that time.
 *
 * @param home oagent's own folder, where the draft is: no command can write there.
 * @returns the text without the line breaks that editors add at the end.
 * @throws Error if the editor cannot be started or fails.
 */
export async function openEditor(
  text: string,
  { cwd, home }: { readonly cwd: string; readonly home: string },
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const editor = env.VISUAL?.trim() || env.EDITOR?.trim() || 'vi';
  makeFolder(home);
  const folder = await mkdtemp(path.join(home, 'edit-'));
  const file = path.join(folder, 'prompt.md');
  try {
    await writeFile(file, text, { mode: 0o600 });
    // Run by a shell, because the variable may contain flags, as git allows. The shell survives a Ctrl+C that the editor survives.
    const line = `trap : INT; ${editor} "$1"`;
    const shell = trustedProgram('/bin/sh', cwd, env);
    // What it names by a path must be as trusted as what PATH finds.
    for (const word of editor.split(/[\s"']+/)) if (path.isAbsolute(word)) trustedProgram(word, cwd, env);
    const code = await runInTerminal(shell.file, ['-c', line, editor, file], {
      cwd: process.cwd(),
      env: shell.env,
    });
    if (code !== 0) throw new Error(`the editor (${editor}) failed; the text is unchanged`);
    return (await readFile(file, 'utf8')).replace(/[\r\n]+$/, '');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Gives a text to the clipboard program of this desktop. Such a program keeps running to hold the selection, so only its
 * first process is waited for.
 *
 * @returns false if there is no such program, or none that accepts it.
 */
export async function copyToClipboard(
  text: string,
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  for (const [program = '', ...args] of clipboardPrograms(env)) {
    const options = { cwd, env, timeoutMs: CLIPBOARD_LIMIT_MS };
    if (await feed(program, args, text, options).catch(() => false)) return true;
  }
  return false;
}

function clipboardPrograms(env: NodeJS.ProcessEnv): string[][] {
  if (process.platform === 'darwin') return [['pbcopy']];
  return [
    ...(env.WAYLAND_DISPLAY ? [['wl-copy']] : []),
    ...(env.DISPLAY
      ? [
          ['xclip', '-selection', 'clipboard'],
          ['xsel', '--clipboard', '--input'],
        ]
      : []),
  ];
}

/**
 * Writes a conversation to a new file.
 *
 * @param file absolute.
 * @param writable the folders where commands can write.
 * @returns the path.
 * @throws Error if the file exists already, or cannot be written.
 */
export async function writeExport(
  markdown: string,
  file: string,
  writable: readonly string[],
): Promise<string> {
  try {
    NamedFile.find(file, writable).write(markdown, true);
    return file;
  } catch (error) {
    const isThere = errorCode(error) === 'EEXIST';
    throw new Error(
      isThere ? `${file} exists already: name another file` : `cannot write ${file}: ${fileProblem(error)}`,
    );
  }
}
