/**
 * The headings of a text for people: Markdown (`# …`, underlined), reStructuredText, AsciiDoc.
 *
 * Invariants: in order of the rows; what is in code fences is not a heading; one pass.
 */
export interface Heading {
  /** From 0. */
  readonly row: number;
  /** The headings above it and itself: `Guide > Install`. */
  readonly trail: string;
}

const UNDERLINES = '=-~^"\'*+#';

/** @param path decides which kinds of headings there are. */
export function headingsOf(path: string, lines: readonly string[]): Heading[] {
  const isRst = /\.(?:rst|txt)$/i.test(path);
  const sign = /\.adoc$/i.test(path) ? '=' : '#';
  const found: Heading[] = [];
  const open: { depth: number; title: string }[] = [];
  let fence: string | undefined;
  const enter = (row: number, depth: number, title: string): void => {
    while ((open.at(-1)?.depth ?? -1) >= depth) open.pop();
    open.push({ depth, title });
    found.push({ row, trail: open.map((entry) => entry.title).join(' > ') });
  };
  for (const [row, line] of lines.entries()) {
    const mark = /^ {0,3}(```+|~~~+)/.exec(line)?.[1];
    if (mark !== undefined && !isRst) {
      if (fence === undefined) fence = mark;
      else if (mark.startsWith(fence)) fence = undefined;
      continue;
    }
    if (fence !== undefined) continue;
    const depth = /^(#{1,6}|={1,6})\s+\S/.exec(line)?.[1];
    if (!isRst && depth?.startsWith(sign)) {
      enter(
        row,
        depth.length,
        line
          .slice(depth.length)
          .replace(/[#=\s]+$/, '')
          .trim(),
      );
      continue;
    }
    const title = lines[row - 1]?.trim() ?? '';
    const below = line.trim();
    const isUnderline = /^([=\-~^"'*+#])\1{2,}$/.test(below) && (isRst || /^[=-]/.test(below));
    const isBelowTitle =
      title !== '' && below.length >= Math.min(title.length, 3) && !/^[-=|>#*+\s]/.test(title);
    if (isUnderline && isBelowTitle && (lines[row - 2] ?? '').trim() === '' && found.at(-1)?.row !== row - 1)
      enter(row - 1, UNDERLINES.indexOf(below.charAt(0)) + 1, title);
  }
  return found;
}
