/** What the documents promise about themselves: links that lead somewhere, names that exist, a map that is read whole. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { configSchema } from '../../src/cli/commands/config.ts';

const DOCUMENTS = globSync('*.md').concat(globSync('{docs,findings,examples}/*.md'));

const read = (file: string): string => readFileSync(file, 'utf8');

/** Without fenced and inline code, where a bracket is no link. */
function prose(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}

/** As GitHub makes them of headings. */
function anchors(file: string): readonly string[] {
  return [
    ...read(file)
      .replace(/^```[\s\S]*?^```/gm, '')
      .matchAll(/^#+ (.*)$/gm),
  ].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

function leadsSomewhere(from: string, link: string): boolean {
  const [target = '', anchor] = link.split('#');
  const file = target === '' ? from : path.join(path.dirname(from), target);
  if (!existsSync(file)) return false;
  return anchor === undefined || anchors(file).includes(anchor);
}

test('every relative link leads to a file, and to a heading of it', () => {
  const links = DOCUMENTS.flatMap((file) =>
    [...prose(read(file)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => ({ file, link })),
  ).filter(({ link }) => !/^[a-z]+:/.test(link));
  expect(links.length).toBeGreaterThan(30);
  expect(links.filter(({ file, link }) => !leadsSomewhere(file, link))).toEqual([]);
});

test('every document is linked from the README or from the list of documents', () => {
  const lists = read('README.md') + read('docs/README.md');
  const missing = globSync('docs/*.md').filter(
    (file) => file !== 'docs/README.md' && !lists.includes(`(${path.basename(file)})`),
  );
  expect(missing).toEqual([]);
});

test('AGENTS.md fits into a quarter of a window of 8k, as oagent itself cuts it', () => {
  expect(statSync('AGENTS.md').size).toBeLessThanOrEqual(6000);
});

test.each([
  'AGENTS.md',
  'docs/architecture.md',
  'docs/dependencies.md',
])('every file and folder that %s names is there', (document) => {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  })
    .split('\n')
    .map((file) => `/${file}`);
  const names = [...read(document).matchAll(/`([\w./-]+(?:\.(?:tsx?|mjs|cjs|md)|\/))`/g)].map(
    ([, name = '']) => name,
  );
  const isThere = (name: string): boolean =>
    files.some((file) => (name.endsWith('/') ? file.includes(`/${name}`) : file.endsWith(`/${name}`)));
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !name.includes('NAME') && !isThere(name))).toEqual([]);
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

test('every configuration key is described', () => {
  const described = read('docs/configuration.md');
  const keysOf = (schema: Schema): readonly string[] =>
    Object.entries(schema.properties ?? {}).flatMap(([name, value]) => [name, ...keysOf(value)]);
  const keys = keysOf(JSON.parse(configSchema()));
  expect(keys).toContain('inject_tokens');
  expect(keys.filter((key) => !described.includes(`\`${key}`))).toEqual([]);
});
