/** What the documents promise about themselves: links that lead somewhere, names that exist, a map that is read whole. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { load } from 'js-yaml';
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

/** The lines of a block of code, four blanks in, that has this one. */
function example(file: string, line: string): string {
  const blocks = read(file).split(/\n(?! {4}|\n)/);
  const block = blocks.find((one) => one.split('\n').some((text) => text.trim() === line)) ?? '';
  return block
    .split('\n')
    .filter((text) => text.startsWith('    '))
    .map((text) => text.slice(4))
    .join('\n');
}

test('the example of a GitHub workflow is YAML with steps, each of which runs or uses something', () => {
  const { jobs } = load(example('docs/commands.md', 'runs-on: self-hosted')) as {
    readonly jobs: { readonly [name: string]: { readonly steps: readonly object[] } };
  };
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  expect(steps.map((step) => Object.keys(step).join())).toEqual(['uses', 'run']);
});

const systemd = ['/usr/bin/systemd-analyze', '/bin/systemd-analyze'].find((file) => existsSync(file));
if (systemd === undefined) console.warn('SKIPPED: the examples for systemd, which need systemd-analyze');

test.skipIf(systemd === undefined)('the examples for systemd pass its own check', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'oagent-units-'));
  try {
    const unit = example('docs/commands.md', 'Type=oneshot').replace(
      'ExecStart=oagent',
      'ExecStart=/bin/true',
    );
    writeFileSync(path.join(folder, 'oagent-fix.service'), `${unit}\n`);
    writeFileSync(path.join(folder, 'oagent-fix.timer'), `${example('docs/commands.md', '[Timer]')}\n`);
    const units = ['oagent-fix.service', 'oagent-fix.timer'].map((name) => path.join(folder, name));
    const { status, stderr } = spawnSync(systemd ?? '', ['verify', '--man=no', ...units], {
      encoding: 'utf8',
    });
    const told = stderr.split('\n').filter((line) => line.includes('oagent-fix'));
    expect({ told, isKnown: status === 0 || !stderr.includes('oagent-fix') }).toEqual({
      told: [],
      isKnown: true,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
