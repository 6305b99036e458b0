/** Which files a call reads or changes, by what it says: paths as the model wrote them. */
import type { ToolCall } from '../model/chat.ts';

const PATCHED = /^\*\*\* (?:Add File|Update File|Delete File|Move to): (.+)$/gm;
/** Of a shell: words, without what separates them. */
const WORD = /[^\s"'`()<>;|&=]+/g;
const MOST_WORDS = 200;

export function touchedBy({ arguments: args }: Pick<ToolCall, 'arguments'>): readonly string[] {
  const { path, cmd, command } = args;
  const texts = Object.values(args).filter((value) => typeof value === 'string');
  const patched = texts.flatMap((text) => [...text.matchAll(PATCHED)].map(([, file = '']) => file.trim()));
  const named = typeof path === 'string' ? [path] : [];
  const words = [cmd, command]
    .filter((text) => typeof text === 'string')
    .flatMap((text) => (text.match(WORD) ?? []).slice(0, MOST_WORDS))
    .filter((word) => /[./]/.test(word) && !/[*?{$]/.test(word));
  return [...new Set([...named, ...patched, ...words])];
}
