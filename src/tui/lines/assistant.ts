/** The model's answer: its lines behind a bullet. */
import type { LineContext } from './style.ts';

/**
 * Lines of an answer (stream.ts) as a message.
 * @param isFirst false: the message goes on, so that no bullet is set.
 */
export function assistantLines(
  lines: readonly string[],
  { style }: LineContext,
  { isFirst }: { readonly isFirst: boolean },
): string[] {
  return lines.map((line, index) => {
    if (isFirst && index === 0) return `${style.dim('•')} ${line}`;
    return line === '' ? '' : `  ${line}`;
  });
}
