import { globSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partText } from '../../../src/agent/led/parts/replace.ts';
import { outline, type Part, partsOf } from '../../../src/agent/led/parts.ts';
import { Syntax } from '../../../src/repo-index/reading/syntax.ts';
import { cpuTime } from '../../support/cpu-time.ts';

/** `n` statements that nothing can be read from. */
const filler = (n: number, indent = '') =>
  Array.from({ length: n }, (_, i) => `${indent}x${i} = ${i}`).join('\n');
const linesOf = (text: string) => text.replace(/\n$/, '').split('\n').length;
const outlineOf = (text: string, file: string) => outline(partsOf(text, file)).split('\n');

/** What holds for every text. @returns what does not. */
function broken(text: string, file: string): string[] {
  const parts = partsOf(text, file);
  const count = text === '' ? 0 : linesOf(text);
  const problems: string[] = [];
  let next = 1;
  for (const { start, end, label } of parts) {
    if (start !== next || end < start) problems.push(`${file}: ${start}-${end} after line ${next - 1}`);
    if (label.trim() === '' || label.length > 80 || label.includes('\n'))
      problems.push(`${file}: label "${label}"`);
    if (end - start >= 80 && count <= 8_000) problems.push(`${file}: ${start}-${end} is too long`);
    next = end + 1;
  }
  if (next !== count + 1) problems.push(`${file}: ${next - 1} of ${count} lines`);
  if (new Set(parts.map(({ label }) => label)).size < parts.length) problems.push(`${file}: equal labels`);
  if (parts.length > 200) problems.push(`${file}: ${parts.length} parts`);
  if (parts.map((part) => partText(text, part)).join('') !== text) problems.push(`${file}: not the text`);
  return problems;
}

const FILES =
  'a.py a.js a.ts a.c a.md a.rst a.toml a.json a.yaml a.css a.sh a.html a.rb a.go a.txt Makefile'.split(' ');

describe('any text', () => {
  const piece = fc.constantFrom(
    ...['\n', '\n\n', '\r\n', '  ', '    ', '\t', '{', '}', '(', ')', '[', ']', '});', '"""', "'", '`', '/*'],
    ...['*/', '//', '#', '# Title', '---', '@x', '<div>', '</div>', 'def f():', 'class A:', 'function f() {'],
    ...['else:', 'end', '} else {', 'import a', '<<EOF', 'EOF', '[a]', '- b', 'key: 1,', '"k": {', '\\'],
    ...['\ud800', 'é', 'x'],
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.array(piece, { maxLength: 400 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 300 }).map((pieces) => pieces.join('\n')),
  );

  it('is covered by its parts', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...FILES), (one, file) => {
        expect(broken(one, file)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    '{\n',
    '}\n',
    '(\n',
    '\n',
    '`\n',
    '"""\n',
    '/*\n',
    '(/[',
    "\\'",
    '<<A\n',
    '# a\n\n',
    'if x:\n  if y:\n',
  ])('is read in time that grows with its length: %j', (unit) => {
    const long = unit.repeat(Math.ceil(100_000 / unit.length));
    const took = ['a.py', 'a.ts', 'a.c', 'a.sh', 'a.html'].map((file) => cpuTime(() => partsOf(long, file)));
    expect(Math.max(...took)).toBeLessThan(5_000);
  });

  it('has at most 200 parts, longer ones where it is longer than they can hold', () => {
    const parts = partsOf(Array.from({ length: 30_000 }, (_, i) => `def f${i}(): pass\n`).join('\n'), 'a.py');
    expect(parts.length).toBeLessThanOrEqual(200);
    expect(parts[0]).toEqual({ label: 'def f0(): pass … def f159(): pass', start: 1, end: 320 });
  });

  it('may be empty', () => {
    expect(partsOf('', 'a.py')).toEqual([]);
  });
});

it('divides real files', () => {
  const own = globSync('{src,test,scripts,prompts,docs}/**/*.{ts,tsx,mjs,md,json,py}');
  const others = globSync('node_modules/*/{*,*/*,*/*/*}.{js,cjs,mjs,ts,md,json,yml,css,scss,h,cpp,gypi,txt}');
  const some = others.toSorted().filter((_, at) => at % Math.ceil(others.length / 300) === 0);
  expect(own.length + some.length).toBeGreaterThan(500);
  expect([...own, ...some].flatMap((file) => broken(readFileSync(file, 'utf8'), file))).toEqual([]);
});

it('cuts no function, class or interface that is short enough', async () => {
  const syntax = new Syntax();
  const cut: string[] = [];
  let count = 0;
  for (const file of globSync('{src,test}/**/*.ts').filter((name) => !name.includes('fixtures'))) {
    const text = readFileSync(file, 'utf8');
    const starts = new Set(partsOf(text, file).map(({ start }) => start));
    const types = ['function_declaration', 'class_declaration', 'interface_declaration', 'method_definition'];
    const places = await syntax.read(text, 'typescript', (tree) =>
      tree.rootNode
        .descendantsOfType(types)
        .map((node) => [(node?.startPosition.row ?? 0) + 1, (node?.endPosition.row ?? 0) + 1] as const),
    );
    for (const [first, last] of places ?? []) {
      if (last - first > 45) continue;
      count += 1;
      for (let line = first + 1; line <= last; line += 1) if (starts.has(line)) cut.push(`${file}:${first}`);
    }
  }
  expect(count).toBeGreaterThan(3_000);
  expect(cut).toEqual([]);
});

describe('Python', () => {
  it('has imports, constants, decorated functions and blocks', () => {
    const text = `"""Prices."""
import os
from decimal import (
    Decimal,
)

RATE = Decimal("0.19")
NAMES = {
    "a": 1,
}


# Adds the tax.
# Twice.
@cached(
    size=3,
)
def total(items):
    """Sum.

def not_a_function():
    """
    return sum(items)
# off: def old():
    print("still total")


async def load(
    path,
    mode="r",
):
    return path

if __name__ == "__main__":
    print(total([]))
else:
    pass
`;
    expect(outlineOf(text, 'prices.py')).toEqual([
      '1-1 """Prices."""',
      '2-6 import os … from decimal import (Decimal)',
      '7-12 RATE = Decimal("0.19") … NAMES = {',
      '13-27 def total(items):',
      '28-33 async def load(path, mode="r"):',
      '34-37 if __name__ == "__main__":',
    ]);
  });

  it('has the methods of long classes, and the statements of long functions', () => {
    const text = `class Cart(Base):
    """A cart.

    Holds items.
    """

    size = 3

    # Adds.
    @check
    def add(self, item):
        self.items.append(item)

    def total(self):
${filler(50, '        ')}
        return 1


def long(a):
    b = a
${filler(40, '    ')}

    if b:
${filler(20, '        ')}
    else:
        pass

    def inner():
        return b
    return inner
`;
    expect(outlineOf(text, 'cart.py')).toEqual([
      '1-6 class Cart(Base):',
      '7-8 class Cart: size = 3',
      '9-13 class Cart: def add(self, item):',
      '14-67 class Cart: def total(self):',
      '68-108 def long(a):',
      '109-137 def long: x39 = 39 … return inner',
    ]);
  });
});

describe('languages with braces', () => {
  it('has the parts of a JavaScript module', () => {
    const text = `/**
 * Shop.
 */
import fs from 'node:fs';
import {
  a,
} from './a.js';

const LIMIT = 3;
let count = 0;

/** Adds up. */
export function total(items) {
  const text = \`
function fake() {
\`;
  return items.length + /[\`{]/.test(text);
}

export const twice = (n) => n * 2;

class Cart extends Base {
  #items = [];

  constructor() {
    super();
  }

  /** Adds. */
  async add(item, { silent = false } = {}) {
${filler(50, '    ')}
  }

  static of(...items)
  {
    return new Cart();
  }
}

app.get('/', (req, res) => {
  if (req) {
    res.end();
  } else {
    res.send();
  }
});
`;
    expect(outlineOf(text, 'shop.js')).toEqual([
      "1-8 import fs from 'node:fs'; … import { a } from './a.js';",
      '9-11 const LIMIT = 3; … let count = 0;',
      '12-19 export function total(items) {',
      '20-21 export const twice = (n) => n * 2;',
      '22-22 class Cart extends Base {',
      '23-24 class Cart: #items = [];',
      '25-28 class Cart: constructor() {',
      '29-82 class Cart: async add(item, { silent = false } = {}) {',
      '83-86 class Cart: static of(...items) {',
      '87-88 end of class Cart',
      "89-95 app.get('/', (req, res) => {",
    ]);
  });

  it('has the parts of a C file', () => {
    const text = `#include <stdio.h>
#include "a.h"

#define SIZE 3
#define LONG(a) \\
  do { (a)++; } while (0)

struct point {
  int x;
  int y;
};

#ifdef DEBUG
static int
helper(int a)
{
#if A
  if (a)
    goto out;
#endif
out:
  return a;
}
#endif

int main(int argc,
         char **argv)
{
  return helper(1);
}
`;
    expect(outlineOf(text, 'main.c')).toEqual([
      '1-3 #include <stdio.h> … #include "a.h"',
      '4-7 #define SIZE 3 … #define LONG(a) \\',
      '8-12 struct point {',
      '13-25 static int helper(int a) {',
      '26-30 int main(int argc, char **argv) {',
    ]);
  });

  it('is not misled by brackets that other lines close, and by strings without escapes', () => {
    const text = `package a

func one(x int) string {
	for _, c := range []struct{
		a int }{ {1} } {
	}
	return \`..\\\`
}

func two() {
retry:
	if x == nil { goto retry }
	y := []struct{
		b int
	}{}
}
`;
    expect(outlineOf(text, 'a.go')).toEqual([
      '1-2 package a',
      '3-9 func one(x int) string {',
      '10-16 func two() {',
    ]);
  });

  it('has the elements of a page that is not indented', () => {
    const section = (id: string) => `<section id="${id}">\n${'<p>Text</p>\n'.repeat(38)}</section>\n`;
    const text = `<html>\n<body>\n${section('a')}${section('b')}</body>\n</html>\n`;
    expect(outlineOf(text, 'a.html')).toEqual([
      '1-42 <html>',
      '43-83 <html>: <body>: <section id="b">',
      '84-84 end of <html>',
    ]);
  });

  it('has the rules of CSS', () => {
    const text = `@import 'a.css';
/* Links. */
a,
a:hover {
  color: red;
}

@media (max-width: 3em) {
  a { color: blue; }
}
`;
    expect(outlineOf(text, 'a.css')).toEqual([
      "1-1 @import 'a.css';",
      '2-7 a, a:hover {',
      '8-10 @media (max-width: 3em) {',
    ]);
  });

  it('has the functions of a shell script', () => {
    const text = `#!/bin/sh
set -eu

build()
{
  cat <<EOF
fake() {
EOF
}

if [ -n "$1" ]; then
  build
else
  echo no
fi
`;
    expect(outlineOf(text, 'build.sh')).toEqual([
      '1-3 set -eu',
      '4-10 build() {',
      '11-15 if [ -n "$1" ]; then',
    ]);
  });
});

describe('text and data', () => {
  it('has the sections of Markdown', () => {
    const text = `Before.

# Shop

## Usage
\`\`\`sh
# not a heading
\`\`\`

## Usage
${'A line.\n\n'.repeat(40)}`;
    expect(outlineOf(text, 'README.md')).toEqual([
      '1-2 lines 1-2',
      '3-4 # Shop',
      '5-9 ## Usage (line 5)',
      '10-48 ## Usage (line 10)',
      '49-90 ## Usage (lines 49-90)',
    ]);
  });

  it('has the tables of TOML', () => {
    const text = `name = "a"

# What it needs.
[dependencies]
list = [
  [1],
]

[[bin]]
name = "one"

[[bin]]
name = "two"
`;
    expect(outlineOf(text, 'Cargo.toml')).toEqual([
      '1-2 name = "a"',
      '3-8 [dependencies]',
      '9-11 [[bin]] name = "one"',
      '12-13 [[bin]] name = "two"',
    ]);
  });

  it('has the keys of JSON, and its braces by themselves', () => {
    const text = `{
  "name": "a",
  "files": ["x"],
  "scripts": {
    "build": "tsc",
    "test": "vitest"
  },
  "list": [
    {
      "a": 1
    }
  ]
}
`;
    expect(outlineOf(text, 'package.json')).toEqual([
      '1-1 line 1: {',
      '2-3 "name": "a", … "files": ["x"],',
      '4-7 "scripts": {',
      '8-12 "list": [',
      '13-13 line 13: }',
    ]);
  });

  it('has the keys of YAML', () => {
    const text = `# CI
name: ci
on: push

jobs:
- name: a
  run: b
- name: c
  run: d
env:
  A: 1
`;
    expect(outlineOf(text, 'ci.yml')).toEqual(['1-4 name: ci … on: push', '5-9 jobs:', '10-11 env:']);
  });

  it('has windows that end at blank lines where there is no structure', () => {
    const text = `${'word\n'.repeat(34)}\n${'word\n'.repeat(60)}`;
    expect(outlineOf(text, 'a.txt')).toEqual(['1-35 lines 1-35', '36-75 lines 36-75', '76-95 lines 76-95']);
  });

  it('counts long lines more than once', () => {
    const text = `${'word '.repeat(80)}\n`.repeat(30);
    expect(outlineOf(text, 'a.txt')).toEqual([
      '1-8 lines 1-8',
      '9-16 lines 9-16',
      '17-24 lines 17-24',
      '25-30 lines 25-30',
    ]);
  });
});

describe('the outline', () => {
  const parts: Part[] = Array.from({ length: 100 }, (_, i) => ({
    label: `def f${i}():`,
    start: i + 1,
    end: i + 1,
  }));

  it('leaves out the middle beyond its bytes', () => {
    expect(outline(parts, 80)).toBe('1-1 def f0():\n2-2 def f1():\n… 97 more …\n100-100 def f99():');
  });

  it('is within its bytes', () => {
    fc.assert(
      fc.property(fc.nat(2_500), fc.nat(100), (limit, count) => {
        const size = Buffer.byteLength(outline(parts.slice(0, count), limit));
        expect(size).toBeLessThanOrEqual(Math.max(limit, 20));
      }),
    );
  });
});
