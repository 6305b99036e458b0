/** The changes of a patch as a client shows them: of each hunk the lines before and after it. */
import type { ToolCallContent, ToolCallLocation } from '@agentclientprotocol/sdk';
import type { FileChange } from '../protocol.ts';

interface Hunk {
  /** In the new file, from 1. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** Paths are absolute. */
export function diffsOf(changes: readonly FileChange[]): ToolCallContent[] {
  return changes.flatMap(({ path, movePath, kind, diff }) =>
    hunksOf(diff).map(({ before, after }): ToolCallContent => {
      const oldText = kind === 'add' ? null : before;
      return { type: 'diff', path: movePath ?? path, oldText, newText: after };
    }),
  );
}

/** Where each file changes first; a client can follow the agent there. */
export function placesOf(changes: readonly FileChange[]): ToolCallLocation[] {
  return changes.map(({ path, movePath, diff }) => {
    const [first] = hunksOf(diff);
    const file = movePath ?? path;
    return first === undefined || first.line === 0 ? { path: file } : { path: file, line: first.line };
  });
}

function hunksOf(diff: string): Hunk[] {
  const [, ...parts] = `\n${diff}`.split(/\n(?=@@ )/);
  return parts.map((part) => {
    const [head = '', ...lines] = part.split('\n');
    const line = Number(/\+(\d+)/.exec(head)?.[1] ?? 0);
    return { line, before: textOf(lines, '-'), after: textOf(lines, '+') };
  });
}

function textOf(lines: readonly string[], sign: '-' | '+'): string {
  let text = '';
  let last = '';
  for (const line of lines) {
    const [mark = ''] = line;
    // `\ No newline at end of file` is about the line before it.
    if (mark === '\\' && (last === sign || last === ' ')) text = text.replace(/\n$/, '');
    if (mark === sign || mark === ' ') text += `${line.slice(1)}\n`;
    last = mark;
  }
  return text;
}
