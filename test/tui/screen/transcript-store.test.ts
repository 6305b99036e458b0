import { expect, test } from 'vitest';
import type { Item } from '../../../src/protocol.ts';
import { exportMarkdown } from '../../../src/tui/screen/export-markdown.ts';
import { TranscriptStore } from '../../../src/tui/screen/transcript-store.ts';
import {
  answer,
  begins,
  CHANGE,
  call,
  command,
  done,
  ends,
  patch,
  plan,
  thinking,
  user,
} from '../../support/tui-events.ts';

function storeOf(...events: readonly Parameters<TranscriptStore['handle']>[0][]): TranscriptStore {
  const store = new TranscriptStore();
  for (const event of events) store.handle(event);
  return store;
}

test('items are in the order in which they began, as they ended', () => {
  const [first, second] = [command('a'), command('b')];
  const store = storeOf(
    begins({ ...first, output: '' }),
    begins(second),
    ends({ ...second, output: 'B' }),
    ends({ ...first, output: 'A' }),
  );
  expect(store.items).toEqual([
    { ...first, output: 'A' },
    { ...second, output: 'B' },
  ]);
  expect({ version: store.version, hasPrompt: store.hasPrompt, lastAnswer: store.lastAnswer }).toEqual({
    version: 4,
    hasPrompt: false,
    lastAnswer: undefined,
  });
});

test('going back drops the messages of the user and everything after them', () => {
  const [one, two] = [user('one'), user('two')];
  const said = answer('A.');
  const store = storeOf(...done(one), ...done(said), ...done(two), ...done(answer('B.')));
  expect({
    ofOne: store.promptsFrom(one.id),
    ofTwo: store.promptsFrom(two.id),
    unknown: store.promptsFrom('?'),
  }).toEqual({
    ofOne: 2,
    ofTwo: 1,
    unknown: 0,
  });
  store.handle({ type: 'rolled_back', userTurns: 1, text: 'two' });
  expect({ items: store.items, lastAnswer: store.lastAnswer, gone: store.promptsFrom(two.id) }).toEqual({
    items: [one, said],
    lastAnswer: 'A.',
    gone: 0,
  });
  store.handle({ type: 'rolled_back', userTurns: 9, text: 'one' });
  expect(store.items).toEqual([]);
});

test('of old outputs only the ends are kept when all together are too large', () => {
  const big = 'x'.repeat(4 * 2 ** 20);
  const items = Array.from({ length: 6 }, () => command('yes', { output: big }));
  const store = storeOf(...items.flatMap(done));
  const lengths = store.items.map((item) => ('output' in item ? item.output.length : 0));
  expect(lengths.slice(3)).toEqual([big.length, big.length, big.length]);
  expect(lengths[0]).toBeLessThan(5_000);
  expect(lengths[2]).toBe(lengths[0]);
});

test('the steps of a sub-agent count, and are shortened with the others', () => {
  const big = 'x'.repeat(9 * 2 ** 20);
  const task = (id: string): Item => ({
    ...{ type: 'task', id, prompt: 'look', output: 'found', status: 'completed' },
    steps: [command('yes', { output: big })],
  });
  const store = storeOf(...['a', 'b', 'c'].flatMap((id) => done(task(id))));
  const lengths = store.items.flatMap((item) =>
    item.type === 'task' ? item.steps.map((step) => ('output' in step ? step.output.length : 0)) : [],
  );
  expect(lengths[0]).toBeLessThan(5_000);
  expect(lengths[2]).toBe(big.length);
});

test('what was dropped does not count', () => {
  const big = 'x'.repeat(5 * 2 ** 20);
  const large = () => [...done(user('go')), ...done(command('yes', { output: big }))];
  const store = storeOf(...large(), ...large(), ...large());
  store.handle({ type: 'rolled_back', userTurns: 2, text: 'go' });
  for (const event of [...large(), ...large()]) store.handle(event);
  expect(store.items.filter((item) => 'output' in item && item.output.length === big.length).length).toBe(3);
});

test('the conversation as Markdown', () => {
  const store = storeOf(
    ...done(user('why?\n')),
    ...done(thinking('hm')),
    ...done(command('cat a.md', { output: '```js\n1\n```\n' })),
    ...done(command('true')),
    ...done(call('lookup', { word: '`a`' }, { output: 'no such word' })),
    ...done(patch([CHANGE])),
    ...done(patch([], { status: 'failed', output: 'these lines are not in the file' })),
    ...done(
      plan([
        { step: 'Find out', status: 'completed' },
        { step: 'Repair', status: 'in_progress' },
      ]),
    ),
    ...done(answer('Because.\n')),
  );
  expect(exportMarkdown(store.items)).toMatchInlineSnapshot(`
    "## You

    why?

    \`\`\`sh
    cat a.md
    \`\`\`

    \`\`\`\`
    \`\`\`js
    1
    \`\`\`
    \`\`\`\`

    \`\`\`sh
    true
    \`\`\`

    \`\`\`
    lookup {"word":"\`a\`"}
    \`\`\`

    \`\`\`
    no such word
    \`\`\`

    \`\`\`diff
    --- a/src/cart.ts
    +++ b/src/cart.ts
    @@ -3,4 +3,4 @@
     export function total(cart: Cart): number {
    -  return cart.items.length;
    +  return cart.items.reduce((sum, { price }) => sum + price, 0);
     }
    \`\`\`

    \`\`\`
    these lines are not in the file
    \`\`\`

    - [x] Find out
    - [ ] Repair

    ## oagent

    Because.
    "
  `);
  expect(exportMarkdown([])).toBe('');
});
