import { expect, test } from 'vitest';
import { LoopGuard } from '../../src/agent/loop-guard.ts';

/** Observes `name:result` pairs with the name as the only argument. */
function actions(...observed: string[]): string[] {
  const guard = new LoopGuard();
  return observed.map((pair) => {
    const [name = '', result = ''] = pair.split(':');
    return guard.observe(name, { name }, result).action;
  });
}

test('the third identical call gets a note, the fifth stops', () => {
  expect(actions('a:1', 'a:1', 'a:1', 'a:1', 'a:1')).toEqual([
    'continue',
    'continue',
    'note',
    'note',
    'stop',
  ]);
});

test('two calls by turns are a loop too', () => {
  expect(actions('a:1', 'b:1', 'a:1', 'b:1', 'a:1', 'b:1', 'a:1', 'b:1', 'a:1')).toEqual([
    'continue',
    'continue',
    'continue',
    'continue',
    'note',
    'note',
    'note',
    'note',
    'stop',
  ]);
});

test('another result is no repetition', () => {
  expect(actions('a:1', 'a:2', 'a:3', 'a:4', 'a:5')).toEqual([
    'continue',
    'continue',
    'continue',
    'continue',
    'continue',
  ]);
});

test('the same failing test between different edits is work', () => {
  expect(actions('t:x', 'e1:ok', 't:x', 'e2:ok', 't:x', 'e3:ok', 't:x', 'e4:ok', 't:x')).toEqual(
    Array(9).fill('continue'),
  );
});

test('a model that has forgotten may do all of it once more, which is nothing new', () => {
  const guard = new LoopGuard();
  const observe = () => guard.observe('a', {}, '1');
  expect([observe(), observe()]).toEqual([
    { action: 'continue', count: 1, isNew: true },
    { action: 'continue', count: 2, isNew: false },
  ]);
  guard.forget();
  expect([observe(), observe(), observe()]).toEqual([
    { action: 'continue', count: 1, isNew: false },
    { action: 'continue', count: 2, isNew: false },
    { action: 'note', count: 3, isNew: false },
  ]);
});
