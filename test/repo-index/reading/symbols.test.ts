import type { Node } from '@vscode/tree-sitter-wasm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Grammar } from '../../../src/repo-index/reading/file-kinds.ts';
import { isNameAfter, nameOf, shortName } from '../../../src/repo-index/reading/symbols.ts';
import { Syntax } from '../../../src/repo-index/reading/syntax.ts';
import { anyText } from '../../support/any-text.ts';

const syntax = new Syntax();

function nameInError(node: Node): string | undefined {
  if (node.parent?.type !== 'ERROR') return undefined;
  return isNameAfter(node.previousSibling?.type ?? '', node.type) ? shortName(node) : undefined;
}

/** The names of all nodes of a text, in its order. */
async function names(grammar: Grammar, text: string): Promise<string[]> {
  const visit = (node: Node): string[] => [
    ...[nameOf(node) ?? nameInError(node) ?? []].flat(),
    ...node.namedChildren.flatMap((child) => (child === null ? [] : visit(child))),
  ];
  const found = await syntax.read(text, grammar, ({ rootNode }) => [...new Set(visit(rootNode))]);
  if (found === undefined) throw new Error('not parsed');
  return found;
}

test.each<[Grammar, string, string[]]>([
  ['typescript', 'export class A { b() {} }\nexport const c = 1;', ['A', 'b', 'c']],
  ['python', '@d\ndef a(): pass\nclass B: pass', ['a', 'B']],
  ['cpp', 'static int *load(int a) { return 0; }', ['load']],
  ['rust', 'impl Store { fn load() {} }', ['Store', 'load']],
  ['go', 'func (s *Store) Load() {}', ['Load']],
])('%s: %j', async (grammar, text, wanted) => {
  expect(await names(grammar, text)).toEqual(expect.arrayContaining(wanted));
});

test.each<[Grammar, string, string[]]>([
  ['typescript', 'function send(a: string) {\n  const x = 1;\n', ['send']],
  ['javascript', 'async function load(a) {\n  await b();\n', ['load']],
  ['javascript', 'class A {\n  b() {\n    return 1;\n', ['A']],
  ['typescript', 'export class Client {\n  send(a) {\n    return 1;\n', ['Client']],
  ['typescript', 'export const f = (a) => {\n  return 1;\n', ['f']],
  ['python', 'def f(a):\n    x = (1,\n', ['f']],
  ['rust', 'pub fn load(a: i32) {\n    let x = 1;\n', ['load']],
])('what is half-written keeps its name, %s: %j', async (grammar, text, wanted) => {
  expect(await names(grammar, text)).toEqual(expect.arrayContaining(wanted));
});

test('an expression that runs at once defines nothing', async () => {
  expect(await names('javascript', '(function setup() { go(); })();\nrun(a);')).toEqual([]);
});

test('a name is one word of at most 60 characters, whatever the text is', async () => {
  const part = fc.oneof(
    fc.constantFrom(
      'class',
      'function',
      'const',
      '=',
      '{',
      '}',
      '(',
      ')',
      'export',
      'def',
      'fn',
      'impl',
      ':',
      '\n',
      '*',
      'int',
      '"',
      'a',
    ),
    anyText(80),
  );
  const grammar = fc.constantFrom<Grammar>(
    'typescript',
    'python',
    'cpp',
    'rust',
    'go',
    'ruby',
    'php',
    'bash',
  );
  await fc.assert(
    fc.asyncProperty(grammar, fc.array(part, { maxLength: 30 }), async (language, parts) => {
      const found = await names(language, parts.join(' '));
      expect(found.filter((name) => name.length > 60 || /[\s{}()]/.test(name))).toEqual([]);
    }),
  );
});
