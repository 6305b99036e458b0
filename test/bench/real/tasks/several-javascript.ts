/** Tasks of several steps in JavaScript and TypeScript. */
import { node, nodeFile, read } from '../judging.ts';
import { edited, type Files, type RealTask } from '../task.ts';

const users = {
  'lib/users.js':
    "const all = [\n  { id: 1, name: 'Ada' },\n  { id: 2, name: 'Bo' },\n];\n\nexport function getUser(id) {\n  return all.find((user) => user.id === id);\n}\n\nexport function getUserName(id) {\n  return getUser(id)?.name ?? 'nobody';\n}\n",
  'app.js':
    "import { getUser, getUserName } from './lib/users.js';\n\nexport function card(id) {\n  return getUser(id) === undefined ? 'no card' : 'card of ' + getUserName(id);\n}\n",
  'test.js':
    "import assert from 'node:assert';\nimport { card } from './app.js';\nimport { getUser } from './lib/users.js';\n\nassert.equal(getUser(1).name, 'Ada');\nassert.equal(card(2), 'card of Bo');\nassert.equal(card(3), 'no card');\nconsole.log('ok');\n",
  'package.json': '{ "name": "users", "type": "module" }\n',
};
const renamedUsers = renamed(users, ['lib/users.js', 'app.js', 'test.js'], /\bgetUser\b/g, 'findUser');

const shop = {
  'shop.js':
    "export function formatPrice(cents) {\n  return (cents / 100).toFixed(2) + ' EUR';\n}\n\nexport function receipt(items) {\n  return items.map(({ name, cents }) => name + ': ' + formatPrice(cents)).join('\\n');\n}\n",
  'test.js':
    "import assert from 'node:assert';\nimport { receipt } from './shop.js';\n\nassert.equal(receipt([{ name: 'tea', cents: 350 }]), 'tea: 3.50 EUR');\nconsole.log('ok');\n",
  'package.json': '{ "name": "shop", "type": "module" }\n',
};
const [FORMAT = '', RECEIPT = ''] = shop['shop.js'].split(/\n\n(?=export)/);

const mail = {
  'src/send.ts':
    "export const sent: string[] = [];\n\nexport function send(to: string, text: string): void {\n  sent.push(to + ': ' + text);\n}\n",
  'src/alert.ts':
    "import { send } from './send.ts';\n\nexport function alertOf(what: string): void {\n  send('admin', 'alert: ' + what);\n}\n",
  'src/news.ts':
    "import { send } from './send.ts';\n\nexport function news(title: string): void {\n  send('everybody', title);\n}\n",
  'test.ts':
    "import assert from 'node:assert';\nimport { alertOf } from './src/alert.ts';\nimport { news } from './src/news.ts';\nimport { sent } from './src/send.ts';\n\nalertOf('disk full');\nnews('spring');\nassert.deepEqual(sent, ['URGENT admin: alert: disk full', 'everybody: spring']);\nconsole.log('ok');\n",
  'package.json': '{ "name": "mail", "type": "module" }\n',
};
const URGENT_SEND = mail['src/send.ts']
  .replace('text: string)', 'text: string, urgent: boolean)')
  .replace('push(to', "push((urgent ? 'URGENT ' : '') + to");

const cart = {
  'src/cart.js':
    "import { discountPercent } from './discount.js';\n\nexport function subtotal(items) {\n  let sum = 0;\n  for (const item of items) {\n    sum += item.cents;\n  }\n  return sum;\n}\n\nexport function total(items) {\n  const pieces = items.reduce((sum, item) => sum + item.count, 0);\n  const before = subtotal(items);\n  return before - Math.round((before * discountPercent(pieces)) / 100);\n}\n",
  'src/discount.js':
    '/** 5 percent from 10 pieces on, 10 percent from 50 pieces on. */\nexport function discountPercent(pieces) {\n  if (pieces > 50) return 10;\n  if (pieces > 10) return 5;\n  return 0;\n}\n',
  'test.js':
    "import assert from 'node:assert';\nimport { subtotal, total } from './src/cart.js';\nimport { discountPercent } from './src/discount.js';\n\nassert.equal(subtotal([{ cents: 20, count: 3 }]), 60, 'the subtotal counts pieces');\nassert.equal(discountPercent(10), 5, '10 pieces');\nassert.equal(total([{ cents: 100, count: 10 }]), 950, 'the total is discounted');\nconsole.log('ok');\n",
  'package.json': '{ "name": "cart", "type": "module" }\n',
};
const COUNTED = edited(cart, 'src/cart.js', 'item.cents;', 'item.cents * item.count;');

const store = {
  'store.js':
    'export class Store {\n  #values = new Map();\n\n  set(key, value) {\n    this.#values.set(key, value);\n  }\n\n  get(key) {\n    return this.#values.get(key);\n  }\n}\n',
  'test.js':
    "import assert from 'node:assert';\nimport { Store } from './store.js';\n\nconst store = new Store();\nstore.set('a', 1);\nassert.equal(store.get('a'), 1);\nconsole.log('ok');\n",
  'package.json': '{ "name": "store", "type": "module" }\n',
};
const SIZED = edited(
  store,
  'store.js',
  '  get(key)',
  '  size() {\n    return this.#values.size;\n  }\n\n  get(key)',
);
const SIZE_TEST = edited(store, 'test.js', 'console', 'assert.equal(store.size(), 1);\nconsole');

export const severalJavaScript: readonly RealTask[] = [
  {
    name: 'rename-js',
    kind: 'several',
    files: users,
    prompt:
      'Rename the function getUser to findUser in every file (getUserName keeps its name). `node test.js` must pass.',
    mayChange: ['lib/users.js', 'app.js', 'test.js'],
    judge: (folder) =>
      nodeFile(folder, 'test.js') &&
      node(
        folder,
        `const users = await import('./lib/users.js'); const { card } = await import('./app.js');
assert.deepEqual(Object.keys(users).sort(), ['findUser', 'getUserName']);
assert.equal(users.getUserName(1), 'Ada'); assert.equal(users.findUser(2).name, 'Bo'); assert.equal(card(2), 'card of Bo');`,
      ) &&
      (read(folder, 'test.js') ?? '').includes('findUser(1)'),
    reference: { files: renamedUsers },
    wrong: [
      { files: { 'lib/users.js': renamedUsers['lib/users.js'] ?? '' } },
      { files: renamed(users, ['lib/users.js', 'app.js', 'test.js'], /getUser/g, 'findUser') },
    ],
  },
  {
    name: 'split-js',
    kind: 'several',
    files: shop,
    prompt:
      'Move the function formatPrice from shop.js into a new file format.js, and import it in shop.js. `node test.js` must pass.',
    mayChange: ['shop.js', 'format.js'],
    judge: (folder) =>
      nodeFile(folder, 'test.js') &&
      node(
        folder,
        "const { formatPrice } = await import('./format.js'); assert.equal(formatPrice(5), '0.05 EUR');",
      ) &&
      !/function formatPrice|formatPrice =/.test(read(folder, 'shop.js') ?? ''),
    reference: {
      files: {
        'format.js': `${FORMAT}\n`,
        'shop.js': `import { formatPrice } from './format.js';\n\n${RECEIPT}`,
      },
    },
    wrong: [
      { files: { 'format.js': `${FORMAT}\n` } },
      { files: { 'format.js': `${FORMAT}\n`, 'shop.js': RECEIPT } },
    ],
  },
  {
    name: 'signature-ts',
    kind: 'several',
    files: mail,
    prompt:
      'Give send in src/send.ts a third parameter urgent: boolean. An urgent mail begins with "URGENT ". alert.ts sends urgent mails, news.ts does not. `node test.ts` must pass.',
    mayChange: ['src/send.ts', 'src/alert.ts', 'src/news.ts'],
    judge: (folder) =>
      nodeFile(folder, 'test.ts') &&
      node(
        folder,
        `const { send, sent } = await import('./src/send.ts');
send('a', 'b', true); send('c', 'd', false);
assert.deepEqual(sent, ['URGENT a: b', 'c: d']);`,
      ),
    reference: {
      files: {
        'src/send.ts': URGENT_SEND,
        'src/alert.ts': edited(mail, 'src/alert.ts', 'what);', 'what, true);'),
        'src/news.ts': edited(mail, 'src/news.ts', ', title', ', title, false'),
      },
    },
    wrong: [
      { files: { 'src/send.ts': URGENT_SEND } },
      { files: { 'src/alert.ts': edited(mail, 'src/alert.ts', "'admin'", "'URGENT admin'") } },
    ],
  },
  {
    name: 'two-bugs-js',
    kind: 'several',
    files: cart,
    prompt:
      '`node test.js` fails. Find the bugs in the folder src, fix them, and run the test until it passes.',
    mayChange: ['src/cart.js', 'src/discount.js'],
    judge: (folder) =>
      nodeFile(folder, 'test.js') &&
      node(
        folder,
        `const { discountPercent: d } = await import('./src/discount.js'); const { subtotal } = await import('./src/cart.js');
assert.deepEqual([1, 9, 10, 11, 49, 50, 51].map(d), [0, 0, 5, 5, 5, 10, 10]);
assert.equal(subtotal([{ cents: 3, count: 4 }, { cents: 5, count: 1 }]), 17);`,
      ),
    reference: {
      files: { 'src/cart.js': COUNTED, 'src/discount.js': cart['src/discount.js'].replaceAll('> ', '>= ') },
    },
    wrong: [
      { files: { 'src/cart.js': COUNTED } },
      {
        files: {
          'src/cart.js': COUNTED,
          'src/discount.js': cart['src/discount.js'].replace('> 10', '>= 10'),
        },
      },
    ],
  },
  {
    name: 'method-js',
    kind: 'several',
    files: store,
    prompt:
      'Add a method size() to the class in store.js that returns how many keys there are, and an assertion for it in test.js. `node test.js` must pass.',
    mayChange: ['store.js', 'test.js'],
    judge: (folder) =>
      nodeFile(folder, 'test.js') &&
      node(
        folder,
        `const { Store } = await import('./store.js'); const s = new Store();
assert.equal(s.size(), 0); s.set('a', 1); s.set('a', 2); s.set('b', 3);
assert.equal(s.size(), 2); assert.equal(s.get('a'), 2);`,
      ) &&
      /\.size\(\)/.test(read(folder, 'test.js') ?? ''),
    reference: { files: { 'store.js': SIZED, 'test.js': SIZE_TEST } },
    wrong: [{ files: { 'store.js': SIZED } }, { files: { 'test.js': SIZE_TEST } }],
  },
];

function renamed(files: Files, names: readonly string[], from: RegExp, to: string): Files {
  return Object.fromEntries(names.map((name) => [name, (files[name] ?? '').replace(from, to)]));
}
