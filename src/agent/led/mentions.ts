/**
 * What a message names: files that exist, and paths that do not.
 *
 * Pure and linear. A word is taken for a path only if it can hardly be anything else, because each one found
 * narrows what the model may do.
 */

/**
 * A file is named by its path, or by its base name if that is unique. Case is ignored unless two paths differ only in
 * it.
 */
export function namedFiles(text: string, files: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(baseOf(file), (counts.get(baseOf(file)) ?? 0) + 1);
  const lower = text.toLowerCase();
  const folded = new Set(files.map((file) => file.toLowerCase())).size === files.length ? lower : '';
  const places = files.flatMap((file) => {
    const base = baseOf(file);
    const names = counts.get(base) === 1 && base !== file ? [file, base] : [file];
    for (const name of names) {
      const at = placeOf(text, name);
      if (at >= 0) return [{ file, at }];
    }
    for (const name of names) {
      const at = name.includes('.') ? placeOf(folded, name.toLowerCase()) : -1;
      if (at >= 0) return [{ file, at }];
    }
    return [];
  });
  return places.toSorted((a, b) => a.at - b.at).map(({ file }) => file);
}

/** Where `name` is a word of its own, or -1. A name that looks like an English word must be marked as a name. */
export function placeOf(text: string, name: string): number {
  const isWord = /^[a-z]+$/.test(name);
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text.slice(at + name.length, at + name.length + 2);
    const isHere = before === '/' && /(?:^|[^\w./-])\.\/$/.test(text.slice(Math.max(0, at - 3), at));
    if ((/[\w/.-]/.test(before) && !isHere) || /^(?:[\w/-]|\.\w)/.test(after)) continue;
    if (!isWord || /(?:[`"']|\b(?:file|script|program)\s)$/i.test(text.slice(Math.max(0, at - 10), at)))
      return at;
  }
  return -1;
}

/** A character of a path: Latin letters, because other scripts have no spaces between words. */
const P = String.raw`\w\p{Script=Latin}`;
const PATHLIKE = new RegExp(
  String.raw`(?<![${P}/.@-])(?:(?:\.{0,2}\/)?[${P}@-][${P}@.-]*(?:\/[${P}@.-]+)*\.([A-Za-z]\w{0,8})(?![${P}])|[${P}-]+\/[${P}./-]+[${P}])(?!\()`,
  'gu',
);
const EXTENSIONS = new Set(
  (
    'py pyi js mjs cjs jsx ts mts cts tsx json jsonc yaml yml toml ini cfg conf env md mdx rst txt csv tsv xml html htm ' +
    'css scss less svg sh bash zsh bat ps1 rb go rs java kt c h cc hh cpp hpp cs php pl lua sql swift scala dart vue ' +
    'svelte lock log gradle proto ipynb tf ex exs hs'
  ).split(' '),
);
/** Looks like a file name and is the name of something else. */
const NO_FILE =
  /^(?:console\.|(?:node|vue|next|nuxt|express|react|angular|three|d3|ember|alpine|electron|socket|chart|moment)\.js$)/i;
const MOST_MISSING = 20;

export function missingPaths(text: string, files: readonly string[]): string[] {
  const known = new Set(files.flatMap((file) => [file, baseOf(file)]).map((name) => name.toLowerCase()));
  const extensions = new Set(files.map((file) => /\.(\w+)$/.exec(file)?.[1] ?? ''));
  const folders = new Set(
    files.flatMap((file) => (file.includes('/') ? [file.slice(0, file.indexOf('/'))] : [])),
  );
  const isFile = (path: string, extension: string | undefined): boolean => {
    if (known.has(path.toLowerCase()) || /^\d/.test(path) || path.includes('@')) return false;
    if (extension === undefined) return folders.has(path.slice(0, path.indexOf('/')));
    if (!path.includes('/') && NO_FILE.test(path)) return false;
    return EXTENSIONS.has(extension.toLowerCase()) || extensions.has(extension);
  };
  const found = [...text.replace(/\b[a-z]{2,10}:\/\/\S+/gi, ' ').matchAll(PATHLIKE)]
    .map(([path, extension]) => ({ path: path.replace(/^\.\//, ''), extension }))
    .filter(({ path, extension }) => isFile(path, extension));
  return [...new Set(found.map(({ path }) => path))].slice(0, MOST_MISSING);
}

/** The last part of a path. */
export function baseOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
