/** One expression for names that match any of the patterns: `*` any text, `?` one character, without case. */
export function namePatterns(globs: readonly string[]): RegExp {
  const sources = globs.map((glob) =>
    glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      // Several stars mean the same as one, and would take exponential time.
      .replace(/\*+/g, '[^]*')
      .replaceAll('?', '[^]'),
  );
  return sources.length === 0 ? /(?!)/ : new RegExp(`^(?:${sources.join('|')})$`, 'i');
}
