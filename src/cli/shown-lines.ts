/**
 * Which lines of a file the model has seen, from what a tool has shown.
 *
 * Owns: the reading of `read_file`'s numbered lines and of unified diffs. Invariants: what is no line of a file is passed over; lines
 * that follow each other in the file are one run. Does not: know of files, or keep anything.
 */

/** The runs of lines in an answer of `read_file`: number, tab, text. */
export function readLines(output: string): string[][] {
  const runs: string[][] = [];
  let next = Number.NaN;
  for (const line of output.split('\n')) {
    const found = /^ *(\d+)\t(.*)$/s.exec(line);
    if (found === null) continue;
    const [, number, text = ''] = found;
    if (Number(number) !== next) runs.push([]);
    runs.at(-1)?.push(text);
    next = Number(number) + 1;
  }
  return runs;
}

/** The runs of lines that a unified diff leaves in the file: each hunk without what it takes away. */
export function newLines(diff: string): string[][] {
  const runs: string[][] = [];
  // Of the new side of this hunk; its lines can look like anything.
  let left = 0;
  for (const line of diff.split('\n')) {
    if (left === 0) {
      const hunk = /^@@ -\S+ \+\d+(?:,(\d+))? @@/.exec(line);
      if (hunk === null) continue;
      left = Number(hunk[1] ?? 1);
      runs.push([]);
    } else if (!line.startsWith('-') && !line.startsWith('\\')) {
      runs.at(-1)?.push(line.slice(1));
      left -= 1;
    }
  }
  return runs.filter((run) => run.length > 0);
}
