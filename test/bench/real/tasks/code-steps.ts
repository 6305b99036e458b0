/** Tasks of one step in Python, JavaScript and TypeScript. */
import { node, nodeFile, python, read, run } from '../judging.ts';
import { edited, type RealTask } from '../task.ts';
import { carrierRates, RATES_CHECK } from './carrier-rates.ts';

const slug = {
  'slug.js':
    "export function slug(title) {\n  return title.trim().toLowerCase().replace(' ', '-');\n}\n\nexport function unslug(text) {\n  return text.replaceAll('-', ' ');\n}\n",
  'check.js':
    "import assert from 'node:assert';\nimport { slug, unslug } from './slug.js';\n\nassert.equal(slug('Hello World'), 'hello-world');\nassert.equal(slug(' The quick brown fox '), 'the-quick-brown-fox');\nassert.equal(unslug('a-b-c'), 'a b c');\nconsole.log('all good');\n",
  'package.json': '{ "name": "slug", "type": "module" }\n',
};

const greet = {
  'greet.py':
    'def greet(name):\n    return "Hello, " + name + "."\n\n\ndef farewell(name):\n    return "Goodbye, " + name + "."\n',
  'main.py': 'from greet import greet\n\nprint(greet("Ada"))\n',
};

const dates = {
  'dates.js': `function parseIso(text) {
  const [year, month, day] = text.split('-').map(Number);
  return { year, month, day };
}

function parseGerman(text) {
  const [day, month, year] = text.split('.').map(Number);
  return { year, month, day };
}

function parseBritish(text) {
  const [month, day, year] = text.split('/').map(Number);
  return { year, month, day };
}

function parseAmerican(text) {
  const [month, day, year] = text.split('/').map(Number);
  return { year, month, day };
}

module.exports = { parseIso, parseGerman, parseBritish, parseAmerican };
`,
  'README.md':
    '# dates\n\n- ISO: 2024-03-31\n- German: 31.03.2024\n- British: 31/03/2024\n- American: 03/31/2024\n',
};
const FIXED_DATES = `${dates['dates.js'].split('function parseBritish')[0]}function parseBritish(text) {
  const [day, month, year] = text.split('/').map(Number);${dates['dates.js'].split("'/').map(Number);").slice(1).join("'/').map(Number);")}`;

const shapes = {
  'shapes.ts': `export type Shape =
  | { kind: 'square'; side: number }
  | { kind: 'circle'; radius: number };

export function area(shape: Shape): number {
  switch (shape.kind) {
    case 'square':
      return shape.side * shape.side;
    case 'circle':
      return Math.PI * shape.radius * shape.radius;
  }
}
`,
  'package.json': '{ "name": "shapes", "type": "module" }\n',
};
const RECTANGLE = edited(
  {
    'shapes.ts': edited(
      shapes,
      'shapes.ts',
      'radius: number };',
      "radius: number }\n  | { kind: 'rectangle'; width: number; height: number };",
    ),
  },
  'shapes.ts',
  "    case 'circle'",
  "    case 'rectangle':\n      return shape.width * shape.height;\n    case 'circle'",
);

const FIZZ =
  'for n in range(1, 16):\n    if n % 15 == 0:\n        print("fizzbuzz")\n    elif n % 3 == 0:\n        print("fizz")\n    elif n % 5 == 0:\n        print("buzz")\n    else:\n        print(n)\n';
const FIZZ_LINES = '1 2 fizz 4 buzz fizz 7 8 fizz buzz 11 fizz 13 14 fizzbuzz';

const rates = { 'rates.py': carrierRates(), 'README.md': '# rates\n\nPrices per parcel, in euros.\n' };

export const codeSteps: readonly RealTask[] = [
  {
    name: 'slug-js',
    kind: 'one',
    files: slug,
    prompt: '`node check.js` fails: slug should replace every space by a dash. Fix slug.js.',
    mayChange: ['slug.js'],
    judge: (folder) =>
      nodeFile(folder, 'check.js') &&
      node(folder, "const { slug } = await import('./slug.js'); assert.equal(slug('A b C d'), 'a-b-c-d');"),
    reference: { files: { 'slug.js': edited(slug, 'slug.js', "replace(' '", "replaceAll(' '") } },
    wrong: [
      { files: { 'slug.js': edited(slug, 'slug.js', ".replace(' ', '-')", '') } },
      { files: { 'slug.js': edited(slug, 'slug.js', 'replaceAll', 'replace') } },
    ],
  },
  {
    name: 'default-py',
    kind: 'one',
    files: greet,
    prompt:
      'Give the function greet in greet.py a second parameter `end` with the default ".", which takes the place of the dot at the end: greet("Ada", "!") returns "Hello, Ada!".',
    mayChange: ['greet.py'],
    judge: (folder) =>
      python(
        folder,
        'from greet import *\nassert greet("Ada")=="Hello, Ada." and greet("Bo", "!")=="Hello, Bo!" and greet("Cy", end="?")=="Hello, Cy?" and farewell("Ada")=="Goodbye, Ada."',
      ),
    reference: {
      files: {
        'greet.py': greet['greet.py']
          .replace('greet(name)', 'greet(name, end=".")')
          .replace('+ name + "."', '+ name + end'),
      },
    },
    wrong: [{ files: { 'greet.py': 'def greet(name, end):\n    return "Hello, " + name + end\n' } }],
  },
  {
    name: 'middle-py',
    kind: 'one',
    files: rates,
    prompt:
      'In rates.py, the function heron_price has to charge 18.5 for more than 20 kg (today it is 15.9). Change nothing else.',
    mayChange: ['rates.py'],
    judge: (folder) => python(folder, RATES_CHECK),
    reference: { files: { 'rates.py': carrierRates('18.5') } },
    wrong: [
      { files: { 'rates.py': rates['rates.py'].replaceAll('15.9', '18.5') } },
      { files: { 'rates.py': 'def heron_price(kilos):\n    return 18.5\n' } },
    ],
  },
  {
    name: 'similar-js',
    kind: 'one',
    files: dates,
    prompt: 'parseBritish in dates.js takes the month for the day (README.md shows the formats). Fix it.',
    mayChange: ['dates.js'],
    judge: (folder) =>
      node(
        folder,
        `const d = (await import('./dates.js')).default;
const want = { year: 2024, month: 3, day: 31 };
assert.deepEqual(d.parseBritish('31/03/2024'), want);
assert.deepEqual(d.parseAmerican('03/31/2024'), want);
assert.deepEqual(d.parseGerman('31.03.2024'), want);
assert.deepEqual(d.parseIso('2024-03-31'), want);`,
      ),
    reference: { files: { 'dates.js': FIXED_DATES } },
    wrong: [
      { files: { 'dates.js': dates['dates.js'].replaceAll('[month, day, year]', '[day, month, year]') } },
    ],
  },
  {
    name: 'shape-ts',
    kind: 'one',
    files: shapes,
    prompt:
      "Add a third kind of shape to shapes.ts: { kind: 'rectangle'; width: number; height: number }. The function area has to handle it too.",
    mayChange: ['shapes.ts'],
    judge: (folder) =>
      node(
        folder,
        `const { area } = await import('./shapes.ts');
assert.equal(area({ kind: 'rectangle', width: 3, height: 5 }), 15);
assert.equal(area({ kind: 'square', side: 4 }), 16);
assert.equal(area({ kind: 'circle', radius: 2 }), 4 * Math.PI);`,
      ) && /kind:\s*['"]rectangle['"]/.test(read(folder, 'shapes.ts') ?? ''),
    reference: { files: { 'shapes.ts': RECTANGLE } },
    wrong: [
      {
        files: {
          'shapes.ts': shapes['shapes.ts'].replace(
            "'square';",
            "'rectangle'; width: number; height: number }\n  | { kind: 'square';",
          ),
        },
      },
    ],
  },
  {
    name: 'fizz-py',
    kind: 'one',
    files: greet,
    prompt:
      'Create fizz.py. It prints the numbers from 1 to 15, one a line, but fizz for multiples of 3, buzz for multiples of 5, and fizzbuzz for multiples of both.',
    mayChange: ['fizz.py'],
    judge: (folder) =>
      run(folder, 'python3', 'fizz.py').stdout.trim().split(/\s*\n/).join(' ') === FIZZ_LINES,
    reference: { files: { 'fizz.py': FIZZ } },
    wrong: [
      { files: { 'fizz.py': FIZZ.replace('16', '15') } },
      { files: { 'fizz.py': FIZZ.replace('15 ==', '30 ==') } },
    ],
  },
  {
    name: 'already-py',
    kind: 'one',
    files: greet,
    prompt:
      'The function greet in greet.py has to return "Hello, Ada." for "Ada". If it does so already, change nothing.',
    mayChange: [],
    isDoneAtStart: true,
    judge: (folder) => python(folder, 'from greet import *; assert greet("Ada")=="Hello, Ada."'),
    reference: { output: 'It does so already.' },
    wrong: [{ files: { 'greet.py': edited(greet, 'greet.py', '"Hello, "', '"Hello "') } }],
  },
];
