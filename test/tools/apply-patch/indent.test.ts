import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { parseSync } from 'rolldown/utils';
import { describe, expect, it } from 'vitest';
import { applyChunks } from '../../../src/tools/apply-patch/chunks.ts';
import { PatchError } from '../../../src/tools/apply-patch/errors.ts';
import { type Chunk, type PatchLine, parsePatch } from '../../../src/tools/apply-patch/parse.ts';
import { patchOf } from './support.ts';

function patched(original: string, ...lines: readonly string[]): string {
  const [op] = parsePatch(patchOf('*** Update File: f', ...lines)).ops;
  return applyChunks(original, op?.kind === 'update' ? op.chunks : [], 'f');
}

function refusal(
  original: string,
  ...lines: readonly string[]
): { reason: string; hint: string | undefined } {
  try {
    return { reason: patched(original, ...lines), hint: 'it was applied' };
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    return { reason: error.standalone, hint: error.hint };
  }
}

/** What a program prints about a file with this text, or how it fails. */
function outputOf(name: string, text: string, program: string, ...args: readonly string[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'oagent-indent-'));
  try {
    writeFileSync(path.join(folder, name), text);
    return execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a hunk that matched loosely', () => {
  it.each<[string, string, readonly string[], string]>([
    [
      'tabs for blanks',
      'all:\n\techo a\n\techo b\n',
      [' all:', '     echo a', '+    echo mid', '     echo b'],
      'all:\n\techo a\n\techo mid\n\techo b\n',
    ],
    [
      'blanks for tabs, two levels',
      'def f():\n    if x:\n        a()\n    return 1\n',
      [' def f():', ' \tif x:', '-\t\ta()', '+\t\tb()', '+\t\tc()', ' \treturn 1'],
      'def f():\n    if x:\n        b()\n        c()\n    return 1\n',
    ],
    [
      'a level that is missing',
      'class A:\n    def f(self):\n        return 1\n',
      [' def f(self):', '-    return 1', '+    if x:', '+        return 2'],
      'class A:\n    def f(self):\n        if x:\n            return 2\n',
    ],
    [
      'a level too many',
      'def f():\n    return 1\n',
      ['     def f():', '-        return 1', '+        if x:', '+            return 2'],
      'def f():\n    if x:\n        return 2\n',
    ],
    [
      'blanks that no old line has, as tabs',
      'func f() {\n\tif x {\n\t\ta()\n\t}\n}\n',
      [
        ' func f() {',
        '     if x {',
        '         a()',
        '+        if y {',
        '+            b()',
        '+        }',
        '     }',
      ],
      'func f() {\n\tif x {\n\t\ta()\n\t\tif y {\n\t\t\tb()\n\t\t}\n\t}\n}\n',
    ],
    [
      'tabs that no old line has, as the step of the file',
      'a {\n  b {\n    c\n  }\n}\n',
      [' \tb {', '-\t\tc', '+\t\tc {', '+\t\t\td', '+\t\t}'],
      'a {\n  b {\n    c {\n      d\n    }\n  }\n}\n',
    ],
    [
      'one line for another of a hunk without any indentation',
      'def f():\n    if x:\n        a()\n',
      [' def f():', ' if x:', '-a()', '+b()'],
      'def f():\n    if x:\n        b()\n',
    ],
    [
      'a first line that lost its own',
      'class A:\n    x = 1\n    y = 2\n',
      [' x = 1', '+    z = 3'],
      'class A:\n    x = 1\n    z = 3\n    y = 2\n',
    ],
    [
      'a block whose first line lost its own',
      'class A:\n    def f(self):\n        return 1\n',
      [' def f(self):', '+    log()'],
      'class A:\n    def f(self):\n        log()\n        return 1\n',
    ],
    ['trailing blanks only', 'a:  \n\tb\n', [' a:', '+    c', ' \tb'], 'a:  \n\tc\n\tb\n'],
    ['blank lines', '\ta\n\tb\n', ['     a', '+', '+    c', '     b'], '\ta\n\n\tc\n\tb\n'],
  ])('gives added lines the indentation of the file: %s', (_name, original, lines, expected) => {
    expect(patched(original, '@@', ...lines)).toBe(expected);
  });

  it.each<[string, string, string, readonly string[], string]>([
    [
      'the same as the next line',
      'class A:\n    def f():\n        a()\n',
      '@@ def f():',
      ['+        b()'],
      'class A:\n    def f():\n        b()\n        a()\n',
    ],
    [
      'a level less',
      'class A:\n    def f():\n        a()\n',
      '@@ def f():',
      ['+    if x:', '+        b()'],
      'class A:\n    def f():\n        if x:\n            b()\n        a()\n',
    ],
    ['exact', 'def f():\n    a()\n', '@@ def f():', ['+    b()'], 'def f():\n    b()\n    a()\n'],
  ])('behind a @@ line it goes by the lines around: %s', (_name, original, header, lines, expected) => {
    expect(patched(original, header, ...lines)).toBe(expected);
  });

  it.each<[string, string, readonly string[], string]>([
    [
      'a block that begins at the @@ line',
      'class A:\n    x = 1\n',
      ['@@ class A:', '+def f(self):', '+    return 1', '+'],
      'class A:\n    def f(self):\n        return 1\n\n    x = 1\n',
    ],
    [
      'another case behind the @@ line',
      'case 1:\n  f();\n',
      ['@@ case 1:', '+case 2:'],
      'case 1:\ncase 2:\n  f();\n',
    ],
    [
      'a line without its indentation before the end of a block',
      'func f() {\n\tbar()\n}\n',
      ['@@', ' bar()', '+if x {', '+    baz()', '+}'],
      'func f() {\n\tbar()\n\tif x {\n\t\tbaz()\n\t}\n}\n',
    ],
  ])('fits lines into their block: %s', (_name, original, lines, expected) => {
    expect(patched(original, ...lines)).toBe(expected);
  });

  it.each<[string, string, readonly string[], string]>([
    [
      'no indentation at all, several lines',
      'def f():\n    if x:\n        a()\n',
      [' def f():', ' if x:', '-a()', '+b()', '+c()'],
      '1| def f():\n2|     if x:\n3|         a()',
    ],
    [
      'one indentation for two of the file',
      'def f():\n    a()\n        b()\n',
      [' def f():', '   a()', '   b()', '+  c()'],
      '1| def f():\n2|     a()\n3|         b()',
    ],
    ['a dedent that is not there', '\t\ta\n', ['     a', '+ b'], '1| \t\ta'],
  ])('is refused where that is not certain: %s', (_name, original, lines, quoted) => {
    expect(refusal(original, '@@', ...lines)).toEqual({
      reason: 'The lines of a hunk have another indentation in f',
      hint: `${quoted}\nCopy unchanged and removed lines exactly from the file and send the whole patch again.`,
    });
  });

  it.each<[string, string, readonly string[], string]>([
    ['tabs', 'all:\n\techo a\n', ['@@ all:', '+    echo b'], 'all:\n\techo b\n\techo a\n'],
    [
      'blanks',
      'def f():\n    if x:\n        a()\n',
      ['@@', '     if x:', '+\t\tif y:', '+\t\t\tb()'],
      'def f():\n    if x:\n        if y:\n            b()\n        a()\n',
    ],
    [
      'nothing where both kinds are around',
      'a\n\tb\n  c\n',
      ['@@', ' \tb', '+    x'],
      'a\n\tb\n    x\n  c\n',
    ],
    [
      'one kind around, of both,',
      'O = a \\\n    b\n\nall:\n\techo a\n',
      ['@@ all:', '+    echo b'],
      'O = a \\\n    b\n\nall:\n\techo b\n\techo a\n',
    ],
    [
      'nothing where it would not fit in',
      'a\n\t\tb\n\t\tc\n',
      ['@@', ' \t\tc', '+  e'],
      'a\n\t\tb\n\t\tc\n  e\n',
    ],
    [
      'nothing to the stars of a comment',
      'f() {\n\ta();\n\tb();\n}\n',
      ['@@', ' \ta();', '+/*', '+ * c', '+ */', ' \tb();'],
      'f() {\n\ta();\n/*\n * c\n */\n\tb();\n}\n',
    ],
    [
      'tabs, in a new target at the end,',
      'all:\n\techo a\n',
      ['@@', ' \techo a', '+', '+test:', '+    ./a'],
      'all:\n\techo a\n\ntest:\n\t./a\n',
    ],
  ])('gives a file that has only %s those, behind exact lines too', (_name, original, lines, expected) => {
    expect(patched(original, ...lines)).toBe(expected);
  });

  it('leaves a Makefile that make runs', () => {
    const text = patched(
      'all:\n\t@echo a\n\t@echo b\n',
      '@@',
      ' all:',
      '     @echo a',
      '+    @echo mid',
      '     @echo b',
    );
    expect(outputOf('Makefile', text, 'make')).toBe('a\nmid\nb\n');
  });

  it('leaves a Python file that runs', () => {
    const original =
      'class A:\n    def f(self):\n        for i in range(2):\n            print(i)\nA().f()\n';
    const text = patched(
      original,
      '@@',
      ' def f(self):',
      '-  for i in range(2):',
      '+  for i in range(3):',
      '+    if i:',
      '+      print("x")',
      '     print(i)',
    );
    expect(outputOf('a.py', text, 'python3', 'a.py')).toBe('0\nx\n1\nx\n2\n');
  });

  it('leaves a TSX file that compiles, with the lines where they belong', async () => {
    const original = 'export const A = () => (\n\t<ul>\n\t\t<li>a</li>\n\t</ul>\n);\n';
    const text = patched(
      original,
      '@@',
      '   <ul>',
      '     <li>a</li>',
      '+    <li>',
      '+      b',
      '+    </li>',
      '   </ul>',
    );
    expect(text).toBe(
      'export const A = () => (\n\t<ul>\n\t\t<li>a</li>\n\t\t<li>\n\t\t\tb\n\t\t</li>\n\t</ul>\n);\n',
    );
    expect(parseSync('a.tsx', text).errors).toEqual([]);
  });

  it('is applied as the exact one, or refused, in whatever units it is written', () => {
    // How much deeper or less deep each line is than the one before. The patch has the same lines with another unit and base.
    const depths = fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 2, maxLength: 8 }).map((steps) => {
      let depth = 0;
      return steps.map((step) => {
        const now = depth;
        depth = Math.max(0, depth + step);
        return now;
      });
    });
    const unit = fc.constantFrom('\t', '  ', '    ', '   ');
    const kinds = fc.array(fc.constantFrom('context', 'add', 'remove'), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(
        depths,
        kinds,
        unit,
        unit,
        fc.nat(2),
        fc.nat(2),
        (levels, signs, inFile, inPatch, base, other) => {
          const lines = levels.map((depth, at) => ({
            depth,
            kind: signs[at] as PatchLine['kind'],
            name: `line ${at}`,
          }));
          const textOf = (kind: PatchLine['kind']): string =>
            lines
              .filter((line) => line.kind !== kind)
              .map(({ depth, name }) => `${inFile.repeat(depth + base)}${name}\n`)
              .join('');
          const chunk: Chunk = {
            lines: lines.map(({ depth, kind, name }) => ({
              kind,
              text: inPatch.repeat(depth + other) + name,
            })),
            endOfFile: false,
          };
          // Exact hunks are taken as they are written, and one line alone may have lost its indentation.
          const old = lines.filter(({ kind }) => kind !== 'add');
          fc.pre(old.some(({ depth }) => inFile.repeat(depth + base) !== inPatch.repeat(depth + other)));
          fc.pre(old.length > 1 || (old[0]?.depth ?? 0) + other > 0);
          // The rest of the file shows its unit.
          const blocks = [0, 1].slice(0, base).map((depth) => `${inFile.repeat(depth)}{\n`);
          const head = `{\n${inFile}{\n${inFile.repeat(2)}x\n${inFile}}\n}\n${blocks.join('')}`;
          try {
            expect(applyChunks(head + textOf('add'), [chunk], 'f')).toBe(head + textOf('remove'));
          } catch (error) {
            if (!(error instanceof PatchError)) throw error;
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
