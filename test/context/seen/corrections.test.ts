import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Corrections } from '../../../src/context/seen/corrections.ts';
import type { Event, Happening, Item } from '../../../src/protocol.ts';
import { anyText } from '../../support/any-text.ts';

const done = (item: Item): Event => ({ type: 'item_completed', item });
const said = (text: string): Event => done({ type: 'user_message', id: 'i', text });
const answered = done({ type: 'agent_message', id: 'i', text: 'Done.', status: 'completed' });
const command = (more: object = {}): Event =>
  done({
    ...{ type: 'command_execution', id: 'i', command: 'ls', cwd: '/w', output: '', exitCode: 0 },
    ...{ durationMs: 1, status: 'completed', ...more },
  });
const changed = done({ type: 'file_change', id: 'i', changes: [], output: '', status: 'completed' });
const aborted: Happening = { type: 'turn_aborted' };
const refused = (instead?: string): Happening => ({
  type: 'approval_resolved',
  id: 'a',
  answer: instead === undefined ? { type: 'no' } : { type: 'no', instead },
});
const back: Event = { type: 'rolled_back', userTurns: 1, text: 'x' };

/** The corrections as `number: text`. */
function kept(...events: (Event | Happening)[]): string[] {
  const corrections = new Corrections(0);
  for (const event of events) corrections.hear(event);
  return corrections.all.map(({ message, text }) => `${message}: ${text}`);
}

test.each<[string, (Event | Happening)[], string[]]>([
  ['the first message', [said('No tabs, please.')], []],
  ['another task', [said('Fix a.'), changed, answered, said('Now add a test.')], []],
  ['during the work', [said('Fix a.'), command(), said('b zuerst'), answered], ['2: b zuerst']],
  ['after an interrupt', [said('Fix a.'), command(), aborted, said('b genügt')], ['2: b genügt']],
  ['the same after an interrupt', [said('Fix a.'), command(), aborted, said('Fix a.')], []],
  ['after an answer to it only once', [said('Fix a.'), aborted, said('b'), answered, said('c')], ['2: b']],
  ['after a rollback', [said('Fix a.'), answered, back, said('Fix b.')], ['2: Fix b.']],
  ['after a refusal', [said('Fix a.'), refused(), answered, said('Anders.')], ['2: Anders.']],
  ['with a refusal', [said('Fix a.'), refused('use b')], ['1: use b']],
  [
    'denies in English',
    [said('Fix a.'), changed, answered, said('No, not that file.')],
    ['2: No, not that file.'],
  ],
  ['denies in German', [said('Fix a.'), changed, answered, said('Nein, nimm b.')], ['2: Nein, nimm b.']],
  ['denies later', [said('Fix a.'), changed, answered, said('Use b instead.')], ['2: Use b instead.']],
  ['denies in Chinese', [said('修复'), changed, answered, said('不对，改用 b')], ['2: 不对,改用 b']],
  ['denies, but nothing was done', [said('Hello.'), answered, said('No, really.')], []],
  ['the user’s own command', [said('Fix a.'), answered, command({ source: 'user' }), said('Now b.')], []],
  [
    'a background command that ends between turns',
    [said('Fix a.'), answered, command({ sessionId: 1 }), said('Now b.')],
    [],
  ],
  ['only a paste', [said('Fix a.'), command(), said('> never do that')], []],
])('%s', (_name, events, expected) => {
  expect(kept(...events)).toEqual(expected);
});

test('long ones are cut between words, and only the newest are kept', () => {
  const long = `no ${'word '.repeat(200)}`;
  const [one = ''] = kept(said('a'), command(), said(long));
  expect(one.length).toBeLessThan(310);
  expect(one.endsWith('word…')).toBe(true);
  const many = Array.from({ length: 50 }, (_, at) => [command(), said(`no ${at}`)]).flat();
  expect(kept(said('a'), ...many)).toHaveLength(20);
});

test('numbers go on where they were', () => {
  const corrections = new Corrections(7);
  corrections.hear(command());
  corrections.hear(said('not so'));
  expect(corrections.all).toEqual([{ message: 8, text: 'not so' }]);
});

test('any message is taken', () => {
  fc.assert(
    fc.property(anyText(500), (text) => {
      for (const line of kept(said('a'), command(), said(text))) expect(line).not.toContain('\n');
    }),
  );
});
