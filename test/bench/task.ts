/**
 * The task of the bench: a small git repository with two bugs, and the ten answers that mend them.
 *
 * Invariants: both agents are led through the same ten steps over the same files, each with its own tools; what
 * counts as done is the content of the files, not what an agent says.
 * Does not: start anything but git.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ModelSpec } from '../../src/demo/models.ts';
import type { ScriptedCall, Turn } from '../../src/demo/script.ts';

export const PROMPT =
  'node test/run.js fails. Find the bugs in src, fix them, and run the tests until they pass.';

/** The models are the scripts: whoever asks for one gets its answers. */
export const MODELS = { floor: 'bench-floor', oagent: 'bench-oagent', flood: 'bench-flood' } as const;

/** Bytes that the command of the flood prints. */
export const FLOOD_BYTES = 2 ** 30;

export const modelSpecs: readonly ModelSpec[] = Object.values(MODELS).map((name) => ({
  name,
  path: 'rendered',
  capabilities: ['completion', 'tools'],
  contextLength: 32_768,
}));

const CART = `import { discountPercent } from './discount.js';

/** Items are { name, cents, count }. */
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
  { from: 100, percent: 15 },
];

/** The discount for that many pieces, in percent. */
export function discountPercent(pieces) {
  let percent = 0;
  for (const tier of TIERS) {
    if (pieces > tier.from) percent = tier.percent;
  }
  return percent;
}
`;

const TESTS = `import { subtotal, total } from '../src/cart.js';
import { discountPercent } from '../src/discount.js';

const cases = [
  ['no discount for one', discountPercent(1), 0],
  ['5 % from 10 pieces', discountPercent(10), 5],
  ['10 % from 50 pieces', discountPercent(50), 10],
  ['the subtotal counts pieces', subtotal([{ name: 'nut', cents: 20, count: 3 }]), 60],
  ['the total is discounted', total([{ name: 'bolt', cents: 100, count: 10 }]), 950],
];
let failed = 0;
for (const [name, actual, expected] of cases) {
  const ok = actual === expected;
  if (!ok) failed += 1;
  console.log(ok ? \`ok   \${name}\` : \`FAIL \${name}: got \${actual}, expected \${expected}\`);
}
console.log(\`\${cases.length - failed} of \${cases.length} passed\`);
process.exitCode = failed === 0 ? 0 : 1;
`;

interface Edit {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  /** The line above and the line below. */
  readonly around: readonly [string, string];
}

const EDITS = {
  cart: {
    file: 'src/cart.js',
    before: '    sum += item.cents;',
    after: '    sum += item.cents * item.count;',
    around: ['  for (const item of items) {', '  }'],
  },
  discount: {
    file: 'src/discount.js',
    before: '    if (pieces > tier.from) percent = tier.percent;',
    after: '    if (pieces >= tier.from) percent = tier.percent;',
    around: ['  for (const tier of TIERS) {', '  }'],
  },
} as const satisfies { [name: string]: Edit };

const FILES: { readonly [file: string]: string } = {
  'package.json': '{ "name": "shop", "private": true, "type": "module" }\n',
  'README.md': '# shop\n\nPrices are whole cents. Run the tests with `node test/run.js`.\n',
  'src/cart.js': CART,
  'src/discount.js': DISCOUNT,
  'test/run.js': TESTS,
};

/** Makes the repository, bugs and all, with one commit. */
export function createRepository(folder: string): void {
  for (const [file, text] of Object.entries(FILES)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=bench', '-c', 'user.email=bench@localhost', 'commit', '--quiet', '-m', 'first');
}

/** What is still wrong in the repository after the task, or undefined if nothing is. */
export function unfinished(folder: string): string | undefined {
  for (const { file, before, after } of Object.values(EDITS)) {
    const expected = FILES[file]?.replace(before, after);
    if (readFileSync(path.join(folder, file), 'utf8') !== expected) return `${file} is not mended`;
  }
  return undefined;
}

interface Step {
  readonly name: string;
  readonly say: string;
  readonly floor: ScriptedCall;
  readonly oagent: ScriptedCall;
}

const steps: readonly Step[] = [
  shell('look', 'I look at the repository first.', 'git status --short; git ls-files'),
  {
    name: 'grep',
    say: 'Where is the discount used?',
    floor: shellCall('rg -n discountPercent'),
    oagent: { name: 'ripgrep', arguments: { pattern: 'discountPercent' } },
  },
  read('src/cart.js'),
  read('src/discount.js'),
  shell('tests', 'Now the tests.', 'node test/run.js'),
  edit('The subtotal forgets the count.', EDITS.cart),
  edit('The comparison is off by one.', EDITS.discount),
  shell('tests', 'The tests again.', 'node test/run.js'),
  shell('diff', 'What has changed?', 'git diff --stat'),
];

/** What each answer but the last asks for, in order. */
export const stepNames: readonly string[] = steps.map(({ name }) => name);

/** The model's answer number `index` (from 0) in its session. @throws for a model that is none of ours. */
export function answerOf(model: string, index: number): Turn {
  if (model === MODELS.flood) return index === 0 ? flood() : { content: 'That was a lot.' };
  if (model !== MODELS.floor && model !== MODELS.oagent) throw new Error(`no script for ${model}`);
  const step = steps[index];
  if (step === undefined)
    return { content: 'Both bugs are fixed: the count, and the first piece of each tier.' };
  return { content: step.say, toolCalls: [model === MODELS.floor ? step.floor : step.oagent] };
}

function flood(): Turn {
  return { content: 'I run it.', toolCalls: [shellCall(`yes | head -c ${FLOOD_BYTES}`)] };
}

function shellCall(command: string): ScriptedCall {
  return { name: 'shell', arguments: { command } };
}

function shell(name: string, say: string, command: string): Step {
  return { name, say, floor: shellCall(command), oagent: shellCall(command) };
}

function read(file: string): Step {
  const call = { name: 'read_file', arguments: { path: file } };
  return { name: 'read', say: `I read ${file}.`, floor: call, oagent: call };
}

function edit(say: string, { file, before, after, around: [above, below] }: Edit): Step {
  const lines = ['*** Begin Patch', `*** Update File: ${file}`, '@@', ` ${above}`, `-${before}`, `+${after}`];
  const input = [...lines, ` ${below}`, '*** End Patch'].join('\n');
  return {
    name: 'edit',
    say,
    floor: { name: 'edit_file', arguments: { path: file, old: before, new: after } },
    oagent: { name: 'apply_patch', arguments: { input } },
  };
}
