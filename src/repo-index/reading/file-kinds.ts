/**
 * What a file is, by its name: code with a grammar, prose, other text, or not worth indexing.
 *
 * Invariants: pure; paths are relative with `/`. Minified text is found by its lines (chunker.ts).
 */
/** Patterns of what the index leaves out, in its root. */
export const IGNORE_FILE = '.oagentignore';

/** The grammars that come with the package of tree-sitter. */
export type Grammar =
  | 'bash'
  | 'c-sharp'
  | 'cpp'
  | 'go'
  | 'java'
  | 'javascript'
  | 'php'
  | 'powershell'
  | 'python'
  | 'ruby'
  | 'rust'
  | 'tsx'
  | 'typescript';

const GRAMMARS: Readonly<Record<Grammar, string>> = {
  bash: 'sh bash zsh',
  'c-sharp': 'cs',
  cpp: 'c h cc hh cpp hpp cxx hxx c++ h++ ino cu cuh',
  go: 'go',
  java: 'java',
  javascript: 'js mjs cjs jsx',
  php: 'php',
  powershell: 'ps1 psm1',
  python: 'py pyi',
  ruby: 'rb rake gemspec',
  rust: 'rs',
  tsx: 'tsx',
  typescript: 'ts mts cts',
};
const PROSE = new Set('md mdx markdown rst adoc txt'.split(' '));
/** Compressed, compiled, pictures, fonts, sound, data: not text, or text that says nothing. */
const NOT_TEXT = new Set(
  `7z a avi avif bin bmp br bz2 class dat db dll dmg doc docx dylib eot exe flac gif gz heic icns ico img iso jar jpeg jpg
  jsonl lib lock lockb log map mov mp3 mp4 npy o obj ogg onnx otf parquet pdf pem pickle pkl png ppt pptx psd pyc rar safetensors snap so
  sqlite sqlite3 svg tar tgz tif tiff ttf war wasm wav webm webp whl woff woff2 xls xlsx xz zip zst`.split(
    /\s+/,
  ),
);
const LOCK_FILES =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|go\.sum|.*\.lock\.json|packages\.lock\.json)$/;
const GENERATED =
  /(?:^|\/)(?:node_modules|__snapshots__|\.yarn)\/|\.min\.(?:js|css|mjs)$|[._](?:pb|generated|gen)\.[\w.]+$|_pb2(?:_grpc)?\.pyi?$|\.designer\.cs$/i;
const DATA = new Set('json geojson csv tsv xml html htm sql po pot'.split(' '));
/** Data beyond this is a table, not something that somebody wrote. */
const MOST_DATA_BYTES = 100_000;

/** Files beyond this are left out. */
const MOST_BYTES = 1_000_000;

const GRAMMAR_OF = new Map(
  Object.entries(GRAMMARS).flatMap(([grammar, names]) =>
    names.split(' ').map((name) => [name, grammar as Grammar] as const),
  ),
);

function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** The grammar that reads the file, if there is one. */
export function grammarOf(path: string): Grammar | undefined {
  return GRAMMAR_OF.get(extensionOf(path));
}

/** Text for people, with headings. */
export function isProse(path: string): boolean {
  return PROSE.has(extensionOf(path)) || /(?:^|\/)(?:readme|changelog|contributing)$/i.test(path);
}

/** Whether a file of this name and size (bytes) is worth indexing at all. */
export function isIndexable(path: string, size: number): boolean {
  return leftOutAs(path, size) === undefined;
}

/** What a file that is not worth indexing is, in words; undefined: it is worth it. */
export function leftOutAs(path: string, size: number): string | undefined {
  if (size === 0) return 'empty';
  if (size > MOST_BYTES) return `larger than ${MOST_BYTES / 1e6} MB`;
  const extension = extensionOf(path);
  if (NOT_TEXT.has(extension)) return `of a kind that is not text, or says nothing (.${extension})`;
  if (GENERATED.test(path)) return 'generated, or in a folder of packages, by its name';
  if (LOCK_FILES.test(path.slice(path.lastIndexOf('/') + 1))) return 'a lock file';
  if (size > MOST_DATA_BYTES && DATA.has(extension)) return `data larger than ${MOST_DATA_BYTES / 1e3} kB`;
  return undefined;
}

const TEST_FOLDER =
  /(?:^|\/)(?:tests?|__tests__|__mocks__|specs?|testing|testdata|fixtures?|e2e|integration-tests?)\//i;
const TEST_NAME =
  /(?:[._-](?:test|tests|spec|bench|fixture)\.[\w.]+|(?:^|\/)test[_-][^/]*|(?:^|\/)conftest\.py|Tests?\.(?:java|cs|php|kt|swift))$/;

/** A test rarely answers a question about the code; it ranks below what it tests. */
export function isTest(path: string): boolean {
  return TEST_FOLDER.test(path) || TEST_NAME.test(path);
}

const EXAMPLE_FOLDER = /(?:^|\/)(?:examples?|samples?|demos?|bench|benchmarks?)\//i;

/** Code that only uses the rest. */
export function isExample(path: string): boolean {
  return EXAMPLE_FOLDER.test(path);
}
