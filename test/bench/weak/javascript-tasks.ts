/** Tasks in JavaScript. */
import { type WeakTask, weakTask } from './weak-task.ts';

const MODULE = '{ "name": "shop", "private": true, "type": "module" }\n';

const CART = `import { discountPercent } from './discount.js';

export function subtotal(items) {
  let sum = 0;
  for (const item of items) {
    sum += item.cents;
  }
  return sum;
}

export function total(items) {
  const pieces = items.reduce((sum, item) => sum + item.count, 0);
  const before = subtotal(items);
  return before - Math.round((before * discountPercent(pieces)) / 100);
}
`;

const DISCOUNT = `const TIERS = [
  { from: 10, percent: 5 },
  { from: 50, percent: 10 },
];

export function discountPercent(pieces) {
  let percent = 0;
  for (const tier of TIERS) {
    if (pieces > tier.from) percent = tier.percent;
  }
  return percent;
}
`;

const SLUG = `export function slug(title) {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-');
}
`;

const QUEUE = `export class Queue {
\t#items = [];

\tpush(item, priority = 0) {
\t\tthis.#items.push({ item, priority });
\t\tthis.#items.sort((a, b) => a.priority - b.priority);
\t}

\tpop() {
\t\tif (this.#items.length === 0) {
\t\t\tthrow new Error('empty');
\t\t}
\t\treturn this.#items.shift().item;
\t}
}
`;

const STRINGIFY = `export function stringify(rows) {
  return rows
    .map((row) => row.map((cell) => quote(String(cell))).join(','))
    .join('\\n');
}

function quote(cell) {
  if (cell.includes(',')) {
    return \`"\${cell}"\`;
  }
  return cell;
}
`;

export const javascriptTasks: readonly WeakTask[] = [
  weakTask({
    name: 'js-cart',
    language: 'javascript',
    prompt: '`node test/run.js` fails. Find the two bugs in src, fix them and run the tests until they pass.',
    find: 'discountPercent',
    isPlanned: true,
    files: {
      'package.json': MODULE,
      'src/cart.js': CART,
      'src/discount.js': DISCOUNT,
      'test/run.js': `import assert from 'node:assert/strict';
import { subtotal, total } from '../src/cart.js';
import { discountPercent } from '../src/discount.js';

assert.equal(discountPercent(10), 5, '5 % from 10 pieces');
assert.equal(subtotal([{ cents: 20, count: 3 }]), 60, 'the subtotal counts pieces');
assert.equal(total([{ cents: 100, count: 10 }]), 950);
console.log('ok');
`,
    },
    edits: [
      ['src/cart.js', 'sum += item.cents;', 'sum += item.cents * item.count;'],
      ['src/discount.js', 'pieces > tier.from', 'pieces >= tier.from'],
    ],
    test: 'node test/run.js',
  }),
  weakTask({
    name: 'js-slug',
    language: 'javascript',
    prompt:
      'slug("Hello,  World!") gives "hello---world-" but should give "hello-world". Fix it and run `node slug.test.js`.',
    find: 'function slug',
    files: {
      'package.json': MODULE,
      'lib/text/slug.js': SLUG,
      'slug.test.js': `import assert from 'node:assert/strict';
import { slug } from './lib/text/slug.js';

assert.equal(slug('Hello,  World!'), 'hello-world');
assert.equal(slug('a'), 'a');
console.log('ok');
`,
    },
    edits: [
      [
        'lib/text/slug.js',
        ".replace(/[^a-z0-9]/g, '-');",
        ".replace(/[^a-z0-9]+/g, '-')\n    .replace(/^-|-$/g, '');",
      ],
    ],
    test: 'node slug.test.js',
  }),
  weakTask({
    name: 'js-queue',
    language: 'javascript',
    prompt:
      'In src/queue.js the highest priority should come out first, and pop() of an empty queue should return undefined instead of throwing. Change it and run `node test/queue.js`.',
    files: {
      'package.json': MODULE,
      'src/queue.js': QUEUE,
      'test/queue.js': `import assert from 'node:assert/strict';
import { Queue } from '../src/queue.js';

const queue = new Queue();
assert.equal(queue.pop(), undefined);
queue.push('low', 1);
queue.push('high', 5);
assert.equal(queue.pop(), 'high');
assert.equal(queue.pop(), 'low');
console.log('ok');
`,
    },
    edits: [
      ['src/queue.js', 'a.priority - b.priority', 'b.priority - a.priority'],
      [
        'src/queue.js',
        "\t\tif (this.#items.length === 0) {\n\t\t\tthrow new Error('empty');\n\t\t}\n\t\treturn this.#items.shift().item;",
        '\t\treturn this.#items.shift()?.item;',
      ],
    ],
    test: 'node test/queue.js',
  }),
  weakTask({
    name: 'js-stringify',
    language: 'javascript',
    prompt:
      'src/stringify.js does not quote cells that contain quotes or line breaks; a quote inside is doubled. Make `node test/stringify.js` pass.',
    files: {
      'package.json': MODULE,
      'src/stringify.js': STRINGIFY,
      'src/parse.js': "export const parse = (text) => text.split('\\n').map((line) => line.split(','));\n",
      'test/stringify.js': `import assert from 'node:assert/strict';
import { stringify } from '../src/stringify.js';

assert.equal(stringify([['a', 'b,c']]), 'a,"b,c"');
assert.equal(stringify([['say "hi"']]), '"say ""hi"""');
assert.equal(stringify([['two\\nlines']]), '"two\\nlines"');
console.log('ok');
`,
    },
    edits: [
      ['src/stringify.js', "if (cell.includes(',')) {", 'if (/[",\\n]/.test(cell)) {'],
      ['src/stringify.js', `return \`"\${cell}"\`;`, `return \`"\${cell.replaceAll('"', '""')}"\`;`],
    ],
    test: 'node test/stringify.js',
  }),
];
