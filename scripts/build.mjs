/**
 * Bundles src/main.ts into dist/ with code splitting, so that each command loads only what it uses.
 * Owns: what is inlined (`?raw` texts), what stays outside (ripgrep finds its binary from its own folder, the terminals
 * theirs, the sandbox of macOS is optional),
 * and the copy of the demo's sample repository.
 */
import { chmod, cp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');

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

/** Ink names it in a static import, for a debugger that no user has. */
const noDevtools = {
  name: 'no-devtools',
  setup(builder) {
    builder.onResolve({ filter: /^react-devtools-core$/ }, ({ path: name }) => ({
      path: name,
      namespace: 'no-devtools',
    }));
    builder.onLoad({ filter: /.*/, namespace: 'no-devtools' }, () => ({ contents: 'export default {};' }));
  },
};

const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
await rm(dist, { recursive: true, force: true });
const shared = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  outdir: dist,
  minifySyntax: true,
  minifyWhitespace: true,
  external: [
    '@vscode/ripgrep',
    '@vscode/tree-sitter-wasm',
    // Its native addon is found from its own folder (repo-index/chroma-addon.ts).
    'chromadb',
    '@anthropic-ai/sandbox-runtime',
    '@lydell/node-pty',
  ],
  define: { 'process.env.NODE_ENV': '"production"', 'globalThis.OAGENT_VERSION': JSON.stringify(version) },
  plugins: [rawText, noDevtools],
  logLevel: 'warning',
};
await build({
  ...shared,
  entryPoints: {
    run: path.join(root, 'src/cli/run.ts'),
    // A thread of its own: found by its name (repo-index/worker-client.ts).
    'index-worker': path.join(root, 'src/repo-index/worker.ts'),
  },
  splitting: true,
  target: 'node22',
  chunkNames: 'chunks/[name]-[hash]',
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
});
// The entry must parse on any Node that knows ES modules: it only checks the version and imports the rest.
await build({
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
await chmod(path.join(dist, 'main.js'), 0o755);
await cp(path.join(root, 'src/demo/sample'), path.join(dist, 'demo-sample'), { recursive: true });
