/**
 * Recognises pasted or dropped text that is the path of an image.
 *
 * Invariants: total; the text is the whole path, as a terminal or file manager gives it (bare, quoted,
 * backslash-escaped, or as a file URL); what looks like a path but is not a file stays text.
 */
interface ImagePathEnv {
  /** Absolute; relative paths are looked up in it. */
  readonly cwd: string;
  readonly home: string;
  /** Whether a file is at an absolute path. */
  readonly exists: (path: string) => boolean;
}

const IMAGE = /\.(?:png|jpe?g|gif|webp)$/i;
const MAX_LENGTH = 4096;

/** The absolute path of the image that a pasted text names, or undefined. */
export function imagePathOf(pasted: string, env: ImagePathEnv): { path: string } | undefined {
  const text = pasted.trim();
  if (text === '' || text.length > MAX_LENGTH || /[\x00-\x1f\x7f]/.test(text)) return undefined;
  const path = candidates(text)
    .filter((candidate) => IMAGE.test(candidate))
    .map((candidate) => absolute(candidate, env))
    .find((candidate) => env.exists(candidate));
  return path === undefined ? undefined : { path };
}

/** The ways to read the text as one path: as it is comes last, because a name may contain quotes and backslashes. */
function candidates(text: string): string[] {
  const quoted = /^(['"])([\s\S]*)\1$/.exec(text)?.[2];
  const inner = quoted ?? text;
  const url = fileUrlPath(inner);
  if (url !== undefined) return [url];
  const isOneWord = quoted === undefined && /^(?:\\.|[^\s\\])+$/.test(text);
  return [...(isOneWord ? [text.replace(/\\(.)/g, '$1')] : []), inner, text];
}

function fileUrlPath(text: string): string | undefined {
  const path = /^file:\/\/(?:localhost)?(\/[^?#]*)$/i.exec(text)?.[1];
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
