/**
 * Bundles src/main.ts and the library into dist/ with code splitting, so that each command loads only what it uses.
 * `dependencies` of package.json stay outside the bundle, and npm installs them; every other package is bundled, and
 * its licence goes into THIRD_PARTY_NOTICES.txt.
 */
import { execFile } from 'node:child_process';
import { chmod, cp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { notices } from './notices.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
const segmenter = path.join(root, 'src/text/segmenter.ts');

const rawText = {
  name: 'raw-text',
  setup(builder) {
    builder.onResolve({ filter: /\?raw$/ }, (args) => ({
      path: path.resolve(args.resolveDir, args.path.slice(0, -'?raw'.length)),
      namespace: 'raw-text',
    }));
    builder.onLoad({ filter: /.*/, namespace: 'raw-text' }, async (args) => ({
      contents: await readFile(args.path, 'utf8'),
      loader: 'text',
      watchFiles: [args.path],
    }));
  },
};

/** Named in static imports and of no use here: Ink's debugger, and a fetch for old browsers in Ollama's client. */
const unused = {
  name: 'unused',
  setup(builder) {
    builder.onResolve({ filter: /^(?:react-devtools-core|whatwg-fetch)$/ }, ({ path: name }) => ({
      path: name,
      namespace: 'unused',
    }));
    builder.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'export default {};' }));
  },
};

/**
 * Yoga carries its WebAssembly as a data: URL and fetches it, which loads Node's whole HTTP client: 25 ms of each start.
 * It gets the bytes instead.
 */
const yogaWithoutFetch = {
  name: 'yoga-without-fetch',
  setup(builder) {
    const dataUrl = /"data:application\/octet-stream;base64,([^"]+)"/;
    builder.onResolve({ filter: /^yoga-bytes$/ }, ({ path: name, resolveDir }) => ({
      path: path.join(resolveDir, '../binaries/yoga-wasm-base64-esm.js'),
      namespace: name,
    }));
    builder.onLoad({ filter: /.*/, namespace: 'yoga-bytes' }, async ({ path: file }) => ({
      contents: Buffer.from(dataUrl.exec(await readFile(file, 'utf8'))[1], 'base64'),
      loader: 'binary',
    }));
    builder.onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async ({ path: file }) => ({
      contents: (await readFile(file, 'utf8')).replace(dataUrl, '"yoga.wasm"'),
    }));
    builder.onLoad({ filter: /yoga-layout\/dist\/src\/index\.js$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      const call = 'await loadYoga()';
      if (!text.includes(call)) throw new Error('yoga-layout loads its WebAssembly in another way now');
      return {
        contents: `import wasmBinary from 'yoga-bytes';${text.replace(call, 'await loadYoga({ wasmBinary })')}`,
      };
    });
  },
};

/** What these packages make at load and most starts do not need: 14 ms for tables of emoji, 8 ms for child processes. */
const lateTables = {
  name: 'late-tables',
  setup(builder) {
    builder.onLoad({ filter: /string-width\/index\.js$/ }, async ({ path: file }) => {
      let text = await readFile(file, 'utf8');
      for (const [from, to] of [
        [
          'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;',
          'let rgiEmoji; const rgiEmojiRegex = { test: (text) => mayBeEmojiSequence(text) && (rgiEmoji ??= /^\\p{RGI_Emoji}$/v).test(text) };',
        ],
        ['if (/^[\\u0020-\\u007E]*$/.test(string))', 'if (ambiguousIsNarrow && isNarrow(string))'],
      ]) {
        if (!text.includes(from)) throw new Error(`string-width is another one now: no ${from}`);
        text = text.replace(from, () => to);
      }
      return {
        contents: `import { isNarrow, mayBeEmojiSequence } from ${JSON.stringify(segmenter)};${text}`,
      };
    });
    builder.onResolve({ filter: /^node:child_process$/ }, ({ path: name, importer }) =>
      importer.includes('/commander/') ? { path: name, namespace: 'late-builtin' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'late-builtin' }, ({ path: name }) => ({
      contents: `export default { spawn: (...args) => process.getBuiltinModule('${name}').spawn(...args) };`,
    }));
  },
};

const { version, dependencies, optionalDependencies } = JSON.parse(
  await readFile(path.join(root, 'package.json'), 'utf8'),
);
await rm(dist, { recursive: true, force: true });
const shared = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  outdir: dist,
  minify: true,
  metafile: true,
  external: Object.keys({ ...dependencies, ...optionalDependencies }),
  define: {
    'process.env.NODE_ENV': '"production"',
    'globalThis.OAGENT_VERSION': JSON.stringify(version),
    'Intl.Segmenter': 'GraphemeSegmenter',
    // Ollama's client asks whether its headers are a Headers, which loads undici: 65 ms and 8 MB. They never are.
    Headers: 'Map',
  },
  inject: [segmenter],
  plugins: [rawText, unused, yogaWithoutFetch, lateTables],
  logLevel: 'warning',
};
const program = await build({
  ...shared,
  entryPoints: {
    run: path.join(root, 'src/cli/run.ts'),
    index: path.join(root, 'src/index.ts'),
    // A thread of its own: found by its name (repo-index/worker-client.ts).
    'index-worker': path.join(root, 'src/repo-index/worker.ts'),
  },
  splitting: true,
  target: 'node22',
  chunkNames: 'chunks/[name]-[hash]',
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
});
// The entry must parse on any Node that knows ES modules: it only checks the version and imports the rest.
const entry = await build({
  ...shared,
  entryPoints: { main: path.join(root, 'src/main.ts') },
  target: 'node14',
  plugins: [
    ...shared.plugins,
    {
      name: 'rest',
      setup: (builder) =>
        builder.onResolve({ filter: /cli\/run\.ts$/ }, () => ({ path: './run.js', external: true })),
    },
  ],
});
await writeDeclarations();
await chmod(path.join(dist, 'main.js'), 0o755);
await cp(path.join(root, 'src/repo-index/chroma/chroma-host.cjs'), path.join(dist, 'chroma-host.cjs'));
await cp(path.join(root, 'src/demo/sample'), path.join(dist, 'demo-sample'), { recursive: true });
await writeFile(
  path.join(root, 'THIRD_PARTY_NOTICES.txt'),
  await notices([program.metafile, entry.metafile], root),
);

/**
 * The types of the library: its own file and the protocol, which imports nothing. Each is read by itself, so that this
 * takes a tenth of what the types of the whole program take; `isolatedDeclarations` fails if that is not enough.
 */
async function writeDeclarations() {
  const files = ['index', 'protocol'];
  await promisify(execFile)(process.execPath, [
    path.join(root, 'node_modules/typescript/bin/tsc'),
    ...files.map((name) => path.join(root, `src/${name}.ts`)),
    ...['--ignoreConfig', '--noResolve', '--noCheck', '--isolatedDeclarations'],
    ...['--declaration', '--emitDeclarationOnly', '--outDir', dist],
    ...['--target', 'es2024', '--module', 'nodenext', '--allowImportingTsExtensions'],
  ]);
  for (const file of files.map((name) => path.join(dist, `${name}.d.ts`))) {
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll(/(from '\.[^']+)\.ts'/g, "$1.js'"));
  }
}
