/** Plug-ins of the bundle: text files, and packages that load more than oagent needs. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const RAW = '\0raw:';
const UNUSED = '\0unused';
const ONE_WIDTH = '\0one-width';
const YOGA_BYTES = '\0yoga-bytes:';
const WASM_URL = /"data:application\/octet-stream;base64,([^"]+)"/;

/** `import text from './x.md?raw'`: the file as a string (Vite's convention). */
const rawText = {
  name: 'raw-text',
  resolveId(id, importer) {
    if (!id.endsWith('?raw')) return undefined;
    return RAW + path.resolve(path.dirname(importer), id.slice(0, -'?raw'.length));
  },
  async load(id) {
    if (!id.startsWith(RAW)) return undefined;
    return `export default ${JSON.stringify(await readFile(id.slice(RAW.length), 'utf8'))};`;
  },
};

/** Named in static imports and of no use here: Ink's debugger, and a fetch for old browsers in Ollama's client. */
const unused = {
  name: 'unused',
  resolveId: (id) => (id === 'react-devtools-core' || id === 'whatwg-fetch' ? UNUSED : undefined),
  load: (id) => (id === UNUSED ? 'export default {};' : undefined),
};

/**
 * Yoga carries its WebAssembly as a data: URL and fetches it, which loads Node's whole HTTP client: 25 ms of each start.
 * It gets the bytes instead.
 */
const yogaWithoutFetch = {
  name: 'yoga-without-fetch',
  resolveId(id, importer) {
    if (id !== 'yoga-bytes') return undefined;
    return YOGA_BYTES + path.join(path.dirname(importer), '../binaries/yoga-wasm-base64-esm.js');
  },
  async load(id) {
    if (!id.startsWith(YOGA_BYTES)) return undefined;
    const [, base64] = WASM_URL.exec(await readFile(id.slice(YOGA_BYTES.length), 'utf8'));
    return `export default Buffer.from("${base64}", 'base64');`;
  },
  transform(code, id) {
    if (id.startsWith(YOGA_BYTES)) return undefined;
    if (id.endsWith('/yoga-wasm-base64-esm.js')) return edited(id, code, [[WASM_URL, '"yoga.wasm"']]);
    if (!id.endsWith('/yoga-layout/dist/src/index.js')) return undefined;
    const call = 'await loadYoga()';
    return `import wasmBinary from 'yoga-bytes';${edited(id, code, [[call, 'await loadYoga({ wasmBinary })']])}`;
  },
};

/**
 * Ink and its packages measure text by the widths that were learnt from the terminal.
 *
 * @param owner the path of src/text/cell-width.ts
 */
const oneWidth = (owner) => ({
  name: 'one-width',
  resolveId: (id) => (id === 'string-width' ? ONE_WIDTH : undefined),
  load: (id) =>
    id === ONE_WIDTH ? `export { cellWidth as default } from ${JSON.stringify(owner)};` : undefined,
});

/** Loading child processes takes commander 8 ms, and most commands start none. */
const lateChildren = {
  name: 'late-children',
  transform(code, id) {
    if (!id.endsWith('/commander/lib/command.js')) return undefined;
    const late = "{ spawn: (...args) => process.getBuiltinModule('node:child_process').spawn(...args) }";
    return edited(id, code, [
      ["import childProcess from 'node:child_process';", `const childProcess = ${late};`],
    ]);
  },
};

/** Ollama's client asks whether its headers are a Headers, which loads undici: 65 ms and 8 MB. They never are. */
const ollamaWithoutHeaders = {
  name: 'ollama-without-headers',
  transform(code, id) {
    if (!id.endsWith('/ollama/dist/browser.mjs')) return undefined;
    return edited(id, code, [['headers instanceof Headers', 'headers instanceof Map']]);
  },
};

/** @throws if the package is another one now. */
function edited(file, code, edits) {
  return edits.reduce((text, [from, to]) => {
    const next = text.replace(from, () => to);
    if (next === text) throw new Error(`${file} is another one now: no ${from}`);
    return next;
  }, code);
}

export const bundlePlugins = (widthOwner) => [
  rawText,
  unused,
  yogaWithoutFetch,
  oneWidth(widthOwner),
  lateChildren,
  ollamaWithoutHeaders,
];
