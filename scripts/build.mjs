/**
 * Bundles src/main.ts and the library into dist/ with code splitting, so that each command loads only what it uses.
 * `dependencies` of package.json stay outside the bundle, and npm installs them; every other package is bundled, and
 * its licence goes into THIRD_PARTY_NOTICES.txt.
 */
import { execFile } from 'node:child_process';
import { chmod, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'rolldown';
import { bundlePlugins } from './bundle-plugins.mjs';
import { notices } from './notices.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
const inSource = (file) => path.join(root, 'src', file);

/**
 * What is loaded together. A chunk costs a third of a millisecond to find and read, and splitting by need alone makes
 * seventy of them before `exec` has sent its first request: 23 ms. The modules that one of these imports, and no other
 * one does, share a chunk; so do those of each combination.
 */
const TOGETHER = {
  cli: ['cli/run.ts'],
  exec: [
    'cli/exec/exec.ts',
    'cli/exec/exec-human.ts',
    'session/build-agent.ts',
    'agent/open-work.ts',
    'rollout/catalog.ts',
  ],
  view: ['cli/interactive/interactive.ts'],
  worker: ['repo-index/worker.ts'],
};
/** Loaded by `view` before the first picture, while the terminal answers; what others import too is in a chunk of `view`. */
const SCREEN = { tui: ['tui/start.ts', 'tui/control/session-overlay.ts'] };
/** Loaded while a session runs, each apart from the others: what is left of their imports then, or is left to the thread of the index. */
const LATER = {
  search: ['session/code-index.ts'],
  patch: ['tools/apply-patch/run-patch.ts'],
  led: ['agent/led/begin.ts', 'agent/led/led-turn.ts'],
};

/** @returns the chunk of a module: the names of TOGETHER that import it, or of LATER; null: as rolldown likes. */
function chunkOf() {
  let chunks;
  return (id, context) => {
    chunks ??= chunksOf((module) => context.getModuleInfo(module));
    return chunks.get(id) ?? null;
  };
}

function chunksOf(getModuleInfo) {
  const users = new Map();
  const use = (id, name) => users.set(id, new Set([...(users.get(id) ?? []), name]));
  for (const [name, files] of Object.entries(TOGETHER)) {
    for (const id of importedBy(files, getModuleInfo)) use(id, name);
  }
  for (const [name, files] of Object.entries(SCREEN)) {
    for (const id of importedBy(files, getModuleInfo)) use(id, users.has(id) ? 'view' : name);
  }
  for (const [name, files] of Object.entries(LATER)) {
    for (const id of importedBy(files, getModuleInfo)) if (isLate(users.get(id))) use(id, name);
  }
  const order = [...Object.keys(LATER), ...Object.keys(TOGETHER), ...Object.keys(SCREEN)];
  return new Map([...users].map(([id, names]) => [id, order.filter((name) => names.has(name)).join('-')]));
}

/** Nothing loads the module at the start of the program, only perhaps the thread of the index. */
function isLate(names) {
  return [...(names ?? [])].every((name) => name === 'worker' || name in LATER);
}

/** The modules that loading these ones loads, themselves included. */
function importedBy(files, getModuleInfo) {
  const missing = files.find((file) => getModuleInfo(inSource(file)) === null);
  if (missing !== undefined) throw new Error(`src/${missing} is not in the bundle`);
  const seen = new Set();
  const open = files.map(inSource);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...(getModuleInfo(id)?.importedIds ?? []));
  }
  return [...seen];
}

const { version, dependencies, optionalDependencies } = JSON.parse(
  await readFile(path.join(root, 'package.json'), 'utf8'),
);
const installed = Object.keys({ ...dependencies, ...optionalDependencies });
const segmenter = inSource('text/segmenter.ts');
/**
 * Bundled by itself: of zod it needs far more than the rest, and a module that two chunks share is kept with all that
 * either needs, so `exec` would load it too.
 */
const EDITOR_SDK = '@agentclientprotocol/sdk';
await rm(dist, { recursive: true, force: true });
const shared = {
  cwd: root,
  platform: 'node',
  // A dynamic import of a module that another chunk holds anyway still says that it may be late.
  checks: { ineffectiveDynamicImport: false },
  plugins: bundlePlugins(inSource('text/cell-width.ts')),
  transform: {
    define: {
      'process.env.NODE_ENV': '"production"',
      'globalThis.OAGENT_VERSION': JSON.stringify(version),
    },
    inject: { 'Intl.Segmenter': [segmenter, 'GraphemeSegmenter'] },
  },
};
const program = await build({
  ...shared,
  input: {
    run: inSource('cli/run.ts'),
    index: inSource('index.ts'),
    // A thread of its own: found by its name (repo-index/worker-client.ts).
    'index-worker': inSource('repo-index/worker.ts'),
  },
  external: (id) => [...installed, EDITOR_SDK].some((name) => id === name || id.startsWith(`${name}/`)),
  preserveEntrySignatures: 'allow-extension',
  output: {
    dir: dist,
    format: 'esm',
    minify: true,
    comments: false,
    chunkFileNames: 'chunks/[name]-[hash].js',
    // As seen from a chunk.
    paths: { [EDITOR_SDK]: '../editor-sdk.js' },
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ name: chunkOf(), debugName: 'together' }],
    },
  },
});
const sdk = await build({
  ...shared,
  input: { 'editor-sdk': EDITOR_SDK },
  output: { dir: dist, format: 'esm', minify: true, comments: false },
});
// The entry must parse on any Node that knows ES modules: it only checks the version and imports the rest.
const entry = await build({
  ...shared,
  input: { main: inSource('main.ts') },
  external: [inSource('cli/run.ts')],
  transform: { ...shared.transform, target: 'es2020' },
  output: { dir: dist, format: 'esm', minify: true, paths: { [inSource('cli/run.ts')]: './run.js' } },
});
await writeDeclarations();
await chmod(path.join(dist, 'main.js'), 0o755);
await cp(path.join(root, 'src/repo-index/chroma/chroma-host.cjs'), path.join(dist, 'chroma-host.cjs'));
await cp(path.join(root, 'src/system/git-common'), path.join(dist, 'git-common'), { recursive: true });
await cp(path.join(root, 'src/demo/sample'), path.join(dist, 'demo-sample'), { recursive: true });
await writeFile(
  path.join(root, 'THIRD_PARTY_NOTICES.txt'),
  await notices([...program.output, ...sdk.output, ...entry.output], root),
);

/**
 * The types of the library: its own file and the protocol, which imports nothing else. Each is read by itself, so that this
 * takes a tenth of what the types of the whole program take; `isolatedDeclarations` fails if that is not enough.
 */
async function writeDeclarations() {
  const parts = await readdir(path.join(root, 'src/protocol'));
  const files = ['index', 'protocol', ...parts.map((name) => `protocol/${path.parse(name).name}`)];
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
