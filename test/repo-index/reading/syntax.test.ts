import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { chunkText } from '../../../src/repo-index/reading/chunker.ts';
import { collectGarbage } from '../../../src/repo-index/reading/collect-garbage.ts';
import { Syntax } from '../../../src/repo-index/reading/syntax.ts';

const MEMORY_OF_GRAMMARS = fileURLToPath(new URL('../../support/memory-of-grammars.ts', import.meta.url));
const CODE = 'export function sendMessage(target: string) {\n  return target;\n}\n';
/** Each is a token with a node of its own: what has most nodes for its length. */
const NUMBERS = `export const TABLE = [\n${'1,2,3,4,5,6,7,8,9,\n'.repeat(20_000)}];\n`;

const typeOf = (syntax: Syntax, text: string): Promise<string | undefined> =>
  syntax.read(text, 'typescript', ({ rootNode }) => rootNode.type);

test('texts for which the memory has no room are not read, and those after them are', async () => {
  const syntax = new Syntax({ mostPages: 512 });
  const types = [];
  for (const text of [CODE, NUMBERS, CODE, NUMBERS, CODE]) types.push(await typeOf(syntax, text));
  expect(types).toEqual(['program', undefined, 'program', undefined, 'program']);
});

test('a process that has nothing else to do waits for the parser', () => {
  const file = new URL('../../../src/repo-index/reading/syntax.ts', import.meta.url).href;
  const script = `const { Syntax } = await import('${file}');
    console.log(await new Syntax().read('a;', 'typescript', ({ rootNode }) => rootNode.type));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(printed).toBe('program\n');
});

test('what takes too long is not read, and what comes after it is read from its beginning', async () => {
  const syntax = new Syntax({ mostMs: 0 });
  const first = await typeOf(syntax, NUMBERS);
  expect([first, await typeOf(syntax, 'a;')]).toEqual([undefined, 'program']);
});

test('a reader that fails gives nothing, and does no harm to those beside it and after it', async () => {
  const syntax = new Syntax();
  const fail = (): never => {
    throw new RangeError('too deep');
  };
  const beside = await Promise.all([
    typeOf(syntax, CODE),
    syntax.read(CODE, 'typescript', fail),
    typeOf(syntax, CODE),
    syntax.read('fn a() {}', 'rust', ({ rootNode }) => rootNode.type),
  ]);
  expect([...beside, await typeOf(syntax, CODE)]).toEqual([
    'program',
    undefined,
    'program',
    'source_file',
    'program',
  ]);
});

test('a text in which a hundred thousand words stand in one error is cut in seconds', async () => {
  const lines = Array.from({ length: 4_000 }, () => 'word other '.repeat(12));
  const chunks = await chunkText('notes.ts', lines.join('\n'), lines, new Syntax());
  expect(chunks.at(-1)?.end).toBe(lines.length);
}, 20_000);

test('of runtimes that have grown, never two hold their memory, and none when nothing is read', async () => {
  const syntax = new Syntax();
  await typeOf(syntax, CODE);
  const base = process.memoryUsage().external;
  const grown = (): number => (process.memoryUsage().external - base) / 2 ** 20;
  const held: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    expect(await typeOf(syntax, NUMBERS)).toBe('program');
    held.push(grown());
  }
  expect(held.filter((megabytes) => megabytes > 90)).toEqual([]);
  await new Promise(setImmediate);
  // What is counted as external follows only with the next collection.
  collectGarbage();
  expect(grown()).toBeLessThan(30);
}, 60_000);

test.runIf(process.platform === 'linux')(
  'the lexers of large grammars take no hundreds of megabytes',
  () => {
    const peak = execFileSync(process.execPath, [MEMORY_OF_GRAMMARS], { encoding: 'utf8' });
    expect(Number(peak)).toBeLessThan(250);
  },
  60_000,
);
