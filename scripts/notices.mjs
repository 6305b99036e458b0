/**
 * The licences of the packages whose code is in the bundle, as one text.
 * The build fails on a licence that is not on the list below, and on a package whose licence text cannot be found.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Licences that allow distribution with an MIT program, provided that their text comes along. SPDX names. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);

/** Packages under MIT that come without its text, with the copyright line that their source files have. */
const MIT_WITHOUT_FILE = new Map([['yoga-layout', 'Copyright (c) Meta Platforms, Inc. and affiliates.']]);

/** Of `(MIT OR CC0-1.0)` one is enough; a licence joined by AND is unknown here, and has to be looked at. */
function isAllowed(licence) {
  return licence
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((name) => ALLOWED.has(name));
}

/** The folders of packages that gave at least one byte to a chunk; a package that was shaken off is not there. */
function bundledFolders(chunks) {
  const folders = new Set();
  for (const { modules = {} } of chunks) {
    for (const [id, { renderedLength }] of Object.entries(modules)) {
      const folder = /(\/.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
      if (folder !== undefined && renderedLength > 0) folders.add(folder);
    }
  }
  return [...folders];
}

async function noticeOf(folder, root) {
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  if (typeof license !== 'string' || !isAllowed(license)) {
    throw new Error(
      `notices: ${name} ${version} has the licence ${JSON.stringify(license)}: may oagent include it?`,
    );
  }
  return { title: `${name} ${version} (${license})`, text: await licenceText(folder, name, license, root) };
}

async function licenceText(folder, name, license, root) {
  const files = (await readdir(folder))
    .filter((file) => /^(?:licen[cs]e|copying|notice)\b/i.test(file))
    .sort();
  if (files.some((file) => !/^notice/i.test(file))) {
    const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
    return texts.map((text) => text.replaceAll('\r\n', '\n').trim()).join('\n\n');
  }
  const copyright = license === 'MIT' ? MIT_WITHOUT_FILE.get(name) : undefined;
  if (copyright === undefined)
    throw new Error(`notices: ${name} (${license}) has no licence file; find its text first`);
  const ours = await readFile(path.join(root, 'LICENSE'), 'utf8');
  return ours.trim().replace(/^Copyright .*$/m, copyright);
}

/** Packages with the same words share one entry. */
export async function notices(chunks, root) {
  const titles = new Map();
  for (const { title, text } of await Promise.all(
    bundledFolders(chunks).map((folder) => noticeOf(folder, root)),
  )) {
    titles.set(text, [...(titles.get(text) ?? []), title].sort());
  }
  const entries = [...titles]
    .map(([text, names]) => ({ heading: names.join('\n'), text }))
    .sort((a, b) => (a.heading < b.heading ? -1 : 1));
  const line = '-'.repeat(80);
  return [
    'oagent includes code of the packages below. Packages that npm installs beside it bring their own licences.',
    ...entries.map(({ heading, text }) => `${line}\n${heading}\n${line}\n\n${text}`),
  ]
    .join('\n\n')
    .concat('\n');
}
