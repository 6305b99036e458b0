/**
 * Recognises pasted or dropped text that is the path of an image, or of several.
 *
 * Invariants: total; the text is nothing but paths, as a terminal or file manager gives them (bare, quoted,
 * backslash-escaped, or as file URLs); what looks like a path but is not a file stays text.
 */
interface ImagePathEnv {
  /** Absolute; relative paths are looked up in it. */
  readonly cwd: string;
  readonly home: string;
  /** Whether a file is at an absolute path. */
  readonly exists: (path: string) => boolean;
  /** The one existing path that looks the same as one that does not exist. */
  readonly lookAlike: (path: string) => ImagePath | undefined;
}

interface ImagePath {
  /** Absolute. */
  readonly path: string;
  /** For the user, if the text has another path that only looks the same. */
  readonly note?: string;
}

const IMAGE = /\.(?:png|jpe?g|gif|webp)$/i;
const MAX_LENGTH = 4096;
/** File managers put each of several files on a line of its own. */
const LINE_END = /\s*[\r\n]+\s*/;
/** Words of a shell: only its own blanks part them, not the narrow ones in the names of screenshots. */
const WORD = /(?:\\.|'[^']*'|"[^"]*"|[^ \\'"])+/g;

/** The images that a pasted text names; empty if it is anything else. */
export function imagePathsOf(pasted: string, env: ImagePathEnv): readonly ImagePath[] {
  const text = pasted.trim();
  const lines = text.split(LINE_END);
  if (text === '' || text.length > MAX_LENGTH || lines.some((line) => /[\x00-\x1f\x7f]/.test(line)))
    return [];
  // Names below each other may be a list that was meant as text.
  if (lines.length > 1 && !lines.every((line) => /^['"]?(?:\/|~\/|file:)/.test(line))) return [];
  const existing = (path: string): ImagePath | undefined => (env.exists(path) ? { path } : undefined);
  const alike = (path: string): ImagePath | undefined => {
    const found = existing(path) ?? env.lookAlike(path);
    return found !== undefined && env.exists(found.path) ? found : undefined;
  };
  for (const find of [existing, alike]) {
    const found = lines.map((line) => imagesIn(line, find, env));
    if (found.every((images) => images.length > 0)) return found.flat();
  }
  return [];
}

function imagesIn(
  line: string,
  find: (path: string) => ImagePath | undefined,
  env: ImagePathEnv,
): readonly ImagePath[] {
  const whole = imageIn(line, find, env);
  if (whole !== undefined) return [whole];
  const words = line.match(WORD) ?? [];
  const images = words.map((word) => imageIn(word, find, env)).filter((image) => image !== undefined);
  return words.length > 1 && images.length === words.length ? images : [];
}

function imageIn(
  text: string,
  find: (path: string) => ImagePath | undefined,
  env: ImagePathEnv,
): ImagePath | undefined {
  for (const candidate of candidates(text)) {
    const found = IMAGE.test(candidate) ? find(absolute(candidate, env)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The ways to read the text as one path: as it is comes last, because a name may contain quotes and backslashes. */
function candidates(text: string): string[] {
  const quoted = /^(['"])([\s\S]*)\1$/.exec(text)?.[2];
  const inner = quoted ?? text;
  const url = fileUrlPath(inner);
  if (url !== undefined) return [url];
  const isOneWord = text.match(WORD)?.[0] === text;
  return [...(isOneWord ? [unquoted(text)] : []), inner, text];
}

/** A word of a shell, of which any part may be quoted: `'it'\''s.png'`. */
function unquoted(word: string): string {
  return word.replace(
    /\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"/gu,
    (_, escaped, single, double: string | undefined) =>
      String(escaped ?? single ?? double?.replace(/\\(["$`\\])/g, '$1')),
  );
}

function fileUrlPath(text: string): string | undefined {
  const path = /^file:\/\/[^/?#]*(\/[^?#]*)$/i.exec(text)?.[1];
  if (path === undefined) return undefined;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function absolute(path: string, { cwd, home }: ImagePathEnv): string {
  if (path.startsWith('/')) return path;
  if (path.startsWith('~/')) return `${home}${path.slice(1)}`;
  return `${cwd}/${path.replace(/^\.\//, '')}`;
}
