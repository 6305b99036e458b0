/**
 * What a real task is: files, a prompt, a judge, and the solutions that show the judge to be right.
 *
 * Does not: make folders (workspace.ts) or run programs (judging.ts).
 */

/** Path to text, paths with forward slashes. */
export type Files = { readonly [file: string]: string };

/** What an agent could leave behind. `null` deletes a file. */
export interface Solution {
  readonly files?: { readonly [file: string]: string | null };
  /** Its final answer. Default: empty. */
  readonly output?: string;
}

export interface RealTask {
  readonly name: string;
  /** `one` step, `several` steps or files, or a `question`: judged by the answer, nothing may change. */
  readonly kind: 'one' | 'several' | 'question';
  readonly files: Files;
  readonly prompt: string;
  /** Any other file that differs at the end makes the run wrong. */
  readonly mayChange: readonly string[];
  /** Looks at the folder and the final answer. May throw, which is a no. */
  readonly judge: (folder: string, output: string) => boolean;
  /** One right solution. */
  readonly reference: Solution;
  /** Plausible solutions that the judge must refuse. */
  readonly wrong?: readonly Solution[];
  /** The wanted state is already there: doing nothing is right. */
  readonly isDoneAtStart?: true;
  /** Programs besides git, node, python3 and sh. */
  readonly needs?: readonly string[];
}

/** The text of `file` with one passage replaced. @throws unless `before` occurs exactly once. */
export function edited(files: Files, file: string, before: string, after: string): string {
  const parts = files[file]?.split(before) ?? [];
  if (parts.length !== 2)
    throw new Error(`${JSON.stringify(before)} occurs ${parts.length - 1} times in ${file}`);
  return parts.join(after);
}
