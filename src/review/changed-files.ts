/**
 * Reads the output of `git diff` with the prefixes `a/` and `b/`.
 *
 * Invariants: every line of a hunk is in the result, with the number that git gives it; nothing in a file's text can look like a
 * header, because hunks are read by the counts in their heads. Never throws.
 */

export interface DiffLine {
  readonly kind: ' ' | '+' | '-';
  readonly text: string;
  /** In the new file, from 1; of a removed line: that of the line which is there now. */
  readonly line: number;
}

export interface Hunk {
  /** What git found as the beginning of the function around it; may be empty. */
  readonly section: string;
  readonly lines: readonly DiffLine[];
}

export interface ChangedFile {
  /** Relative to the repository, with `/`; of a deleted file its former one. */
  readonly path: string;
  readonly movedFrom?: string | undefined;
  readonly change: 'add' | 'delete' | 'update';
  /** Empty: nothing of it can be shown. */
  readonly hunks: readonly Hunk[];
  readonly isBinary: boolean;
  /** Another repository: the commit that it is at has changed. */
  readonly isSubmodule: boolean;
}

/** `s`, here and below: a line of git's may hold what JavaScript takes for the end of one. */
const HUNK = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/s;
const SUBMODULE = /^(?:(?:new file|deleted file|old|new) mode 160000|index \S+ 160000)$/;

export function changedFiles(diff: string): ChangedFile[] {
  const lines = new Lines(diff);
  const files: ChangedFile[] = [];
  while (!lines.isEnd) {
    const head = lines.next();
    if (head.startsWith('diff --git ')) files.push(fileOf(head, lines));
  }
  return files;
}

/** What is left of the diff. */
class Lines {
  readonly #all: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#all = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  }

  get isEnd(): boolean {
    return this.#at >= this.#all.length;
  }

  get ahead(): string {
    return this.#all[this.#at] ?? '';
  }

  next(): string {
    this.#at += 1;
    return this.#all[this.#at - 1] ?? '';
  }
}

function fileOf(first: string, lines: Lines): ChangedFile {
  const head: string[] = [];
  while (!lines.isEnd && !lines.ahead.startsWith('diff --git ') && !HUNK.test(lines.ahead))
    head.push(lines.next());
  const hunks: Hunk[] = [];
  while (!lines.isEnd && HUNK.test(lines.ahead)) hunks.push(hunkOf(lines));
  const value = (start: string): string | undefined =>
    head.find((line) => line.startsWith(start))?.slice(start.length);
  const movedFrom = unquoted(value('rename from ') ?? value('copy from '));
  const after = withoutPrefix(value('+++ '));
  const before = withoutPrefix(value('--- '));
  const path = unquoted(value('rename to ') ?? value('copy to ')) ?? after ?? before ?? nameIn(first);
  return {
    path,
    movedFrom: value('copy from ') === undefined ? movedFrom : undefined,
    change:
      value('new file ') !== undefined ? 'add' : value('deleted file ') !== undefined ? 'delete' : 'update',
    hunks,
    isBinary: head.some((line) => /^(?:Binary files |GIT binary patch)/.test(line)),
    isSubmodule: head.some((line) => SUBMODULE.test(line)),
  };
}

function hunkOf(lines: Lines): Hunk {
  const [, removed = '1', start = '1', added = '1', section = ''] = HUNK.exec(lines.next()) ?? [];
  const left = { old: Number(removed), new: Number(added) };
  // Of a deleted file the new side begins at 0.
  let line = Math.max(1, Number(start));
  const read: DiffLine[] = [];
  while (!lines.isEnd && (left.old > 0 || left.new > 0)) {
    const text = lines.next();
    const kind = text[0] ?? ' ';
    if (kind !== ' ' && kind !== '+' && kind !== '-') continue;
    read.push({ kind, text: text.slice(1), line });
    if (kind !== '+') left.old -= 1;
    if (kind !== '-') left.new -= 1;
    if (kind !== '-') line += 1;
  }
  while (!lines.isEnd && lines.ahead.startsWith('\\ ')) lines.next();
  return { section, lines: read };
}

/** Without lines both names are the same, so half of the line is one. */
function nameIn(first: string): string {
  const both = first.slice('diff --git '.length);
  return withoutPrefix(both.slice((both.length + 1) / 2)) ?? both;
}

/** The name after its prefix; none for `/dev/null`. Git puts a tab after names with spaces. */
function withoutPrefix(text: string | undefined): string | undefined {
  const name = unquoted(text?.replace(/\t$/, ''));
  return name === undefined || name === '/dev/null' ? undefined : name.replace(/^[ab]\//, '');
}

const ESCAPES: { readonly [letter: string]: string } = {
  ...{ a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' },
};

/** Git quotes names with control characters, quotes or backslashes as C does. */
function unquoted(text: string | undefined): string | undefined {
  if (text === undefined || !/^".*"$/s.test(text)) return text;
  const bytes = text
    .slice(1, -1)
    .replace(/\\(?:([0-7]{3})|(.))/gs, (_, octal?: string, letter = '') =>
      octal === undefined ? (ESCAPES[letter] ?? letter) : `\0${octal}`,
    );
  // Octal codes are bytes of UTF-8, the rest is text.
  return bytes.replace(/(?:\0[0-7]{3})+/g, (run) =>
    Buffer.from(
      run
        .slice(1)
        .split('\0')
        .map((octal) => Number.parseInt(octal, 8)),
    ).toString(),
  );
}
